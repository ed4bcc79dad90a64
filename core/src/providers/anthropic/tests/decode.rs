use serde_json::{Value, json};

use super::{collect, stream, whole};
use crate::error::{Kind, Retry};
use crate::model::{Content, Event, FinishReason, Part, Start, Usage};

/// An answer with one block of every kind.
fn blocks() -> Vec<Value> {
    vec![
        json!({"type": "thinking", "thinking": "hmm, well", "signature": "c2ln"}),
        json!({"type": "redacted_thinking", "data": "b3BhcXVl"}),
        json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "tides"}}),
        json!({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{"type": "x", "url": "u"}]}),
        json!({"type": "text", "text": "High at noon.", "citations": [
            {"type": "web_search_result_location", "url": "https://example.com/a", "title": "A",
             "cited_text": "noon", "encrypted_index": "ZQ"}]}),
        json!({"type": "tool_use", "id": "toolu_1", "name": "tide", "input": {"port": "Ys", "depth": 1.50}}),
        json!({"type": "mystery", "note": "kept"}),
    ]
}

fn message(content: &[Value]) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": content,
        "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 5, "output_tokens": 7},
    })
}

fn start() -> Value {
    json!({"type": "message_start", "message": {"id": "msg_1", "model": "claude-x", "content": [],
        "stop_reason": null, "usage": {"input_tokens": 5, "output_tokens": 1}}})
}

fn open(index: u32, block: &Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn delta(index: u32, kind: &str, key: &str, value: impl Into<Value>) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": {"type": kind, key: value.into()}})
}

fn close(index: u32) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

fn stop(reason: &str) -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 7}}),
        json!({"type": "message_stop"}),
    ]
}

/// The same answer as a stream.
fn frames() -> Vec<Value> {
    let blocks = blocks();
    let mut frames = vec![
        start(),
        json!({"type": "ping"}),
        open(0, &json!({"type": "thinking", "thinking": "", "signature": ""})),
        delta(0, "thinking_delta", "thinking", "hmm, "),
        delta(0, "thinking_delta", "thinking", "well"),
        delta(0, "signature_delta", "signature", "c2ln"),
        close(0),
        open(1, &blocks[1]),
        close(1),
        open(2, &json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}})),
        delta(2, "input_json_delta", "partial_json", "{\"query\": \"ti"),
        delta(2, "input_json_delta", "partial_json", "des\"}"),
        close(2),
        open(3, &blocks[3]),
        close(3),
        open(4, &json!({"type": "text", "text": "", "citations": []})),
        delta(4, "citations_delta", "citation", blocks[4]["citations"][0].clone()),
        delta(4, "text_delta", "text", "High "),
        delta(4, "text_delta", "text", "at noon."),
        close(4),
        open(5, &json!({"type": "tool_use", "id": "toolu_1", "name": "tide", "input": {}})),
        delta(5, "input_json_delta", "partial_json", ""),
        delta(5, "input_json_delta", "partial_json", "{\"port\":\"Ys\",\"de"),
        delta(5, "input_json_delta", "partial_json", "pth\":1.5}"),
        close(5),
        open(6, &json!({"type": "mystery", "note": null})),
        delta(6, "mystery_delta", "note", "ke"),
        delta(6, "mystery_delta", "note", "pt"),
        close(6),
    ];
    frames.extend(stop("tool_use"));
    frames
}

