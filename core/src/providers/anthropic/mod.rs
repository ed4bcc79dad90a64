//! Anthropic's Messages API.

mod block;
pub(super) mod decode;
pub(super) mod encode;
pub(super) mod error;
pub(super) mod models;
mod parts;
pub(super) mod thinking;
mod turns;
mod types;
pub(super) mod unsupported;
mod usage;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};

use super::body::body;
use super::{Dialect, Features};
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Kind, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct Anthropic;
pub(crate) static CODEC: Anthropic = Anthropic;

/// What Claude can do at Anthropic.
const CLAUDE: Dialect = Dialect {
    can: Features {
        json: false,
        audio: false,
        seed: false,
        penalties: false,
        logprobs: false,
        embeddings: false,
        ..Features::ALL
    },
    // "Prefill Claude's response". `anthropic/models.rs` knows which of them do not.
    prefill: Some("claude"),
    rerank: None,
    ..Dialect::COMPATIBLE
};
/// What it can do at the clouds, which fetch nothing and keep no files.
pub(super) const IN_CLOUD: Dialect =
    Dialect { can: Features { addresses: false, uploads: false, ..CLAUDE.can }, ..CLAUDE };

/// Who speaks it.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "anthropic",
    protocol: "anthropic",
    base_url: "https://api.anthropic.com/v1",
    key_env: &["ANTHROPIC_API_KEY"],
    auth: Scheme::Header("x-api-key"),
    dialect: CLAUDE,
    simulated: false,
}];

const VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// Whether a tool's type ends in a date as this vendor's do: `bash_20250124`.
pub(super) fn is_dated(kind: &str) -> bool {
    let end = kind.rsplit('_').next().unwrap_or_default();
    end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_digit())
}

impl Codec for Anthropic {
    fn protocol(&self) -> &'static str {
        "anthropic"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        unsupported::unsupported(request, target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        let Task::Chat(chat) = &request.task else {
            return Err(Unsupported::task(&request.task, target).error(target));
        };
        let wire = encode::Body::new(chat, target, request.stream)?;
        let accept = if request.stream { "text/event-stream" } else { "application/json" };
        let mut http = http::Request::post(target.url("/messages"))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(ACCEPT, HeaderValue::from_static(accept))
            .header(VERSION, HeaderValue::from_static("2023-06-01"));
        if block::has_uploads(chat) {
            // Uploaded files were long a beta feature, and a beta's header stays valid when the beta ends.
            http = http.header(BETA, HeaderValue::from_static("files-api-2025-04-14"));
        }
        http.body(body(&wire, &request.extra)?).map_err(|_| {
            Error::new(Kind::Config, format!("base_url of provider '{}' is not a valid URL", target.provider()))
        })
    }

    fn framing(&self, request: &Request, _: &http::response::Parts) -> Framing {
        if request.stream { Framing::Sse } else { Framing::Whole }
    }

    fn decoder(&self, _: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        Box::new(decode::MessageDecoder::new(target))
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        error::status_error(head.status, body, target)
    }
}

#[cfg(test)]
mod tests;
