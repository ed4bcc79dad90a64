//! Google's Gemini API, through the public API and over a simulated network.

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
use tidegate::{Error, Event, Gateway, Message, Part, Request, Response, Result, Sim};

/// A gateway whose only way out is a simulated network with one upstream.
struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        House::with(upstream, json!({}))
    }

    /// `route` adds to the route of every request.
    fn with(upstream: impl Into<Upstream>, route: Value) -> Self {
        let sim = Sim::new(1);
        sim.on("g.test", upstream);
        let mut route = route;
        route["targets"] = json!(["gemini/gemini-2.5-flash"]);
        route["retry"] = json!({"max_attempts": 1});
        let config = json!({
            "providers": {"gemini": {"base_url": "http://g.test/v1beta", "api_key": "k"}},
            "routes": {"r": route},
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
    let house = House::new(Answer::json(200, &answer(&json!([{"text": "ok"}]))));
    let error = house.chat(request(value)).unwrap_err();
    assert_eq!(error.kind(), tidegate::Kind::Unsupported, "{error:?}");
    assert!(house.sim.exchanges().is_empty());
    error.get("field").unwrap().to_owned()
}

/// The signature that a part came with.
fn signature(part: &Part) -> Option<&str> {
    part.state.as_ref()?.data.get("thoughtSignature")?.as_str()
}
