//! Ollama's own API, from the server's side: `chat` and `embed`.
//!
//! Source: Ollama's documentation, "Generate a chat message", "Generate embeddings" and "Errors".

mod answer;
mod request;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Prompt, Reply};
use super::vendor::{Embed, Ids, Reason, Refusal, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct Ollama;

impl Vendor for Ollama {
    /// The cloud's.
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        bearer(headers)
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let path = request.uri().path();
        if path.ends_with("/api/chat") {
            return request::chat(request.body()).map(Task::Chat);
        }
        if path.ends_with("/api/embed") {
            return request::embed(request.body()).map(Task::Embed);
        }
        Err(Refusal::new(404, "404 page not found"))
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        answer::whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        answer::stream(prompt, reply, ids)
    }

    fn stream_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn vectors(&self, embed: &Embed, vectors: &[Vec<f32>]) -> Value {
        answer::vectors(embed, vectors)
    }

    fn error(&self, refusal: &Refusal, _: Ids) -> Value {
        let message = if refusal.reason == Reason::BadKey { "unauthorized" } else { &refusal.message };
        json!({ "error": message })
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        answer::line(&self.error(refusal, ids))
    }

    /// There are none that would say anything.
    fn headers(&self, _: Ids) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn wait(&self, wait: Duration, _: Ids) -> Vec<(&'static str, String)> {
        vec![("retry-after", wait.as_secs_f64().ceil().to_string())]
    }
}
