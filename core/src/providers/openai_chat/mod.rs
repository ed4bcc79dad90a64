//! OpenAI Chat Completions, and what speaks like it.

mod chunks;
mod content;
mod decode;
mod embed;
mod encode;
mod error;
mod ids;
mod logic;
mod logprobs;
mod messages;
mod minimax;
mod parts;
mod reasoning;
mod tools;
mod types;
mod unsupported;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

pub(super) use self::content::Text;
pub(super) use self::error::{embedded, status_error, unasked};
pub(super) use self::logic::{cost, finish_reason, money, usage};
pub(super) use self::logprobs::Logprobs;
pub(super) use self::types::Usage as WireUsage;
use super::body::body;
use super::rerank::{self, RerankDecoder};
use crate::codec::{Codec, Decoder, Framing, Unsupported};
use crate::error::{Error, Kind, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct OpenAiChat;
pub(crate) static CODEC: OpenAiChat = OpenAiChat;

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
            Task::Embed(embed) => ("/embeddings", embed::body(embed, target, &request.extra)?),
            task @ Task::Rerank(rerank) => {
                let style = target.dialect().rerank.ok_or_else(|| Unsupported::task(task, target).error(target))?;
                let mut wire = rerank::Body::new(rerank, style);
                wire.model = Some(&target.model);
                ("/rerank", body(&wire, &request.extra)?)
            }
        };
        let accept = if request.stream { "text/event-stream" } else { "application/json" };
        http::Request::post(target.model_url(path))
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
            Task::Chat(_) => Box::new(decode::ChatDecoder::new(target, &request.extra)),
            Task::Embed(embed) => Box::new(embed::EmbedDecoder::new(target, embed.input.len())),
            Task::Rerank(rerank) => Box::new(RerankDecoder::new(target, rerank)),
        }
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        status_error(head.status, body, target)
    }
}
