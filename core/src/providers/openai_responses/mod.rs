//! OpenAI's Responses API, used without its memory: nothing is stored at the vendor, every request brings the whole
//! conversation along.

mod decode;
mod encode;
mod error;
mod finish;
mod input;
mod items;
mod models;
mod open;
mod output;
mod plain;
mod types;
mod unsupported;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

use super::body::body;
use crate::codec::{Codec, Decoder, Framing, Unsupported};
use crate::error::{Error, Kind, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct OpenAiResponses;
pub(crate) static CODEC: OpenAiResponses = OpenAiResponses;

impl Codec for OpenAiResponses {
    fn protocol(&self) -> &'static str {
        "openai-responses"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        unsupported::unsupported(request, target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        let Task::Chat(chat) = &request.task else {
            let task = &request.task;
            return Err(Error::unsupported(task.field(), target.provider(), unsupported::elsewhere(task)));
        };
        let bytes = body(&encode::Body::new(chat, request, target), &request.extra)?;
        let accept = if request.stream { "text/event-stream" } else { "application/json" };
        http::Request::post(target.url("/responses"))
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

    fn decoder(&self, _: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        Box::new(decode::ResponseDecoder::new(target))
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        error::status_error(head.status, body, target)
    }
}
