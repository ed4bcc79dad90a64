use serde_json::{Value, json};
use tidegate::Kind;
use tidegate::sim::Answer;

use super::{House, answer, ask, messages};

#[test]
fn what_is_no_text_is_a_chunk() {
    let parts = json!([
        {"type": "text", "text": "Look."},
        {"type": "image", "url": "https://x.example/a.png"},
        {"type": "image", "data": "aGk=", "mime": "image/png", "detail": "high"},
        {"type": "audio", "url": "https://x.example/a.mp3"},
        {"type": "audio", "data": "aGk=", "mime": "audio/flac"},
        {"type": "file", "url": "https://x.example/a.pdf"},
        {"type": "file", "file_id": "0-1"},
        {"type": "file", "text": "plain"},
    ]);
    let sent = messages(json!([{"role": "user", "content": parts}]));
    assert_eq!(
        sent[0]["content"],
        json!([
            {"type": "text", "text": "Look."},
            {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk=", "detail": "high"}},
            {"type": "input_audio", "input_audio": "https://x.example/a.mp3"},
            {"type": "input_audio", "input_audio": "aGk="},
            {"type": "document_url", "document_url": "https://x.example/a.pdf"},
            {"type": "file", "file_id": "0-1"},
            {"type": "text", "text": "plain"},
        ])
    );
    let result = json!({"type": "tool_result", "id": "D681PevKs", "content": [
        {"type": "text", "text": "a picture"}, {"type": "image", "data": "aGk=", "mime": "image/png"}]});
    let call = json!({"type": "tool_call", "id": "D681PevKs", "name": "f", "arguments": ""});
    let sent = messages(json!([
        {"role": "user", "content": "hi"}, {"role": "assistant", "content": [call]}, {"role": "tool", "content": [result]},
    ]));
    assert_eq!(sent[1]["tool_calls"][0]["function"]["arguments"], "{}");
    assert_eq!(sent[2]["content"][1]["type"], "image_url");
}

#[test]
fn the_assistants_turn_is_said_as_it_may_be() {
    let said = |parts: Value| {
        let turns = json!([
            {"role": "user", "content": "hi"}, {"role": "assistant", "content": parts}, {"role": "user", "content": "go on"},
        ]);
        messages(turns)
    };
    let foreign = json!({"provider": "anthropic", "data": {"signature": "s"}});
    let thought = json!({"type": "reasoning", "text": "hm", "state": foreign});
    let cited = json!({"type": "citation", "url": "https://x.example", "state": foreign});
    let other =
        json!({"type": "other", "kind": "server_tool_use", "data": {"type": "server_tool_use"}, "state": foreign});
    // What is another provider's stays there.
    assert_eq!(said(json!([thought, {"type": "text", "text": "yes"}, cited, other]))[1]["content"], "yes");
    // A turn of which nothing is left is none: it would be refused.
    assert_eq!(said(json!([thought]))[1]["role"], "user");
    let mixed = json!([{"type": "reasoning", "text": "hm"}, {"type": "refusal", "refusal": "No."}]);
    assert_eq!(
        said(mixed)[1]["content"],
        json!([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "No."}])
    );
    let custom = json!([{"role": "user", "content": "hi"},
        {"role": "assistant", "content": null,
            "tool_calls": [{"id": "call_1", "type": "custom", "custom": {"name": "run", "input": "1+1"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "2"}]);
    let call = messages(custom)[1]["tool_calls"][0].clone();
    assert_eq!((&call["type"], &call["function"]["arguments"]), (&json!("function"), &json!(r#"{"input":"1+1"}"#)));
}

#[test]
fn words_to_go_on_from_are_a_prefix() {
    let turns = json!([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "It"}]);
    let sent = messages(turns.clone());
    assert_eq!(sent[1], json!({"role": "assistant", "content": "It", "prefix": true}));
    let earlier = json!([turns[0], turns[1], {"role": "user", "content": "go on"}]);
    assert!(messages(earlier)[1].get("prefix").is_none());
}

#[test]
fn what_the_schema_forbids_is_refused_or_left_out() {
    let with = |more: Value| {
        let mut request = ask();
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let hosted = |tool: Value| json!({"tools": [{"type": "hosted", "tool": tool}]});
    let table = [
        (json!({"temperature": 1.6}), "temperature"),
        (json!({"top_p": 0}), "top_p"),
        (json!({"top_k": 3}), "top_k"),
        (json!({"seed": -1}), "seed"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"reasoning": {"effort": "max"}}), "reasoning"),
        (json!({"reasoning": {"budget_tokens": 9}}), "reasoning"),
        (hosted(json!({"googleSearch": {}})), "tools[0]"),
        (hosted(json!({"type": "web_search", "search_context_size": "low"})), "tools[0]"),
        (json!({"tools": [{"type": "custom", "custom": {"name": "run"}}]}), "tools[0]"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "video_url", "video_url": {"url": "https://x.example/a.mp4"}}]}]}),
            "messages[0].content[0]",
        ),
    ];
    for (more, field) in table {
        let house = House::new(Answer::json(200, &answer(json!("ok"))));
        let error = house.chat(with(more.clone())).unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some(field)), "{more}");
        assert!(house.sim.exchanges().is_empty());
    }
    let house = House::new(Answer::json(200, &answer(json!("ok"))));
    let kept = json!({"logprobs": false, "tools": [{"type": "hosted", "tool": {"type": "document_library", "library_ids": ["a"]}}]});
    house.chat(with(kept)).unwrap();
    assert_eq!(house.sent()["tools"], json!([{"type": "document_library", "library_ids": ["a"]}]));
    assert!(house.sent().get("logprobs").is_none());
}
