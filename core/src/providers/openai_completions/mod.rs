//! OpenAI's legacy completions: a text goes on. Servers of open models still have it, and base models have nothing else.
//!
//! What OpenAI's own and its like differ in are the quirks of `openai_chat`, which stands beside it at the same address;
//! embeddings are those of there.
//!
//! Source: the OpenAI API reference, "Create completion".

mod decode;
mod encode;
mod prompt;
mod unsupported;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

use super::body::body;
use super::openai_chat::CODEC as CHAT;
use crate::codec::{Codec, Decoder, Framing, Unsupported};
use crate::error::{Error, Kind, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct OpenAiCompletions;
pub(crate) static CODEC: OpenAiCompletions = OpenAiCompletions;

impl Codec for OpenAiCompletions {
    fn protocol(&self) -> &'static str {
        "openai-completions"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        match &request.task {
            Task::Chat(chat) => unsupported::unsupported(chat, request, target),
            _ => CHAT.unsupported(request, target),
        }
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        let Task::Chat(chat) = &request.task else { return CHAT.encode(request, target) };
        let bytes = body(&encode::Body::new(chat, target, request.stream), &request.extra)?;
        let accept = if request.stream { "text/event-stream" } else { "application/json" };
        http::Request::post(target.model_url("/completions"))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(ACCEPT, HeaderValue::from_static(accept))
            .body(bytes)
            .map_err(|_| {
                Error::new(Kind::Config, format!("base_url of provider '{}' is not a valid URL", target.provider()))
            })
    }

    fn framing(&self, request: &Request, head: &http::response::Parts) -> Framing {
        CHAT.framing(request, head)
    }

    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        match &request.task {
            Task::Chat(_) => Box::new(decode::CompletionDecoder::new(target)),
            _ => CHAT.decoder(request, target),
        }
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        CHAT.error(head, body, target)
    }
}
