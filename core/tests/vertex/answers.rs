use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{FinishReason, Response};

use super::{House, answer, ask, request};

fn answers(body: &Value) -> Response {
    House::new(Answer::json(200, body)).chat(ask()).unwrap()
}

#[test]
fn an_answer_is_the_gemini_apis() {
    let reply = answers(&answer(json!([{"text": "hello"}])));
    assert_eq!((reply.text().as_ref(), reply.id.as_deref()), ("hello", Some("resp-1")));
    assert_eq!((reply.finish_reason, reply.usage.unwrap().input_tokens), (FinishReason::Stop, 5));
}

#[test]
fn numbers_of_reasons_are_counted_as_vertex_counts_them() {
    let ends = |reason: Value| {
        let mut body = answer(json!([{"text": "x"}]));
        body["candidates"][0]["finishReason"] = reason;
        let reply = answers(&body);
        (reply.finish_reason, reply.finish_reason_raw.unwrap())
    };
    let table = [
        (json!(1), FinishReason::Stop, "STOP"),
        (json!(2), FinishReason::Length, "MAX_TOKENS"),
        (json!(8), FinishReason::ContentFilter, "SPII"),
        (json!(10), FinishReason::ContentFilter, "MODEL_ARMOR"),
        (json!(15), FinishReason::Other, "UNEXPECTED_TOOL_CALL"),
        (json!("MODEL_ARMOR"), FinishReason::ContentFilter, "MODEL_ARMOR"),
        (json!(99), FinishReason::Other, "99"),
    ];
    for (reason, want, raw) in table {
        assert_eq!(ends(reason), (want, raw.to_owned()));
    }
    let blocked = json!({"promptFeedback": {"blockReason": 5, "blockReasonMessage": "no"}, "usageMetadata": {}});
    let reply = answers(&blocked);
    assert_eq!(reply.finish_reason, FinishReason::ContentFilter);
    assert_eq!(reply.finish_reason_raw.as_deref(), Some("promptFeedback:MODEL_ARMOR"));
}

#[test]
fn ids_and_signatures_come_back_as_they_came() {
    let parts = json!([
        {"functionCall": {"id": "a1", "name": "f", "args": {"x": 1}}, "thoughtSignature": "c2ln"},
        {"functionCall": {"id": "a2", "name": "f", "args": {}}},
        {"functionCall": {"name": "g", "args": {}}},
    ]);
    let house = House::new(Answer::json(200, &answer(parts.clone())));
    let reply = house.chat(ask()).unwrap();
    let ids: Vec<_> = reply.tool_calls().map(|call| call.id.clone()).collect();
    assert_eq!(&ids[..2], ["a1", "a2"]);
    let mut messages = vec![json!({"role": "user", "content": "hi"}), serde_json::to_value(reply.message()).unwrap()];
    messages.extend(ids.iter().map(|id| json!({"role": "tool", "tool_call_id": id, "content": "done"})));
    house.chat(request(json!({"model": "r", "messages": messages}))).unwrap();
    let sent = house.sent();
    assert_eq!(sent["contents"][1]["parts"], parts);
    let result = |index: usize| sent["contents"][2]["parts"][index]["functionResponse"].get("id").cloned();
    assert_eq!([result(0), result(1), result(2)], [Some("a1".into()), Some("a2".into()), None]);
}

#[test]
fn arguments_may_come_in_pieces_with_paths() {
    let chunk = |call: Value, end: Option<&str>| {
        json!({"candidates": [{"content": {"role": "model", "parts": [{"functionCall": call}]}, "finishReason": end}],
            "responseId": "resp-1"})
        .to_string()
    };
    let piece =
        |text: &str, goes_on: bool| json!([{"jsonPath": "$.city", "stringValue": text, "willContinue": goes_on}]);
    let house = House::new(Answer::sse([
        chunk(json!({"id": "c1", "name": "weather", "willContinue": true}), None),
        chunk(json!({"partialArgs": piece("Os", true), "willContinue": true}), None),
        chunk(json!({"partialArgs": piece("lo", false), "willContinue": true}), None),
        chunk(json!({}), Some("STOP")),
    ]));
    let reply = house.stream(ask()).1.unwrap();
    let call = reply.tool_calls().next().unwrap();
    assert_eq!(
        (call.id.as_str(), call.name.as_str(), call.arguments.as_str()),
        ("c1", "weather", r#"{"city":"Oslo"}"#)
    );
    assert_eq!(reply.finish_reason, FinishReason::ToolCalls);
}

#[test]
fn citations_have_vertexs_names() {
    let mut body = answer(json!([{"text": "x"}]));
    body["candidates"][0]["citationMetadata"] =
        json!({"citations": [{"startIndex": 0, "endIndex": 5, "uri": "https://a.example", "title": "A"}]});
    let reply = answers(&body);
    let citation = serde_json::to_value(&reply.parts[1]).unwrap();
    assert_eq!((&citation["url"], &citation["title"]), (&json!("https://a.example"), &json!("A")));
}
