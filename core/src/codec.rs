//! What a protocol is: how requests become HTTP and frames become events. Codecs are pure: no client, key or clock.

use std::sync::Arc;

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::model::{Event, Request, Task};
use crate::providers::{Batch, Dialect};
use crate::target::Target;

/// One protocol: a wire format for requests, answers, streams and errors.
pub trait Codec: Send + Sync + 'static {
    /// Its name in the configuration: `openai-chat`.
    fn protocol(&self) -> &'static str;

    /// What of `request` a target of this protocol cannot do, by field. Empty where it can do all.
    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported>;

    /// What one request for vectors may hold.
    fn batch(&self, target: &Target) -> Batch {
        target.dialect().embeddings.batch
    }

    /// The HTTP request, complete but for the key.
    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>>;

    /// How the body of a successful answer is cut into frames.
    fn framing(&self, request: &Request, head: &http::response::Parts) -> Framing;

    /// A decoder for one answer.
    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder>;

    /// The error of an answer whose status is not 200. Pure: the gateway adds what the headers say of waiting.
    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error;
}

/// Turns the frames of one answer into events.
pub trait Decoder: Send {
    /// Decodes one frame.
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()>;

    /// Says that no more frames come. Emits `end` if that was all that was missing; an answer without its terminal
    /// marker is an error of kind `stream_incomplete`.
    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()>;

    /// Whether the terminal marker has come: what follows is ignored.
    fn is_done(&self) -> bool;

    /// Whether the answer is complete if nothing follows, although something may. From here on a body that breaks off or
    /// stalls only ends the answer.
    fn may_end(&self) -> bool {
        self.is_done()
    }
}

/// How a body is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One document.
    Whole,
    /// Server-sent events.
    Sse,
    /// A JSON array whose items arrive one by one (Gemini without `alt=sse`).
    JsonArray,
    /// A JSON value a line.
    Ndjson,
    /// Messages of AWS's event-stream encoding. The name of an event is its type; that of an exception is its type behind
    /// `exception:`.
    AwsEvents,
}

/// One piece of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// The whole body.
    Whole(&'a [u8]),
    /// One event of a stream; `name` is empty where the framing has none.
    Event {
        /// The event's name.
        name: &'a str,
        /// Its data.
        data: &'a [u8],
    },
}

/// A field that a target cannot honour, and how to go without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The field, such as `seed` or `messages[0].content[1]`.
    pub field: String,
    /// Why, in a few words: "anthropic has no seed".
    pub reason: String,
}

impl Unsupported {
    /// A field that a target cannot honour.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Unsupported { field: field.into(), reason: reason.into() }
    }

    /// A task that a target cannot do at all.
    pub(crate) fn task(task: &Task, target: &Target) -> Self {
        Unsupported::new(task.field(), format!("{} has no {}", target.provider(), task.ability()))
    }

    /// The error of a request that asks for it nevertheless.
    pub(crate) fn error(self, target: &Target) -> Error {
        Error::unsupported(self.field, target.provider(), self.reason)
    }
}

/// A provider as it is known without configuration: where it is, how it is signed, how it differs.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name: `groq`.
    pub name: &'static str,
    /// Its protocol: `openai-chat`.
    pub protocol: &'static str,
    /// Scheme, host and path prefix; empty where every account has its own (Azure, Databricks).
    pub base_url: &'static str,
    /// The environment variables that may hold the key, the first that is set wins. Empty where no key is needed,
    /// and where the cloud has other credentials.
    pub key_env: &'static [&'static str],
    /// How the key is sent.
    pub auth: crate::auth::Scheme,
    /// How it differs from its protocol.
    pub dialect: Dialect,
    /// Whether it is simulated even where the configuration does not ask for it: `sim`.
    pub simulated: bool,
}
