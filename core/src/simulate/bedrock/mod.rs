//! Bedrock from the provider's side: its Converse API, Anthropic's own behind it, and the models for embeddings and rankings.
//!
//! Source: the Bedrock API reference, `Converse`, `ConverseStream`, `InvokeModel` and "Common errors".

mod answer;
mod anthropic;
mod request;
mod retrieval;

pub(super) use self::anthropic::BedrockAnthropic;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Prompt, Reply};
use super::vendor::{Embed, Ids, Reason, Refusal, Rerank, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct Bedrock;

impl Vendor for Bedrock {
    /// A plain key, or the id of the access key that signed.
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        let signed = || {
            let (_, rest) = headers.get("authorization")?.to_str().ok()?.split_once("Credential=")?;
            rest.split('/').next()
        };
        bearer(headers).or_else(signed)
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        if let Ok((model, _)) = operation(request.uri(), "invoke", "invoke") {
            return retrieval::read(model, request.body());
        }
        let (model, stream) = operation(request.uri(), "converse", "converse-stream")?;
        let prompt = request::chat(request.body())?;
        Ok(Task::Chat(Prompt { model, stream, ..prompt }))
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        answer::whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        answer::stream(prompt, reply, ids)
    }

    fn stream_type(&self) -> &'static str {
        "application/vnd.amazon.eventstream"
    }

    fn vectors(&self, embed: &Embed, vectors: &[Vec<f32>]) -> Value {
        retrieval::vectors(embed, vectors)
    }

    fn rankings(&self, _: &Rerank, scores: &[(usize, f64)], _: Ids) -> Value {
        retrieval::rankings(scores)
    }

    fn status(&self, refusal: &Refusal) -> u16 {
        if refusal.reason == Reason::BadKey { 403 } else { refusal.status }
    }

    fn error(&self, refusal: &Refusal, _: Ids) -> Value {
        json!({ "message": refusal.message })
    }

    fn stream_error(&self, refusal: &Refusal, _: Ids) -> Piece {
        let kind = match refusal.status {
            429 => "throttlingException",
            503 | 529 => "serviceUnavailableException",
            500.. => "internalServerException",
            _ => "validationException",
        };
        let headers = [(":message-type", "exception"), (":exception-type", kind)];
        answer::message(&headers, &json!({ "message": refusal.message }))
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        vec![("x-amzn-requestid", ids.id("req-"))]
    }

    fn wait(&self, wait: Duration, _: Ids) -> Vec<(&'static str, String)> {
        vec![("retry-after", wait.as_secs_f64().ceil().to_string())]
    }
}

/// The model in a path, and whether the operation there is the one that streams.
fn operation(uri: &http::Uri, plain: &str, stream: &str) -> Result<(String, bool), Refusal> {
    let parts = uri.path().split_once("/model/").and_then(|(_, rest)| rest.split_once('/'));
    match parts {
        Some((model, operation)) if operation == plain || operation == stream => {
            Ok((decoded(model), operation == stream))
        }
        _ => Err(Refusal::new(404, "UnknownOperationException")),
    }
}

/// A model's id out of a path, in which all but letters, digits and a few signs is escaped.
fn decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut out = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match piece.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                out.extend(piece.bytes().skip(2));
            }
            None => out.extend(piece.bytes()),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
