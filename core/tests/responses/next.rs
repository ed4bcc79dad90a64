//! What the model said, said back on the next turn.

use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Message, Request, Response};

use super::{House, answer, answers, ask, encoded, hello, message, text};

/// The items of the model on the turn after an answer of these.
fn said_back(output: Value) -> Value {
    let reply = answers(answer(output)).unwrap();
    again("openai", &reply)
}

fn again(provider: &str, reply: &Response) -> Value {
    let house = House::of(provider, Answer::json(200, &hello()));
    // It goes through JSON, as it does in every other language.
    let message: Message = serde_json::from_str(&serde_json::to_string(&reply.message()).unwrap()).unwrap();
    let messages = vec![Message::user("hi"), message, Message::user("go on")];
    house.chat(Request::chat(format!("{provider}/gpt-5"), messages)).unwrap();
    let input = house.sent()["input"].clone();
    let items = input.as_array().unwrap();
    items[1..items.len() - 1].to_vec().into()
}

fn reasoning(id: &str, summary: Value, more: Value) -> Value {
    let mut item = json!({"id": id, "type": "reasoning", "summary": summary});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

fn summary(text: &str) -> Value {
    json!({"type": "summary_text", "text": text})
}

#[test]
fn items_go_back_as_they_came() {
    let annotation =
        json!({"type": "url_citation", "url": "https://a.test/", "title": "A", "start_index": 0, "end_index": 3});
    let output = json!([
        reasoning("rs_1", json!([summary("One."), summary("Two.")]), json!({"encrypted_content": "gAAA"})),
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}},
        {"id": "msg_0", "type": "message", "status": "completed", "role": "assistant", "phase": "commentary",
            "content": [{"type": "output_text", "text": "Let me see.", "annotations": [], "logprobs": []}]},
        // xAI gives several items of a response the same id.
        reasoning("rs_1", json!([]), json!({"encrypted_content": "gBBB"})),
        reasoning("rs_2", json!([]), json!({"encrypted_content": "gCCC"})),
        {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "phase": "final_answer",
            "content": [
                {"type": "output_text", "text": "Yes.", "annotations": [annotation], "logprobs": []},
                {"type": "output_text", "text": "No.", "annotations": [], "logprobs": []},
                {"type": "refusal", "refusal": "Not that."},
            ]},
    ]);
    assert_eq!(said_back(output.clone()), output);
}

#[test]
fn calls_keep_what_they_came_with() {
    let output = json!([
        {"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": "f",
            "arguments": "{\"a\": 1}", "namespace": "n"},
        {"id": "ctc_1", "type": "custom_tool_call", "status": "completed", "call_id": "call_2", "name": "run",
            "input": "print(1)"},
    ]);
    let reply = answers(answer(output.clone())).unwrap();
    let mut messages = vec![Message::user("hi"), reply.message()];
    let results = json!([
        {"role": "tool", "tool_call_id": "call_1", "content": "one"},
        {"role": "tool", "tool_call_id": "call_2", "content": "two"},
    ]);
    messages.extend(serde_json::from_value::<Vec<Value>>(results).unwrap().into_iter().map(|result| {
        let request = json!({"model": "m", "messages": [result]});
        Request::from_value(request).unwrap().as_chat().unwrap().messages[0].clone()
    }));
    let house = House::new(Answer::json(200, &hello()));
    house.chat(Request::chat("r", messages)).unwrap();
    let input = house.sent()["input"].clone();
    assert_eq!(json!([input[1], input[2]]), output);
    assert_eq!(input[3], json!({"type": "function_call_output", "call_id": "call_1", "output": "one"}));
    // The result of a custom tool is an item of another type.
    assert_eq!(input[4], json!({"type": "custom_tool_call_output", "call_id": "call_2", "output": "two"}));
}

