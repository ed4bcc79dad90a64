use serde_json::{Value, json};
use tidegate::sim::Answer;

use super::{House, answer, encoded, request, unsupported};

fn says(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

/// The contents that messages become, for a model.
fn contents(model: &str, messages: Value) -> Value {
    encoded(json!({"model": format!("gemini/{model}"), "messages": messages}))["contents"].take()
}

#[test]
fn the_key_goes_in_a_header_and_the_model_into_the_path() {
    for (model, path) in [
        ("gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash:generateContent"),
        ("models/gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash:generateContent"),
        ("tunedModels/my model?", "/v1beta/tunedModels/my%20model%3F:generateContent"),
    ] {
        let house = House::new(Answer::json(200, &answer(&json!([{"text": "ok"}]))));
        house.chat(request(json!({"model": format!("gemini/{model}"), "messages": says("hi")}))).unwrap();
        let exchange = &house.sim.exchanges()[0];
        assert_eq!(exchange.url.path_and_query().unwrap(), path);
        assert_eq!(exchange.headers["x-goog-api-key"], "k");
    }
}

#[test]
fn everything_a_chat_can_ask_for() {
    let body = encoded(json!({
        "model": "gemini/gemini-2.5-flash",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hi"},
            {"role": "developer", "content": "In French."},
        ],
        "temperature": 0.5, "top_p": 0.9, "top_k": 7, "max_tokens": 100, "stop": ["x"], "seed": 3,
        "frequency_penalty": 0.1, "presence_penalty": 0.2, "logprobs": true, "top_logprobs": 2,
        "reasoning": {"budget_tokens": 64, "include": true},
        "extra": {"safetySettings": [], "generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_LOW"}},
    }));
    assert_eq!(
        body,
        json!({
            "systemInstruction": {"parts": [{"text": "Be brief."}, {"text": "In French."}]},
            "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
            "generationConfig": {
                "temperature": 0.5, "topP": 0.9, "topK": 7, "maxOutputTokens": 100, "stopSequences": ["x"], "seed": 3,
                "frequencyPenalty": 0.1, "presencePenalty": 0.2, "responseLogprobs": true, "logprobs": 2,
                "thinkingConfig": {"includeThoughts": true, "thinkingBudget": 64},
                "mediaResolution": "MEDIA_RESOLUTION_LOW",
            },
            "safetySettings": [],
        })
    );
}

#[test]
fn schemas_go_where_they_lose_nothing() {
    let json_schema =
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"type": "string"}}});
    let own = json!({"type": "OBJECT", "properties": {"type": {"type": "STRING"}}});
    let body = encoded(json!({
        "model": "gemini/gemini-3-flash-preview", "messages": says("hi"),
        "tools": [
            {"name": "a", "description": "A.", "parameters": json_schema},
            {"type": "function", "function": {"name": "b", "parameters": own}},
            {"name": "c"},
        ],
        "tool_choice": {"name": "b"},
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "description": "D.", "schema": json_schema}},
    }));
    assert_eq!(
        body["tools"],
        json!([{"functionDeclarations": [
            {"name": "a", "description": "A.", "parametersJsonSchema": json_schema},
            {"name": "b", "parameters": own},
            {"name": "c"},
        ]}])
    );
    let config = &body["toolConfig"]["functionCallingConfig"];
    assert_eq!(*config, json!({"mode": "ANY", "allowedFunctionNames": ["b"]}));
    assert_eq!(body["generationConfig"]["responseMimeType"], "application/json");
    assert_eq!(body["generationConfig"]["responseJsonSchema"]["$defs"], json_schema["$defs"]);
    assert_eq!(body["generationConfig"]["responseJsonSchema"]["description"], "D.");

    let format = |format: Value| encoded(json!({"model": "r", "messages": says("hi"), "response_format": format}));
    let own_format = format(json!({"type": "json_schema", "schema": own}));
    assert_eq!(own_format["generationConfig"], json!({"responseMimeType": "application/json", "responseSchema": own}));
    let any = format(json!({"type": "json_object"}));
    assert_eq!(any["generationConfig"], json!({"responseMimeType": "application/json"}));
}

