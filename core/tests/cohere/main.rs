//! Cohere, through the public API and over a simulated network.

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
use tidegate::{Response, Result};

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        House::at("http://c.test", upstream)
    }

    fn at(base_url: &str, upstream: impl Into<Upstream>) -> Self {
        let config = json!({
            "providers": {"cohere": {"base_url": base_url, "api_key": "k"}},
            "routes": {"r": {"targets": ["cohere/command-a-plus-05-2026"], "retry": {"max_attempts": 1}}},
        });
        House::behind("c.test", upstream, config)
    }
}

/// An answer with this message.
fn answer(message: Value) -> Value {
    json!({
        "id": "c-1",
        "message": message,
        "finish_reason": "COMPLETE",
        "usage": {
            "billed_units": {"input_tokens": 5, "output_tokens": 3},
            "tokens": {"input_tokens": 71, "output_tokens": 9, "reasoning_tokens": 4},
            "cached_tokens": 16,
        },
    })
}

fn ok() -> Value {
    answer(json!({"role": "assistant", "content": [{"type": "text", "text": "ok"}]}))
}

fn answers(body: &Value) -> Result<Response> {
    House::new(Answer::json(200, body)).chat(ask())
}

/// The body that a request becomes: the answer to it does not matter.
fn encoded(value: Value) -> Value {
    House::new(Answer::json(200, &ok())).encoded(value)
}

/// The field that a request is refused for.
fn unsupported(value: Value) -> String {
    House::new(Answer::json(200, &ok())).unsupported(value)
}
