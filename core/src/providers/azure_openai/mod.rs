//! Azure's OpenAI: OpenAI's own chats and embeddings at addresses of Azure's, which filter what goes in and out.
//!
//! The deployment is the model of a target. How it is addressed is the endpoint's ([`Addressing`](crate::target::Addressing)),
//! and what the filters say is read beside OpenAI's own fields, so that the codec is `openai_chat`'s.
//!
//! Sources: "Azure OpenAI in Microsoft Foundry Models REST API reference"; "Azure OpenAI v1 API"; "Content filtering";
//! "Content streaming".

use std::sync::Arc;

use bytes::Bytes;

use super::Dialect;
use super::openai_chat::CODEC as OPENAI;
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Result};
use crate::model::Request;
use crate::target::Target;

/// The protocol.
pub(crate) struct AzureOpenAi;
pub(crate) static CODEC: AzureOpenAi = AzureOpenAi;

/// Who speaks it: every resource has its own address, `https://NAME.openai.azure.com`.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "azure",
    protocol: "azure-openai",
    base_url: "",
    key_env: &["AZURE_OPENAI_API_KEY"],
    auth: Scheme::Azure,
    // Its owner names a deployment, by whatever name.
    dialect: Dialect { known_models: false, ..Dialect::OPENAI },
    simulated: false,
}];

impl Codec for AzureOpenAi {
    fn protocol(&self) -> &'static str {
        "azure-openai"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        OPENAI.unsupported(request, target)
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
