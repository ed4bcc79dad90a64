//! Anthropic's answers as they come.
//!
//! Source: the Anthropic API reference, "Messages" and "Streaming Messages". Blocks stay raw text until their type is
//! known: what this build does not know is kept whole.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::usage::Usage;
use crate::providers::count::Count;

/// A whole answer, and the head of a streamed one, with blocks of which all is known or none.
#[derive(Deserialize)]
pub(super) struct Message<B> {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) content: Option<Vec<B>>,
    pub(super) stop_reason: Option<String>,
    pub(super) stop_sequence: Option<String>,
    pub(super) container: Option<Container>,
    pub(super) usage: Option<Usage>,
    /// The answer is an error after all.
    pub(super) error: Option<Box<Value>>,
}

/// Where code ran.
#[derive(Deserialize)]
pub(super) struct Container {
    pub(super) id: String,
}

/// One event of a stream.
#[derive(Deserialize)]
pub(super) struct StreamEvent<'a> {
    #[serde(rename = "type", default)]
    pub(super) kind: EventKind,
    #[serde(borrow)]
    pub(super) message: Option<Message<&'a RawValue>>,
    pub(super) index: Option<Count>,
    #[serde(borrow)]
    pub(super) content_block: Option<&'a RawValue>,
    pub(super) delta: Option<Delta>,
    pub(super) usage: Option<Usage>,
    pub(super) error: Option<Value>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EventKind {
    MessageStart,
    ContentBlockStart,
    ContentBlockDelta,
    ContentBlockStop,
    MessageDelta,
    MessageStop,
    Error,
    /// `ping`, and what is yet to come: the API's rules say to ignore what one does not know.
    #[default]
    #[serde(other)]
    Other,
}

/// What a `content_block_delta` or `message_delta` adds.
#[derive(Deserialize)]
pub(super) struct Delta {
    #[serde(rename = "type", default)]
    pub(super) kind: DeltaKind,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) partial_json: Option<String>,
    pub(super) citation: Option<Map<String, Value>>,
    pub(super) stop_reason: Option<String>,
    pub(super) stop_sequence: Option<String>,
    pub(super) container: Option<Container>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeltaKind {
    TextDelta,
    ThinkingDelta,
    SignatureDelta,
    InputJsonDelta,
    CitationsDelta,
    #[default]
    #[serde(other)]
    Other,
}

/// A delta of which nothing is known.
#[derive(Deserialize)]
pub(super) struct AnyDelta {
    pub(super) delta: Map<String, Value>,
}

/// A block of one of the types that most answers consist of, with the fields of all of them.
#[derive(Deserialize)]
pub(super) struct PlainBlock<'a> {
    #[serde(rename = "type")]
    pub(super) kind: PlainKind,
    pub(super) text: Option<String>,
    pub(super) citations: Option<Vec<Map<String, Value>>>,
    pub(super) thinking: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    pub(super) caller: Option<Map<String, Value>>,
    pub(super) toolset_name: Option<Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PlainKind {
    Text,
    Thinking,
    ToolUse,
}

/// The type of a block.
#[derive(Deserialize)]
pub(super) struct Tag<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct TextBlock {
    pub(super) text: Option<String>,
    pub(super) citations: Option<Vec<Map<String, Value>>>,
}

#[derive(Deserialize)]
pub(super) struct ThinkingBlock {
    pub(super) thinking: Option<String>,
    pub(super) signature: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RedactedBlock {
    pub(super) data: String,
}

#[derive(Deserialize)]
pub(super) struct ToolUseBlock<'a> {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    /// Who calls: the model itself, or code that it runs.
    pub(super) caller: Option<Map<String, Value>>,
    /// The toolset that the tool belongs to.
    pub(super) toolset_name: Option<Value>,
}
