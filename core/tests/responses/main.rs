//! OpenAI's Responses API, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod answers;
mod errors;
mod next;
mod requests;
mod streams;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Error, Event, Gateway, Message, Request, Response, Result, Sim};

/// A gateway whose only way out is a simulated network with one upstream.
struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    /// One that asks the provider of this name in the configuration.
    fn of(provider: &str, upstream: impl Into<Upstream>) -> Self {
        let sim = Sim::new(1);
        sim.on("o.test", upstream);
        let config = json!({
            "providers": {
                provider: {"protocol": "openai-responses", "base_url": "http://o.test/v1", "api_key": "k"},
            },
            "routes": {"r": {"targets": [format!("{provider}/gpt-5-mini")], "retry": {"max_attempts": 1}}},
        });
        let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
        House { sim, gateway }
    }

    fn new(upstream: impl Into<Upstream>) -> Self {
        House::of("openai", upstream)
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

fn ask() -> Request {
    Request::chat("r", vec![Message::user("hi")])
}

fn request(value: Value) -> Request {
    Request::from_value(value).unwrap()
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
    let house = House::of(provider, Answer::json(200, &hello()));
    let error = house.chat(request(value)).unwrap_err();
    assert_eq!(error.kind(), tidegate::Kind::Unsupported, "{error:?}");
    assert!(house.sim.exchanges().is_empty());
    error.get("field").unwrap().to_owned()
}
