//! OpenAI Chat Completions.

use bytes::Bytes;

use crate::codec::{Codec, Decoder, Framing, Unsupported};
use crate::error::{Error, Kind, Result};
use crate::model::Request;
use crate::target::Target;

pub(crate) struct OpenAiChat;
pub(crate) static CODEC: OpenAiChat = OpenAiChat;

impl Codec for OpenAiChat {
    fn protocol(&self) -> &'static str {
        "openai-chat"
    }
    fn unsupported(&self, _: &Request, _: &Target) -> Vec<Unsupported> {
        Vec::new()
    }
    fn encode(&self, _: &Request, _: &Target) -> Result<http::Request<Bytes>> {
        Err(Error::new(Kind::Protocol, "x"))
    }
    fn framing(&self, _: &Request, _: &http::response::Parts) -> Framing {
        Framing::Whole
    }
    fn decoder(&self, _: &Request, _: &Target) -> Box<dyn Decoder> {
        unreachable!()
    }
    fn error(&self, _: http::StatusCode, _: &[u8], _: &Target) -> Error {
        Error::new(Kind::Protocol, "x")
    }
}
