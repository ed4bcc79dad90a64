//! Anthropic's Messages API on Amazon Bedrock: `InvokeModel` and `InvokeModelWithResponseStream`.
//!
//! Source: the Bedrock user guide, "Anthropic Claude Messages API".

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;

use super::anthropic;
use super::anthropic::decode::MessageDecoder;
use super::anthropic::encode::Body;
use super::bedrock_converse::error::{exception, status_error};
use super::bedrock_converse::post;
use super::body::body;
use super::json;
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Frame, Framing, Provider, Unsupported};
use crate::error::{Error, Result};
use crate::framing::EXCEPTION;
use crate::model::{Event, Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct BedrockAnthropic;
pub(crate) static CODEC: BedrockAnthropic = BedrockAnthropic;

/// Who speaks it: one address in each region.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "bedrock-anthropic",
    protocol: "bedrock-anthropic",
    base_url: "https://bedrock-runtime.{region}.amazonaws.com",
    key_env: &["AWS_BEARER_TOKEN_BEDROCK"],
    auth: Scheme::Aws("bedrock"),
    dialect: anthropic::IN_CLOUD,
    simulated: false,
}];

const VERSION: &str = "bedrock-2023-05-31";

impl Codec for BedrockAnthropic {
    fn protocol(&self) -> &'static str {
        "bedrock-anthropic"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        anthropic::unsupported::unsupported(request, target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        let Task::Chat(chat) = &request.task else {
            return Err(Unsupported::task(&request.task, target).error(target));
        };
        let operation = if request.stream { "invoke-with-response-stream" } else { "invoke" };
        // Path and operation say what elsewhere the body says: the model, and whether to stream.
        let wire = Body::new(chat, target, false)?.for_cloud(VERSION);
        post(target, operation, body(&wire, &request.extra)?)
    }

    fn framing(&self, request: &Request, _: &http::response::Parts) -> Framing {
        if request.stream { Framing::AwsEvents } else { Framing::Whole }
    }

    fn decoder(&self, _: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        Box::new(ChunkDecoder { target: Arc::clone(target), inner: MessageDecoder::new(target) })
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        status_error(head, body, target)
    }
}

/// Takes each event of Anthropic's stream out of the chunk that it comes in.
struct ChunkDecoder {
    target: Arc<Target>,
    inner: MessageDecoder,
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    bytes: Option<json::Text<'a>>,
}

impl Decoder for ChunkDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        let Frame::Event { name, data } = frame else { return self.inner.frame(frame, out) };
        if let Some(kind) = name.strip_prefix(EXCEPTION) {
            return Err(exception(kind, data, &self.target));
        }
        let room = json::Room::default();
        let chunk: Chunk<'_> = json::parse(data, &room)?;
        let Some(json::Text(bytes)) = chunk.bytes else { return Ok(()) };
        let event = STANDARD.decode(bytes.as_bytes()).map_err(|_| {
            Error::protocol("malformed_response", format!("{} sent a chunk that is no base64", self.target.label))
        })?;
        self.inner.frame(Frame::Event { name: "", data: &event }, out)
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        self.inner.finish(out)
    }

    fn is_done(&self) -> bool {
        self.inner.is_done()
    }
}
