use serde_json::{Value, json};

use super::{body, collect, refused, request, target, whole};
use crate::codec::Codec;
use crate::error::Kind;
use crate::model::{Content, Message, Part, Request, Role, State};

/// A model that can do what the current API can, and one that cannot.
const NEW: &str = "claude-opus-5";
const OLD: &str = "claude-sonnet-4-5";
const MID: &str = "claude-sonnet-4-6";

fn chat(messages: &Value, more: &Value) -> Request {
    let mut value = json!({"model": "anthropic/m", "messages": messages});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request(value)
}

fn ask(more: &Value) -> Request {
    chat(&json!([{"role": "user", "content": "hi"}]), more)
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

#[test]
fn the_least_request() {
    let request = ask(&json!({}));
    let http = super::CODEC.encode(&request, &target(NEW)).unwrap();
    assert_eq!(http.uri(), "https://api.anthropic.com/v1/messages");
    assert_eq!(http.headers()["anthropic-version"], "2023-06-01");
    assert!(!http.headers().contains_key("anthropic-beta"));
    let expected = json!({"model": NEW, "max_tokens": 32_000, "messages": [{"role": "user", "content": [text("hi")]}]});
    assert_eq!(body(&request, NEW), expected);
    // Those that think unasked write more, and the oldest may not.
    let limit = |model| body(&request, model)["max_tokens"].clone();
    assert_eq!([limit(MID), limit("claude-3-haiku-20240307")], [json!(8192), json!(4096)]);
}

#[test]
fn settings() {
    let request = ask(&json!({
        "max_tokens": 10, "temperature": 0.5, "top_p": 0.9, "top_k": 3, "stop": ["END"],
        "extra": {"metadata": {"user_id": "u"}, "max_tokens": 11}
    }));
    let body = body(&request, MID);
    assert_eq!((&body["temperature"], &body["top_p"], &body["top_k"]), (&json!(0.5), &json!(0.9), &json!(3)));
    assert_eq!((&body["stop_sequences"], &body["max_tokens"]), (&json!(["END"]), &json!(11)));
    assert_eq!(body["metadata"]["user_id"], "u");
    assert_eq!(refused(&request, MID), Vec::<String>::new());
}

#[test]
fn instructions_have_their_own_place() {
    let request = chat(
        &json!([
            {"role": "system", "content": "a"},
            {"role": "developer", "content": [{"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
            {"role": "user", "content": "hi"},
            {"role": "system", "content": "c"},
            {"role": "user", "content": "ho"},
        ]),
        &json!({}),
    );
    let marked = json!({"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "1h"}});
    let (new, old) = (body(&request, NEW), body(&request, OLD));
    assert_eq!(new["system"], json!([text("a"), marked]));
    assert_eq!(old["system"], json!([text("a"), marked, text("c")]));
    let roles = |body: &Value| -> Vec<String> {
        body["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap().to_owned()).collect()
    };
    // Newer models take them midway too, but only where an answer follows.
    assert_eq!(roles(&new), ["user", "user", "system"]);
    assert_eq!(roles(&old), ["user", "user"]);
}

#[test]
fn results_of_one_round_are_one_message_and_come_first() {
    let request = chat(
        &json!([
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "a.1", "type": "function", "function": {"name": "f", "arguments": ""}},
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{\"n\": 10000000000000000000000}"}}]},
            {"role": "user", "content": "wait"},
            {"role": "tool", "tool_call_id": "a.1", "content": "1"},
            {"role": "user", "content": [{"type": "tool_result", "id": "b", "is_error": true, "content": [
                {"type": "image", "url": "https://example.com/a.png"}]}]},
        ]),
        &json!({}),
    );
    let http = super::CODEC.encode(&request, &target(NEW)).unwrap();
    assert!(std::str::from_utf8(http.body()).unwrap().contains("10000000000000000000000"));
    let body = body(&request, NEW);
    let calls = &body["messages"][1]["content"];
    assert_eq!(calls[0], json!({"type": "tool_use", "id": "a_1", "name": "f", "input": {}}));
    let expected = json!([
        {"type": "tool_result", "tool_use_id": "a_1", "content": [text("1")]},
        {"type": "tool_result", "tool_use_id": "b", "is_error": true, "content": [
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}]},
        text("wait"),
    ]);
    assert_eq!(body["messages"][2], json!({"role": "user", "content": expected}));
    assert_eq!(body["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn media() {
    let table = [
        (
            json!({"type": "image", "data": "QQ==", "mime": "image/jpg"}),
            json!({"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "QQ=="}}),
        ),
        (
            json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "auto"}}),
            json!({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}),
        ),
        (
            json!({"type": "file", "data": "QQ==", "mime": "application/pdf", "filename": "a.pdf"}),
            json!({"type": "document", "title": "a.pdf",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "QQ=="}}),
        ),
        (
            json!({"type": "file", "url": "https://example.com/a.pdf", "extra": {"title": "A", "citations": {"enabled": true}},
                "cache_control": {"type": "ephemeral"}}),
            json!({"type": "document", "title": "A", "citations": {"enabled": true}, "cache_control": {"type": "ephemeral"},
                "source": {"type": "url", "url": "https://example.com/a.pdf"}}),
        ),
        (
            json!({"type": "file", "text": "words"}),
            json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}}),
        ),
        (
            json!({"type": "file", "data": "QQ==", "mime": "image/png"}),
            json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}}),
        ),
    ];
    for (part, expected) in table {
        let request = chat(&json!([{"role": "user", "content": [part]}]), &json!({}));
        assert_eq!(body(&request, NEW)["messages"][0]["content"], json!([expected]));
    }
    let upload = chat(&json!([{"role": "user", "content": [{"type": "file", "file_id": "file_1"}]}]), &json!({}));
    assert_eq!(body(&upload, NEW)["messages"][0]["content"][0]["source"], json!({"type": "file", "file_id": "file_1"}));
    let http = super::CODEC.encode(&upload, &target(NEW)).unwrap();
    assert_eq!(http.headers()["anthropic-beta"], "files-api-2025-04-14");
}

