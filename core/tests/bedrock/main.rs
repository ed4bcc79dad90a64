//! Amazon Bedrock, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod anthropic;
mod embeddings;
mod errors;
mod requests;
mod streams;

use common::{House, ask, request};
use serde_json::{Value, json};
use tidegate::sim::{Answer, Piece, Upstream};
use tidegate::{Error, Response, Result};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        House::of("bedrock", "amazon.nova-lite-v1:0", upstream)
    }

    fn of(provider: &str, model: &str, upstream: impl Into<Upstream>) -> Self {
        let config = json!({
            "providers": {provider: {"base_url": "http://b.test", "api_key": "k"}},
            "routes": {"r": {"targets": [format!("{provider}/{model}")], "retry": {"max_attempts": 1}}},
        });
        House::behind("b.test", upstream, config)
    }
}

/// An answer of these blocks.
fn answer(content: Value) -> Value {
    json!({
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 5, "outputTokens": 3, "totalTokens": 8},
        "metrics": {"latencyMs": 100},
    })
}

fn answers(body: &Value) -> Result<Response> {
    House::new(Answer::json(200, body)).chat(ask())
}

/// The body that a request to `model` becomes: the answer to it does not matter.
fn encoded(model: &str, mut value: Value) -> Value {
    let house = House::of("bedrock", model, Answer::json(200, &answer(json!([{"text": "{}"}]))));
    value["model"] = "r".into();
    house.chat(request(value)).unwrap();
    house.sent()
}

/// The field that a request is refused for.
fn unsupported(model: &str, value: Value) -> String {
    House::of("bedrock", model, Answer::json(200, &answer(json!([{"text": "ok"}])))).unsupported(value)
}

/// A message of an event stream.
fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(u8::try_from(name.len()).unwrap());
        block.extend(name.as_bytes());
        block.push(7);
        block.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        block.extend(value.as_bytes());
    }
    let mut out = u32::try_from(16 + block.len() + payload.len()).unwrap().to_be_bytes().to_vec();
    out.extend(u32::try_from(block.len()).unwrap().to_be_bytes());
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out.extend(block);
    out.extend(payload);
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out
}

fn event(name: &str, payload: Value) -> Vec<u8> {
    message(&[(":event-type", name), (":message-type", "event")], payload.to_string().as_bytes())
}

fn exception(kind: &str, words: &str) -> Vec<u8> {
    let payload = json!({"message": words}).to_string();
    message(&[(":exception-type", kind), (":message-type", "exception")], payload.as_bytes())
}

fn delta(index: u32, delta: Value) -> Vec<u8> {
    event("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta, "p": "abc"}))
}

/// The bytes of a stream, as they come.
fn stream_of(messages: &[Vec<u8>]) -> Answer {
    Answer { body: vec![Piece::bytes(messages.concat())], ..Answer::default() }
        .header("content-type", "application/vnd.amazon.eventstream")
}

fn refuses(status: u16, words: &str) -> Error {
    House::new(Answer::json(status, &json!({"message": words}))).chat(ask()).unwrap_err()
}
