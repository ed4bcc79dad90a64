//! Amazon Bedrock's Converse API: `Converse` and `ConverseStream`, and `InvokeModel` for embeddings and rankings.

mod answer;
mod blocks;
mod decode;
mod embed;
mod encode;
pub(super) mod error;
mod media;
mod models;
mod parts;
mod turns;
mod unsupported;

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

use super::body::body;
use super::rerank::{self, RerankDecoder};
use super::{Batch, Dialect, Features, Reranking};
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Kind, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct BedrockConverse;
pub(crate) static CODEC: BedrockConverse = BedrockConverse;

/// Who speaks it: one address in each region.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "bedrock",
    protocol: "bedrock-converse",
    base_url: "https://bedrock-runtime.{region}.amazonaws.com",
    key_env: &["AWS_BEARER_TOKEN_BEDROCK"],
    auth: Scheme::Aws("bedrock"),
    dialect: Dialect {
        can: Features {
            parallel_tool_calls: false,
            json: false,
            uploads: false,
            names: false,
            seed: false,
            penalties: false,
            logprobs: false,
            ..Features::ALL
        },
        ..Dialect::COMPATIBLE
    },
    simulated: false,
}];

impl Codec for BedrockConverse {
    fn protocol(&self) -> &'static str {
        "bedrock-converse"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        unsupported::unsupported(request, target)
    }

    fn batch(&self, target: &Target) -> Batch {
        embed::batch(target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        match &request.task {
            Task::Chat(chat) => {
                let wire = encode::Body::new(chat, target)?;
                let operation = if request.stream { "converse-stream" } else { "converse" };
                post(target, operation, body(&wire, &request.extra)?)
            }
            Task::Embed(embed) => post(target, "invoke", embed::body(embed, target, &request.extra)?),
            Task::Rerank(rerank) => {
                let mut wire = rerank::Body::new(rerank, Reranking::Cohere);
                // Cohere's models insist on a version.
                wire.api_version = target.model.contains("cohere.").then_some(2);
                post(target, "invoke", body(&wire, &request.extra)?)
            }
        }
    }

    fn framing(&self, request: &Request, _: &http::response::Parts) -> Framing {
        if request.stream { Framing::AwsEvents } else { Framing::Whole }
    }

    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        match &request.task {
            Task::Chat(_) => Box::new(decode::ConverseDecoder::new(target)),
            Task::Rerank(rerank) => Box::new(RerankDecoder::new(target, rerank)),
            Task::Embed(embed) => Box::new(embed::EmbedDecoder::new(target, embed.input.len())),
        }
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        error::status_error(head, body, target)
    }
}

/// A request for an operation of a model.
pub(super) fn post(target: &Target, operation: &str, body: Bytes) -> Result<http::Request<Bytes>> {
    // `InvokeModel` and its stream mean by it what is inside.
    let accept = if operation == "converse-stream" { "application/vnd.amazon.eventstream" } else { "application/json" };
    http::Request::post(target.url(&format!("/model/{}/{operation}", escaped(&target.model))))
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(ACCEPT, HeaderValue::from_static(accept))
        .body(body)
        .map_err(|_| {
            Error::new(Kind::Config, format!("base_url of provider '{}' is not a valid URL", target.provider()))
        })
}

/// A model's id in a path. It may be the ARN of a profile, which has slashes.
fn escaped(model: &str) -> String {
    let mut out = String::with_capacity(model.len());
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
