//! What the tests share: a gateway whose only way out is a simulated network, and what goes over it.
#![allow(dead_code, reason = "no protocol needs all of it")]

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::{Answer, Upstream};
use tidegate::{Event, Gateway, Kind, Message, Request, Response, Result, Sim};

/// A gateway whose only way out is a simulated network.
pub struct House {
    pub sim: Sim,
    pub gateway: Gateway,
}

impl House {
    /// One without upstreams yet.
    pub fn configured(config: Value) -> Self {
        let sim = Sim::new(1);
        House { gateway: Gateway::from_value(config).unwrap().with_world(sim.clone()), sim }
    }

    /// One whose upstream is at `host`. The configuration has the route `r`.
    pub fn behind(host: &str, upstream: impl Into<Upstream>, config: Value) -> Self {
        let house = House::configured(config);
        house.sim.on(host, upstream);
        house
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

/// An answer of OpenAI's protocol with this message.
pub fn message(message: Value, finish_reason: &str) -> Answer {
    let choice = json!({"index": 0, "message": message, "finish_reason": finish_reason});
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8});
    Answer::json(200, &json!({"id": "c", "model": "m-1", "choices": [choice], "usage": usage}))
}

/// An answer of OpenAI's protocol that is this text.
pub fn text(text: &str) -> Answer {
    message(json!({"role": "assistant", "content": text}), "stop")
}

/// The texts, or what went wrong.
pub fn told(outcomes: &[Result<Response>]) -> Vec<String> {
    let told = |outcome: &Result<Response>| match outcome {
        Ok(response) => response.text().into_owned(),
        Err(error) => error.kind().to_string(),
    };
    outcomes.iter().map(told).collect()
}
