//! Responses as they come. Everything is optional: servers that speak this protocol leave out what they like.
//!
//! Source: the OpenAI API reference, "The response object" and "Streaming events"; the fields of other providers are named
//! where they stand. Items stay raw text until their type is known: what this build does not know is kept whole.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::model::TokenLogprob;
use crate::providers::count::Count;
use crate::providers::json;

/// A whole response, and the one inside the first and the last events of a stream, whose items most often were told before.
#[derive(Deserialize)]
pub(super) struct Answer<I> {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) status: Option<String>,
    pub(super) output: Option<Vec<I>>,
    pub(super) incomplete_details: Option<Incomplete>,
    pub(super) usage: Option<Box<Usage>>,
    pub(super) error: Option<Box<Value>>,
}

/// Why a response is not whole.
#[derive(Deserialize)]
pub(super) struct Incomplete {
    pub(super) reason: Option<String>,
}

/// One event of a stream.
#[derive(Deserialize)]
pub(super) struct StreamEvent<'a> {
    #[serde(rename = "type", default)]
    pub(super) kind: EventKind,
    #[serde(borrow)]
    pub(super) response: Option<Answer<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) item: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) item_id: Option<json::Text<'a>>,
    pub(super) output_index: Option<Count>,
    pub(super) content_index: Option<Count>,
    pub(super) summary_index: Option<Count>,
    pub(super) delta: Option<Words>,
    pub(super) annotation: Option<Box<Map<String, Value>>>,
    pub(super) logprobs: Option<Vec<Logprob>>,
    pub(super) error: Option<Box<Value>>,
}

/// A fragment. Events of tools that the vendor runs may have something else in its place, which says nothing here.
pub(super) struct Words(pub(super) String);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

/// An untagged enum would buffer every fragment; this reads it as it comes.
struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fragment")
    }
    fn visit_str<E>(self, text: &str) -> Result<Words, E> {
        Ok(Words(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Words, E> {
        Ok(Words(text))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Words, E> {
        Ok(Words(String::new()))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Words, E> {
        Ok(Words(String::new()))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Words, E> {
        Ok(Words(String::new()))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Words, E> {
        Ok(Words(String::new()))
    }
    fn visit_unit<E>(self) -> Result<Words, E> {
        Ok(Words(String::new()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Words, A::Error> {
        IgnoredAny.visit_seq(seq).map(|_| Words(String::new()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Words, A::Error> {
        IgnoredAny.visit_map(map).map(|_| Words(String::new()))
    }
}

/// The events that say something the items at their end do not.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) enum EventKind {
    #[serde(rename = "response.completed", alias = "response.incomplete")]
    End,
    #[serde(rename = "response.failed", alias = "response.cancelled")]
    Failed,
    #[serde(rename = "error")]
    Error,
    #[serde(rename = "response.output_item.added")]
    ItemAdded,
    #[serde(rename = "response.output_item.done")]
    ItemDone,
    #[serde(rename = "response.output_text.delta")]
    Text,
    #[serde(rename = "response.output_text.annotation.added")]
    Annotation,
    #[serde(rename = "response.refusal.delta")]
    Refusal,
    #[serde(rename = "response.reasoning_summary_text.delta")]
    Summary,
    #[serde(rename = "response.reasoning_text.delta")]
    Thought,
    #[serde(rename = "response.function_call_arguments.delta", alias = "response.custom_tool_call_input.delta")]
    Input,
    /// Progress of the vendor's own tools, beginnings and ends of what an item says again as a whole, and what is yet to come.
    #[default]
    #[serde(other)]
    Other,
}

/// A token with its log probability.
#[derive(Deserialize)]
pub(super) struct Logprob {
    token: String,
    logprob: Option<f64>,
    top_logprobs: Option<Vec<Logprob>>,
}

impl From<Logprob> for TokenLogprob {
    fn from(entry: Logprob) -> Self {
        TokenLogprob {
            token: entry.token,
            logprob: entry.logprob.unwrap_or(f64::MIN),
            top: entry.top_logprobs.into_iter().flatten().map(TokenLogprob::from).collect(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Usage {
    pub(super) input_tokens: Option<Count>,
    pub(super) output_tokens: Option<Count>,
    pub(super) total_tokens: Option<Count>,
    pub(super) input_tokens_details: Option<InputDetails>,
    pub(super) output_tokens_details: Option<OutputDetails>,
    /// OpenRouter: what it cost in US dollars.
    pub(super) cost: Option<f64>,
    /// xAI: what it cost in its own unit.
    pub(super) cost_in_usd_ticks: Option<Count>,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct InputDetails {
    pub(super) cached_tokens: Option<Count>,
    pub(super) cache_write_tokens: Option<Count>,
    pub(super) audio_tokens: Option<Count>,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct OutputDetails {
    pub(super) reasoning_tokens: Option<Count>,
    pub(super) audio_tokens: Option<Count>,
}
