//! Answers as they come.
//!
//! Source: the Bedrock API reference, `Converse` and `ConverseStream`. Blocks that this build does not know are kept whole.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::model;
use crate::providers::count::Count;
use crate::providers::json;

/// A whole answer, with blocks of which all is known or none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer<B> {
    pub(super) output: Option<Output<B>>,
    pub(super) stop_reason: Option<String>,
    pub(super) usage: Option<Box<Usage>>,
    pub(super) message: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Output<B> {
    pub(super) message: Option<Message<B>>,
}

#[derive(Deserialize)]
pub(super) struct Message<B> {
    pub(super) content: Option<Vec<B>>,
}

/// A block of one of the kinds that most answers consist of: an object of one key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum PlainBlock<'a> {
    Text(String),
    ReasoningContent(Reasoning),
    #[serde(borrow)]
    ToolUse(PlainCall<'a>),
}

/// A call of one of the caller's tools.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PlainCall<'a> {
    tool_use_id: Option<String>,
    name: Option<String>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

impl<'a> From<PlainBlock<'a>> for Block<'a> {
    fn from(block: PlainBlock<'a>) -> Self {
        match block {
            PlainBlock::Text(text) => Block { text: Some(text), ..Block::default() },
            PlainBlock::ReasoningContent(thinking) => {
                Block { reasoning_content: Some(Box::new(thinking)), ..Block::default() }
            }
            PlainBlock::ToolUse(PlainCall { tool_use_id, name, input }) => {
                Block { tool_use: Some(ToolUse { tool_use_id, name, input, kind: None }), ..Block::default() }
            }
        }
    }
}

/// A whole block.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block<'a> {
    pub(super) text: Option<String>,
    pub(super) reasoning_content: Option<Box<Reasoning>>,
    #[serde(borrow)]
    pub(super) tool_use: Option<ToolUse<'a>>,
    pub(super) citations_content: Option<Citations>,
    pub(super) image: Option<Made>,
    pub(super) audio: Option<Made>,
}

/// Thinking: whole as `reasoningText`, in a stream as text and signature.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reasoning {
    pub(super) reasoning_text: Option<Thought>,
    pub(super) text: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) redacted_content: Option<String>,
}

#[derive(Default, Deserialize)]
pub(super) struct Thought {
    pub(super) text: Option<String>,
    pub(super) signature: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse<'a> {
    pub(super) tool_use_id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    /// `server_tool_use` where the provider runs it.
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Citations {
    pub(super) content: Option<Vec<Generated>>,
    pub(super) citations: Option<Vec<Map<String, Value>>>,
}

#[derive(Deserialize)]
pub(super) struct Generated {
    pub(super) text: Option<String>,
}

/// A picture, or sound.
#[derive(Deserialize)]
pub(super) struct Made {
    pub(super) format: Option<String>,
    pub(super) source: Option<MadeSource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MadeSource {
    pub(super) bytes: Option<String>,
    pub(super) s3_location: Option<S3Location>,
}

#[derive(Deserialize)]
pub(super) struct S3Location {
    pub(super) uri: String,
}

/// What the events of a stream bring, each some of it. What few bring is boxed: an event is moved more than it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamEvent<'a> {
    pub(super) content_block_index: Option<Count>,
    #[serde(borrow)]
    pub(super) start: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) delta: Option<Delta<'a>>,
    pub(super) stop_reason: Option<String>,
    pub(super) usage: Option<Box<Usage>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delta<'a> {
    pub(super) text: Option<String>,
    pub(super) reasoning_content: Option<Box<Reasoning>>,
    #[serde(borrow)]
    pub(super) tool_use: Option<InputFragment<'a>>,
    pub(super) citation: Option<Box<Map<String, Value>>>,
}

#[derive(Deserialize)]
pub(super) struct InputFragment<'a> {
    #[serde(borrow)]
    pub(super) input: Option<json::Text<'a>>,
}

/// A delta of which nothing is known.
#[derive(Deserialize)]
pub(super) struct AnyDelta {
    pub(super) delta: Map<String, Value>,
}

/// Token counts.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    input_tokens: Option<Count>,
    output_tokens: Option<Count>,
    cache_read_input_tokens: Option<Count>,
    cache_write_input_tokens: Option<Count>,
    cache_details: Option<Vec<CacheDetail>>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CacheDetail {
    ttl: Option<String>,
    input_tokens: Option<Count>,
}

impl Usage {
    /// Total-inclusive: `inputTokens` is what was neither read from the cache nor written to it.
    pub(super) fn total(&self) -> Option<model::Usage> {
        let counts =
            [self.input_tokens, self.output_tokens, self.cache_read_input_tokens, self.cache_write_input_tokens];
        if counts.iter().all(Option::is_none) {
            return None;
        }
        let [fresh, output, read, written] = counts.map(Option::unwrap_or_default);
        let for_an_hour = self.cache_details.iter().flatten().filter(|detail| detail.ttl.as_deref() == Some("1h"));
        let hour = for_an_hour.fold(0_u64, |sum, it| sum.saturating_add(it.input_tokens.unwrap_or_default().value));
        let input = fresh.value.saturating_add(read.value).saturating_add(written.value);
        // Like each count, their sum stays within what every language can show.
        let most = i64::MAX.unsigned_abs();
        let usage = model::Usage {
            input_tokens: input.min(most),
            output_tokens: output.value,
            cached_input_tokens: read.value,
            cache_write_tokens: written.value,
            cache_write_1h_tokens: hour,
            clamped: input > most || [fresh, output, read, written].iter().any(|count| count.clamped),
            ..model::Usage::default()
        };
        Some(usage.checked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(json: &str) -> Option<model::Usage> {
        serde_json::from_str::<Usage>(json).unwrap().total()
    }

    #[test]
    fn the_cache_is_part_of_the_input() {
        let usage = total(
            r#"{"inputTokens": 3, "outputTokens": 7, "totalTokens": 140, "cacheReadInputTokens": 100,
                "cacheWriteInputTokens": 30, "cacheDetails": [{"ttl": "5m", "inputTokens": 10}, {"ttl": "1h", "inputTokens": 20}]}"#,
        )
        .unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens), (133, 7));
        assert_eq!((usage.cached_input_tokens, usage.cache_write_tokens, usage.cache_write_1h_tokens), (100, 30, 20));
        assert!(!usage.clamped);
    }

    #[test]
    fn impossible_counts_are_clamped_and_none_is_none() {
        let usage = total(r#"{"inputTokens": -5, "outputTokens": 1e300, "cacheReadInputTokens": null}"#).unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens, usage.clamped), (0, i64::MAX.unsigned_abs(), true));
        assert_eq!(total(r#"{"serverToolUsage": {}}"#), None);
    }
}
