//! Cohere's API, version 2, from the provider's side: `chat`, `embed` and `rerank`.
//!
//! Source: the Cohere API reference, "Chat", "Chat with Streaming", "Embed", "Rerank" and
//! "Errors".

mod answer;
mod request;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Prompt, Reply};
use super::vendor::{Embed, Ids, Reason, Refusal, Rerank, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct Cohere;

impl Vendor for Cohere {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        bearer(headers)
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let path = request.uri().path();
        if path.ends_with("/v2/chat") {
            return request::chat(request.body()).map(Task::Chat);
        }
        if path.ends_with("/v2/embed") {
            return request::embed(request.body()).map(Task::Embed);
        }
        if path.ends_with("/v2/rerank") {
            return request::rerank(request.body()).map(Task::Rerank);
        }
        Err(Refusal::new(404, "404 page not found"))
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

    fn rankings(&self, _: &Rerank, scores: &[(usize, f64)], ids: Ids) -> Value {
        let ranked = scores.iter().map(|(index, score)| json!({ "index": index, "relevance_score": score }));
        json!({
            "id": ids.id("sim-"),
            "results": ranked.collect::<Value>(),
            "meta": { "api_version": { "version": "2" }, "billed_units": { "search_units": 1 } },
        })
    }

    fn error(&self, refusal: &Refusal, ids: Ids) -> Value {
        let message = if refusal.reason == Reason::BadKey { "invalid api token" } else { &refusal.message };
        json!({ "id": ids.id("sim-"), "message": message })
    }

    /// The stream ends with the words of the error.
    fn stream_error(&self, refusal: &Refusal, _: Ids) -> Piece {
        answer::event(&json!({
            "type": "message-end",
            "delta": { "finish_reason": "ERROR", "error": refusal.message },
        }))
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        vec![("x-debug-trace-id", ids.id("trace-"))]
    }

    fn wait(&self, wait: Duration, _: Ids) -> Vec<(&'static str, String)> {
        vec![("retry-after", wait.as_secs_f64().ceil().to_string())]
    }
}
