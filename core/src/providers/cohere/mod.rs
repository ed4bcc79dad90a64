//! Cohere's API, version 2: `chat`, `embed` and `rerank`.

mod answer;
mod decode;
mod embed;
mod encode;
mod error;
mod messages;
mod parts;
mod unsupported;

use std::sync::Arc;

use bytes::Bytes;

use super::body::{body, post};
use super::rerank::{self, RerankDecoder};
use super::{Batch, Dialect, Embeddings, Features, InputTypes, Reranking};
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct Cohere;
pub(crate) static CODEC: Cohere = Cohere;

/// Who speaks it.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "cohere",
    protocol: "cohere",
    base_url: "https://api.cohere.com",
    // The vendor's SDKs read CO_API_KEY.
    key_env: &["COHERE_API_KEY", "CO_API_KEY"],
    auth: Scheme::Bearer,
    dialect: Dialect {
        can: Features {
            parallel_tool_calls: false,
            hosted_tools: false,
            audio: false,
            audio_in_responses: false,
            any_audio_format: false,
            video: false,
            files: false,
            names: false,
            cache_control: false,
            ..Features::ALL
        },
        embeddings: Embeddings {
            input_types: Some(InputTypes::COHERE),
            // API reference, "Embed": at most 96 texts in one call.
            batch: Batch::texts(96),
            ..Embeddings::PLAIN
        },
        ..Dialect::COMPATIBLE
    },
    simulated: false,
}];

/// What a base URL may end in: the folder of the vendor's OpenAI-like API, and the versions of its own.
const ENDS: &[&str] = &["/compatibility/v1", "/v1", "/v2"];

impl Codec for Cohere {
    fn protocol(&self) -> &'static str {
        "cohere"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        unsupported::unsupported(request, target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        match &request.task {
            Task::Chat(chat) => {
                let accept = if request.stream { "text/event-stream" } else { "application/json" };
                let wire = encode::Body::new(chat, target, request.stream);
                post(target, (ENDS, "/v2/chat"), accept, body(&wire, &request.extra)?)
            }
            Task::Embed(embed) => {
                let bytes = body(&embed::Body::new(embed, target), &request.extra)?;
                post(target, (ENDS, "/v2/embed"), "application/json", bytes)
            }
            Task::Rerank(rerank) => {
                let mut wire = rerank::Body::new(rerank, Reranking::Cohere);
                wire.model = Some(&target.model);
                post(target, (ENDS, "/v2/rerank"), "application/json", body(&wire, &request.extra)?)
            }
        }
    }

    fn framing(&self, request: &Request, _: &http::response::Parts) -> Framing {
        if request.stream { Framing::Sse } else { Framing::Whole }
    }

    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        match &request.task {
            Task::Chat(_) => Box::new(decode::ChatDecoder::new(target)),
            Task::Embed(embed) => Box::new(embed::EmbedDecoder::new(target, embed.input.len())),
            Task::Rerank(rerank) => Box::new(RerankDecoder::new(target, rerank)),
        }
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        error::status_error(head.status, body, target)
    }
}
