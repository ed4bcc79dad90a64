//! The simulated world and the simulated providers, through the public API: encode, sign, frame and decode run as they do
//! live.

mod answers;
mod faults;
mod tools;
mod world;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tidegate::{Error, Event, Gateway, Request, Response, Sim};

/// A gateway with the simulated provider `p`, which speaks `protocol`.
pub fn gateway(sim: &Sim, protocol: &str, simulate: Value) -> Gateway {
    let config = json!({
        "providers": {"p": {"protocol": protocol, "simulate": simulate}},
        "routes": {"r": {"targets": ["p/model-1"], "retry": {"max_attempts": 1}}},
    });
    Gateway::from_value(config).unwrap().with_world(sim.clone())
}

pub const PROTOCOLS: [&str; 9] = [
    "openai-chat",
    "openai-responses",
    "anthropic",
    "bedrock-anthropic",
    "bedrock-converse",
    "cohere",
    "gemini",
    "mistral",
    "ollama",
];

pub fn chat(protocol: &str, request: Value) -> Result<Response, Error> {
    let sim = Sim::new(1);
    sim.run(gateway(&sim, protocol, json!({})).chat(Request::from_value(request).unwrap()))
}

pub fn says(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

/// The events of a stream, and how it ended.
pub fn stream(sim: &Sim, gateway: &Gateway, request: Value) -> (Vec<Event>, Result<Response, Error>) {
    sim.run(async {
        let mut stream = match gateway.stream(Request::from_value(request).unwrap()).await {
            Ok(stream) => stream,
            Err(error) => return (Vec::new(), Err(error)),
        };
        let mut events = Vec::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => events.push(event),
                Err(error) => return (events, Err(error)),
            }
        }
        (events, Ok(stream.response().unwrap().clone()))
    })
}
