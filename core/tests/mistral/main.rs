//! Mistral's own chat, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod answers;
mod errors;
mod requests;

use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Gateway, Request, Response, Result, Sim};

/// A gateway whose only way out is a simulated network with one upstream.
struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    fn new(upstream: impl Into<Upstream>) -> Self {
        let sim = Sim::new(1);
        sim.on("m.test", upstream);
        let config = json!({
            "providers": {"mistral": {"base_url": "http://m.test/v1", "api_key": "k"}},
            "routes": {"r": {"targets": ["mistral/m"], "retry": {"max_attempts": 1}}},
        });
        let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
        House { sim, gateway }
    }

    fn chat(&self, request: Value) -> Result<Response> {
        self.sim.run(self.gateway.chat(read(request)?))
    }

    fn stream(&self, request: Value) -> Result<Response> {
        self.sim.run(async { self.gateway.stream(read(request)?).await?.collect().await })
    }

    /// The body of the last request.
    fn sent(&self) -> Value {
        serde_json::from_slice(&self.sim.exchanges().last().unwrap().body).unwrap()
    }
}

fn read(mut request: Value) -> Result<Request> {
    request["model"] = "r".into();
    Request::from_value(request)
}

fn ask() -> Value {
    json!({"messages": [{"role": "user", "content": "hi"}]})
}

/// An answer of this content.
fn answer(content: Value) -> Value {
    json!({
        "id": "c", "object": "chat.completion", "model": "m-2026",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
    })
}

/// The messages that a request becomes: the answer to it does not matter.
fn messages(messages: Value) -> Value {
    let house = House::new(Answer::json(200, &answer(json!("ok"))));
    house.chat(json!({"messages": messages})).unwrap();
    house.sent()["messages"].clone()
}