#[test]
fn tool_choices() {
    let config = |choice: Value, strict: bool| {
        let tools = json!([{"name": "f", "strict": strict}]);
        encoded(json!({"model": "r", "messages": says("hi"), "tools": tools, "tool_choice": choice}))["toolConfig"]
            .take()
    };
    let mode = |mode: &str| json!({"functionCallingConfig": {"mode": mode}});
    assert_eq!(config(json!(null), false), json!(null));
    assert_eq!(config(json!("auto"), false), mode("AUTO"));
    assert_eq!(config(json!("none"), false), mode("NONE"));
    assert_eq!(config(json!("required"), true), mode("ANY"));
    // Strict tools bind the model to their schemas, and leave it free to answer in words.
    assert_eq!(config(json!(null), true), mode("VALIDATED"));
}

#[test]
fn the_providers_own_tools_go_as_they_are() {
    let search = json!({"type": "hosted", "tool": {"googleSearch": {}}});
    let alone = encoded(json!({"model": "r", "messages": says("hi"), "tools": [search]}));
    assert_eq!((&alone["tools"], &alone["toolConfig"]), (&json!([{"googleSearch": {}}]), &json!(null)));
    let beside = encoded(json!({"model": "r", "messages": says("hi"), "tools": [search, {"name": "f"}]}));
    assert_eq!(beside["tools"], json!([{"googleSearch": {}}, {"functionDeclarations": [{"name": "f"}]}]));
    assert_eq!(beside["toolConfig"], json!({"includeServerSideToolInvocations": true}));
}

#[test]
fn parallel_calls_and_their_results() {
    let call = |id: &str, name: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": "{\"n\":1}"}});
    let messages = json!([
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": null, "tool_calls": [call("tidegate_x_1", "a"), call("real", "b")]},
        {"role": "tool", "tool_call_id": "tidegate_x_1", "content": "{\"ok\": [1]}"},
        {"role": "tool", "tool_call_id": "real", "content": [{"type": "text", "text": "plain"}]},
        {"role": "user", "content": [
            {"type": "tool_result", "id": "real", "name": "c", "content": "broke", "is_error": true},
        ]},
        {"role": "user", "content": "well?"},
    ]);
    assert_eq!(
        contents("gemini-2.5-flash", messages),
        json!([
            {"role": "user", "parts": [{"text": "go"}]},
            {"role": "model", "parts": [
                {"functionCall": {"name": "a", "args": {"n": 1}}},
                {"functionCall": {"id": "real", "name": "b", "args": {"n": 1}}},
            ]},
            {"role": "user", "parts": [
                {"functionResponse": {"name": "a", "response": {"ok": [1]}}},
                {"functionResponse": {"id": "real", "name": "b", "response": {"result": "plain"}}},
                {"functionResponse": {"id": "real", "name": "c", "response": {"error": "broke"}}},
            ]},
            {"role": "user", "parts": [{"text": "well?"}]},
        ])
    );
}

#[test]
fn a_result_without_its_call_says_what_is_missing() {
    let house = House::new(Answer::json(200, &json!({})));
    let asked = request(json!({"model": "r", "messages": [
        {"role": "system", "content": "x"},
        {"role": "tool", "tool_call_id": "lost", "content": "1"},
    ]}));
    let error = house.chat(asked).unwrap_err();
    assert_eq!(error.get("field"), Some("messages[1].content[0]"));
    assert!(error.to_string().contains("'lost'"), "{error}");
}

#[test]
fn since_gemini_3_every_first_call_is_signed() {
    let calls = |state: Value| {
        let call = |id: &str| json!({"type": "tool_call", "id": id, "name": "f", "arguments": {}});
        let mut first = call("a");
        first["state"] = state;
        json!([{"role": "user", "content": "go"}, {"role": "assistant", "content": [first, call("b")]}])
    };
    let signatures = |model: &str, state: Value| {
        let contents = contents(model, calls(state));
        contents[1]["parts"].as_array().unwrap().iter().map(|part| part["thoughtSignature"].clone()).collect::<Vec<_>>()
    };
    let own = json!({"provider": "gemini", "data": {"thoughtSignature": "c2ln"}});
    let foreign = json!({"provider": "other", "data": {"thoughtSignature": "c2ln"}});
    assert_eq!(signatures("gemini-3-pro-preview", own.clone()), [json!("c2ln"), json!(null)]);
    assert_eq!(signatures("gemini-2.5-pro", own), [json!("c2ln"), json!(null)]);
    assert_eq!(signatures("gemini-2.5-pro", foreign.clone()), [json!(null), json!(null)]);
    let skipped = signatures("gemini-3-pro-preview", foreign);
    assert!(skipped[0].is_string() && skipped[0] != "c2ln" && skipped[1].is_null(), "{skipped:?}");
}

