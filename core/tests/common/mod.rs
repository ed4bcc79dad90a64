//! What the tests of the protocols share: a gateway whose only way out is a simulated network with one upstream.
#![allow(dead_code, reason = "no protocol needs all of it")]

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::Upstream;
use tidegate::{Event, Gateway, Kind, Message, Request, Response, Result, Sim};

pub struct House {
    pub sim: Sim,
    pub gateway: Gateway,
}

impl House {
    /// One whose upstream is at `host`. The configuration has the route `r`.
    pub fn behind(host: &str, upstream: impl Into<Upstream>, config: Value) -> Self {
        let sim = Sim::new(1);
        sim.on(host, upstream);
        House { gateway: Gateway::from_value(config).unwrap().with_world(sim.clone()), sim }
    }

    pub fn chat(&self, request: Request) -> Result<Response> {
        self.sim.run(self.gateway.chat(request))
    }

    pub fn embed(&self, request: Value) -> Result<Response> {
        self.sim.run(self.gateway.embed(self::request(request)))
    }

    /// The events of a stream, and how it ended.
    pub fn stream(&self, request: Request) -> (Vec<Event>, Result<Response>) {
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
    pub fn sent(&self) -> Value {
        serde_json::from_slice(&self.sim.exchanges().last().unwrap().body).unwrap()
    }

    /// The body that a request becomes: the answer to it does not matter.
    pub fn encoded(&self, value: Value) -> Value {
        let _ = self.chat(routed(value));
        self.sent()
    }

    /// The field that a request is refused for.
    pub fn unsupported(&self, value: Value) -> String {
        let error = self.chat(routed(value)).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported, "{error:?}");
        assert!(self.sim.exchanges().is_empty());
        error.get("field").unwrap().to_owned()
    }
}

/// A question to the model of the route.
pub fn ask() -> Request {
    Request::chat("r", vec![Message::user("hi")])
}

pub fn request(value: Value) -> Request {
    Request::from_value(value).unwrap()
}

/// A request to the route, where it does not say to whom.
fn routed(mut value: Value) -> Request {
    value.as_object_mut().unwrap().entry("model").or_insert_with(|| "r".into());
    request(value)
}

/// A conversation in which another vendor's model thought, once without a word.
pub fn with_thoughts_of_another_vendor() -> Value {
    let foreign =
        json!({"type": "reasoning", "text": "hm", "state": {"provider": "anthropic", "data": {"signature": "s"}}});
    json!({"messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [foreign]},
        {"role": "assistant", "content": [foreign, {"type": "text", "text": "yes"},
            {"type": "citation", "url": "https://example.com"}]},
        {"role": "user", "content": "and?"},
    ]})
}

/// A conversation in which calls of one turn, and words of one, have a message each.
pub fn with_a_message_for_each_call() -> Value {
    let call = |id: &str| {
        json!({"role": "assistant", "content": [
        {"type": "tool_call", "id": id, "name": "find", "arguments": "{}"}]})
    };
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": id});
    json!({"messages": [
        {"role": "user", "content": "find"}, call("a"), call("b"), result("b"), result("a"),
        {"role": "assistant", "content": "one"}, {"role": "assistant", "content": "two"},
    ]})
}

/// Who says each message of a body.
pub fn roles(body: &Value) -> Vec<&str> {
    body["messages"].as_array().unwrap().iter().map(|it| it["role"].as_str().unwrap()).collect()
}
