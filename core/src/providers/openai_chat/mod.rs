//! OpenAI Chat Completions, and what speaks like it.

mod chunks;
mod content;
mod decode;
mod encode;
mod error;
mod ids;
mod logic;
mod messages;
mod parts;
mod reasoning;
mod tools;
mod types;
mod unsupported;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde::Serialize;

pub(super) use self::content::Text;
pub(super) use self::decode::token;
pub(super) use self::error::{embedded, status_error};
pub(super) use self::logic::{cost, finish_reason, usage};
pub(super) use self::types::{Logprob as WireLogprob, Usage as WireUsage};
use super::Dimensions;
use super::body::body;
use crate::codec::{Codec, Decoder, Framing, Unsupported};
use crate::error::{Error, Kind, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct OpenAiChat;
pub(crate) static CODEC: OpenAiChat = OpenAiChat;

/// The body of an embedding.
#[derive(Serialize)]
struct Embedding<'a> {
    model: &'a str,
    input: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
    /// The default of some SDKs is base64; numbers are what every server can do.
    encoding_format: &'static str,
}

impl Codec for OpenAiChat {
    fn protocol(&self) -> &'static str {
        "openai-chat"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        unsupported::unsupported(request, target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        let (path, bytes) = match &request.task {
            Task::Chat(chat) => {
                ("/chat/completions", body(&encode::Body::new(chat, target, request.stream), &request.extra)?)
            }
            Task::Embed(embed) => {
                let (dimensions, output_dimension) = match target.dialect().dimensions {
                    Dimensions::Dimensions => (embed.dimensions, None),
                    Dimensions::OutputDimension => (None, embed.dimensions),
                };
                let (model, input) = (&*target.model, &*embed.input);
                let wire = Embedding { model, input, dimensions, output_dimension, encoding_format: "float" };
                ("/embeddings", body(&wire, &request.extra)?)
            }
            task @ Task::Rerank(_) => return Err(Unsupported::task(task, target).error(target)),
        };
        let accept = if request.stream { "text/event-stream" } else { "application/json" };
        http::Request::post(target.url(path))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(ACCEPT, HeaderValue::from_static(accept))
            .body(bytes)
            .map_err(|_| {
                Error::new(Kind::Config, format!("base_url of provider '{}' is not a valid URL", target.provider()))
            })
    }

    fn framing(&self, request: &Request, _: &http::response::Parts) -> Framing {
        if request.stream { Framing::Sse } else { Framing::Whole }
    }

    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        match &request.task {
            Task::Chat(_) | Task::Rerank(_) => Box::new(decode::ChatDecoder::new(target)),
            Task::Embed(embed) => Box::new(decode::EmbedDecoder::new(target, embed.input.len())),
        }
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        status_error(head.status, body, target)
    }
}
