use http::StatusCode;
use serde_json::json;

use super::target;
use crate::codec::Codec;
use crate::error::{Kind, Retry};

const AGAIN: Retry = Retry::After(std::time::Duration::ZERO);

fn head(status: StatusCode) -> http::response::Parts {
    http::Response::builder().status(status).body(()).unwrap().into_parts().0
}

#[test]
fn kinds_and_scopes() {
    let table = [
        (400, "invalid_request_error", "messages: too few", Kind::InvalidRequest, Retry::Never),
        (
            400,
            "invalid_request_error",
            "prompt is too long: 9 tokens > 8 maximum",
            Kind::ContextTooLong,
            Retry::Elsewhere,
        ),
        (400, "invalid_request_error", "Your credit balance is too low", Kind::QuotaExhausted, Retry::Elsewhere),
        (400, "invalid_request_error", "blocked by content filtering policy", Kind::ContentFiltered, Retry::Never),
        (401, "authentication_error", "invalid x-api-key", Kind::Unauthenticated, Retry::Elsewhere),
        (402, "billing_error", "pay", Kind::QuotaExhausted, Retry::Elsewhere),
        (403, "permission_error", "no", Kind::PermissionDenied, Retry::Elsewhere),
        (404, "not_found_error", "model: x", Kind::NotFound, Retry::Elsewhere),
        (413, "request_too_large", "too large", Kind::InvalidRequest, Retry::Never),
        (429, "rate_limit_error", "slow down", Kind::RateLimited, AGAIN),
        (500, "api_error", "oops", Kind::Server, AGAIN),
        (504, "timeout_error", "slow", Kind::Timeout, AGAIN),
        (529, "overloaded_error", "Overloaded", Kind::Overloaded, AGAIN),
        // The type knows better than a status that a proxy made of it.
        (500, "overloaded_error", "Overloaded", Kind::Overloaded, AGAIN),
        (429, "invalid_request_error", "slow down", Kind::RateLimited, AGAIN),
    ];
    for (status, kind, message, expected, retry) in table {
        let body = json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"});
        let status = StatusCode::from_u16(status).unwrap();
        let error = super::CODEC.error(&head(status), body.to_string().as_bytes(), &target("m"));
        assert_eq!((error.kind(), error.scope()), (expected, retry), "{status} {message}");
        assert_eq!(error.to_string(), format!("anthropic/m answered {}: {message}", status.as_u16()));
        assert_eq!(error.provider_request_id(), Some("req_1"));
    }
}

#[test]
fn a_body_of_another_form_leaves_the_status() {
    for body in ["", "<html>busy</html>", "[]", "null", r#"{"error": "busy"}"#, r#"{"message": "busy"}"#] {
        let error = super::CODEC.error(&head(StatusCode::SERVICE_UNAVAILABLE), body.as_bytes(), &target("m"));
        assert_eq!(error.kind(), Kind::Overloaded);
        assert!(["anthropic/m answered 503", "anthropic/m answered 503: busy"].contains(&&*error.to_string()));
    }
}

#[test]
fn no_key_is_ever_shown() {
    let body = json!({"error": {"type": "authentication_error", "message": "unknown key sk-ant-api03-abcdefghijkl"}});
    let error = super::CODEC.error(&head(StatusCode::UNAUTHORIZED), body.to_string().as_bytes(), &target("m"));
    assert_eq!(error.to_string(), "anthropic/m answered 401: unknown key [redacted]");
}
