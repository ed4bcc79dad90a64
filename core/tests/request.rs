//! What callers may write, and what they are told where they may not.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

use serde_json::{Value, json};
use tidegate::{Content, InputType, Kind, Request, Task};

fn read(more: Value) -> tidegate::Result<Request> {
    let mut request = json!({"model": "r", "messages": [{"role": "user", "content": "hi"}]});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Request::from_value(request)
}

/// The error's message; its field is the one that it begins with.
fn refused(more: Value) -> String {
    let error = read(more).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    let message = error.to_string();
    assert!(message.starts_with(&format!("{}:", error.get("field").unwrap())), "{message}");
    message
}

#[test]
fn openai_names_of_the_same_are_understood() {
    let request =
        read(json!({"max_completion_tokens": 5.0, "reasoning_effort": "low", "stream": false, "n": 1})).unwrap();
    let chat = request.as_chat().unwrap();
    assert_eq!((chat.max_tokens, chat.reasoning.as_ref().unwrap().effort.as_deref()), (Some(5), Some("low")));
    assert!(read(json!({"stream_options": {"include_usage": true}})).is_ok());
    assert!(refused(json!({"max_tokens": 5, "max_completion_tokens": 5})).contains("give one of them"));
}

#[test]
fn what_belongs_elsewhere_is_refused_with_its_place() {
    let table = [
        (json!({"store": true}), "store: is not a field that all providers have", "extra.store"),
        (json!({"user": "u"}), "user:", "extra.user"),
        (json!({"stream": true}), "stream:", "stream()"),
        (json!({"extra": {"stream": true}}), "extra.stream:", "stream()"),
        (json!({"n": 2}), "n:", "ask once for each"),
        (json!({"extra_body": {}}), "extra_body:", "extra"),
        (json!({"system": "s"}), "system:", "role system"),
        (json!({"functions": []}), "functions:", "tools"),
        (json!({"max_retries": 2}), "max_retries:", "retry.max_attempts"),
        (json!({"temprature": 1}), "temprature: unknown field", "temperature"),
        (json!({"max_tokens": 1.5}), "max_tokens:", "whole number"),
        (json!({"response_format": {"type": "xml"}}), "response_format.type:", "json_schema"),
        (json!({"messages": [{"text": "a", "finish_reason": "stop"}]}), "messages[0]:", "reply.message"),
        (json!({"messages": [{"role": "user", "content": []}]}), "messages[0].content:", "is empty"),
    ];
    for (more, beginning, advice) in table {
        let message = refused(more);
        assert!(message.starts_with(beginning) && message.contains(advice), "{message}");
    }
}

#[test]
fn messages_of_other_libraries_are_understood() {
    let call =
        json!({"id": "c", "name": "f", "arguments": {"a": 1}, "arguments_raw": "{\"a\": 1}", "args_valid": true});
    let blocks = json!([
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "redacted_thinking", "data": "d"}
    ]);
    let request = read(json!({"messages": [
        {"role": "user", "content": [
            {"type": "text", "text": "hi", "annotations": []},
            {"type": "image_url", "image_url": {"url": "https://h.example/a", "format": "image/png"}},
            {"type": "file", "file": {"file_data": "QQ==", "filename": "a.pdf"}}
        ]},
        {"role": "assistant", "id": "m", "content": "yes", "parsed": {}, "reasoning_content": "hm",
            "thinking_blocks": blocks, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "1"}
    ]}))
    .unwrap();
    let messages = &request.as_chat().unwrap().messages;
    let Content::Image(image) = &messages[0].content[1].content else { panic!() };
    let Content::File(file) = &messages[0].content[2].content else { panic!() };
    assert_eq!([&image.mime, &file.mime].map(|mime| mime.as_deref().unwrap()), ["image/png", "application/pdf"]);
    let kinds: Vec<_> = messages[1].content.iter().map(tidegate::Part::kind).collect();
    assert_eq!(kinds, ["reasoning", "reasoning", "text", "tool_call"]);
    assert_eq!(messages[1].content[0].state.as_ref().unwrap().data["signature"], "s");
    assert_eq!(messages[1].content[1].state.as_ref().unwrap().data["redacted_thinking"], "d");
    let Content::ToolCall(call) = &messages[1].content[3].content else { panic!() };
    assert_eq!((&*call.id, &*call.arguments), ("c", "{\"a\": 1}"));
}

#[test]
fn embeddings_say_what_they_are_for() {
    let read = |purpose: &str| Request::from_value(json!({"model": "r", "input": "a", "input_type": purpose}));
    for (name, purpose) in [
        ("query", InputType::Query),
        ("document", InputType::Document),
        ("classification", InputType::Classification),
        ("clustering", InputType::Clustering),
        ("similarity", InputType::Similarity),
    ] {
        let request = read(name).unwrap();
        assert!(matches!(&request.task, Task::Embed(embed) if embed.input_type == Some(purpose)));
        assert_eq!(serde_json::to_value(&request).unwrap()["input_type"], name);
    }
    let message = read("querry").unwrap_err().to_string();
    assert!(message.starts_with("input_type: unknown input type 'querry', expected one of query, "), "{message}");
    assert!(message.ends_with("did you mean 'query'?"), "{message}");
}

#[test]
fn rankings_are_read_strictly() {
    let read = |value: Value| Request::from_value(value);
    let request = read(json!({"model": "r", "query": "q", "documents": ["a", "b"], "top_n": 1, "team": "t"})).unwrap();
    assert_eq!(request.clone(), read(serde_json::to_value(&request).unwrap()).unwrap());
    assert!(matches!(&request.task, Task::Rerank(it) if it.documents.len() == 2 && it.top_n == Some(1)));
    assert!(format!("{request:?}").contains("documents: 2"));
    let table = [
        (json!({"model": "r", "query": "q"}), "documents: required, but missing"),
        (json!({"model": "r", "documents": ["a"]}), "query: required, but missing"),
        (json!({"model": "r", "query": "q", "documents": []}), "documents: is empty"),
        (json!({"model": "r", "query": "q", "documents": [{"text": "a"}]}), "documents[0]: expected a string"),
        (json!({"model": "r", "query": "q", "documents": ["a"], "top_n": 0}), "top_n: 0 is out of range"),
        (json!({"model": "r", "query": "q", "documents": ["a"], "messages": []}), "messages: unknown field"),
    ];
    for (value, problem) in table {
        let message = read(value).unwrap_err().to_string();
        assert!(message.starts_with(problem), "{message}");
    }
    let ranking = Request::rerank("r", "q", vec!["a".to_owned()]);
    assert!(ranking.expect_chat().unwrap_err().to_string().ends_with("call rerank()"));
    assert!(ranking.expect_embed().is_err() && ranking.expect_rerank().is_ok());
    let error = Request::embed("r", vec!["a".to_owned()]).expect_rerank().unwrap_err();
    assert_eq!(error.to_string(), "input: is not a field of rerank(), which takes documents: call embed()");
}
