//! Ollama's own API: `chat` and `embed`.

mod answer;
mod decode;
mod embed;
mod encode;
mod error;
mod messages;
mod unsupported;

use std::sync::Arc;

use bytes::Bytes;

use super::body::{body, post};
use super::{Dialect, Features};
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct Ollama;
pub(crate) static CODEC: Ollama = Ollama;

const DIALECT: Dialect = Dialect {
    // Whoever runs a server names its models, and the cloud's are those of many makers.
    known_models: false,
    rerank: None,
    can: Features {
        forced_tools: false,
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
    ..Dialect::COMPATIBLE
};

/// Who speaks it: the server on this machine, and the vendor's cloud ("Cloud" of its documentation).
pub(crate) static PROVIDERS: &[Provider] = &[
    Provider {
        name: "ollama",
        protocol: "ollama",
        base_url: "http://localhost:11434",
        key_env: &[],
        auth: Scheme::None,
        dialect: DIALECT,
        simulated: false,
    },
    Provider {
        name: "ollama-cloud",
        protocol: "ollama",
        base_url: "https://ollama.com",
        key_env: &["OLLAMA_API_KEY"],
        auth: Scheme::Bearer,
        dialect: DIALECT,
        simulated: false,
    },
];

/// What a base URL may end in: the folder of this API, and that of the server's OpenAI-like one.
const ENDS: &[&str] = &["/api", "/v1"];

impl Codec for Ollama {
    fn protocol(&self) -> &'static str {
        "ollama"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        unsupported::unsupported(request, target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        match &request.task {
            Task::Chat(chat) => {
                let accept = if request.stream { "application/x-ndjson" } else { "application/json" };
                let wire = encode::Body::new(chat, target, request.stream);
                post(target, (ENDS, "/api/chat"), accept, body(&wire, &request.extra)?)
            }
            Task::Embed(embed) => {
                let bytes = body(&embed::Body::new(embed, target), &request.extra)?;
                post(target, (ENDS, "/api/embed"), "application/json", bytes)
            }
            task @ Task::Rerank(_) => Err(Unsupported::task(task, target).error(target)),
        }
    }

    fn framing(&self, request: &Request, _: &http::response::Parts) -> Framing {
        if request.stream { Framing::Ndjson } else { Framing::Whole }
    }

    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        match &request.task {
            Task::Chat(_) | Task::Rerank(_) => Box::new(decode::ChatDecoder::new(target)),
            Task::Embed(embed) => Box::new(embed::EmbedDecoder::new(target, embed.input.len())),
        }
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        error::status_error(head.status, body, target)
    }
}
