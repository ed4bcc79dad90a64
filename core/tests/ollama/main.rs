//! Ollama, through the public API and over a simulated network.

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
        House::at("http://o.test", upstream)
    }

    fn at(base_url: &str, upstream: impl Into<Upstream>) -> Self {
        let sim = Sim::new(1);
        sim.on("o.test", upstream);
        let config = json!({
            "providers": {"ollama": {"base_url": base_url}},
            "routes": {"r": {"targets": ["ollama/qwen3"], "retry": {"max_attempts": 1}}},
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
