//! Answers that will not do: rejected, replaced by a fallback, and streams that break off and go on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

#[path = "../common/mod.rs"]
mod common;

mod fallback;
mod min_rate;
mod reject;
mod resume;

use common::{House, message, text};
use serde_json::{Value, json};
use tidegate::sim::{Answer, End, Upstream};
use tidegate::{AttemptRecord, Error, Event, Kind, Request, Response};

impl House {
    /// One over upstreams `one`, `two` and `three`, each of which gives its answers in turn; `routes` beside those providers. Their protocol is OpenAI's, of `mistral` and `claude` that of the name.
    fn new(routes: Value, upstreams: &[(&str, &[Answer])]) -> Self {
        House::with(json!({"routes": routes}), upstreams)
    }

    fn with(mut config: Value, upstreams: &[(&str, &[Answer])]) -> Self {
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
        let house = House::configured(config);
        for (name, answers) in upstreams {
            house.sim.on(&format!("{name}.test"), Upstream { requests: answers.to_vec(), ..Upstream::default() });
        }
        house
    }

    /// The bodies that an upstream was sent.
    fn sent_to(&self, name: &str) -> Vec<Value> {
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
