//! Amazon Bedrock, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod answers;
mod anthropic;
mod embeddings;
mod errors;
mod requests;
mod streams;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::{Answer, Piece, Upstream};
use tidegate::{Error, Event, Gateway, Message, Request, Response, Result, Sim};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// A gateway whose only way out is a simulated network with one upstream.
struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        House::of("bedrock", "amazon.nova-lite-v1:0", upstream)
    }

    fn of(provider: &str, model: &str, upstream: impl Into<Upstream>) -> Self {
        let sim = Sim::new(1);
        sim.on("b.test", upstream);
        let config = json!({
            "providers": {provider: {"base_url": "http://b.test", "api_key": "k"}},
            "routes": {"r": {"targets": [format!("{provider}/{model}")], "retry": {"max_attempts": 1}}},
        });
        let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
        House { sim, gateway }
    }

    fn chat(&self, request: Request) -> Result<Response> {
        self.sim.run(self.gateway.chat(request))
    }

    /// The events of a stream, and how it ended.
    fn stream(&self, request: Request) -> (Vec<Event>, Result<Response>) {
        self.sim.run(async {
            let mut events = Vec::new();
            let mut stream = match self.gateway.stream(request).await {
                Ok(stream) => stream,
                Err(error) => return (events, Err(error)),
            };
            while let Some(event) = stream.next().await {
                match event {
                    Ok(event) => events.push(event),
                    Err(error) => return (events, Err(error)),
                }
            }
            (events, Ok(stream.response().unwrap().clone()))
        })
    }

    /// The body of the last request.
    fn sent(&self) -> Value {
        serde_json::from_slice(&self.sim.exchanges().last().unwrap().body).unwrap()
    }
}

/// A question to the model of the route.
fn ask() -> Request {
    Request::chat("r", vec![Message::user("hi")])
}

fn request(value: Value) -> Request {
    Request::from_value(value).unwrap()
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
fn unsupported(model: &str, mut value: Value) -> String {
    let house = House::of("bedrock", model, Answer::json(200, &answer(json!([{"text": "ok"}]))));
    value["model"] = "r".into();
    let error = house.chat(request(value)).unwrap_err();
    assert_eq!(error.kind(), tidegate::Kind::Unsupported, "{error:?}");
    assert!(house.sim.exchanges().is_empty());
    error.get("field").unwrap().to_owned()
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
