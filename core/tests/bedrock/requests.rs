use serde_json::{Value, json};
use tidegate::sim::Answer;

use super::{CLAUDE, House, answer, ask, encoded, unsupported};

const NOVA: &str = "amazon.nova-lite-v1:0";

fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "description": "finds", "parameters": {
        "type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "string"}}}, "strict": true}})
}

#[test]
fn settings_tools_and_instructions() {
    let body = encoded(
        CLAUDE,
        json!({
            "messages": [
                {"role": "system", "content": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
                {"role": "user", "content": "hi"},
                {"role": "developer", "content": "And kind."},
            ],
            "max_tokens": 2000, "temperature": 0.5, "stop": ["END"], "top_k": 7,
            "tools": [tool("find"), {"type": "hosted", "tool": {"systemTool": {"name": "nova_grounding"}}}],
            "tool_choice": "required",
            "response_format": {"type": "json_schema", "json_schema": {"name": "n", "description": "d", "schema":
                {"type": "object", "properties": {"x": {"type": "object"}}}}},
            "extra": {"guardrailConfig": {"guardrailIdentifier": "g"}, "inferenceConfig": {"maxTokens": 5}},
        }),
    );
    let schema: Value =
        serde_json::from_str(body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"].as_str().unwrap())
            .unwrap();
    assert_eq!(
        schema,
        json!({"type": "object", "properties": {"x": {"type": "object", "additionalProperties": false}},
            "additionalProperties": false})
    );
    let mut rest = body.clone();
    rest["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"] = Value::Null;
    assert_eq!(
        rest,
        json!({
            "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default", "ttl": "1h"}}, {"text": "And kind."}],
            "messages": [{"role": "user", "content": [{"text": "hi"}]}],
            "inferenceConfig": {"maxTokens": 5, "temperature": 0.5, "stopSequences": ["END"]},
            "toolConfig": {
                "tools": [
                    {"toolSpec": {"name": "find", "description": "finds", "strict": true, "inputSchema": {"json": {
                        "type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "string"}}}}}},
                    {"systemTool": {"name": "nova_grounding"}},
                ],
                "toolChoice": {"any": {}},
            },
            "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
                "schema": null, "name": "n", "description": "d"}}}},
            "additionalModelRequestFields": {"top_k": 7},
            "guardrailConfig": {"guardrailIdentifier": "g"},
        })
    );
}

#[test]
fn the_model_is_in_the_path_even_where_it_is_an_arn() {
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/ab/c";
    let house = House::of("bedrock", arn, Answer::json(200, &answer(json!([{"text": "ok"}]))));
    house.chat(ask()).unwrap();
    assert_eq!(
        house.sim.exchanges()[0].url.path(),
        "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Aapplication-inference-profile%2Fab%2Fc/converse"
    );
    assert_eq!(house.sent(), json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}));
}

