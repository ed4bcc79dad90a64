//! OpenAI's Responses API, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod errors;
mod next;
mod requests;
mod streams;

use common::{House, ask, request};
use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Error, Event, Response, Result};

impl House {
    /// One that asks the provider of this name in the configuration.
    fn of(provider: &str, upstream: impl Into<Upstream>) -> Self {
        let config = json!({
            "providers": {
                provider: {"protocol": "openai-responses", "base_url": "http://o.test/v1", "api_key": "k"},
            },
            "routes": {"r": {"targets": [format!("{provider}/gpt-5-mini")], "retry": {"max_attempts": 1}}},
        });
        House::behind("o.test", upstream, config)
    }

    fn new(upstream: impl Into<Upstream>) -> Self {
        House::of("openai", upstream)
    }
}

/// A response of these items.
fn answer(output: Value) -> Value {
    json!({
        "id": "resp_1", "object": "response", "status": "completed", "error": null, "incomplete_details": null,
        "model": "gpt-5-mini", "output": output,
        "usage": {"input_tokens": 5, "output_tokens": 3, "total_tokens": 8},
    })
}

fn message(content: Value) -> Value {
    json!({"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": content})
}

fn text(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": []})
}

fn hello() -> Value {
    answer(json!([message(json!([text("Hello")]))]))
}

fn answers(body: Value) -> Result<Response> {
    House::new(Answer::json(200, &body)).chat(ask())
}

fn refuses(status: u16, body: &Value) -> Error {
    House::new(Answer::json(status, body)).chat(ask()).unwrap_err()
}

/// A stream of these events.
fn events(list: &[Value]) -> Answer {
    let lines: Vec<String> = list.iter().map(Value::to_string).collect();
    Answer::sse(lines)
}

fn streams(list: &[Value]) -> (Vec<Event>, Result<Response>) {
    House::new(events(list)).stream(ask())
}

/// The body that a request becomes: the answer to it does not matter.
fn encoded(provider: &str, value: Value) -> Value {
    let house = House::of(provider, Answer::json(200, &answer(json!([message(json!([text("{}")]))]))));
    house.chat(request(value)).unwrap();
    house.sent()
}

/// The field that a request is refused for.
fn unsupported(provider: &str, value: Value) -> String {
    House::of(provider, Answer::json(200, &hello())).unsupported(value)
}
