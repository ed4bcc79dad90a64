use serde_json::{Value, json};
use tidegate::sim::Answer;

use super::common::{roles, with_a_message_for_each_call, with_thoughts_of_another_vendor};
use super::{House, answer, ask, encoded, ok, request, unsupported};

fn says(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

#[test]
fn addresses_of_every_version_and_face_lead_to_the_same_place() {
    let bases = ["", "/", "/v1", "/v2", "/v2/", "/compatibility/v1"];
    for base in bases {
        let house = House::at(&format!("http://c.test{base}"), Answer::json(200, &ok()));
        house.chat(ask()).unwrap();
        let exchange = &house.sim.exchanges()[0];
        assert_eq!(exchange.url.path(), "/v2/chat", "{base}");
        assert_eq!(exchange.headers["authorization"], "Bearer k");
    }
    let house = House::at("http://c.test/proxy/v2", Answer::json(200, &ok()));
    house.chat(ask()).unwrap();
    assert_eq!(house.sim.exchanges()[0].url.path(), "/proxy/v2/chat");
}

#[test]
fn everything_a_chat_can_ask_for() {
    let body = encoded(json!({
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "see"},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
                {"type": "image", "data": "aGk=", "mime": "image/png"},
                {"type": "file", "text": "a note"},
            ]},
        ],
        "temperature": 0.5, "top_p": 0.9, "top_k": 7, "max_tokens": 100, "stop": ["x"], "seed": 3,
        "frequency_penalty": 0.1, "presence_penalty": 0.2, "logprobs": true,
        "reasoning": {"budget_tokens": 64},
        "extra": {"safety_mode": "STRICT", "documents": [{"data": {"text": "d"}}]},
    }));
    assert_eq!(
        body,
        json!({
            "model": "command-a-plus-05-2026",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [
                    {"type": "text", "text": "see"},
                    {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
                    {"type": "text", "text": "a note"},
                ]},
            ],
            "thinking": {"type": "enabled", "token_budget": 64},
            "temperature": 0.5, "p": 0.9, "k": 7, "max_tokens": 100, "stop_sequences": ["x"], "seed": 3,
            "frequency_penalty": 0.1, "presence_penalty": 0.2, "logprobs": true,
            "safety_mode": "STRICT", "documents": [{"data": {"text": "d"}}],
        })
    );
}

#[test]
fn thinking_is_on_or_off() {
    let thinking =
        |reasoning: Value| encoded(json!({"messages": says("hi"), "reasoning": reasoning}))["thinking"].take();
    assert_eq!(thinking(json!({"effort": "none"})), json!({"type": "disabled"}));
    assert_eq!(thinking(json!({"effort": "high"})), json!({"type": "enabled"}));
    assert_eq!(thinking(json!({"include": true})), json!({"type": "enabled"}));
}

#[test]
fn json_with_a_schema_or_without() {
    let format =
        |format: Value| encoded(json!({"messages": says("hi"), "response_format": format}))["response_format"].take();
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    assert_eq!(format(json!({"type": "json_object"})), json!({"type": "json_object"}));
    let described = format(json!({"type": "json_schema", "description": "D.", "schema": schema}));
    assert_eq!(described["type"], "json_object");
    assert_eq!(described["json_schema"]["required"], json!(["a"]));
    assert_eq!(described["json_schema"]["description"], "D.");
}