#[test]
fn files_of_every_kind() {
    // Of this model nothing is known, so that it may read anything.
    let user = |part: Value| {
        let content = json!([part, {"type": "text", "text": "What is it?"}]);
        let messages = json!([{"role": "user", "content": content}]);
        encoded("amazon.tomorrow-v1:0", json!({"messages": messages}))["messages"][0]["content"][0].clone()
    };
    let table = [
        (
            json!({"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAAA"}}),
            json!({"image": {"format": "jpeg", "source": {"bytes": "AAAA"}}}),
        ),
        (
            json!({"type": "image", "url": "s3://b/a.png", "mime": "image/png"}),
            json!({"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/a.png"}}}}),
        ),
        (
            json!({"type": "file", "data": "AAAA", "mime": "video/mp4"}),
            json!({"video": {"format": "mp4", "source": {"bytes": "AAAA"}}}),
        ),
        (
            json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
            json!({"audio": {"format": "wav", "source": {"bytes": "AAAA"}}}),
        ),
        (
            json!({"type": "file", "text": "words", "filename": "a.txt"}),
            json!({"document": {"format": "txt", "name": "a", "source": {"text": "words"}}}),
        ),
        (
            json!({"type": "file", "data": "AAAA", "mime": "application/pdf", "filename": "Q3/report.pdf", "extra": {"citations": {"enabled": true}}}),
            json!({"document": {"format": "pdf", "name": "Q3 report", "source": {"bytes": "AAAA"}, "citations": {"enabled": true}}}),
        ),
    ];
    for (part, want) in table {
        assert_eq!(user(part.clone()), want, "{part}");
    }
    let refused = |part: Value| unsupported(NOVA, json!({"messages": [{"role": "user", "content": [part]}]}));
    for part in [
        json!({"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}),
        json!({"type": "image", "data": "AAAA", "mime": "image/tiff"}),
        json!({"type": "file", "file_id": "file-1"}),
        json!({"type": "file", "data": "AAAA", "mime": "application/zip"}),
    ] {
        assert_eq!(refused(part.clone()), "messages[0].content[0]", "{part}");
    }
}

#[test]
fn documents_have_names_of_their_own() {
    let document = json!({"type": "file", "data": "AAAA", "mime": "application/pdf", "filename": "a.pdf"});
    let content = json!([document, document, document, {"type": "text", "text": "Which is it?"}]);
    let body = encoded(NOVA, json!({"messages": [{"role": "user", "content": content}]}));
    let names: Vec<_> = body["messages"][0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|block| block.get("document").map(|document| document["name"].clone()))
        .collect();
    assert_eq!(names, ["a", "a 2", "a 3"]);
}

/// Two calls, their results among other words, and a word more.
fn tool_turns() -> Value {
    json!([
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": [
            {"type": "text", "text": ""},
            {"type": "tool_call", "id": "functions.find:0", "name": "find", "arguments": {"a": 1}},
            {"type": "tool_call", "id": "b", "name": "look", "arguments": ""},
        ]},
        {"role": "user", "content": "wait"},
        {"role": "tool", "tool_call_id": "functions.find:0", "content": "one"},
        {"role": "tool", "content": [{"type": "tool_result", "id": "b", "is_error": true,
            "content": [{"type": "text", "text": "no"}, {"type": "other", "kind": "json", "data": {"code": 3}}],
            "cache_control": {"type": "ephemeral"}}]},
    ])
}

#[test]
fn results_come_first_and_calls_are_declared() {
    let body = encoded(CLAUDE, json!({"messages": tool_turns()}));
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": [{"text": "go"}]},
            {"role": "assistant", "content": [
                {"toolUse": {"toolUseId": "functions_find_0", "name": "find", "input": {"a": 1}}},
                {"toolUse": {"toolUseId": "b", "name": "look", "input": {}}},
            ]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "functions_find_0", "content": [{"text": "one"}]}},
                {"toolResult": {"toolUseId": "b", "content": [{"text": "no"}, {"json": {"code": 3}}], "status": "error"}},
                {"cachePoint": {"type": "default"}},
                {"text": "wait"},
            ]},
        ])
    );
    let declared = |name: &str| json!({"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object"}}}});
    assert_eq!(body["toolConfig"], json!({"tools": [declared("find"), declared("look")]}));
    // Ids that the model's own maker gives stay as they are.
    let kimi = encoded("moonshot.kimi-k2-thinking", json!({"messages": tool_turns()}));
    assert_eq!(kimi["messages"][1]["content"][0]["toolUse"]["toolUseId"], "functions.find:0");
}

#[test]
fn no_tools_where_none_is_to_be_called() {
    let none = json!({"messages": [{"role": "user", "content": "hi"}], "tools": [tool("find")], "tool_choice": "none"});
    assert_eq!(encoded(NOVA, none).get("toolConfig"), None);
    let midway = json!({"messages": tool_turns(), "tools": [tool("find")], "tool_choice": "none"});
    assert_eq!(unsupported(NOVA, midway), "tool_choice");
}

#[test]
fn thinking_is_asked_for_in_the_models_words() {
    let fields = |model: &str, reasoning: Value| {
        let body = encoded(model, json!({"messages": [{"role": "user", "content": "hi"}], "reasoning": reasoning}));
        (body["additionalModelRequestFields"].clone(), body["outputConfig"].clone())
    };
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    assert_eq!(fields(CLAUDE, json!({"budget_tokens": 1024})), (thinking, Value::Null));
    let nova = json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}});
    assert_eq!(fields("amazon.nova-2-lite-v1:0", json!("low")), (nova, Value::Null));
    assert_eq!(fields("deepseek.v3-v1:0", json!("high")), (Value::Null, json!({"effort": "high"})));
    let refused = |model: &str, more: Value| {
        let mut value = json!({"messages": [{"role": "user", "content": "hi"}]});
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        unsupported(model, value)
    };
    assert_eq!(refused(NOVA, json!({"reasoning": "low"})), "reasoning");
    assert_eq!(refused(CLAUDE, json!({"reasoning": {"budget_tokens": 1024}, "temperature": 0})), "temperature");
    assert_eq!(refused("us.anthropic.claude-opus-4-8-v1:0", json!({"temperature": 0.5})), "temperature");
}