#[test]
fn a_stream_says_the_same_as_the_whole() {
    let whole = collect(whole(&message(&blocks()).to_string()).unwrap());
    let (events, outcome) = stream(&frames());
    outcome.unwrap();
    assert_eq!(collect(events), whole);

    assert_eq!(whole.id.as_deref(), Some("msg_1"));
    assert_eq!((&*whole.text(), whole.reasoning().as_deref()), ("High at noon.", Some("hmm, well")));
    assert_eq!(whole.finish_reason, FinishReason::ToolCalls);
    assert_eq!(whole.usage.as_ref().map(Usage::total_tokens), Some(12));
    let kinds: Vec<_> = whole.parts.iter().map(Part::kind).collect();
    assert_eq!(kinds, ["reasoning", "reasoning", "other", "other", "text", "citation", "tool_call", "other"]);
    let state = |at: usize| whole.parts[at].state_for("anthropic").unwrap().clone();
    assert_eq!(Value::Object(state(0)), json!({"signature": "c2ln"}));
    assert_eq!(Value::Object(state(1)), json!({"redacted_thinking": "b3BhcXVl"}));
    assert_eq!(Value::Object(state(5)), blocks()[4]["citations"][0]);
    let Content::Citation(citation) = &whole.parts[5].content else { panic!("no citation") };
    assert_eq!(citation.url.as_deref(), Some("https://example.com/a"));
    let Content::Other(other) = &whole.parts[7].content else { panic!("no other") };
    assert_eq!((other.kind.as_str(), &other.data), ("mystery", &blocks()[6]));
}

#[test]
fn parts_are_counted_in_the_order_in_which_they_come() {
    // The provider counts blocks; one that stays empty is no part, and two may be under way at once.
    let mut frames = vec![start(), open(7, &json!({"type": "text", "text": ""})), close(7)];
    for (index, name) in [(8, "a"), (9, "b")] {
        frames.push(open(index, &json!({"type": "tool_use", "id": name, "name": name, "input": {}})));
    }
    for (index, fragment) in [(9, "{\"n\":"), (8, "{\"m\":"), (9, "2}"), (8, "1}")] {
        frames.push(delta(index, "input_json_delta", "partial_json", fragment));
    }
    frames.extend(stop("tool_use"));
    let (events, outcome) = stream(&frames);
    outcome.unwrap();
    let response = collect(events);
    let calls: Vec<_> = response.tool_calls().map(|call| (&*call.name, &*call.arguments)).collect();
    assert_eq!(calls, [("a", "{\"m\":1}"), ("b", "{\"n\":2}")]);
}

#[test]
fn arguments_keep_every_digit() {
    let body = r#"{"content": [{"type": "tool_use", "id": "t", "name": "n",
        "input": {"id": 123456789012345678901234567890, "price": 1.10}}], "stop_reason": "end_turn"}"#;
    let response = collect(whole(body).unwrap());
    let call = response.tool_calls().next().unwrap();
    assert_eq!(call.arguments, r#"{"id": 123456789012345678901234567890, "price": 1.10}"#);
    assert_eq!(response.finish_reason, FinishReason::ToolCalls);
}

#[test]
fn a_call_without_an_id_gets_one() {
    let body = json!({"id": "msg_9", "content": [{"type": "tool_use", "name": "n", "input": {}}]}).to_string();
    assert_eq!(collect(whole(&body).unwrap()).tool_calls().next().unwrap().id, "msg_9-0");
}

#[test]
fn what_is_missing_is_tolerated() {
    let frames = [
        json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "a"}}),
        json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "b"}}),
        json!({"type": "something_new", "index": -1}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
        json!({"type": "message_stop"}),
    ];
    let (events, outcome) = stream(&frames);
    outcome.unwrap();
    assert_eq!(events[0], Event::Start(Start::default()));
    let response = collect(events);
    assert_eq!((&*response.text(), &response.usage), ("ab", &None));
}

#[test]
fn finish_reasons() {
    let table = [
        ("end_turn", FinishReason::Stop),
        ("stop_sequence", FinishReason::Stop),
        ("max_tokens", FinishReason::Length),
        ("model_context_window_exceeded", FinishReason::Length),
        ("tool_use", FinishReason::ToolCalls),
        ("refusal", FinishReason::ContentFilter),
        ("pause_turn", FinishReason::Other),
        ("tomorrow", FinishReason::Other),
    ];
    for (raw, expected) in table {
        let body = json!({"content": [{"type": "text", "text": "a"}], "stop_reason": raw, "stop_sequence": "END"});
        let response = collect(whole(&body.to_string()).unwrap());
        assert_eq!((response.finish_reason, response.finish_reason_raw.as_deref()), (expected, Some(raw)));
        assert_eq!(response.stop_sequence.as_deref(), Some("END"));
    }
}

