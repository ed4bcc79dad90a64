//! Anthropic's Messages API, from the provider's side.
//!
//! Source: the Anthropic API reference, "Messages" and "Errors".

mod answer;
mod request;
mod vertex;

pub(super) use self::vertex::VertexAnthropic;

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Prompt, Reply};
use super::vendor::{Embed, Ids, Refusal, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct Anthropic;

impl Vendor for Anthropic {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        headers.get("x-api-key").and_then(|key| key.to_str().ok()).or_else(|| bearer(headers))
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        if !request.uri().path().ends_with("/messages") {
            return Err(Refusal::new(404, "Not found"));
        }
        if !request.headers().contains_key("anthropic-version") {
            return Err(Refusal::invalid("anthropic-version: header is required"));
        }
        request::chat(request.body()).map(Task::Chat)
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        answer::whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        answer::stream(prompt, reply, ids)
    }

    /// There are none: no request is read as one.
    fn vectors(&self, _: &Embed, _: &[Vec<f32>]) -> Value {
        Value::Null
    }

    fn error(&self, refusal: &Refusal, ids: Ids) -> Value {
        let kind = match refusal.status {
            401 => "authentication_error",
            402 => "billing_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            503 | 529 => "overloaded_error",
            504 => "timeout_error",
            500.. => "api_error",
            _ => "invalid_request_error",
        };
        let error = json!({ "type": kind, "message": refusal.message });
        json!({ "type": "error", "error": error, "request_id": ids.id("req_") })
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        answer::event("error", &self.error(refusal, ids))
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        vec![("request-id", ids.id("req_"))]
    }

    fn wait(&self, wait: Duration, ids: Ids) -> Vec<(&'static str, String)> {
        let reset = UNIX_EPOCH + ids.unix_time + wait;
        vec![
            ("retry-after", wait.as_secs_f64().ceil().to_string()),
            ("anthropic-ratelimit-requests-limit", "60".to_owned()),
            ("anthropic-ratelimit-requests-remaining", "0".to_owned()),
            ("anthropic-ratelimit-requests-reset", humantime::format_rfc3339_seconds(reset).to_string()),
        ]
    }
}