#[test]
fn an_answer_goes_back_as_it_came() {
    let content = json!([
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
        {"type": "text", "text": "noon", "citations": [{"type": "char_location", "cited_text": "n", "document_index": 0}]},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": [1]}, "caller": {"type": "code_execution_1", "tool_id": "s"}},
    ]);
    let answer =
        json!({"content": content, "stop_reason": "tool_use", "container": {"id": "box", "expires_at": "later"}});
    let response = collect(whole(&answer.to_string()).unwrap());
    let mut request = Request::chat("m", vec![Message::user("hi"), response.message()]);
    let here = body(&request, NEW);
    assert_eq!(here["messages"][1], json!({"role": "assistant", "content": content}));
    assert_eq!(here["container"], "box");
    // What belongs to another provider stays behind.
    let elsewhere = |state: &mut Box<State>| "other".clone_into(&mut state.provider);
    request = request.with(|chat| {
        chat.messages[1].content.iter_mut().filter_map(|part| part.state.as_mut()).for_each(elsewhere);
    });
    let expected = json!([text("noon"), {"type": "tool_use", "id": "t", "name": "f", "input": {"a": [1]}}]);
    assert_eq!(body(&request, NEW)["messages"][1]["content"], expected);
    assert_eq!(refused(&request, NEW), Vec::<String>::new());
}

