use serde_json::{Value, json};

use super::{House, answer, ask, encoded, fine, request, unsupported};
use tidegate::sim::Answer;

#[test]
fn the_path_says_project_location_publisher_and_model() {
    let path = |model: &str| {
        let house = fine(model);
        house.chat(ask()).unwrap();
        house.path()
    };
    let place = "/v1/projects/p1/locations/eu";
    let table = [
        ("gemini-2.5-flash", format!("{place}/publishers/google/models/gemini-2.5-flash:generateContent")),
        ("meta/llama-4@001", format!("{place}/publishers/meta/models/llama-4@001:generateContent")),
        ("endpoints/123", format!("{place}/endpoints/123:generateContent")),
        ("projects/p2/locations/us/endpoints/1", "/v1/projects/p2/locations/us/endpoints/1:generateContent".to_owned()),
        ("a:b?c", format!("{place}/publishers/google/models/a%3Ab%3Fc:generateContent")),
    ];
    for (model, want) in table {
        assert_eq!(path(model), want);
    }
    let house = fine("gemini-2.5-flash");
    house.chat(ask()).unwrap();
    assert_eq!(house.sim.exchanges()[0].headers["x-goog-api-key"], "k");
}

/// A call with an id of `provider`, and its result.
fn called(state: Value) -> Value {
    json!({"messages": [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": [{"type": "tool_call", "id": "call_1", "name": "f", "arguments": "{}",
            "state": state}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"},
    ]})
}

#[test]
fn ids_go_back_only_to_whom_they_came_from() {
    let ids = |state: Value| {
        let body = encoded("gemini-2.5-flash", called(state));
        let [call, result] = [&body["contents"][1]["parts"][0], &body["contents"][2]["parts"][0]];
        (call["functionCall"].get("id").cloned(), result["functionResponse"].get("id").cloned())
    };
    let own = json!({"provider": "vertex-gemini", "data": {"id": "call_1"}});
    assert_eq!(ids(own), (Some("call_1".into()), Some("call_1".into())));
    assert_eq!(ids(Value::Null), (None, None));
    assert_eq!(ids(json!({"provider": "gemini", "data": {"id": "call_1"}})), (None, None));
    // A result whose call is not there says its tool, and nothing else.
    let alone = json!({"messages": [{"role": "user", "content": [
        {"type": "tool_result", "id": "call_9", "name": "f", "content": [{"type": "text", "text": "x"}]}]}]});
    let part = encoded("gemini-2.5-flash", alone)["contents"][0]["parts"][0].clone();
    assert_eq!(part, json!({"functionResponse": {"name": "f", "response": {"result": "x"}}}));
}

#[test]
fn results_without_ids_stand_in_the_order_of_their_calls() {
    let call = |id: &str| json!({"type": "tool_call", "id": id, "name": "f", "arguments": "{}"});
    let body = encoded(
        "gemini-2.5-flash",
        json!({"messages": [
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": [call("a"), call("b")]},
            {"role": "tool", "tool_call_id": "b", "content": "second"},
            {"role": "tool", "tool_call_id": "a", "content": "first"},
        ]}),
    );
    let result = |text: &str| json!({"functionResponse": {"name": "f", "response": {"result": text}}});
    assert_eq!(body["contents"][2]["parts"], json!([result("first"), result("second")]));
}

#[test]
fn functions_go_beside_its_own_tools_without_a_word() {
    let body = encoded(
        "gemini-3-flash-preview",
        json!({
            "messages": [{"role": "user", "content": "hi"}],
            "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "hosted", "tool": {"googleSearch": {}}}],
        }),
    );
    assert_eq!(body["tools"], json!([{"functionDeclarations": [{"name": "f"}]}, {"googleSearch": {}}]));
    assert_eq!(body.get("toolConfig"), None);
    let forced = encoded(
        "gemini-3-flash-preview",
        json!({
            "messages": [{"role": "user", "content": "hi"}], "tool_choice": "required",
            "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "hosted", "tool": {"googleSearch": {}}}],
        }),
    );
    assert_eq!(forced["toolConfig"], json!({"functionCallingConfig": {"mode": "ANY"}}));
}

#[test]
fn files_have_addresses_of_cloud_storage() {
    let part = |source: Value| json!({"messages": [{"role": "user", "content": [source]}]});
    for source in [json!({"type": "file", "url": "gs://b/a.pdf"}), json!({"type": "file", "file_id": "gs://b/a.pdf"})] {
        let body = encoded("gemini-2.5-flash", part(source));
        let data = json!({"mimeType": "application/pdf", "fileUri": "gs://b/a.pdf"});
        assert_eq!(body["contents"][0]["parts"][0]["fileData"], data);
    }
    // The Gemini API keeps uploads under such names, and Vertex AI keeps none.
    let house = fine("gemini-2.5-flash");
    let mut value = part(json!({"type": "file", "file_id": "files/abc"}));
    value["model"] = "r".into();
    let error = unsupported(&house, house.chat(request(value)));
    assert_eq!(error.get("field"), Some("messages[0].content[0]"));
    assert!(error.to_string().contains("knows files by an address only, such as gs://BUCKET/NAME"), "{error}");
}

#[test]
fn what_only_vertex_has_goes_as_extra() {
    let extra = json!({
        "labels": {"team": "growth"},
        "modelArmorConfig": {"promptTemplateName": "t"},
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
        "toolConfig": {"functionCallingConfig": {"streamFunctionCallArguments": true}},
    });
    let mut body =
        encoded("gemini-2.5-flash", json!({"messages": [{"role": "user", "content": "hi"}], "extra": extra}));
    body.as_object_mut().unwrap().remove("contents");
    assert_eq!(body, extra);
}

#[test]
fn a_stream_has_a_method_of_its_own() {
    let chunk = answer(json!([{"text": "ok"}]));
    let house = House::new(Answer::sse([chunk.to_string()]));
    assert_eq!(house.stream(ask()).1.unwrap().text(), "ok");
    assert!(house.path().ends_with("/models/gemini-2.5-flash:streamGenerateContent?alt=sse"), "{}", house.path());
}
