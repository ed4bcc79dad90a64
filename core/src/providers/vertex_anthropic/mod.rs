//! Anthropic's Messages API on Vertex AI: `rawPredict` and `streamRawPredict`.
//!
//! Sources: the Vertex AI guide "Request predictions with Claude models"; Anthropic's guide "Claude on Vertex AI".

use std::sync::Arc;

use bytes::Bytes;

use super::anthropic;
use super::anthropic::decode::MessageDecoder;
use super::anthropic::encode::Body;
use super::anthropic::error::status_error;
use super::body::body;
use super::gemini::post;
use super::vertex_gemini::{BASE_URL, url};
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct VertexAnthropic;
pub(crate) static CODEC: VertexAnthropic = VertexAnthropic;

/// Who speaks it.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "vertex-anthropic",
    protocol: "vertex-anthropic",
    base_url: BASE_URL,
    key_env: &[],
    auth: Scheme::Google,
    dialect: anthropic::IN_CLOUD,
    simulated: false,
}];

const VERSION: &str = "vertex-2023-10-16";

impl Codec for VertexAnthropic {
    fn protocol(&self) -> &'static str {
        "vertex-anthropic"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        anthropic::unsupported::unsupported(request, target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        let Task::Chat(chat) = &request.task else {
            return Err(Unsupported::task(&request.task, target).error(target));
        };
        let method = if request.stream { "streamRawPredict" } else { "rawPredict" };
        // The path says the model; that it shall stream the body says too, since the method alone does not make it.
        let wire = Body::new(chat, target, request.stream)?.for_cloud(VERSION);
        post(url(target, "anthropic", method), request.stream, body(&wire, &request.extra)?, target)
    }

    fn framing(&self, request: &Request, _: &http::response::Parts) -> Framing {
        if request.stream { Framing::Sse } else { Framing::Whole }
    }

    fn decoder(&self, _: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        Box::new(MessageDecoder::new(target))
    }

    /// An error is Anthropic's, or Google's where the request did not come so far.
    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        status_error(head.status, body, target)
    }
}
