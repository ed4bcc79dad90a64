//! Mistral's chat and embeddings, from the provider's side.
//!
//! Source: the Mistral API specification.

mod answer;
mod request;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Prompt, Reply};
use super::vendor::{Embed, Ids, Reason, Refusal, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct Mistral;

impl Vendor for Mistral {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        bearer(headers)
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let path = request.uri().path();
        if path.ends_with("/embeddings") {
            return request::embed(request.body()).map(Task::Embed);
        }
        if path.ends_with("/chat/completions") {
            return request::chat(request.body()).map(Task::Chat);
        }
        Err(Refusal::new(404, "no Route matched with those values"))
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        answer::whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        answer::stream(prompt, reply, ids)
    }

    fn vectors(&self, embed: &Embed, vectors: &[Vec<f32>]) -> Value {
        answer::vectors(embed, vectors)
    }

    /// Its errors have several shapes: the key is looked at by another part of it than the request.
    fn error(&self, refusal: &Refusal, _: Ids) -> Value {
        let message = &refusal.message;
        let (kind, code) = match (&refusal.reason, refusal.status) {
            (Reason::BadKey, _) => return json!({ "detail": message }),
            (Reason::NoModel, _) => ("invalid_model", "1500"),
            (_, 422) => {
                let place = refusal.field.as_deref().unwrap_or("body");
                let found = json!({ "type": "value_error", "loc": ["body", place], "msg": message, "input": null });
                return json!({ "object": "error", "message": { "detail": [found] }, "type": "invalid_request_error",
                    "param": null, "code": null, "raw_status_code": 422 });
            }
            (_, 429) => ("rate_limited", "1300"),
            (_, 500..) => ("internal_server_error", "3000"),
            _ => ("invalid_request_message_order", "3230"),
        };
        json!({ "object": "error", "message": message, "type": kind, "param": null, "code": code,
            "raw_status_code": refusal.status })
    }

    /// A model that it does not know is a wrong request.
    fn status(&self, refusal: &Refusal) -> u16 {
        if refusal.reason == Reason::NoModel { 400 } else { refusal.status }
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        Piece::sse(&self.error(refusal, ids).to_string())
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        vec![("mistral-correlation-id", ids.id("")), ("x-kong-request-id", ids.id("00000000"))]
    }

    fn wait(&self, wait: Duration, _: Ids) -> Vec<(&'static str, String)> {
        vec![("retry-after", wait.as_secs_f64().ceil().to_string())]
    }
}
