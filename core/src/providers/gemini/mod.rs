//! Google's Gemini API: `generateContent`, `streamGenerateContent` and `batchEmbedContents`.

mod answer;
mod calls;
mod contents;
pub(super) mod decode;
pub(super) mod embed;
pub(super) mod encode;
pub(super) mod error;
pub(super) mod finish;
mod media;
mod partial_args;
mod sources;
mod thinking;
pub(super) mod unsupported;

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde_json::Map;

use self::finish::Names;
use super::body::body;
use super::{Batch, Dialect, Embeddings, Features, InputTypes};
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Kind, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct Gemini;
pub(crate) static CODEC: Gemini = Gemini;

/// The one provider that speaks it with nothing but a key.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "gemini",
    protocol: "gemini",
    base_url: "https://generativelanguage.googleapis.com/v1beta",
    key_env: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    // `?key=` would work too, but addresses end up in logs.
    auth: Scheme::Header("x-goog-api-key"),
    dialect: Dialect {
        embeddings: Embeddings {
            input_types: Some(InputTypes::GEMINI),
            // "at most 100 requests can be in one batch"
            batch: Batch::texts(100),
            ..Embeddings::PLAIN
        },
        rerank: None,
        can: Features { parallel_tool_calls: false, ..Features::ALL },
        ..Dialect::COMPATIBLE
    },
    simulated: false,
}];

impl Codec for Gemini {
    fn protocol(&self) -> &'static str {
        "gemini"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        unsupported::unsupported(request, target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        let model = resource(&target.model);
        let (method, bytes) = match &request.task {
            Task::Chat(chat) => (generate(request.stream), body(&encode::Body::new(chat, target)?, &request.extra)?),
            Task::Embed(embed) => {
                ("batchEmbedContents", body(&embed::Body::new(embed, &model, target, &request.extra), &Map::new())?)
            }
            task @ Task::Rerank(_) => return Err(Unsupported::task(task, target).error(target)),
        };
        post(target.url(&format!("/{}:{method}", escaped(&model))), request.stream, bytes, target)
    }

    fn framing(&self, request: &Request, head: &http::response::Parts) -> Framing {
        framing(request, head)
    }

    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        decoder(request, target, &Names::GEMINI)
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        error::status_error(head.status, body, target)
    }
}

/// The method that answers a chat.
pub(super) fn generate(stream: bool) -> &'static str {
    if stream { "streamGenerateContent?alt=sse" } else { "generateContent" }
}

/// A request to one of Google's methods.
pub(super) fn post(url: String, stream: bool, body: Bytes, target: &Target) -> Result<http::Request<Bytes>> {
    let accept = if stream { "text/event-stream" } else { "application/json" };
    http::Request::post(url)
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(ACCEPT, HeaderValue::from_static(accept))
        .body(body)
        .map_err(|_| {
            Error::new(Kind::Config, format!("base_url of provider '{}' is not a valid URL", target.provider()))
        })
}

/// Without `alt=sse` a stream is a JSON array: a proxy may have lost the query.
pub(super) fn framing(request: &Request, head: &http::response::Parts) -> Framing {
    if !request.stream {
        return Framing::Whole;
    }
    let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.trim_start().starts_with("application/json") { Framing::JsonArray } else { Framing::Sse }
}

/// A decoder of answers whose numbers stand for these names.
pub(super) fn decoder(request: &Request, target: &Arc<Target>, names: &'static Names) -> Box<dyn Decoder> {
    match &request.task {
        Task::Chat(_) | Task::Rerank(_) => Box::new(decode::ChatDecoder::new(target, names)),
        Task::Embed(embed) => Box::new(embed::EmbedDecoder::new(target, embed.input.len())),
    }
}

/// A model's full name: `models/gemini-2.5-flash`, or one that already has a folder (`tunedModels/mine`).
fn resource(model: &str) -> String {
    if model.contains('/') { model.to_owned() } else { format!("models/{model}") }
}

/// A model's name in an address. What could end the path there is escaped.
pub(super) fn escaped(model: &str) -> String {
    let mut out = String::with_capacity(model.len());
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