#[test]
fn tools() {
    let function = json!({"type": "function", "function": {"name": "f", "description": "d", "strict": true,
        "parameters": {"properties": {"b": {}, "a": {}}}}, "cache_control": {"type": "ephemeral"}});
    let hosted = json!({"type": "web_search_20250305", "name": "web_search", "max_uses": 2});
    let tools = json!([function, {"name": "g"}, {"type": "hosted", "tool": hosted}]);
    let expected = json!([
        {"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {"b": {}, "a": {}}},
         "strict": true, "cache_control": {"type": "ephemeral"}},
        {"name": "g", "input_schema": {"type": "object"}},
        hosted,
    ]);
    assert_eq!(body(&ask(&json!({"tools": tools})), NEW)["tools"], expected);

    let table = [
        (json!({}), json!(null)),
        (json!({"parallel_tool_calls": true}), json!(null)),
        (json!({"parallel_tool_calls": false}), json!({"type": "auto", "disable_parallel_tool_use": true})),
        (json!({"tool_choice": "auto"}), json!({"type": "auto"})),
        (json!({"tool_choice": "none", "parallel_tool_calls": false}), json!({"type": "none"})),
        (
            json!({"tool_choice": "required", "parallel_tool_calls": true}),
            json!({"type": "any", "disable_parallel_tool_use": false}),
        ),
        (json!({"tool_choice": {"name": "f"}}), json!({"type": "tool", "name": "f"})),
    ];
    for (mut settings, expected) in table {
        assert_eq!(body(&ask(&settings), NEW)["tool_choice"], json!(null), "without tools");
        settings["tools"] = tools.clone();
        assert_eq!(body(&ask(&settings), NEW)["tool_choice"], expected);
    }
}

#[test]
fn structured_output() {
    let inner = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let schema =
        json!({"type": "object", "properties": {"a": {"type": "array", "items": {"properties": {}}}, "type": inner}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "n", "description": "d", "schema": schema}});
    let sent = body(&ask(&json!({"response_format": format, "reasoning": "high"})), NEW);
    // The API takes closed objects only; what the caller says of one stands.
    let items = json!({"properties": {}, "additionalProperties": false});
    let described = json!({
        "type": "object", "properties": {"a": {"type": "array", "items": items}, "type": inner},
        "additionalProperties": false, "description": "d"
    });
    assert_eq!(
        sent["output_config"],
        json!({"effort": "high", "format": {"type": "json_schema", "schema": described}})
    );
}

#[test]
fn thinking() {
    let enabled = |budget: u32| json!({"type": "enabled", "budget_tokens": budget});
    let table = [
        (NEW, json!("none"), json!({"type": "disabled"}), json!(null), 8192),
        (NEW, json!("minimal"), json!({"type": "adaptive"}), json!("low"), 32_000),
        (
            NEW,
            json!({"effort": "max", "include": true}),
            json!({"type": "adaptive", "display": "summarized"}),
            json!("max"),
            32_000,
        ),
        (NEW, json!({"include": true}), json!({"type": "adaptive", "display": "summarized"}), json!(null), 32_000),
        (MID, json!({"include": false}), json!(null), json!(null), 8192),
        (MID, json!({"budget_tokens": 2000}), enabled(2000), json!(null), 10_192),
        (OLD, json!("low"), enabled(2048), json!(null), 10_240),
        (OLD, json!("max"), enabled(23_808), json!(null), 32_000),
    ];
    for (model, reasoning, thinking, effort, max_tokens) in table {
        let request = ask(&json!({"reasoning": reasoning}));
        let sent = body(&request, model);
        assert_eq!((&sent["thinking"], &sent["output_config"]["effort"]), (&thinking, &effort), "{model} {reasoning}");
        assert_eq!(sent["max_tokens"], max_tokens);
        assert_eq!(refused(&request, model), Vec::<String>::new());
    }
    let tight = ask(&json!({"reasoning": "high", "max_tokens": 4000}));
    assert_eq!(body(&tight, OLD)["thinking"], enabled(2000));
}

