use serde_json::{Value, json};
use tidegate::{Content, FinishReason, Kind};

use super::{answer, answers, ok};

#[test]
fn an_answer_with_every_kind_of_content() {
    let reply = answers(&answer(json!({
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "The sky is blue."}],
        "tool_plan": "I will look.",
        "tool_calls": [
            {"id": "t1", "type": "function", "function": {"name": "find", "arguments": "{\"a\": 1.50}"}},
            {"type": "function", "function": {"name": "stop"}},
        ],
        "citations": [
            {"start": 4, "end": 7, "text": "sky", "sources": [{"type": "tool", "id": "t0:0", "tool_output": {"url": "x"}}]},
            {"start": 11, "end": 15, "text": "blue", "content_index": 1, "sources": [
                {"type": "document", "id": "d", "document": {"id": "d", "title": "Sky", "url": "https://example.com/sky"}},
            ]},
        ],
    })))
    .unwrap();
    assert_eq!((reply.id.as_deref(), reply.text().as_ref()), (Some("c-1"), "The sky is blue."));
    assert_eq!(reply.reasoning().as_deref(), Some("Hm."));
    let kinds: Vec<_> = reply.parts.iter().map(tidegate::Part::kind).collect();
    assert_eq!(kinds, ["reasoning", "text", "citation", "citation", "reasoning", "tool_call", "tool_call"]);
    let cited: Vec<_> = reply
        .parts
        .iter()
        .filter_map(|part| match &part.content {
            Content::Citation(citation) => Some(citation.clone()),
            _ => None,
        })
        .collect();
    // The source of the second is in the block behind which it stands.
    assert_eq!((cited[0].start, cited[0].end), (Some(11), Some(15)));
    assert_eq!((cited[0].title.as_deref(), cited[0].url.as_deref()), (Some("Sky"), Some("https://example.com/sky")));
    assert_eq!((cited[1].start, cited[1].url.as_deref()), (Some(4), None));
    // The plan is no thinking to be shown.
    assert_eq!(reply.parts[4].state.as_ref().unwrap().data["tool_plan"], "I will look.");
    let calls: Vec<_> = reply.tool_calls().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(calls, [("find", "{\"a\": 1.50}"), ("stop", "")]);
    assert!(reply.tool_calls().all(|call| !call.id.is_empty()));
    assert_eq!((reply.finish_reason, reply.finish_reason_raw.as_deref()), (FinishReason::ToolCalls, Some("COMPLETE")));
    let usage = reply.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (71, 9));
    assert_eq!((usage.cached_input_tokens, usage.reasoning_tokens), (16, 4));
}

#[test]
fn probabilities_of_what_it_wrote() {
    let mut body = ok();
    body["logprobs"] = json!([
        {"text": "o", "token_ids": [1], "logprobs": [-0.5]},
        {"text": "k!", "token_ids": [2, 3], "logprobs": [-1.0, -2.0]},
    ]);
    let reply = answers(&body).unwrap();
    let tokens: Vec<_> = reply.logprobs.iter().map(|token| (token.token.as_str(), token.logprob)).collect();
    assert_eq!(tokens, [("o", -0.5), ("k!", -1.0), ("", -2.0)]);
}

#[test]
fn odd_answers() {
    let text = |body: Value| answers(&body).unwrap();
    // Version 1 of the API has one text, and some fields have a type of their own.
    assert_eq!(text(answer(json!({"role": "assistant", "content": "ok"}))).text(), "ok");
    let mut odd = ok();
    odd["usage"] = json!({"billed_units": {"input_tokens": "3", "output_tokens": -1}});
    odd["id"] = json!(7);
    odd["message"]["tool_plan"] = json!({"a": 1});
    odd["message"]["citations"] = json!("none");
    let reply = text(odd);
    assert_eq!((reply.text().as_ref(), reply.id.as_deref()), ("ok", None));
    let usage = reply.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.clamped), (3, 0, true));
    let mut bare = ok();
    bare["usage"] = json!({});
    assert!(text(bare).usage.unwrap().estimated);
    // What this build does not know is kept.
    let reply = text(answer(json!({"content": [{"type": "table", "rows": [1]}, {"type": "text", "text": "ok"}]})));
    let Content::Other(other) = &reply.parts[0].content else { panic!("{:?}", reply.parts) };
    assert_eq!((other.kind.as_str(), &other.data), ("table", &json!({"type": "table", "rows": [1]})));
}

#[test]
fn an_answer_without_content() {
    let body = |reason: &str| json!({"id": "c", "message": {"role": "assistant"}, "finish_reason": reason});
    let reply = answers(&body("MAX_TOKENS")).unwrap();
    assert_eq!((reply.finish_reason, reply.parts.len()), (FinishReason::Length, 0));
    assert_eq!(answers(&body("ERROR")).unwrap_err().kind(), Kind::Server);
    assert_eq!(answers(&body("TIMEOUT")).unwrap_err().kind(), Kind::Timeout);
    let error = answers(&json!({})).unwrap_err();
    assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("empty_response")));
    let error = answers(&json!({"message": "the model is not well"})).unwrap_err();
    assert_eq!((error.kind(), error.to_string().ends_with("not well")), (Kind::Server, true), "{error}");
}
