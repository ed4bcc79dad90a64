use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{FinishReason, Kind};

use super::{House, answer, answers, ask, ok};

fn call(name: &str, arguments: Value) -> Value {
    json!({"function": {"index": 0, "name": name, "arguments": arguments}})
}

#[test]
fn an_answer_with_everything() {
    let mut body = answer(json!({
        "role": "assistant", "content": "See.", "thinking": "Hm.",
        "tool_calls": [{"id": "call_1", "function": {"name": "find", "arguments": {"a": 1.50, "b": [12_345_678_901_234_567_u64]}}}],
    }));
    body["logprobs"] = json!([{"token": "See", "logprob": -0.5, "bytes": [83],
        "top_logprobs": [{"token": "See", "logprob": -0.5}, {"token": "So", "logprob": -1.5}]}]);
    let reply = answers(&body).unwrap();
    assert_eq!((reply.text().as_ref(), reply.reasoning().as_deref()), ("See.", Some("Hm.")));
    assert_eq!((reply.model.as_str(), reply.id), ("qwen3:latest", None));
    let kinds: Vec<_> = reply.parts.iter().map(tidegate::Part::kind).collect();
    assert_eq!(kinds, ["reasoning", "text", "tool_call"]);
    let found = reply.parts.iter().find_map(|part| match &part.content {
        tidegate::Content::ToolCall(call) => Some((call.id.clone(), call.arguments.clone())),
        _ => None,
    });
    assert_eq!(found, Some(("call_1".to_owned(), "{\"a\":1.5,\"b\":[12345678901234567]}".to_owned())));
    // The API says stop for an answer that waits for tools, too.
    assert_eq!((reply.finish_reason, reply.finish_reason_raw.as_deref()), (FinishReason::ToolCalls, Some("stop")));
    let usage = reply.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.estimated), (39, 289, false));
    assert_eq!((reply.logprobs[0].token.as_str(), reply.logprobs[0].top.len()), ("See", 2));
}

#[test]
fn calls_without_an_id_get_one_that_no_other_answer_has() {
    let body = answer(json!({"content": "", "tool_calls": [call("f", json!({})), call("f", json!({"a": 1}))]}));
    let reply = answers(&body).unwrap();
    let ids: Vec<_> = reply.tool_calls().map(|call| call.id.as_str()).collect();
    assert_eq!(ids, ["tidegate_2026-07-28T063803222822Z_1", "tidegate_2026-07-28T063803222822Z_2"]);
    let mut later = body;
    later["created_at"] = json!("2026-07-28T06:38:04.1Z");
    assert_ne!(answers(&later).unwrap().tool_calls().next().unwrap().id, ids[0]);
}

#[test]
fn an_answer_can_be_sent_back_as_it_came() {
    let message = json!({
        "role": "assistant", "content": "See.", "thinking": "Hm.",
        "tool_calls": [{"id": "call_1", "function": {"name": "find", "arguments": {"a": 1}}}],
    });
    let house = House::new(Answer::json(200, &answer(message.clone())));
    let reply = house.chat(ask()).unwrap();
    house.chat(ask().with(|chat| chat.messages.push(reply.message()))).unwrap();
    assert_eq!(house.sent()["messages"][1], message);
}

#[test]
fn finish_reasons() {
    for (raw, want) in
        [("length", FinishReason::Length), ("load", FinishReason::Other), ("unload", FinishReason::Other)]
    {
        let mut body = ok();
        body["done_reason"] = json!(raw);
        let reply = answers(&body).unwrap();
        assert_eq!((reply.finish_reason, reply.finish_reason_raw.as_deref()), (want, Some(raw)));
    }
}

#[test]
fn odd_answers() {
    // Arguments as a text, a count as a text, a null where a list belongs.
    let mut body = answer(json!({"content": null, "thinking": null, "tool_calls": [call("f", json!("{\"a\": 1}"))]}));
    body["eval_count"] = json!("7");
    body["model"] = json!(["?"]);
    let reply = answers(&body).unwrap();
    assert_eq!(reply.tool_calls().next().unwrap().arguments, "{\"a\": 1}");
    assert_eq!(reply.usage.unwrap().output_tokens, 7);
    let mut bare = ok();
    for key in ["prompt_eval_count", "eval_count", "done_reason", "created_at"] {
        bare.as_object_mut().unwrap().remove(key);
    }
    let reply = answers(&bare).unwrap();
    assert_eq!((reply.usage.as_ref().unwrap().estimated, reply.finish_reason_raw.as_deref()), (true, None));
    assert_eq!(reply.text(), "ok");
}

#[test]
fn what_is_no_answer() {
    let error = answers(&json!({})).unwrap_err();
    assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("empty_response")));
    let error = answers(&json!({"error": "the model failed to generate a response"})).unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("failed to generate")), (Kind::Server, true), "{error}");
    let mut half = ok();
    half["done"] = json!(false);
    assert_eq!(answers(&half).unwrap_err().kind(), Kind::StreamIncomplete);
}