#[test]
fn what_it_cannot_do_is_named() {
    let table = [
        (
            json!({"seed": 1, "frequency_penalty": 0.5, "presence_penalty": -1, "logprobs": true, "top_logprobs": 2}),
            vec!["seed", "frequency_penalty", "presence_penalty", "logprobs", "top_logprobs"],
        ),
        (json!({"frequency_penalty": 0, "logprobs": false, "response_format": {"type": "text"}}), vec![]),
        (
            json!({"response_format": {"type": "json_object"}, "temperature": 1.5}),
            vec!["response_format", "temperature"],
        ),
        (json!({"reasoning": {"budget_tokens": 100}}), vec!["reasoning"]),
        (json!({"reasoning": {"budget_tokens": 2000}, "max_tokens": 2000}), vec!["reasoning"]),
        (
            json!({"reasoning": "low", "temperature": 0.2, "top_k": 5, "top_p": 0.5, "tool_choice": "required", "tools": [{"name": "f"}]}),
            vec!["tool_choice", "temperature", "top_p", "top_k"],
        ),
        (json!({"reasoning": "none", "temperature": 0.2}), vec![]),
        (json!({"stop": ["END", " \n"]}), vec!["stop"]),
    ];
    for (settings, expected) in table {
        assert_eq!(refused(&ask(&settings), MID), expected, "{settings}");
    }
    assert_eq!(refused(&ask(&json!({"reasoning": "low", "max_tokens": 100})), OLD), ["reasoning"]);
    assert_eq!(refused(&Request::embed("m", vec!["a".into()]), NEW), ["input"]);
}

#[test]
fn what_a_model_does_not_do_is_named() {
    let forced = json!({"tool_choice": "required", "tools": [{"name": "f"}]});
    let table = [
        (NEW, json!({"temperature": 0.2, "top_p": 0.9, "top_k": 5}), vec!["temperature", "top_p", "top_k"]),
        (NEW, json!({"temperature": 1, "top_p": 1}), vec![]),
        (NEW, json!({"reasoning": {"budget_tokens": 2000}}), vec!["reasoning"]),
        (NEW, forced.clone(), vec![]),
        ("claude-opus-5-5", forced, vec!["tool_choice"]),
        ("claude-opus-5-5", json!({"reasoning": "none"}), vec!["reasoning"]),
        (MID, json!({"reasoning": "xhigh"}), vec!["reasoning"]),
        ("claude-sonnet-4-5", json!({"temperature": 0.2, "top_p": 0.9}), vec!["top_p"]),
    ];
    for (model, settings, expected) in table {
        assert_eq!(refused(&ask(&settings), model), expected, "{model} {settings}");
    }
}

#[test]
fn what_a_conversation_lacks_is_named() {
    let begun = json!([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Dear"}]);
    assert_eq!(refused(&chat(&begun, &json!({})), OLD), Vec::<String>::new());
    assert_eq!(refused(&chat(&begun, &json!({})), NEW), ["messages[1]"]);
    assert_eq!(refused(&chat(&json!([{"role": "system", "content": "hi"}]), &json!({})), NEW), ["messages"]);
    // Another provider's calls come without the thinking that a budget needs to go on.
    let calls = json!([{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"},
        "extra_content": {"google": {"thought_signature": "s"}}}]);
    let looped = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": null, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c", "content": "1"}
    ]);
    let request = chat(&looped, &json!({"reasoning": "low"}));
    assert_eq!(refused(&request, OLD), ["reasoning"]);
    assert_eq!(refused(&request, NEW), Vec::<String>::new());
    let sent = body(&request, NEW);
    assert_eq!(sent["messages"][1]["content"], json!([{"type": "tool_use", "id": "c", "name": "f", "input": {}}]));
}

