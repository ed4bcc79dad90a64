//! Google's Gemini API, from the provider's side: `generateContent`, `streamGenerateContent?alt=sse` and the embeddings.
//!
//! Source: the Gemini API reference, "Generating content" and "Embeddings"; google.rpc.Status for errors.

mod answer;
mod request;
pub(super) mod vertex;

pub(super) use self::vertex::VertexGemini;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Prompt, Reply};
use super::vendor::{Embed, Ids, Reason, Refusal, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct Gemini;

impl Vendor for Gemini {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        headers.get("x-goog-api-key").and_then(|key| key.to_str().ok()).or_else(|| bearer(headers))
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let body = request.body();
        let path = request.uri().path();
        let not_found = || Refusal::new(404, "The requested URL was not found on this server.");
        let (model, method) = path.rsplit('/').next().and_then(|last| last.split_once(':')).ok_or_else(not_found)?;
        match method {
            "generateContent" => request::chat(model, body).map(Task::Chat),
            // Without it the API answers with a JSON array, which this one does not.
            "streamGenerateContent" if request.uri().query().is_none_or(|query| !query.contains("alt=sse")) => {
                Err(Refusal::invalid("A simulated stream has server-sent events only: ask for alt=sse."))
            }
            "streamGenerateContent" => {
                request::chat(model, body).map(|prompt| Task::Chat(Prompt { stream: true, ..prompt }))
            }
            "batchEmbedContents" => request::embed(model, body).map(Task::Embed),
            _ => Err(not_found()),
        }
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        answer::whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        answer::stream(prompt, reply, ids)
    }

    fn vectors(&self, _: &Embed, vectors: &[Vec<f32>]) -> Value {
        let embeddings: Vec<_> = vectors.iter().map(|vector| json!({ "values": vector })).collect();
        json!({ "embeddings": embeddings })
    }

    fn error(&self, refusal: &Refusal, _: Ids) -> Value {
        let Refusal { message, reason, retry_after, .. } = refusal;
        let code = self.status(refusal);
        let message = match reason {
            Reason::BadKey => "API key not valid. Please pass a valid API key.",
            Reason::NoModel | Reason::Other => message,
        };
        let mut error = json!({ "code": code, "message": message, "status": status(code) });
        let details = if *reason == Reason::BadKey {
            let metadata = json!({ "service": "generativelanguage.googleapis.com" });
            let kind = "type.googleapis.com/google.rpc.ErrorInfo";
            Some(
                json!({ "@type": kind, "reason": "API_KEY_INVALID", "domain": "googleapis.com", "metadata": metadata }),
            )
        } else {
            let kind = "type.googleapis.com/google.rpc.RetryInfo";
            retry_after.map(|wait| json!({ "@type": kind, "retryDelay": format!("{}s", wait.as_secs_f64()) }))
        };
        if let (Some(error), Some(details)) = (error.as_object_mut(), details) {
            error.insert("details".to_owned(), json!([details]));
        }
        json!({ "error": error })
    }

    /// A bad key is an invalid argument to this API.
    fn status(&self, refusal: &Refusal) -> u16 {
        if refusal.reason == Reason::BadKey { 400 } else { refusal.status }
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        Piece::sse(&self.error(refusal, ids).to_string())
    }

    fn headers(&self, _: Ids) -> Vec<(&'static str, String)> {
        vec![("x-gemini-service-tier", "standard".to_owned())]
    }

    /// The body says it.
    fn wait(&self, _: Duration, _: Ids) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

fn status(code: u16) -> &'static str {
    match code {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        500 => "INTERNAL",
        503 | 529 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ if code < 500 => "INVALID_ARGUMENT",
        _ => "UNKNOWN",
    }
}
