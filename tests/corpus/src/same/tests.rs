use serde_json::json;

use super::first_difference;
use crate::record::Protocol::{Anthropic, Gemini, OpenAi, Responses};

#[test]
fn spelling_is_free() {
    let pairs = [
        (
            OpenAi,
            json!({"messages": [{"role": "user", "content": "a"}], "max_completion_tokens": 5, "n": 1, "stop": "x"}),
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}], "max_tokens": 5,
                "stop": ["x"], "stream": false}),
        ),
        (
            OpenAi,
            json!({"messages": [{"role": "assistant", "content": null, "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{ \"b\": 1, \"a\": 2.0 }"}}]}]}),
            json!({"messages": [{"role": "assistant", "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":2,\"b\":1}"}}]}]}),
        ),
        (
            Responses,
            json!({"instructions": "s", "input": "a", "include": ["reasoning.encrypted_content"], "text": null}),
            json!({"input": [{"role": "system", "content": "s"}, {"type": "message", "role": "user", "content": [
                {"type": "input_text", "text": "a"}]}], "store": false, "stream": false}),
        ),
        (
            Responses,
            json!({"input": [{"type": "reasoning", "id": "rs_1", "summary": []}, {"type": "function_call",
                "call_id": "c", "name": "f", "arguments": "{ \"a\": 1 }", "status": "completed"}],
                "tools": [{"type": "function", "name": "f", "strict": false}]}),
            json!({"input": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{\"a\":1}"}],
                "tools": [{"type": "function", "name": "f"}]}),
        ),
        (
            Anthropic,
            json!({"system": "s", "messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}),
            json!({"system": [{"type": "text", "text": "s"}], "messages": [{"role": "user", "content": [
                {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]}),
        ),
        (
            Gemini,
            json!({"contents": [{"role": "user", "parts": [{"inline_data": {"mime_type": "image/png", "data": "-_8="}}]}],
                "tools": [{"function_declarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}]}),
            json!({"contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "+/8"}}]}],
                "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object"}}]}]}),
        ),
    ];
    for (protocol, a, b) in pairs {
        assert!(first_difference(protocol, &a, &b).is_none(), "{:?}", first_difference(protocol, &a, &b));
    }
}

#[test]
fn meaning_is_not() {
    let pairs = [
        (OpenAi, json!({"messages": [{"role": "user", "content": "a"}]}), "body.messages[0].content[0].text"),
        (OpenAi, json!({"temperature": 0.5}), "body.temperature"),
        (Responses, json!({"input": "a"}), "body.input[0].content[0].text"),
        (
            Responses,
            json!({"input": [{"type": "reasoning", "encrypted_content": "a"}, {"type": "function_call"}]}),
            "body.input[0].encrypted_content",
        ),
        (Responses, json!({"store": true}), "body.store"),
        (Anthropic, json!({"messages": [{"role": "user", "content": "a"}]}), "body.messages[0].content[0].text"),
        (Gemini, json!({"contents": [{"parts": [{"text": "a"}]}]}), "body.contents[0].parts[0].text"),
    ];
    let other = [
        json!({"messages": [{"role": "user", "content": "b"}]}),
        json!({"temperature": 0.6}),
        json!({"input": "b"}),
        json!({"input": [{"type": "reasoning", "encrypted_content": "b"}, {"type": "function_call"}]}),
        json!({"store": false}),
        json!({"messages": [{"role": "user", "content": "b"}]}),
        json!({"contents": [{"parts": [{"text": "b"}]}]}),
    ];
    for ((protocol, a, place), b) in pairs.into_iter().zip(other) {
        assert_eq!(first_difference(protocol, &a, &b).map(|difference| difference.fact).as_deref(), Some(place));
    }
}

/// A schema is the caller's own: nothing in it is a spelling.
#[test]
fn schemas_are_left_alone() {
    let body =
        |default| json!({"tools": [{"function": {"parameters": {"properties": {"a_b": {"default": default}}}}}]});
    assert!(first_difference(OpenAi, &body(json!(null)), &body(json!(1))).is_some());
    let gemini =
        |name: &str| json!({"tools": [{"functionDeclarations": [{"parameters": {"properties": {name: {}}}}]}]});
    assert!(first_difference(Gemini, &gemini("a_b"), &gemini("aB")).is_some());
}
