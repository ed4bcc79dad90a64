use serde_json::{Value, json};
use tidegate::sim::Answer;

use super::{House, ask, encoded, hello, unsupported};

fn chat(more: Value) -> Value {
    let mut chat = json!({"model": "openai/gpt-4.1", "messages": [{"role": "user", "content": "hi"}]});
    chat.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    chat
}

#[test]
fn nothing_is_stored_and_thinking_comes_in_a_form_that_can_go_back() {
    let plain = encoded("openai", chat(json!({})));
    assert_eq!(plain, json!({"model": "gpt-4.1", "input": [{"role": "user", "content": "hi"}], "store": false}));
    // Other models refuse to be asked for it.
    let include = |model: &str, more: Value| {
        let mut request = chat(more);
        request["model"] = json!(model);
        encoded("openai", request)["include"].clone()
    };
    let encrypted = json!(["reasoning.encrypted_content"]);
    assert_eq!(include("openai/gpt-5", json!({})), encrypted);
    assert_eq!(include("openai/deployment", json!({"reasoning": "low"})), encrypted);
    assert_eq!(include("openai/gpt-5", json!({"reasoning": "none"})), Value::Null);
    let both = json!(["reasoning.encrypted_content", "message.output_text.logprobs"]);
    assert_eq!(include("openai/gpt-5.1", json!({"logprobs": true, "top_logprobs": 2})), both);
    assert_eq!(encoded("openai", chat(json!({"extra": {"store": true}})))["store"], true);
}

#[test]
fn settings_have_their_names_here() {
    let schema = json!({"type": "object"});
    let body = encoded(
        "openai",
        chat(json!({
            "model": "openai/gpt-5.1", "max_tokens": 100, "temperature": 0.5, "top_p": 0.9, "top_logprobs": 3, "parallel_tool_calls": false,
            "reasoning": {"effort": "high", "include": true},
            "response_format": {"type": "json_schema", "json_schema": {"schema": schema, "strict": true}},
            "extra": {"text": {"verbosity": "low"}, "reasoning": {"summary": "detailed"}},
        })),
    );
    assert_eq!(body["max_output_tokens"], 100);
    assert_eq!((&body["temperature"], &body["top_p"], &body["top_logprobs"]), (&json!(0.5), &json!(0.9), &json!(3)));
    assert_eq!(body["parallel_tool_calls"], false);
    assert_eq!(body["reasoning"], json!({"effort": "high", "summary": "detailed"}));
    let format = json!({"type": "json_schema", "name": "response", "schema": schema, "strict": true});
    assert_eq!(body["text"], json!({"format": format, "verbosity": "low"}));
    let json_mode = encoded("openai", chat(json!({"response_format": {"type": "json_object"}})));
    assert_eq!(json_mode["text"], json!({"format": {"type": "json_object"}}));
}

#[test]
fn tools_in_every_form() {
    let grammar = json!({"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: \"a\""}});
    let tools = json!([
        {"type": "function", "function": {"name": "now"}},
        {"type": "custom", "custom": {"name": "run", "format": grammar}},
        {"type": "hosted", "tool": {"type": "web_search"}},
    ]);
    let sent = |choice: Value| encoded("openai", chat(json!({"tools": tools, "tool_choice": choice})));
    let body = sent(json!("required"));
    // Here a schema that does not say so is made a strict one; nowhere else.
    let empty = json!({"type": "object", "properties": {}});
    assert_eq!(
        body["tools"],
        json!([
            {"type": "function", "name": "now", "parameters": empty, "strict": false},
            {"type": "custom", "name": "run",
                "format": {"type": "grammar", "syntax": "lark", "definition": "start: \"a\""}},
            {"type": "web_search"},
        ])
    );
    assert_eq!(body["tool_choice"], "required");
    assert_eq!(sent(json!({"name": "now"}))["tool_choice"], json!({"type": "function", "name": "now"}));
    assert_eq!(sent(json!({"name": "run"}))["tool_choice"], json!({"type": "custom", "name": "run"}));
    assert_eq!(sent(json!({"name": "web_search"}))["tool_choice"], json!({"type": "web_search"}));
}

