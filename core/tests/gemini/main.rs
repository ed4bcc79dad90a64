//! Google's Gemini API, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod embeddings;
mod errors;
mod requests;
mod streams;

use common::{House, ask, request};
use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Error, Part, Response, Result};

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        House::with(upstream, json!({}))
    }

    /// `route` adds to the route of every request.
    fn with(upstream: impl Into<Upstream>, route: Value) -> Self {
        let mut route = route;
        route["targets"] = json!(["gemini/gemini-2.5-flash"]);
        route["retry"] = json!({"max_attempts": 1});
        let config = json!({
            "providers": {"gemini": {"base_url": "http://g.test/v1beta", "api_key": "k"}},
            "routes": {"r": route},
        });
        House::behind("g.test", upstream, config)
    }
}

/// An answer of these parts.
fn answer(parts: &Value) -> Value {
    json!({
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 3, "totalTokenCount": 8},
        "modelVersion": "gemini-2.5-flash",
        "responseId": "resp-1",
    })
}

/// A chunk of a stream; `reason` is null but in the last.
fn chunk(parts: &Value, reason: Option<&str>) -> String {
    json!({
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason, "index": 0}],
        "modelVersion": "gemini-2.5-flash",
        "responseId": "resp-1",
    })
    .to_string()
}

fn answers(body: &Value) -> Result<Response> {
    House::new(Answer::json(200, body)).chat(ask())
}

fn refuses(status: u16, body: &Value) -> Error {
    House::new(Answer::json(status, body)).chat(ask()).unwrap_err()
}

/// The body that a request becomes, and how it got there: the answer to it does not matter.
fn encoded(value: Value) -> Value {
    let house = House::new(Answer::json(200, &answer(&json!([{"text": "{}"}]))));
    house.chat(request(value)).unwrap();
    house.sent()
}

/// The field that a request is refused for.
fn unsupported(value: Value) -> String {
    House::new(Answer::json(200, &answer(&json!([{"text": "ok"}])))).unsupported(value)
}

/// The signature that a part came with.
fn signature(part: &Part) -> Option<&str> {
    part.state.as_ref()?.data.get("thoughtSignature")?.as_str()
}
