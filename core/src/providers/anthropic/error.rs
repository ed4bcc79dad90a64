//! Anthropic's errors become ours.
//!
//! Source: the Anthropic API reference, "Errors".

use http::StatusCode;
use serde_json::Value;

use crate::error::{Error, Kind, Retry};
use crate::providers::gemini::error as google;
use crate::providers::status::{classify, failed, refused};
use crate::target::Target;

/// What an error body says: `{"type": "error", "error": {"type": .., "message": ..}}`.
#[derive(Default)]
struct Words<'a> {
    kind: &'a str,
    message: &'a str,
}

/// The error of an answer that is not 200.
pub(in crate::providers) fn status_error(status: StatusCode, body: &[u8], target: &Target) -> Error {
    // A proxy's page has no words of use, and its status says enough.
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    // Vertex AI's own errors come in a list.
    let value = value.as_array().and_then(|items| items.first()).unwrap_or(&value);
    let error = value.get("error").unwrap_or(value);
    if is_google(error) {
        return google::status_error(status, body, target);
    }
    let words = read(error);
    let request_id = value.get("request_id").and_then(Value::as_str).map(str::to_owned);
    refused(refine(classify(status), &words), status, words.message, body, target).request_id(request_id)
}

/// The error inside an answer whose status was 200, before or after content.
pub(super) fn embedded(error: &Value, target: &Target) -> Error {
    if is_google(error) {
        return google::embedded(error, target);
    }
    let words = read(error);
    let status = match words.kind {
        "invalid_request_error" => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let (kind, retry) = refine(classify(status), &words);
    failed(kind, retry, words.message, target)
}

/// Whether an error is `google.rpc.Status`: the cloud that the API stands in refused, and not the API.
fn is_google(error: &Value) -> bool {
    error.get("code").is_some_and(Value::is_number) && error.get("status").is_some_and(Value::is_string)
}

fn read(error: &Value) -> Words<'_> {
    if let Value::String(message) = error {
        return Words { kind: "", message };
    }
    let text = |key: &str| error.get(key).and_then(Value::as_str);
    let message = text("message").or_else(|| text("detail")).unwrap_or_default();
    Words { kind: text("type").unwrap_or_default(), message }
}

/// What the words add to the status.
fn refine(by_status: (Kind, Retry), words: &Words<'_>) -> (Kind, Retry) {
    let (kind, retry) = named(words.kind).map_or(by_status, classify);
    if kind != Kind::InvalidRequest {
        return (kind, retry);
    }
    // Several things that are no fault of the request come as a 400 too and differ by their words only.
    let message = words.message.to_ascii_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    if says(&["prompt is too long", "exceed context limit", "exceeds the context window", "exceed the context window"])
    {
        return (Kind::ContextTooLong, Retry::Elsewhere);
    }
    if says(&["credit balance", "api usage limits", "plans & billing", "purchase credits"]) {
        return (Kind::QuotaExhausted, Retry::Elsewhere);
    }
    if says(&["organization has been disabled"]) {
        return (Kind::PermissionDenied, Retry::Elsewhere);
    }
    // Thinking that another model or account signed: others do not look at it.
    if says(&["invalid `signature`", "invalid signature"]) {
        return (kind, Retry::Elsewhere);
    }
    if says(&["content filtering policy"]) {
        return (Kind::ContentFiltered, Retry::Never);
    }
    (kind, retry)
}

/// The status that a type of error stands for; `invalid_request_error` and `api_error` say less than a status does.
fn named(kind: &str) -> Option<StatusCode> {
    let status = match kind {
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => return None,
    };
    StatusCode::from_u16(status).ok()
}