#[test]
fn what_the_api_lacks_is_refused() {
    let user = json!([{"role": "user", "content": "hi"}]);
    let table = [
        (json!({"seed": 1}), "seed"),
        (json!({"temperature": 1.5}), "temperature"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"presence_penalty": 1}), "presence_penalty"),
        (json!({"response_format": {"type": "json_object"}}), "response_format"),
        (json!({"tools": [tool("find")], "parallel_tool_calls": false}), "parallel_tool_calls"),
        (json!({"tools": [{"type": "hosted", "tool": {"type": "web_search"}}]}), "tools[0]"),
        (json!({"tool_choice": "required"}), "tool_choice"),
        (json!({"messages": [{"role": "user", "name": "ann", "content": "hi"}]}), "messages[0].name"),
        (json!({"messages": [{"role": "system", "content": "hi"}]}), "messages"),
        (json!({"messages": [{"role": "assistant", "content": "hi"}, {"role": "user", "content": "hi"}]}), "messages"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "other", "kind": "thing", "data": {}}]}]}),
            "messages[0].content[0]",
        ),
    ];
    for (asked, field) in table {
        let mut value = json!({"messages": user});
        value.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
        assert_eq!(unsupported(NOVA, value), field, "{asked}");
    }
}

#[test]
fn what_only_the_api_has_goes_through() {
    let guarded =
        json!({"type": "other", "kind": "guardContent", "data": {"text": {"text": "is it?", "qualifiers": ["query"]}}});
    let body = encoded(NOVA, json!({"messages": [{"role": "user", "content": [guarded]}]}));
    assert_eq!(
        body["messages"][0]["content"],
        json!([{"guardContent": {"text": {"text": "is it?", "qualifiers": ["query"]}}}])
    );
}

#[test]
fn ids_that_come_again_are_told_apart() {
    let call = json!({"type": "tool_call", "id": "call_0", "name": "f", "arguments": "{}"});
    let turn = [
        json!({"role": "assistant", "content": [call]}),
        json!({"role": "tool", "tool_call_id": "call_0", "content": "1"}),
    ];
    let mut messages = vec![json!({"role": "user", "content": "go"})];
    messages.extend(turn.iter().cloned().chain(turn.clone()));
    let body = encoded(NOVA, json!({"messages": messages}));
    let id = |at: usize, kind: &str| body["messages"][at]["content"][0][kind]["toolUseId"].clone();
    assert_eq!([id(1, "toolUse"), id(2, "toolResult")], ["call_0", "call_0"]);
    assert_eq!([id(3, "toolUse"), id(4, "toolResult")], ["call_0_2", "call_0_2"]);
}

#[test]
fn what_says_nothing_is_left_out() {
    let call = json!({"type": "tool_call", "id": "c", "name": "f", "arguments": "{}"});
    let body = encoded(
        NOVA,
        json!({"messages": [
            {"role": "user", "content": " \n"},
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": [call]},
            {"role": "tool", "tool_call_id": "c", "content": " "},
        ]}),
    );
    assert_eq!(body["messages"][0]["content"], json!([{"text": "go"}]));
    assert_eq!(body["messages"][2]["content"][0]["toolResult"]["content"], json!([]));
}

#[test]
fn a_document_needs_a_text_in_its_turn() {
    let document = json!({"type": "file", "data": "JVBERi0=", "mime": "application/pdf", "filename": "a.pdf"});
    let alone = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": [document]}]);
    assert_eq!(unsupported(NOVA, json!({"messages": alone})), "messages[1].content[0]");
    let beside = json!([{"role": "user", "content": [document]}, {"role": "user", "content": "What is it?"}]);
    assert_eq!(encoded(NOVA, json!({"messages": beside}))["messages"].as_array().unwrap().len(), 1);
}
