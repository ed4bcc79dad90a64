//! Cohere, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod answers;
mod embeddings;
mod errors;
mod requests;
mod streams;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Event, Gateway, Kind, Message, Request, Response, Result, Sim};

/// A gateway whose only way out is a simulated network with one upstream.
struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        House::at("http://c.test", upstream)
    }

    fn at(base_url: &str, upstream: impl Into<Upstream>) -> Self {
        let sim = Sim::new(1);
        sim.on("c.test", upstream);
        let config = json!({
            "providers": {"cohere": {"base_url": base_url, "api_key": "k"}},
            "routes": {"r": {"targets": ["cohere/command-a-plus-05-2026"], "retry": {"max_attempts": 1}}},
        });
        House { gateway: Gateway::from_value(config).unwrap().with_world(sim.clone()), sim }
    }

    fn chat(&self, request: Request) -> Result<Response> {
        self.sim.run(self.gateway.chat(request))
    }

    fn embed(&self, request: Value) -> Result<Response> {
        self.sim.run(self.gateway.embed(self::request(request)))
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
fn encoded(mut value: Value) -> Value {
    let house = House::new(Answer::json(200, &ok()));
    value["model"] = "r".into();
    let _ = house.chat(request(value));
    house.sent()
}

/// The field that a request is refused for.
fn unsupported(mut value: Value) -> String {
    let house = House::new(Answer::json(200, &ok()));
    value["model"] = "r".into();
    let error = house.chat(request(value)).unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported, "{error:?}");
    assert!(house.sim.exchanges().is_empty());
    error.get("field").unwrap().to_owned()
}
