//! Mistral's own chat: OpenAI's with chunks for content, other names for some fields, and a schema that forbids what it
//! does not list. So codec and quirks are those of `openai_chat` under Mistral's dialect; what the vendor lacks is here.
//!
//! Source: the Mistral API specification, "Chat Completion API" and "Embeddings API".

mod unsupported;

use std::sync::Arc;

use bytes::Bytes;

use super::openai_chat::CODEC as OPENAI;
use super::{Batch, ContentForm, Dialect, Embeddings, Features, Seed, StreamEnd, ToolIds};
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Result};
use crate::model::Request;
use crate::target::Target;

/// The protocol.
pub(crate) struct Mistral;
pub(crate) static CODEC: Mistral = Mistral;

const DIALECT: Dialect = Dialect {
    content: ContentForm::Chunks,
    seed: Seed::RandomSeed,
    // There is no stream_options: the usage comes unasked.
    stream_usage: false,
    stream_end: StreamEnd::Sentinel,
    // "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9."
    tool_ids: ToolIds::NineAlphanumeric,
    embeddings: Embeddings {
        dimensions: "output_dimension",
        // "Too many inputs in request, split into more batches" for 257 (recorded); "Max is 16384" tokens.
        batch: Batch::tokens(256, 16_384),
        ..Embeddings::PLAIN
    },
    rerank: None,
    // "Prefix": an assistant's last message with `prefix` is gone on with, by all models.
    prefill: Some(""),
    // "Logprobs are not enabled for this model" (recorded); the schema does not list them, top_k and names.
    can: Features { top_k: false, names: false, logprobs: false, video: false, cache_control: false, ..Features::ALL },
    ..Dialect::COMPATIBLE
};

/// Who speaks it.
pub(crate) static PROVIDERS: &[Provider] = &[
    row("mistral", "https://api.mistral.ai/v1", &["MISTRAL_API_KEY"]),
    // "Code generation": an address of its own for editors, whose keys are others.
    row("codestral", "https://codestral.mistral.ai/v1", &["CODESTRAL_API_KEY"]),
];

const fn row(name: &'static str, base_url: &'static str, key_env: &'static [&'static str]) -> Provider {
    Provider { name, protocol: "mistral", base_url, key_env, auth: Scheme::Bearer, dialect: DIALECT, simulated: false }
}

impl Codec for Mistral {
    fn protocol(&self) -> &'static str {
        "mistral"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        let mut found = OPENAI.unsupported(request, target);
        unsupported::add(&mut found, request, target.provider());
        found
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        OPENAI.encode(request, target)
    }

    fn framing(&self, request: &Request, head: &http::response::Parts) -> Framing {
        OPENAI.framing(request, head)
    }

    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        OPENAI.decoder(request, target)
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        OPENAI.error(head, body, target)
    }
}