#[test]
fn parts_that_it_cannot_read_are_named_and_can_be_left_out() {
    let mut request = chat(
        &json!([
            {"role": "system", "content": "a", "extra": {"x": 1}},
            {"role": "user", "name": "Ann", "content": [
                {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "high"}},
                {"type": "image", "data": "QQ==", "mime": "image/tiff"},
                {"type": "file", "data": "QQ==", "mime": "text/csv"},
                {"type": "text", "text": "hi"}]},
            {"role": "assistant", "content": [{"type": "tool_call", "id": "t", "name": "f", "arguments_raw": "{\"cut"}]},
            {"role": "user", "content": "ho"},
        ]),
        &json!({}),
    );
    let expected = [
        "messages[1].content[0]",
        "messages[1].content[2]",
        "messages[1].content[3]",
        "messages[2].content[0]",
        "messages[0].extra",
        "messages[1].name",
        "messages[1].content[1].detail",
    ];
    let found = refused(&request, NEW);
    assert_eq!(found, expected);
    assert_eq!(super::CODEC.encode(&request, &target(NEW)).unwrap_err().kind(), Kind::Unsupported);
    assert!(found.iter().rev().all(|field| request.remove(field)));
    assert_eq!(refused(&request, NEW), Vec::<String>::new());
    let image = json!({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}});
    let expected = json!([{"role": "user", "content": [image, text("hi")]}, {"role": "user", "content": [text("ho")]}]);
    assert_eq!(body(&request, NEW)["messages"], expected);
}

#[test]
fn words_of_every_kind_are_sent_and_empty_ones_are_not() {
    let refusal = Part::new(Content::Refusal { text: "no".into() });
    let message = Message::new(Role::Assistant, vec![Part::text(""), refusal]);
    let request = Request::chat("m", vec![Message::user("hi"), message, Message::assistant("")]);
    assert_eq!(body(&request, NEW)["messages"][1]["content"], json!([text("no")]));
    assert_eq!(body(&request, NEW)["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn a_failure_without_words_gets_one_and_a_call_keeps_its_toolset() {
    let mut call = Part::new(Content::ToolCall(crate::model::ToolCall::new("t", "click", "")));
    let data = [("toolset_name".to_owned(), json!("browser"))].into_iter().collect();
    call.state = Some(Box::new(State { provider: "anthropic".into(), data }));
    let result = crate::model::ToolResult { id: "t".into(), name: None, content: Vec::new(), is_error: true };
    let messages = vec![
        Message::user("hi"),
        Message::new(Role::Assistant, vec![call]),
        Message::new(Role::Tool, vec![Part::new(Content::ToolResult(result))]),
    ];
    let sent = body(&Request::chat("m", messages), NEW);
    assert_eq!(sent["messages"][1]["content"][0]["toolset_name"], "browser");
    assert_eq!(sent["messages"][2]["content"][0]["content"], json!([text("error")]));
}

#[test]
fn ids_that_come_again_are_told_apart() {
    let call = |id: &str| json!({"role": "assistant", "content": [{"type": "tool_call", "id": id, "name": "f"}]});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "1"});
    let turns = ["f:0", "f_0", "f:0", ""].map(|id| [call(id), result(id)]);
    let body = body(&chat(&turns.concat().into(), &json!({})), OLD);
    let id = |at: usize, key: &str| body["messages"][at]["content"][0][key].clone();
    let ids: Vec<Value> = (0..4).map(|turn| id(2 * turn, "id")).collect();
    assert_eq!(ids, ["f_0", "f_0_2", "f_0_3", "call"]);
    assert_eq!(ids, (0..4).map(|turn| id(2 * turn + 1, "tool_use_id")).collect::<Vec<_>>());
}

#[test]
fn words_to_go_on_with_do_not_end_in_white_space() {
    let last = |content: Value| {
        let messages = json!([{"role": "user", "content": "hi"}, {"role": "assistant", "content": content}]);
        body(&chat(&messages, &json!({})), OLD)["messages"][1]["content"].clone()
    };
    assert_eq!(last(json!([text("So: "), text(" \n")])), json!([text("So:")]));
    let marked = json!([{"type": "text", "text": "So: ", "extra": {"x": 1}}]);
    assert_eq!(last(marked)[0]["text"], "So:");
}