#[test]
fn tools_and_choices_among_them() {
    let sent = |choice: Value| {
        let tools = json!([
            {"name": "f", "description": "F.", "strict": true, "parameters": {"properties": {"a": {"type": "string"}}}},
            {"name": "g"},
        ]);
        encoded(json!({"messages": says("hi"), "tools": tools, "tool_choice": choice}))
    };
    let auto = sent(json!("auto"));
    assert_eq!(
        auto["tools"],
        json!([
            {"type": "function", "function": {"name": "f", "description": "F.",
                "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}},
            {"type": "function", "function": {"name": "g", "parameters": {"type": "object"}}},
        ])
    );
    assert_eq!((&auto["strict_tools"], auto.get("tool_choice")), (&json!(true), None));
    assert_eq!(sent(json!("required"))["tool_choice"], "REQUIRED");
    assert_eq!(sent(json!("none"))["tool_choice"], "NONE");
    // A tool cannot be named: it is the only one left to be called.
    let named = sent(json!({"name": "g"}));
    assert_eq!((&named["tool_choice"], named["tools"].as_array().unwrap().len()), (&json!("REQUIRED"), 1));
    assert_eq!(named["tools"][0]["function"]["name"], "g");
}

#[test]
fn results_stand_behind_their_calls_with_the_documents_in_them() {
    let call = |id: &str| json!({"type": "tool_call", "id": id, "name": "find", "arguments": ""});
    let document = json!({"id": "d1", "data": {"title": "T", "text": "x"}});
    let body = encoded(json!({"messages": [
        {"role": "user", "content": "find"},
        {"role": "assistant", "content": [{"type": "text", "text": ""}, call("a"), call("b")]},
        {"role": "user", "content": [
            {"type": "tool_result", "id": "a", "content": [{"type": "text", "text": "1"}]},
            {"type": "tool_result", "id": "b", "content": [
                {"type": "text", "text": "2"},
                {"type": "other", "kind": "document", "data": document},
                {"type": "file", "text": "three", "filename": "c.txt"},
            ]},
            {"type": "text", "text": "go on"},
        ]},
    ]}));
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "find", "arguments": "{}"}});
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": "find"},
            {"role": "assistant", "tool_calls": [call("a"), call("b")]},
            {"role": "tool", "content": "1", "tool_call_id": "a"},
            {"role": "tool", "tool_call_id": "b", "content": [
                {"type": "text", "text": "2"},
                {"type": "document", "document": document},
                {"type": "document", "document": {"data": {"text": "three", "title": "c.txt"}}},
            ]},
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
fn an_answer_can_be_sent_back_as_it_came() {
    let message = json!({
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Hm."},
            {"type": "text", "text": "See."},
            {"type": "table", "rows": [1]},
        ],
        "tool_plan": "I will look.",
        "tool_calls": [{"id": "t1", "type": "function", "function": {"name": "find", "arguments": "{\"a\": 1.50}"}}],
        "citations": [{"start": 0, "end": 3, "text": "See", "sources": [{"type": "tool", "id": "t0:0"}],
            "type": "TEXT_CONTENT", "content_index": 1}],
    });
    let house = House::new(Answer::json(200, &answer(message.clone())));
    let reply = house.chat(ask()).unwrap();
    let again = ask().with(|chat| chat.messages.push(reply.message()));
    house.chat(again).unwrap();
    assert_eq!(house.sent()["messages"][1], message);
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
    let rows = [
        (json!({"messages": hi(), "top_p": 1.0}), "top_p"),
        (json!({"messages": hi(), "top_k": 501}), "top_k"),
        (json!({"messages": hi(), "seed": -1}), "seed"),
        (json!({"messages": hi(), "stop": ["1", "2", "3", "4", "5", "6"]}), "stop"),
        (json!({"messages": hi(), "frequency_penalty": -0.5}), "frequency_penalty"),
        (json!({"messages": hi(), "presence_penalty": 1.5}), "presence_penalty"),
        (json!({"messages": hi(), "logprobs": true, "top_logprobs": 2}), "top_logprobs"),
        (json!({"messages": hi(), "tools": tools, "parallel_tool_calls": false}), "parallel_tool_calls"),
        (json!({"messages": hi(), "tools": tools, "response_format": {"type": "json_object"}}), "response_format"),
        (json!({"messages": hi(), "tool_choice": "required"}), "tool_choice"),
        (json!({"messages": hi(), "tools": tools, "tool_choice": {"name": "g"}}), "tool_choice"),
        (json!({"messages": hi(), "tools": [{"type": "hosted", "tool": {"type": "web_search"}}]}), "tools[0]"),
        (json!({"messages": [{"role": "user", "content": "hi", "name": "ann"}]}), "messages[0].name"),
        (part(json!({"type": "audio", "data": "aGk=", "mime": "audio/wav"})), "messages[0].content[0]"),
        (part(json!({"type": "file", "data": "aGk=", "mime": "application/pdf"})), "messages[0].content[0]"),
        (part(json!({"type": "image", "file_id": "file-1"})), "messages[0].content[0]"),
        (part(json!({"type": "other", "kind": "executableCode", "data": {}})), "messages[0].content[0]"),
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

#[test]
fn a_ranking_is_not_an_embedding() {
    let house = House::new(Answer::json(200, &ok()));
    let wrong = request(json!({"model": "r", "query": "q", "documents": ["d"]}));
    assert!(house.chat(wrong).unwrap_err().to_string().contains("rerank"));
}
