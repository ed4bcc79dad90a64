//! OpenAI Chat Completions and Embeddings, and rankings as those who speak like it have them, from the provider's side.
//!
//! Source: the OpenAI API reference, "Chat" and "Embeddings".

mod answer;
mod request;
mod retrieval;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

pub(super) use self::retrieval::Form;
use super::model::{Prompt, Reply};
use super::vendor::{Embed, Ids, Reason, Refusal, Rerank, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct OpenAi;

/// The type and the code of an error.
pub(super) fn tags(refusal: &Refusal) -> (&'static str, Option<&'static str>) {
    match (&refusal.reason, refusal.status) {
        (Reason::BadKey, _) => ("invalid_request_error", Some("invalid_api_key")),
        (Reason::NoModel, _) => ("invalid_request_error", Some("model_not_found")),
        (_, 429) => ("requests", Some("rate_limit_exceeded")),
        (_, 500..) => ("server_error", None),
        _ => ("invalid_request_error", None),
    }
}

impl Vendor for OpenAi {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        bearer(headers)
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        if request.uri().path().ends_with("/embeddings") {
            return retrieval::embed(request.body()).map(Task::Embed);
        }
        if request.uri().path().ends_with("/rerank") {
            return retrieval::rerank(request.body()).map(Task::Rerank);
        }
        if request.uri().path().ends_with("/chat/completions") {
            return request::chat(request.body()).map(Task::Chat);
        }
        let path = request.uri().path();
        Err(Refusal::new(404, format!("Invalid URL ({} {path})", request.method())))
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        answer::whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        answer::stream(prompt, reply, ids)
    }

    fn vectors(&self, embed: &Embed, vectors: &[Vec<f32>]) -> Value {
        retrieval::vectors(embed, vectors)
    }

    fn rankings(&self, rerank: &Rerank, scores: &[(usize, f64)], ids: Ids) -> Value {
        retrieval::rankings(rerank, scores, ids)
    }

    fn error(&self, refusal: &Refusal, _: Ids) -> Value {
        let Refusal { message, field, .. } = refusal;
        let (kind, code) = tags(refusal);
        json!({ "error": { "message": message, "type": kind, "param": field, "code": code } })
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        Piece::sse(&self.error(refusal, ids).to_string())
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        vec![("x-request-id", ids.id("req_")), ("openai-version", "2020-10-01".to_owned())]
    }

    fn wait(&self, wait: Duration, _: Ids) -> Vec<(&'static str, String)> {
        vec![
            ("retry-after", wait.as_secs_f64().ceil().to_string()),
            ("retry-after-ms", wait.as_millis().to_string()),
            ("x-ratelimit-limit-requests", "60".to_owned()),
            ("x-ratelimit-remaining-requests", "0".to_owned()),
            ("x-ratelimit-reset-requests", format!("{}ms", wait.as_millis())),
        ]
    }
}
