//! Google's errors become ours. Sources: "Error model" (AIP-193) and the Gemini API's troubleshooting guide.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::answer::nullable;
use crate::error::{Error, Kind, Retry};
use crate::providers::count::Count;
use crate::providers::status::{AGAIN, classify, failed, refused};
use crate::target::Target;

/// `google.rpc.Status` as JSON.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    code: Option<Count>,
    #[serde(deserialize_with = "nullable")]
    message: String,
    #[serde(deserialize_with = "nullable")]
    status: String,
    #[serde(deserialize_with = "nullable")]
    details: Vec<Detail>,
}

/// `ErrorInfo`, `RetryInfo`, `QuotaFailure` and others, by their fields.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail {
    reason: Option<String>,
    retry_delay: Option<String>,
    #[serde(deserialize_with = "nullable")]
    violations: Vec<Violation>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Violation {
    quota_id: Option<String>,
}

/// The error of an answer that is not 200.
pub(in crate::providers) fn status_error(status: StatusCode, body: &[u8], target: &Target) -> Error {
    let said = serde_json::from_slice::<Value>(body).map(|body| read(&body)).unwrap_or_default();
    refused(refine(classify(status), &said), status, &said.message, body, target)
}

/// The error inside an answer whose status was 200: a stream has no other way to say that it failed.
pub(in crate::providers) fn embedded(error: &Value, target: &Target) -> Error {
    let said = status(error);
    let code = said
        .code
        .and_then(|code| StatusCode::from_u16(u16::try_from(code.value).ok()?).ok())
        .filter(|code| code.as_u16() >= 400);
    let code = code.unwrap_or_else(|| status_of(&said.status));
    let (kind, retry) = refine(classify(code), &said);
    failed(kind, retry, &said.message, target).status(code.as_u16())
}

/// `{"error": {...}}`, in a list where a stream was asked for.
fn read(body: &Value) -> Status {
    match body {
        Value::Array(items) => items.first().map(read).unwrap_or_default(),
        _ => body.get("error").map(status).unwrap_or_default(),
    }
}

fn status(error: &Value) -> Status {
    match error {
        Value::String(message) => Status { message: message.clone(), ..Status::default() },
        error => Status::deserialize(error).unwrap_or_default(),
    }
}

/// The HTTP status of a canonical code, where only its name is sent.
fn status_of(name: &str) -> StatusCode {
    match name {
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => StatusCode::BAD_REQUEST,
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "PERMISSION_DENIED" => StatusCode::FORBIDDEN,
        "NOT_FOUND" => StatusCode::NOT_FOUND,
        "RESOURCE_EXHAUSTED" => StatusCode::TOO_MANY_REQUESTS,
        "UNIMPLEMENTED" => StatusCode::NOT_IMPLEMENTED,
        "UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
        "DEADLINE_EXCEEDED" => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What the words add to the status.
fn refine((kind, retry): (Kind, Retry), said: &Status) -> (Kind, Retry) {
    let message = said.message.to_ascii_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    match kind {
        Kind::RateLimited => {
            exhausted(said, says(&["per day", "daily", "billing", "credits", "spending", "spend cap"]))
        }
        // An answer of 400 means the request, except where its key or its place is at fault.
        Kind::InvalidRequest => {
            let bad_key = said.details.iter().any(|detail| detail.reason.as_deref() == Some("API_KEY_INVALID"));
            if bad_key || says(&["api key not valid", "api key expired", "api key not found"]) {
                (Kind::Unauthenticated, Retry::Elsewhere)
            } else if says(&["token count"]) && says(&["exceed", "only supports up to"])
                || says(&["maximum number of tokens allowed"])
            {
                (Kind::ContextTooLong, Retry::Elsewhere)
            } else if said.status == "FAILED_PRECONDITION" || says(&["location is not supported"]) {
                (Kind::PermissionDenied, Retry::Elsewhere)
            } else if says(&["violate"]) && says(&["polic"]) {
                (Kind::ContentFiltered, Retry::Never)
            } else if said.status == "CANCELLED" {
                (Kind::Server, AGAIN)
            } else {
                (kind, retry)
            }
        }
        _ => (kind, retry),
    }
}

/// `RESOURCE_EXHAUSTED` stands for a window of a minute and for a quota that is used up for the day. Both name billing in
/// their message, and both may give a delay, so that the quota's id counts first.
fn exhausted(said: &Status, speaks_of_quota: bool) -> (Kind, Retry) {
    let used_up = (Kind::QuotaExhausted, Retry::Elsewhere);
    let ids: Vec<&str> =
        said.details.iter().flat_map(|it| &it.violations).filter_map(|it| it.quota_id.as_deref()).collect();
    if ids.iter().any(|id| id.contains("PerDay")) {
        return used_up;
    }
    let delay = said.details.iter().find_map(|detail| seconds(detail.retry_delay.as_deref()?));
    match delay {
        Some(delay) => (Kind::RateLimited, Retry::After(delay)),
        None if ids.is_empty() && speaks_of_quota => used_up,
        None => (Kind::RateLimited, AGAIN),
    }
}

/// `34.4s`, as JSON has durations.
fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.trim().strip_suffix('s')?.parse().ok()?).ok()
}
