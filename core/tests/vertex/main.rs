//! Vertex AI, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod anthropic;
mod embeddings;
mod errors;
mod requests;

use common::{House, ask, request};
use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Error, Kind, Response, Result};

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        House::of("vertex-gemini", "gemini-2.5-flash", upstream)
    }

    fn of(provider: &str, model: &str, upstream: impl Into<Upstream>) -> Self {
        let config = json!({
            "providers": {
                provider: {"base_url": "http://v.test/v1", "project": "p1", "location": "eu", "api_key": "k"},
            },
            "routes": {"r": {"targets": [format!("{provider}/{model}")], "retry": {"max_attempts": 1}}},
        });
        House::behind("v.test", upstream, config)
    }

    /// The path of the last request, and its query.
    fn path(&self) -> String {
        self.sim.exchanges().last().unwrap().url.path_and_query().unwrap().to_string()
    }
}

/// An answer of these parts.
fn answer(parts: Value) -> Value {
    json!({
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 3, "totalTokenCount": 8,
            "trafficType": "ON_DEMAND"},
        "modelVersion": "gemini-2.5-flash",
        "createTime": "2026-01-01T00:00:00Z",
        "responseId": "resp-1",
    })
}

/// A gateway to this model, that answers any question for text or JSON.
fn fine(model: &str) -> House {
    House::of("vertex-gemini", model, Answer::json(200, &answer(json!([{"text": "{}"}]))))
}

/// The body that a request becomes: the answer to it does not matter.
fn encoded(model: &str, mut value: Value) -> Value {
    let house = fine(model);
    value["model"] = "r".into();
    house.chat(request(value)).unwrap();
    house.sent()
}

/// The error of a request that is refused before anything is sent.
fn unsupported(house: &House, outcome: Result<Response>) -> Error {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported, "{error:?}");
    assert!(house.sim.exchanges().is_empty());
    error
}
