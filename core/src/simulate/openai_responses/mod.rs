//! OpenAI's Responses API without its memory, from the provider's side.
//!
//! Source: the OpenAI API reference, "Responses" and "Streaming events".

mod answer;
mod input;
mod request;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Prompt, Reply};
use super::openai::{OpenAi, tags};
use super::vendor::{Embed, Ids, Refusal, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct Responses;

impl Vendor for Responses {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        bearer(headers)
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let path = request.uri().path();
        if !path.ends_with("/responses") {
            return Err(Refusal::new(404, format!("Invalid URL ({} {path})", request.method())));
        }
        request::chat(request.body()).map(Task::Chat)
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        answer::whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        answer::stream(prompt, reply, ids)
    }

    /// There are none: no request is read as one.
    fn vectors(&self, _: &Embed, _: &[Vec<f32>]) -> Value {
        Value::Null
    }

    /// A summary of its thinking is shown by every model that is asked for one.
    fn shows_thinking(&self, _: bool) -> bool {
        true
    }

    /// Its errors with a status are those of all of OpenAI's APIs.
    fn error(&self, refusal: &Refusal, ids: Ids) -> Value {
        OpenAi.error(refusal, ids)
    }

    fn stream_error(&self, refusal: &Refusal, _: Ids) -> Piece {
        let (kind, code) = tags(refusal);
        let code = code.unwrap_or(kind);
        let event = json!({ "type": "error", "code": code, "message": refusal.message, "param": refusal.field });
        answer::event("error", &event)
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        OpenAi.headers(ids)
    }

    fn wait(&self, wait: Duration, ids: Ids) -> Vec<(&'static str, String)> {
        OpenAi.wait(wait, ids)
    }
}
