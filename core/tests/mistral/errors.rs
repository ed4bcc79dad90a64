use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Kind, Retry};

use super::{House, ask};

fn said(kind: &str, code: Value, message: &str) -> Value {
    json!({"object": "error", "message": message, "type": kind, "param": null, "code": code, "raw_status_code": 400})
}

#[test]
fn each_of_its_forms_is_understood() {
    let found =
        json!({"detail": [{"type": "extra_forbidden", "loc": ["body", "x"], "msg": "Extra inputs", "input": 1}]});
    let table = [
        (401, json!({"detail": "Unauthorized"}), Kind::Unauthenticated, "Unauthorized"),
        (
            401,
            json!({"message": "No API key found in request", "request_id": "r"}),
            Kind::Unauthenticated,
            "No API key",
        ),
        (422, json!({"object": "error", "message": found}), Kind::InvalidRequest, "body.x: Extra inputs"),
        (422, found, Kind::InvalidRequest, "body.x: Extra inputs"),
        (400, said("invalid_model", json!("1500"), "Invalid model: m"), Kind::NotFound, "Invalid model: m"),
        (
            400,
            said(
                "invalid_request_invalid_args",
                json!("3051"),
                "Prompt contains 9 tokens, too large for model with 8 maximum context length",
            ),
            Kind::ContextTooLong,
            "Prompt contains 9 tokens",
        ),
        (
            400,
            said("invalid_request_message_order", json!("3230"), "Unexpected role"),
            Kind::InvalidRequest,
            "Unexpected",
        ),
        (402, json!({"message": "Check your plan"}), Kind::QuotaExhausted, "Check your plan"),
        (403, said("guardrail", json!(null), "Blocked by a guardrail"), Kind::ContentFiltered, "Blocked"),
        (403, json!({"message": "Not allowed"}), Kind::PermissionDenied, "Not allowed"),
        (429, json!({"message": "Requests rate limit exceeded"}), Kind::RateLimited, "rate limit"),
        (500, said("internal_server_error", json!("1000"), "Oops"), Kind::Server, "Oops"),
        (503, json!({}), Kind::Overloaded, "503"),
        (200, said("internal_server_error", json!("1000"), "Oops"), Kind::Server, "Oops"),
        (200, said("invalid_model", json!("1500"), "Invalid model: m"), Kind::NotFound, "Invalid model"),
    ];
    for (status, body, kind, words) in table {
        let error = House::new(Answer::json(status, &body)).chat(ask()).unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_stream_that_fails_or_ends_early_keeps_what_came() {
    let hello =
        r#"{"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "hel"}, "finish_reason": null}]}"#;
    let last =
        r#"{"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "lo"}, "finish_reason": "stop"}]}"#;
    let failure = said("unreachable_backend", json!("1100"), "Service unavailable.").to_string();
    let table = [
        (vec![hello, &failure], Kind::Server, "hel"),
        (vec![hello], Kind::StreamIncomplete, "hel"),
        (vec![hello, "[DONE]"], Kind::StreamIncomplete, "hel"),
        // The sentinel is what ends a stream here.
        (vec![hello, last], Kind::StreamIncomplete, "hello"),
    ];
    for (events, kind, partial) in table {
        let error = House::new(Answer::sse(events)).stream(ask()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(matches!(error.scope(), Retry::After(_)));
        assert_eq!(error.partial_response().unwrap().text(), partial);
    }
}