#[test]
fn thinking_goes_back_to_whom_it_came_from() {
    let messages = |state: Value| {
        json!([{"role": "user", "content": "go"}, {"role": "assistant", "content": [
            {"type": "reasoning", "text": "Hm.", "state": state}, {"type": "text", "text": "Yes."},
        ]}])
    };
    let parts = |state: Value| contents("gemini-2.5-flash", messages(state))[1]["parts"].take();
    let own = json!({"provider": "gemini", "data": {"thoughtSignature": "c2ln"}});
    assert_eq!(parts(own)[0], json!({"text": "Hm.", "thought": true, "thoughtSignature": "c2ln"}));
    assert_eq!(parts(json!(null))[0], json!({"text": "Hm.", "thought": true}));
    let foreign = json!({"provider": "anthropic", "data": {"signature": "x"}});
    assert_eq!(parts(foreign), json!([{"text": "Yes."}]));
}

#[test]
fn media_of_every_kind() {
    let parts = contents(
        "gemini-2.5-flash",
        json!([{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
            {"type": "image_url", "image_url": {"url": "https://x.test/a.jpg?w=1"}},
            {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
            {"type": "file", "url": "gs://b/v.mp4", "mime": "video/mp4", "extra": {"videoMetadata": {"fps": 1}}},
            {"type": "file", "file_id": "files/abc", "mime": "application/pdf"},
            {"type": "file", "text": "Plain.", "filename": "a.txt"},
        ]}]),
    );
    assert_eq!(
        parts[0]["parts"],
        json!([
            {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
            {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://x.test/a.jpg?w=1"}},
            {"inlineData": {"mimeType": "audio/wav", "data": "aGk="}},
            {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://b/v.mp4"}, "videoMetadata": {"fps": 1}},
            {"fileData": {"mimeType": "application/pdf", "fileUri": "http://g.test/v1beta/files/abc"}},
            {"text": "Plain."},
        ])
    );
}

#[test]
fn images_of_a_tool_go_in_its_result_or_beside_it() {
    let messages = json!([
        {"role": "assistant", "content": [{"type": "tool_call", "id": "a", "name": "f", "arguments": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "id": "a", "content": [
            {"type": "text", "text": "Here."}, {"type": "image", "data": "aGk=", "mime": "image/png"},
        ]}]},
    ]);
    let response = json!({"id": "a", "name": "f", "response": {"result": "Here."}});
    let image = json!({"inlineData": {"mimeType": "image/png", "data": "aGk="}});
    let beside = contents("gemini-2.5-flash", messages.clone());
    assert_eq!(beside[1]["parts"], json!([{"functionResponse": response}, image]));
    let mut inside = response;
    inside["parts"] = json!([image]);
    assert_eq!(contents("gemini-3-flash-preview", messages)[1]["parts"], json!([{"functionResponse": inside}]));
}

#[test]
fn what_the_api_cannot_do_is_refused() {
    let with = |key: &str, value: Value| {
        let mut request = json!({"model": "gemini/gemini-3-pro-preview", "messages": says("hi")});
        request[key] = value;
        request
    };
    assert_eq!(unsupported(with("parallel_tool_calls", json!(false))), "parallel_tool_calls");
    assert_eq!(unsupported(with("seed", json!(1_u64 << 40))), "seed");
    assert_eq!(unsupported(with("stop", json!(["a", "b", "c", "d", "e", "f"]))), "stop");
    assert_eq!(unsupported(with("reasoning", json!("none"))), "reasoning");
    let part = |role: &str, part: Value| with("messages", json!([{"role": role, "content": [part]}]));
    let place = "messages[0].content[0]";
    let image = json!({"type": "image", "data": "aGk=", "mime": "image/png"});
    assert_eq!(unsupported(part("system", image)), place);
    let broken = json!({"type": "tool_call", "id": "a", "name": "f", "arguments": "{\"n\": 1"});
    assert_eq!(unsupported(part("assistant", broken)), place);
    let foreign = json!({"type": "other", "kind": "server_tool_use", "data": {}});
    assert_eq!(unsupported(part("assistant", foreign)), place);
    let spoken = json!({"type": "audio", "file_id": "audio_1"});
    assert_eq!(unsupported(part("assistant", spoken)), place);
    let candidates = json!({"generationConfig": {"candidateCount": 2}});
    assert_eq!(unsupported(with("extra", candidates)), "extra.generationConfig.candidateCount");
}

#[test]
fn what_another_provider_said_in_sound_goes_as_its_words() {
    let spoken = json!({"type": "audio", "file_id": "audio_1", "transcript": "Hello."});
    let messages = json!([{"role": "user", "content": "hi"}, {"role": "assistant", "content": [spoken]}]);
    assert_eq!(contents("gemini-2.5-flash", messages)[1]["parts"], json!([{"text": "Hello."}]));
}

#[test]
fn a_turn_in_several_messages_is_one_and_results_stand_as_their_calls() {
    let call = |id: &str, city: &str| {
        json!({"role": "assistant", "content": [
            {"type": "tool_call", "id": id, "name": "weather", "arguments": {"city": city}}
        ]})
    };
    let result = |id: &str, text: &str| json!({"role": "tool", "tool_call_id": id, "content": text});
    let (first, second) = ("tidegate_r_1", "tidegate_r_2");
    let body = encoded(json!({"model": "r", "messages": [
        {"role": "system", "content": ""},
        {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "hi"}]},
        {"role": "assistant", "content": "Let me look."},
        call(first, "Rome"),
        call(second, "Oslo"),
        result(second, "rain"),
        result(first, "sun"),
        // Some servers begin to count anew.
        call(first, "Bonn"),
        call(second, "Kiel"),
        result(second, "snow"),
        result(first, "hail"),
    ]}));
    let called = |city: &str| json!({"functionCall": {"name": "weather", "args": {"city": city}}});
    let answered = |text: &str| json!({"functionResponse": {"name": "weather", "response": {"result": text}}});
    assert_eq!(body.get("systemInstruction"), None);
    assert_eq!(
        body["contents"],
        json!([
            {"role": "user", "parts": [{"text": "hi"}]},
            {"role": "model", "parts": [{"text": "Let me look."}, called("Rome"), called("Oslo")]},
            {"role": "user", "parts": [answered("sun"), answered("rain")]},
            {"role": "model", "parts": [called("Bonn"), called("Kiel")]},
            {"role": "user", "parts": [answered("hail"), answered("snow")]},
        ])
    );
}

#[test]
fn what_only_newer_models_do_together_is_named() {
    let both = |model: &str, more: Value| {
        let mut value = json!({"model": model, "messages": says("hi"), "response_format": {"type": "json_object"}});
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    let tools = json!({"tools": [{"name": "f"}]});
    assert_eq!(unsupported(both("r", tools.clone())), "response_format");
    assert!(encoded(both("gemini/gemini-3-flash-preview", tools)).get("tools").is_some());
    assert_eq!(unsupported(both("r", json!({"tool_choice": "required"}))), "tool_choice");
    let file = json!([{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-abc"}}]}]);
    assert_eq!(unsupported(json!({"model": "r", "messages": file})), "messages[0].content[0]");
}

#[test]
fn results_stand_right_behind_their_calls_whatever_came_between() {
    let call = |name: &str| json!({"type": "tool_call", "id": "", "name": name, "arguments": "{}"});
    let result = |text: &str| json!({"type": "tool_result", "id": "", "content": text});
    let body = contents(
        "gemini-2.5-flash",
        json!([
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": [call("one"), call("two")]},
            {"role": "user", "content": [{"type": "text", "text": "wait"}, result("1")]},
            {"role": "user", "content": "still there?"},
            {"role": "tool", "content": [result("2")]},
        ]),
    );
    let response = |name: &str, text: &str| json!({"functionResponse": {"name": name, "response": {"result": text}}});
    assert_eq!(
        [&body[2], &body[3]],
        [
            &json!({"role": "user", "parts": [response("one", "1"), response("two", "2"), {"text": "wait"}]}),
            &json!({"role": "user", "parts": [{"text": "still there?"}]}),
        ]
    );
}

#[test]
fn a_conversation_that_comes_to_nothing_is_refused() {
    let messages = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": ""}]);
    assert_eq!(unsupported(json!({"model": "gemini/gemini-2.5-flash", "messages": messages})), "messages");
}