#[test]
fn everything_that_can_be_read() {
    let messages = json!([
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "What are these?"},
            {"type": "image", "file_id": "file-1"},
            {"type": "image", "data": "aGk=", "mime": "image/png", "detail": "high"},
            {"type": "file", "url": "https://example.com/a.pdf"},
            {"type": "file", "file_id": "file-2"},
            {"type": "file", "data": "aGk=", "mime": "text/csv"},
            {"type": "file", "text": "plain"},
            {"type": "text", "text": "marked", "extra": {"prompt_cache_breakpoint": {"ttl": "1h"}}},
        ]},
    ]);
    let body = encoded("openai", json!({"model": "openai/gpt-5", "messages": messages}));
    assert_eq!(
        body["input"],
        json!([
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "input_text", "text": "What are these?"},
                {"type": "input_image", "file_id": "file-1", "detail": "auto"},
                {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "high"},
                {"type": "input_file", "file_url": "https://example.com/a.pdf"},
                {"type": "input_file", "file_id": "file-2"},
                // Bytes need a name.
                {"type": "input_file", "filename": "file.csv", "file_data": "data:text/csv;base64,aGk="},
                {"type": "input_text", "text": "plain"},
                {"type": "input_text", "text": "marked", "prompt_cache_breakpoint": {"ttl": "1h"}},
            ]},
        ])
    );
    // A server of which nothing is known hears, and knows no developers.
    let audio = json!([
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}}]},
    ]);
    let body = encoded("mine", json!({"model": "mine/m", "messages": audio}));
    assert_eq!(body["input"][0]["role"], "system");
    let heard = json!([{"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}}]);
    assert_eq!(body["input"][1]["content"], heard);
}

#[test]
fn what_the_api_lacks_is_refused_by_name() {
    let rows = [
        ("seed", json!(1)),
        ("stop", json!(["END"])),
        ("top_k", json!(3)),
        ("frequency_penalty", json!(0.5)),
        ("presence_penalty", json!(0.5)),
        ("max_tokens", json!(15)),
        ("reasoning", json!({"budget_tokens": 100})),
    ];
    for (field, value) in rows {
        assert_eq!(unsupported("openai", chat(json!({field: value}))), field);
    }
    let part = |part: Value| {
        let messages = json!([{"role": "user", "content": [part]}]);
        unsupported("openai", json!({"model": "openai/gpt-5", "messages": messages}))
    };
    let place = "messages[0].content[0]";
    assert_eq!(part(json!({"type": "audio", "data": "aGk=", "mime": "audio/wav"})), place);
    assert_eq!(part(json!({"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}})), place);
    let named = json!([{"role": "user", "content": "hi", "name": "ann"}]);
    assert_eq!(unsupported("openai", json!({"model": "openai/gpt-5", "messages": named})), "messages[0].name");
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let noted = json!([{"role": "assistant", "tool_calls": [call], "extra": {"a": 1}}]);
    assert_eq!(unsupported("openai", json!({"model": "openai/gpt-5", "messages": noted})), "messages[0].extra");
    for tool in [json!({"type": "bash_20250124"}), json!({"googleSearch": {}}), json!({"type": "openrouter:advisor"})] {
        assert_eq!(unsupported("openai", chat(json!({"tools": [{"type": "hosted", "tool": tool}]}))), "tools[0]");
    }
    assert_eq!(unsupported("openai", chat(json!({"extra": {"background": true}}))), "extra.background");
}

#[test]
fn a_vendor_of_both_protocols_keeps_its_key_and_its_quirks() {
    let key = |provider: &str, header: &str| {
        let house = House::of(provider, Answer::json(200, &hello()));
        house.chat(ask()).unwrap();
        house.sim.exchanges()[0].headers.contains_key(header)
    };
    assert!(key("azure", "api-key") && !key("azure", "authorization"));
    assert!(key("xai", "authorization") && key("mine", "authorization"));
    let advisor = json!([{"type": "hosted", "tool": {"type": "openrouter:advisor"}}]);
    let body = encoded(
        "openrouter",
        json!({"model": "openrouter/openai/gpt-5", "messages": [{"role": "user", "content": "hi"}], "tools": advisor,
            "reasoning": {"budget_tokens": 100}, "max_tokens": 5}),
    );
    assert_eq!(body["reasoning"], json!({"max_tokens": 100}));
    assert_eq!(body["tools"], json!([{"type": "openrouter:advisor"}]));
    assert_eq!(body["max_output_tokens"], 5);
}

#[test]
fn ids_that_come_again_are_told_apart() {
    let call = json!({"type": "tool_call", "id": "call_0", "name": "f", "arguments": "{}"});
    let turn = [
        json!({"role": "assistant", "content": [call]}),
        json!({"role": "tool", "tool_call_id": "call_0", "content": "1"}),
    ];
    let messages: Vec<Value> = turn.iter().cloned().chain(turn.clone()).collect();
    let body = encoded("openai", chat(json!({"messages": messages})));
    let ids: Vec<&Value> = body["input"].as_array().unwrap().iter().map(|item| &item["call_id"]).collect();
    assert_eq!(ids, ["call_0", "call_0", "call_0_2", "call_0_2"]);
}

#[test]
fn a_conversation_that_comes_to_nothing_is_refused() {
    let thinking = json!([{"role": "assistant", "content": [{"type": "reasoning", "text": "hm"}]}]);
    assert_eq!(unsupported("openai", chat(json!({"messages": thinking}))), "messages");
}
