use std::time::Duration;

use serde_json::{Value, json};
use tidegate::{Kind, Retry};

use super::refuses;

const NOW: Retry = Retry::After(Duration::ZERO);

fn error(code: u16, status: &str, message: &str, details: Value) -> Value {
    json!({"error": {"code": code, "status": status, "message": message, "details": details}})
}

#[test]
fn kinds_and_where_to_try_again() {
    let quota =
        |id: &str| json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": id}]});
    let delay = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"});
    let info = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"});
    let wait = Retry::After(Duration::from_millis(34_500));
    let table = [
        (400, "INVALID_ARGUMENT", "Bad schema", json!([]), Kind::InvalidRequest, Retry::Never),
        (400, "INVALID_ARGUMENT", "Refused.", json!([info]), Kind::Unauthenticated, Retry::Elsewhere),
        (400, "INVALID_ARGUMENT", "API key expired.", json!(null), Kind::Unauthenticated, Retry::Elsewhere),
        (
            400,
            "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
            json!([]),
            Kind::ContextTooLong,
            Retry::Elsewhere,
        ),
        (
            400,
            "FAILED_PRECONDITION",
            "User location is not supported",
            json!([]),
            Kind::PermissionDenied,
            Retry::Elsewhere,
        ),
        (403, "PERMISSION_DENIED", "No.", json!([]), Kind::PermissionDenied, Retry::Elsewhere),
        (404, "NOT_FOUND", "models/x is not found", json!([]), Kind::NotFound, Retry::Elsewhere),
        (429, "RESOURCE_EXHAUSTED", "Quota, see billing.", json!([quota("PerMinute"), delay]), Kind::RateLimited, wait),
        (429, "RESOURCE_EXHAUSTED", "Quota.", json!([quota("PerMinute")]), Kind::RateLimited, NOW),
        (
            429,
            "RESOURCE_EXHAUSTED",
            "Quota.",
            json!([quota("RequestsPerDay"), delay]),
            Kind::QuotaExhausted,
            Retry::Elsewhere,
        ),
        (429, "RESOURCE_EXHAUSTED", "Check your billing.", json!([]), Kind::QuotaExhausted, Retry::Elsewhere),
        (429, "RESOURCE_EXHAUSTED", "Try later.", json!([]), Kind::RateLimited, NOW),
        (499, "CANCELLED", "The operation was cancelled.", json!([]), Kind::Server, NOW),
        (500, "INTERNAL", "An internal error has occurred.", json!([]), Kind::Server, NOW),
        (503, "UNAVAILABLE", "The model is overloaded.", json!([]), Kind::Overloaded, NOW),
        (504, "DEADLINE_EXCEEDED", "Too slow.", json!([]), Kind::Timeout, NOW),
    ];
    for (code, status, message, details, kind, retry) in table {
        let body = error(code, status, message, details);
        // Where a stream was asked for, the error stands in a list.
        for body in [body.clone(), json!([body])] {
            let error = refuses(code, &body);
            assert_eq!((error.kind(), error.scope()), (kind, retry), "{body}");
            assert_eq!(error.http_status(), Some(code), "{body}");
            assert!(error.to_string().contains(message), "{error}");
        }
    }
}

#[test]
fn a_body_that_says_nothing_leaves_the_status() {
    for body in [json!("what?"), json!({"error": "no"}), json!({"error": {"code": "x", "details": 7}}), json!([])] {
        assert_eq!(refuses(503, &body).kind(), Kind::Overloaded, "{body}");
    }
}

#[test]
fn an_error_with_status_200_is_an_error() {
    let body = error(429, "RESOURCE_EXHAUSTED", "Try later.", json!([]));
    let error = refuses(200, &body);
    assert_eq!((error.kind(), error.http_status()), (Kind::RateLimited, Some(429)));
}
