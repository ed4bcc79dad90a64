use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Gateway, Kind};

use super::common::{roles, with_a_message_for_each_call, with_thoughts_of_another_vendor};
use super::{House, ask, encoded, ok, unsupported};

fn says(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

#[test]
fn addresses_of_both_faces_lead_to_the_same_place() {
    for base in ["", "/", "/v1", "/api", "/api/"] {
        let house = House::at(&format!("http://o.test{base}"), Answer::json(200, &ok()));
        house.chat(ask()).unwrap();
        let exchange = &house.sim.exchanges()[0];
        assert_eq!(exchange.url.path(), "/api/chat", "{base}");
        assert!(!exchange.headers.contains_key("authorization"));
    }
    for operation in ["/api/chat", "/api/embed", "/v1/chat/completions"] {
        let config = json!({"providers": {"ollama": {"base_url": format!("http://o.test{operation}")}}});
        let error = Gateway::from_value(config).err().unwrap();
        assert!(error.kind() == Kind::Config && error.to_string().contains("names one operation"), "{error}");
    }
}

#[test]
fn everything_a_chat_can_ask_for() {
    let body = encoded(json!({
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "see"},
                {"type": "image", "data": "aGk=", "mime": "image/png"},
                {"type": "file", "text": "a note"},
            ]},
        ],
        "tools": [{"name": "f", "description": "F.", "parameters": {"type": "object"}}, {"name": "g"}],
        "temperature": 0.5, "top_p": 0.9, "top_k": 7, "max_tokens": 100, "stop": ["x"], "seed": 3,
        "frequency_penalty": 0.1, "presence_penalty": 0.2, "logprobs": true, "top_logprobs": 2,
        "extra": {"keep_alive": "5m", "options": {"num_ctx": 8192}},
    }));
    assert_eq!(
        body,
        json!({
            "model": "qwen3",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "see\na note", "images": ["aGk="]},
            ],
            "tools": [
                {"type": "function", "function": {"name": "f", "description": "F.", "parameters": {"type": "object"}}},
                {"type": "function", "function": {"name": "g", "parameters": {"type": "object"}}},
            ],
            "options": {
                "temperature": 0.5, "top_p": 0.9, "top_k": 7, "num_predict": 100, "stop": ["x"], "seed": 3,
                "frequency_penalty": 0.1, "presence_penalty": 0.2, "num_ctx": 8192,
            },
            "logprobs": true, "top_logprobs": 2, "keep_alive": "5m", "stream": false,
        })
    );
}

#[test]
fn what_is_not_asked_for_is_not_sent() {
    let body = encoded(json!({"messages": says("hi")}));
    assert_eq!(body, json!({"model": "qwen3", "messages": says("hi"), "stream": false}));
    // A tool that is not declared is not called.
    let body = encoded(json!({"messages": says("hi"), "tools": [{"name": "f"}], "tool_choice": "none"}));
    assert_eq!(body, json!({"model": "qwen3", "messages": says("hi"), "stream": false}));
}

#[test]
fn thinking_has_a_switch_and_levels() {
    let think = |reasoning: Value| encoded(json!({"messages": says("hi"), "reasoning": reasoning}))["think"].take();
    let rows = [
        (json!({"effort": "none"}), json!(false)),
        (json!({"effort": "minimal"}), json!("low")),
        (json!({"effort": "low"}), json!("low")),
        (json!({"effort": "medium"}), json!("medium")),
        (json!({"effort": "high", "include": true}), json!("high")),
        (json!({"effort": "max"}), json!("high")),
        (json!({"include": true}), json!(true)),
        (json!({"include": false}), json!(null)),
    ];
    for (reasoning, want) in rows {
        assert_eq!(think(reasoning.clone()), want, "{reasoning}");
    }
}

#[test]
fn json_with_a_schema_or_without() {
    let format = |format: Value| encoded(json!({"messages": says("hi"), "response_format": format}))["format"].take();
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    assert_eq!(format(json!({"type": "text"})), json!(null));
    assert_eq!(format(json!({"type": "json_object"})), json!("json"));
    assert_eq!(format(json!({"type": "json_schema", "schema": schema})), schema);
    let described = format(json!({"type": "json_schema", "description": "D.", "schema": schema}));
    assert_eq!(described["description"], "D.");
}