#[test]
fn a_stream_without_its_end_is_incomplete() {
    let frames = frames();
    for cut in 0..frames.len() - 1 {
        let (_, outcome) = stream(&frames[..cut]);
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.scope()), (Kind::StreamIncomplete, Retry::After(std::time::Duration::ZERO)));
    }
    // The terminal marker alone says nothing of why it ended.
    let (_, outcome) = stream(&[start(), json!({"type": "message_stop"})]);
    assert_eq!(outcome.unwrap_err().kind(), Kind::StreamIncomplete);
}

#[test]
fn errors_inside_an_answer_are_typed() {
    let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let (events, outcome) = stream(&[start(), overloaded.clone()]);
    assert!(!events.iter().any(Event::is_content));
    assert_eq!(outcome.unwrap_err().to_string(), "anthropic/m answered with an error: Overloaded");
    let text = delta(0, "text_delta", "text", "so far");
    let (events, outcome) = stream(&[start(), text, overloaded.clone()]);
    assert!(events.iter().any(Event::is_content));
    assert_eq!(outcome.unwrap_err().kind(), Kind::Overloaded);
    assert_eq!(whole(&overloaded.to_string()).unwrap_err().kind(), Kind::Overloaded);
}

#[test]
fn what_is_no_answer_is_a_protocol_error() {
    let bomb = format!(r#"{{"content": {}"#, "[".repeat(200_000));
    let deep = format!(r#"{{"content": [{{"type": "x", "a": {}{}}}]}}"#, "[".repeat(9_999), "]".repeat(9_999));
    for body in ["<html>", "{", r#"{"content": 1}"#, r#"{"content": [{}]}"#, r#"{"usage": NaN}"#, &bomb, &deep] {
        let error = whole(body).unwrap_err();
        assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("malformed_response")), "{body:.40}");
    }
    for body in ["{}", r#"{"content": []}"#, r#"{"content": null, "stop_reason": null}"#] {
        assert_eq!(whole(body).unwrap_err().get("reason"), Some("empty_response"));
    }
}

#[test]
fn half_an_emoji_loses_one_character() {
    let body = r#"{"content": [{"type": "text", "text": "a\ud83d"}], "stop_reason": "max_tokens"}"#;
    assert_eq!(collect(whole(body).unwrap()).text(), "a\u{FFFD}");
}

#[test]
fn blocks_that_come_with_the_head_of_a_stream_are_read() {
    let call = json!({"type": "tool_use", "id": "t", "name": "click", "toolset_name": "browser", "input": {"a": 1},
        "caller": {"type": "code_execution_20250825", "tool_id": "s"}});
    let (events, outcome) = stream(&[
        json!({"type": "message_start", "message": {"id": "m", "content": [call], "stop_reason": "tool_use", "container": {"id": "c"}}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}}),
        json!({"type": "message_stop"}),
    ]);
    outcome.unwrap();
    let response = collect(events);
    let state = &response.parts[0].state.as_ref().unwrap().data;
    assert_eq!((&state["toolset_name"], &state["container"]), (&json!("browser"), &json!("c")));
    assert_eq!(response.tool_calls().next().unwrap().parsed(), Some(json!({"a": 1})));
}

#[test]
fn an_error_without_a_type_is_an_error() {
    let (_, outcome) = stream(&[json!({"error": {"type": "overloaded_error", "message": "Busy"}})]);
    assert_eq!(outcome.unwrap_err().kind(), Kind::Overloaded);
}
