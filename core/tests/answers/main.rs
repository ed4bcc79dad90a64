//! Answers that will not do: rejected, replaced by a fallback, and streams that break off and go on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod fallback;
mod reject;
mod resume;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::{Answer, End, Upstream};
use tidegate::{AttemptRecord, Error, Event, Gateway, Kind, Request, Response, Result, Sim};

/// A gateway over upstreams `one`, `two` and `three`, each of which gives its answers in turn.
struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    /// `routes` beside those providers. Their protocol is OpenAI's, of `mistral` and `claude` that of the name.
    fn new(routes: Value, upstreams: &[(&str, &[Answer])]) -> Self {
        House::with(json!({"routes": routes}), upstreams)
    }

    fn with(mut config: Value, upstreams: &[(&str, &[Answer])]) -> Self {
        let sim = Sim::new(1);
        for (name, answers) in upstreams {
            sim.on(&format!("{name}.test"), Upstream { requests: answers.to_vec(), ..Upstream::default() });
        }
        config["providers"] = ["one", "two", "three", "mistral", "claude"]
            .iter()
            .map(|name| {
                let protocol = match *name {
                    "mistral" => "mistral",
                    "claude" => "anthropic",
                    _ => "openai-chat",
                };
                let address = format!("http://{name}.test/v1");
                ((*name).to_owned(), json!({"protocol": protocol, "base_url": address, "api_key": "not-a-real-key"}))
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        House { gateway: Gateway::from_value(config).unwrap().with_world(sim.clone()), sim }
    }

    fn chat(&self, request: Request) -> Result<Response> {
        self.sim.run(self.gateway.chat(request))
    }

    /// The events of a stream, and what it comes to.
    fn stream(&self, request: Request) -> (Vec<Event>, Result<Response>) {
        self.sim.run(async {
            let mut stream = match self.gateway.stream(request).await {
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
            let response = stream.response().unwrap().clone();
            (events, Ok(response))
        })
    }

    /// The bodies that an upstream was sent.
    fn sent(&self, name: &str) -> Vec<Value> {
        let seen =
            self.sim.exchanges().into_iter().filter(|exchange| exchange.url.host() == Some(&format!("{name}.test")));
        seen.map(|exchange| serde_json::from_slice(&exchange.body).unwrap()).collect()
    }
}

/// A request to the route `r`, with further fields.
fn asked(fields: Value) -> Request {
    let mut request = json!({"model": "r", "messages": [{"role": "user", "content": "hi"}]});
    for (key, value) in fields.as_object().into_iter().flatten() {
        request[key] = value.clone();
    }
    Request::from_value(request).unwrap()
}

fn hi() -> Request {
    asked(json!({}))
}

fn message(message: Value, finish_reason: &str) -> Answer {
    let choice = json!({"index": 0, "message": message, "finish_reason": finish_reason});
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8});
    Answer::json(200, &json!({"id": "c", "model": "m-1", "choices": [choice], "usage": usage}))
}

fn text(text: &str) -> Answer {
    message(json!({"role": "assistant", "content": text}), "stop")
}

fn down() -> Answer {
    Answer::json(503, &json!({"error": {"message": "down"}}))
}

/// The events of OpenAI's protocol and its like, of which each has one of these deltas.
fn chunks(deltas: &[Value]) -> Vec<String> {
    let chunk = |delta: &Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": null});
        json!({"id": "c", "model": "m-1", "choices": [choice]}).to_string()
    };
    deltas.iter().map(chunk).collect()
}

fn says(texts: &[&str]) -> Vec<String> {
    chunks(&texts.iter().map(|text| json!({"content": text})).collect::<Vec<_>>())
}

/// A stream that comes to its end.
fn streams(texts: &[&str]) -> Answer {
    let usage = json!({"prompt_tokens": 13, "completion_tokens": 5, "total_tokens": 18});
    let end = json!({"id": "c", "model": "m-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let usage = json!({"id": "c", "model": "m-1", "choices": [], "usage": usage});
    let end = [end.to_string(), usage.to_string(), "[DONE]".to_owned()];
    Answer::sse(says(texts).into_iter().chain(end))
}

/// A stream that breaks off behind these texts.
fn breaks(texts: &[&str]) -> Answer {
    Answer::sse(says(texts)).then(End::Rst)
}

/// The targets that were tried, and how.
fn tried(attempts: &[AttemptRecord]) -> Vec<(&str, Option<Kind>)> {
    attempts.iter().map(|attempt| (&*attempt.target, attempt.kind)).collect()
}

/// The kinds of events, those of one kind in a row once.
fn kinds(events: &[Event]) -> Vec<&'static str> {
    let mut kinds: Vec<_> = events.iter().map(Event::kind).collect();
    kinds.dedup();
    kinds
}

fn partial(error: &Error) -> &Response {
    error.partial_response().unwrap()
}