#[test]
fn results_go_back_with_the_names_of_their_tools_and_in_the_order_of_the_calls() {
    let call = |id: &str, city: &str| json!({"type": "tool_call", "id": id, "name": "weather", "arguments": json!({"city": city}).to_string()});
    let result = |id: &str, text: &str| json!({"role": "tool", "tool_call_id": id, "content": text});
    let body = encoded(json!({"messages": [
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": [
            {"type": "reasoning", "text": "Hm."},
            {"type": "text", "text": "I "}, {"type": "text", "text": "look."},
            call("tidegate_x_1", "Oslo"), call("tidegate_x_2", "Bergen"), call("toolu_3", "Bodø"),
        ]},
        result("tidegate_x_2", "rain"),
        result("toolu_3", "snow"),
        result("tidegate_x_1", "sun"),
        {"role": "user", "content": "and?"},
    ]}));
    let wire = |city: &str| json!({"function": {"name": "weather", "arguments": {"city": city}}});
    let mut third = wire("Bodø");
    third["id"] = "toolu_3".into();
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": "weather?"},
            {"role": "assistant", "content": "I look.", "thinking": "Hm.",
                "tool_calls": [wire("Oslo"), wire("Bergen"), third]},
            {"role": "tool", "content": "sun", "tool_name": "weather"},
            {"role": "tool", "content": "rain", "tool_name": "weather"},
            {"role": "tool", "content": "snow", "tool_name": "weather", "tool_call_id": "toolu_3"},
            {"role": "user", "content": "and?"},
        ])
    );
}

#[test]
fn results_of_several_parts_and_of_calls_that_nobody_made() {
    let body = encoded(json!({"messages": [
        {"role": "user", "content": [
            {"type": "tool_result", "id": "a", "name": "find", "content": [
                {"type": "text", "text": "one"}, {"type": "text", "text": "two"},
                {"type": "image", "data": "aGk=", "mime": "image/png"},
            ]},
            {"type": "text", "text": "go on"},
        ]},
    ]}));
    assert_eq!(
        body["messages"],
        json!([
            {"role": "tool", "content": "one\ntwo", "images": ["aGk="], "tool_name": "find", "tool_call_id": "a"},
            {"role": "user", "content": "go on"},
        ])
    );
}

#[test]
fn what_another_vendor_thought_stays_there_and_leaves_no_empty_message() {
    let body = encoded(with_thoughts_of_another_vendor());
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "yes"},
            {"role": "user", "content": "and?"},
        ])
    );
}

#[test]
fn calls_that_come_in_a_message_each_are_one_turn() {
    let body = encoded(with_a_message_for_each_call());
    assert_eq!(roles(&body), ["user", "assistant", "tool", "tool", "assistant", "assistant"]);
    assert_eq!(body["messages"][1]["tool_calls"].as_array().unwrap().len(), 2);
}

#[test]
fn what_the_api_cannot_do_is_refused_by_name() {
    let hi = || says("hi");
    let part = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    let tools = json!([{"name": "f"}]);
    let call = json!({"type": "tool_call", "id": "a", "name": "f", "arguments": "[1]"});
    let rows = [
        (json!({"messages": hi(), "tools": tools, "tool_choice": "required"}), "tool_choice"),
        (json!({"messages": hi(), "tools": tools, "tool_choice": {"name": "f"}}), "tool_choice"),
        (json!({"messages": hi(), "tools": tools, "parallel_tool_calls": false}), "parallel_tool_calls"),
        (json!({"messages": hi(), "reasoning": {"budget_tokens": 64}}), "reasoning"),
        (json!({"messages": hi(), "tools": [{"type": "hosted", "tool": {"type": "web_search"}}]}), "tools[0]"),
        (json!({"messages": [{"role": "user", "content": "hi", "name": "ann"}]}), "messages[0].name"),
        (json!({"messages": [{"role": "assistant", "content": [call]}]}), "messages[0].content[0]"),
        (part(json!({"type": "image_url", "image_url": {"url": "https://e.com/a.png"}})), "messages[0].content[0]"),
        (
            part(json!({"type": "image", "data": "aGk=", "mime": "image/png", "detail": "low"})),
            "messages[0].content[0].detail",
        ),
        (part(json!({"type": "audio", "data": "aGk=", "mime": "audio/wav"})), "messages[0].content[0]"),
        (part(json!({"type": "file", "data": "aGk=", "mime": "application/pdf"})), "messages[0].content[0]"),
        (
            json!({"messages": [{"role": "tool", "content": [{"type": "tool_result", "id": "a", "name": "f", "content": [
                {"type": "text", "text": "1"}, {"type": "file", "data": "aGk=", "mime": "application/pdf"}]}]}]}),
            "messages[0].content[0].content[1]",
        ),
    ];
    for (request, field) in rows {
        assert_eq!(unsupported(request.clone()), field, "{request}");
    }
}
