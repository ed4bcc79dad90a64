//! Ollama, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod embeddings;
mod errors;
mod requests;
mod streams;

use common::{House, ask};
use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Response, Result};

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        House::at("http://o.test", upstream)
    }

    fn at(base_url: &str, upstream: impl Into<Upstream>) -> Self {
        let config = json!({
            "providers": {"ollama": {"base_url": base_url}},
            "routes": {"r": {"targets": ["ollama/qwen3"], "retry": {"max_attempts": 1}}},
        });
        House::behind("o.test", upstream, config)
    }
}

/// An answer with this message.
fn answer(message: Value) -> Value {
    json!({
        "model": "qwen3:latest",
        "created_at": "2026-07-28T06:38:03.222822Z",
        "message": message,
        "done": true,
        "done_reason": "stop",
        "total_duration": 4_852_334_875_u64,
        "load_duration": 55_301_250,
        "prompt_eval_count": 39,
        "prompt_eval_duration": 99_508_167,
        "eval_count": 289,
        "eval_duration": 4_388_903_630_u64,
    })
}

fn ok() -> Value {
    answer(json!({"role": "assistant", "content": "ok"}))
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