#[test]
fn thinking_goes_back_only_where_the_vendor_can_know_it() {
    let hello = message(json!([text("Hello")]));
    let kept = |item: Value| said_back(json!([item, hello])).as_array().unwrap().len() == 2;
    assert!(kept(reasoning("rs_1", json!([]), json!({"encrypted_content": "gAAA"}))));
    // Nothing is stored, so that an id alone says nothing.
    assert!(!kept(reasoning("rs_1", json!([summary("Hm.")]), json!({"encrypted_content": null}))));
    let by_id = reasoning("rs_1", json!([]), json!({}));
    let mut message = answers(answer(json!([by_id, hello]))).unwrap().message();
    message.content.truncate(2);
    let mut request = Request::chat("r", vec![message, Message::user("go on")]);
    request.extra.insert("store".to_owned(), true.into());
    let house = House::new(Answer::json(200, &super::hello()));
    house.chat(request).unwrap();
    assert_eq!(house.sent()["input"][0], by_id);
    // DeepSeek and servers of open models show the thinking itself.
    let aloud = json!({"content": [{"type": "reasoning_text", "text": "Hm."}]});
    assert!(kept(reasoning("rs_1", json!([]), aloud)));
    // "... was provided without its required following item", where the answer was cut off.
    let alone = reasoning("rs_1", json!([]), json!({"encrypted_content": "gAAA"}));
    assert_eq!(said_back(json!([alone])), json!([]));
}

#[test]
fn thinking_aloud_is_not_its_summary() {
    let item = json!({"id": "rs_1", "type": "reasoning", "summary": [summary("Short.")],
        "content": [{"type": "reasoning_text", "text": "Long."}]});
    let reply = answers(answer(json!([item, message(json!([text("Hello")]))]))).unwrap();
    assert_eq!(reply.reasoning().unwrap(), "Long.");
    let back = again("openai", &reply);
    assert_eq!(back[0], item);
}

#[test]
fn to_another_provider_goes_only_what_was_said() {
    let reply = answers(answer(json!([
        reasoning("rs_1", json!([summary("Hm.")]), json!({"encrypted_content": "gAAA"})),
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}},
        message(json!([text("Hello"), text(" there")])),
        {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": ""},
    ])))
    .unwrap();
    assert_eq!(
        again("xai", &reply),
        json!([
            {"role": "assistant", "content": "Hello there"},
            {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
        ])
    );
}

#[test]
fn what_others_said_comes_along() {
    let long = "x".repeat(80);
    let messages = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [
            {"id": long, "type": "function", "function": {"name": "f", "arguments": "{}"}},
            {"id": "c2", "type": "custom", "custom": {"name": "run", "input": "1"}},
        ]},
        {"role": "tool", "tool_call_id": long, "content": "one"},
        {"role": "tool", "tool_call_id": "c2", "content": "two"},
    ]);
    let input = encoded("openai", json!({"model": "openai/gpt-5", "messages": messages}))["input"].clone();
    assert_eq!(input[1], json!({"role": "assistant", "content": "Let me see."}));
    // An id that is too long becomes the same other one in both places.
    let id = input[2]["call_id"].as_str().unwrap();
    assert!(id.len() <= 64 && input[4]["call_id"] == *id, "{input}");
    assert_eq!(input[3], json!({"type": "custom_tool_call", "call_id": "c2", "name": "run", "input": "1"}));
    assert_eq!(input[5]["type"], "custom_tool_call_output");
}

#[test]
fn items_of_the_callers_own_stand_where_they_are_put() {
    let approval = json!({"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": true});
    let messages = json!([
        {"role": "user", "content": [
            {"type": "text", "text": "first"},
            {"type": "other", "kind": "mcp_approval_response", "data": approval},
            {"type": "text", "text": "then"},
        ]},
    ]);
    let input = encoded("openai", json!({"model": "openai/gpt-5", "messages": messages}))["input"].clone();
    assert_eq!(input, json!([{"role": "user", "content": "first"}, approval, {"role": "user", "content": "then"}]));
    assert!(House::new(Answer::json(200, &hello())).chat(ask()).is_ok());
}
