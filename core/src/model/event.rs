//! What a reply is made of: `start content* end`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::usage::Money;
use super::{Citation, Fallback, FinishReason, Part, Ranking, State, TokenLogprob, Usage};
use crate::error::Kind;

/// One event of a reply. `index` is the part that the event belongs to: its place in the response's `parts`.
///
/// Events of one part may come interleaved with those of another; text fragments of the same index join to one part.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The answer has begun. Always first, and again behind `restart` and `continued`; not content.
    Start(Start),
    /// A fragment of visible text.
    Text {
        /// The part.
        index: u32,
        /// The fragment.
        text: String,
    },
    /// A fragment of the model's thinking.
    Reasoning {
        /// The part.
        index: u32,
        /// The fragment.
        text: String,
    },
    /// A tool call has begun.
    ToolCall {
        /// The part.
        index: u32,
        /// The call's id.
        id: String,
        /// The tool.
        name: String,
    },
    /// A fragment of a tool call's arguments.
    Arguments {
        /// The part.
        index: u32,
        /// The fragment of JSON text.
        fragment: String,
    },
    /// A fragment of a refusal.
    Refusal {
        /// The part.
        index: u32,
        /// The fragment.
        text: String,
    },
    /// A source.
    Citation {
        /// The part.
        index: u32,
        /// The source.
        #[serde(flatten)]
        citation: Citation,
        /// The provider's own form of it, for the next turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<Box<State>>,
    },
    /// A part that arrives whole: an image, audio, a file, something of the provider's own. Audio may come in fragments, which
    /// join if they have the same index.
    Part {
        /// The part's place.
        index: u32,
        /// The part.
        part: Box<Part>,
    },
    /// Opaque provider state of the part `index`; it replaces the same keys sent before. Not content.
    State {
        /// The part.
        index: u32,
        /// The state.
        state: Box<State>,
    },
    /// Log probabilities of the tokens just sent. Not content.
    Logprobs {
        /// One entry a token.
        tokens: Vec<TokenLogprob>,
    },
    /// One vector of an embedding.
    Embedding {
        /// Which input it belongs to.
        index: u32,
        /// The vector.
        vector: Vec<f32>,
    },
    /// One document of a ranking, the best first.
    Ranking(Ranking),
    /// The answer broke off, and another target begins anew: what came before this event is void. Only where the route
    /// asks for it (`stream.on_interrupt`); not content.
    Restart {
        /// The target that begins anew: `provider/model`.
        target: String,
        /// What became of the one before.
        reason: Kind,
    },
    /// The answer broke off, and a target goes on with its words: what follows may be another model's. Only where the route
    /// asks for it (`stream.on_interrupt`); not content.
    Continued {
        /// The target that goes on: `provider/model`.
        target: String,
        /// What became of the one before.
        reason: Kind,
    },
    /// The answer is complete. Always last.
    End(Box<End>),
}

/// The beginning of an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Start {
    /// The provider's id of the answer.
    #[serde(default)]
    pub id: Option<String>,
    /// The model that the provider says answers.
    #[serde(default)]
    pub model: Option<String>,
    /// Set where it is not the real thing: the route failed, and its fallback answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
}

/// The end of an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The provider's own word for it.
    #[serde(default)]
    pub finish_reason_raw: Option<String>,
    /// The stop sequence that was met, where the provider says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_sequence: Option<String>,
    /// The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); `None` of anything else.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// What the provider says it cost.
    #[serde(default)]
    pub cost: Option<Money>,
    /// Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
}

/// Prints kinds and sizes only: events hold answers, and those stay out of logs like prompts.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Start(start) => start.fmt(f),
            Event::End(end) => end.fmt(f),
            Event::Text { index, text } | Event::Reasoning { index, text } | Event::Refusal { index, text } => {
                write!(f, "{}({index}, {} bytes)", self.kind(), text.len())
            }
            Event::ToolCall { index, name, .. } => write!(f, "tool_call({index}, {name})"),
            Event::Arguments { index, fragment } => write!(f, "arguments({index}, {} bytes)", fragment.len()),
            Event::Part { index, part } => write!(f, "part({index}, {part:?})"),
            Event::Citation { index, .. } | Event::State { index, .. } | Event::Embedding { index, .. } => {
                write!(f, "{}({index})", self.kind())
            }
            Event::Ranking(ranking) => write!(f, "ranking({}, {})", ranking.index, ranking.relevance_score),
            Event::Logprobs { tokens } => write!(f, "logprobs({} tokens)", tokens.len()),
            Event::Restart { target, reason } | Event::Continued { target, reason } => {
                write!(f, "{}({target}, {reason})", self.kind())
            }
        }
    }
}

impl Event {
    /// Whether this is content: after the first content, failover is over.
    pub fn is_content(&self) -> bool {
        match self {
            Event::Text { text, .. } | Event::Reasoning { text, .. } | Event::Refusal { text, .. } => !text.is_empty(),
            Event::ToolCall { .. }
            | Event::Arguments { .. }
            | Event::Citation { .. }
            | Event::Part { .. }
            | Event::Embedding { .. }
            | Event::Ranking(_) => true,
            Event::Start(_)
            | Event::State { .. }
            | Event::Logprobs { .. }
            | Event::Restart { .. }
            | Event::Continued { .. }
            | Event::End(_) => false,
        }
    }

    /// The place of the part that it belongs to.
    pub(crate) fn index_mut(&mut self) -> Option<&mut u32> {
        match self {
            Event::Text { index, .. }
            | Event::Reasoning { index, .. }
            | Event::ToolCall { index, .. }
            | Event::Arguments { index, .. }
            | Event::Refusal { index, .. }
            | Event::Citation { index, .. }
            | Event::Part { index, .. }
            | Event::State { index, .. } => Some(index),
            Event::Start(_)
            | Event::Logprobs { .. }
            | Event::Embedding { .. }
            | Event::Ranking(_)
            | Event::Restart { .. }
            | Event::Continued { .. }
            | Event::End(_) => None,
        }
    }

    /// What the model wrote with it: words, thoughts, the name and the arguments of a call. `None` where that is no text.
    pub(crate) fn written(&self) -> Option<&str> {
        match self {
            Event::Text { text, .. } | Event::Reasoning { text, .. } | Event::Refusal { text, .. } => Some(text),
            Event::ToolCall { name, .. } => Some(name),
            Event::Arguments { fragment, .. } => Some(fragment),
            _ => None,
        }
    }

    /// The fragment of visible text, if this is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Event::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The event's kind as callers read it: `text`, `tool_call`, ...
    pub fn kind(&self) -> &'static str {
        match self {
            Event::Start(_) => "start",
            Event::Text { .. } => "text",
            Event::Reasoning { .. } => "reasoning",
            Event::ToolCall { .. } => "tool_call",
            Event::Arguments { .. } => "arguments",
            Event::Refusal { .. } => "refusal",
            Event::Citation { .. } => "citation",
            Event::Part { .. } => "part",
            Event::State { .. } => "state",
            Event::Logprobs { .. } => "logprobs",
            Event::Embedding { .. } => "embedding",
            Event::Ranking(_) => "ranking",
            Event::Restart { .. } => "restart",
            Event::Continued { .. } => "continued",
            Event::End(_) => "end",
        }
    }
}
