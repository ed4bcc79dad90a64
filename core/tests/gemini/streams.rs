use std::time::Duration;

use serde_json::json;
use tidegate::sim::{Answer, End, Piece};
use tidegate::{Event, FinishReason, Kind, World};

use super::{House, ask, chunk, signature};

fn plays(chunks: &[String]) -> House {
    House::new(Answer::sse(chunks))
}

#[test]
fn fragments_of_a_kind_join_to_one_part() {
    let house = plays(&[
        chunk(&json!([{"text": "Hm", "thought": true}]), None),
        chunk(&json!([{"text": "m.", "thought": true}, {"text": "He"}]), None),
        chunk(&json!([{"text": "llo"}]), None),
        chunk(&json!([{"text": "", "thoughtSignature": "c2ln"}]), Some("STOP")),
    ]);
    let (events, reply) = house.stream(ask());
    let reply = reply.unwrap();
    assert_eq!((reply.reasoning().as_deref(), reply.text().as_ref()), (Some("Hmm."), "Hello"));
    assert_eq!(reply.parts.len(), 3);
    assert_eq!(signature(&reply.parts[2]), Some("c2ln"));
    let indexes = events.iter().filter_map(|event| match event {
        Event::Text { index, .. } | Event::Reasoning { index, .. } => Some(*index),
        _ => None,
    });
    assert_eq!(indexes.collect::<Vec<_>>(), [0, 0, 1, 1, 2]);
    let exchange = &house.sim.exchanges()[0];
    assert_eq!(exchange.url.path_and_query().unwrap(), "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
}

#[test]
fn usage_is_merged_and_the_last_count_wins() {
    let house = plays(&[
        json!({"candidates": [{"content": {"parts": [{"text": "a"}]}}],
            "usageMetadata": {"promptTokenCount": 3, "thoughtsTokenCount": 2}})
        .to_string(),
        json!({"candidates": [{"finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 30, "candidatesTokenCount": 1}})
        .to_string(),
    ]);
    let usage = house.stream(ask()).1.unwrap().usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.reasoning_tokens), (30, 3, 2));
}

#[test]
fn an_array_is_a_stream_too() {
    let items = [chunk(&json!([{"text": "a ]"}]), None), chunk(&json!([{"text": "b"}]), Some("STOP"))];
    let body = Piece::bytes(format!("[{}\n,\r\n{}]", items[0], items[1]));
    let house = House::new(
        Answer { body: vec![body], ..Answer::default() }.header("content-type", "application/json; charset=UTF-8"),
    );
    assert_eq!(house.stream(ask()).1.unwrap().text(), "a ]b");
}

#[test]
fn arguments_in_pieces() {
    let call = |call: serde_json::Value| chunk(&json!([{"functionCall": call}]), None);
    let piece = |piece: serde_json::Value| call(json!({"partialArgs": [piece], "willContinue": true}));
    let house = plays(&[
        chunk(&json!([{"functionCall": {"name": "f", "willContinue": true}, "thoughtSignature": "c2ln"}]), None),
        piece(json!({"jsonPath": "$.city", "stringValue": "Os", "willContinue": true})),
        piece(json!({"jsonPath": "$.city", "stringValue": "lo"})),
        piece(json!({"jsonPath": "$.days[0]", "numberValue": 1})),
        call(json!({})),
        call(json!({"name": "g", "willContinue": true})),
        chunk(&json!([{"functionCall": {}}]), Some("STOP")),
    ]);
    let (events, reply) = house.stream(ask());
    let reply = reply.unwrap();
    let calls: Vec<_> = reply.tool_calls().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(calls, [("f", r#"{"city":"Oslo","days":[1]}"#), ("g", "{}")]);
    assert_eq!(reply.finish_reason, FinishReason::ToolCalls);
    assert_eq!(signature(&reply.parts[0]), Some("c2ln"));
    let fragments = events.iter().filter(|event| matches!(event, Event::Arguments { index: 0, .. })).count();
    assert_eq!(fragments, 4, "they arrive as they come");
}

#[test]
fn a_reason_beside_code_that_runs_ends_nothing() {
    let code = json!([{"executableCode": {"code": "1", "language": "PYTHON"}}]);
    let rest = [
        chunk(&json!([{"codeExecutionResult": {"outcome": "OUTCOME_OK"}}]), None),
        chunk(&json!([{"text": "done"}]), Some("STOP")),
    ];
    let whole = plays(&[chunk(&code, Some("STOP")), rest[0].clone(), rest[1].clone()]);
    assert_eq!(whole.stream(ask()).1.unwrap().text(), "done");
    let (_, cut) = plays(&[chunk(&code, Some("STOP"))]).stream(ask());
    assert_eq!(cut.unwrap_err().kind(), Kind::StreamIncomplete);
}

#[test]
fn without_a_finish_reason_it_is_incomplete() {
    for end in [End::Keep, End::Fin, End::Rst] {
        let answer = Answer::sse([chunk(&json!([{"text": "half"}]), None)]).then(end);
        let error = House::new(answer).stream(ask()).1.unwrap_err();
        assert_eq!(error.kind(), Kind::StreamIncomplete, "{end:?}: {error:?}");
        assert_eq!(error.partial_response().unwrap().text(), "half", "{end:?}");
    }
}

#[test]
fn after_the_finish_reason_a_broken_or_silent_body_changes_nothing() {
    let last = chunk(&json!([{"text": "whole"}]), Some("STOP"));
    let mut silent = Answer::sse([last.clone()]);
    silent.body.push(Piece::Wait(Duration::from_secs(3600)));
    for answer in [Answer::sse([last]).then(End::Rst), silent] {
        let house = House::new(answer);
        assert_eq!(house.stream(ask()).1.unwrap().text(), "whole");
        assert!(house.sim.now().since_start() < Duration::from_secs(3));
    }
}

#[test]
fn a_blocked_prompt_ends_a_stream() {
    let house = plays(&[json!({"promptFeedback": {"blockReason": "BLOCKLIST"}}).to_string()]);
    let reply = house.stream(ask()).1.unwrap();
    assert_eq!(reply.finish_reason_raw.as_deref(), Some("promptFeedback:BLOCKLIST"));
}

#[test]
fn sources_that_are_repeated_count_once() {
    let grounded = |sources: serde_json::Value, reason: Option<&str>| {
        json!({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": reason,
            "groundingMetadata": {"groundingChunks": sources}}]})
        .to_string()
    };
    let (a, b) = (json!({"web": {"uri": "https://a.test"}}), json!({"web": {"uri": "https://b.test"}}));
    let house = plays(&[grounded(json!([a]), None), grounded(json!([a, b]), Some("STOP"))]);
    let (events, reply) = house.stream(ask());
    let urls = events.iter().filter_map(|event| match event {
        Event::Citation { citation, .. } => citation.url.as_deref(),
        _ => None,
    });
    assert_eq!(urls.collect::<Vec<_>>(), ["https://a.test", "https://b.test"]);
    assert_eq!(reply.unwrap().text(), "xx");
}

#[test]
fn errors_inside_a_stream_are_typed() {
    let error = json!({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}});
    let bodies = [error.to_string(), json!([error]).to_string()];
    for body in &bodies {
        let early = plays(std::slice::from_ref(body)).stream(ask()).1.unwrap_err();
        assert_eq!((early.kind(), early.http_status()), (Kind::Overloaded, Some(503)), "{body}");
        assert!(early.partial_response().is_none());

        let late = plays(&[chunk(&json!([{"text": "half"}]), None), body.clone()]).stream(ask()).1.unwrap_err();
        assert_eq!(late.kind(), Kind::Overloaded, "{body}");
        assert_eq!(late.partial_response().unwrap().text(), "half");
    }
    // Where no code is sent, its name says it.
    let named = json!({"error": {"status": "RESOURCE_EXHAUSTED", "message": "slow down"}});
    assert_eq!(plays(&[named.to_string()]).stream(ask()).1.unwrap_err().kind(), Kind::RateLimited);
}

#[test]
fn an_unspecified_reason_is_none_and_a_sentinel_means_nothing() {
    let text = |text: &str| json!([{"text": text}]);
    let whole = plays(&[
        chunk(&text("a"), Some("FINISH_REASON_UNSPECIFIED")),
        chunk(&text("b"), Some("STOP")),
        "[DONE]".to_owned(),
    ]);
    assert_eq!(whole.stream(ask()).1.unwrap().text(), "ab");
    let (_, cut) = plays(&[chunk(&text("a"), Some("FINISH_REASON_UNSPECIFIED"))]).stream(ask());
    assert_eq!(cut.unwrap_err().kind(), Kind::StreamIncomplete);
}

#[test]
fn an_error_outside_the_events_is_that_error() {
    let error = "{\n  \"error\": {\n    \"code\": 503,\n    \"status\": \"UNAVAILABLE\"\n  }\n}\n";
    let mut answer = Answer::sse([chunk(&json!([{"text": "half"}]), None)]);
    answer.body.push(Piece::bytes(error));
    let failed = House::new(answer).stream(ask()).1.unwrap_err();
    assert_eq!((failed.kind(), failed.http_status()), (Kind::Overloaded, Some(503)));
    assert_eq!(failed.partial_response().unwrap().text(), "half");
}
