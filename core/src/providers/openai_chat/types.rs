//! The answers of OpenAI Chat Completions as they come. Everything is optional: servers leave out what they like.
//!
//! What most chunks of a stream lack is boxed, so that the rest is small to move: that is most of what reading a chunk costs.
//!
//! Source: the OpenAI API reference, "The chat completion object" and "The chat completion chunk object"; the fields of
//! other providers are named where they stand.

use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::{Map, Value};

use super::content::Text;
use super::logprobs::Logprobs;
use super::minimax::Outcome;
use crate::providers::count::Count;
use crate::providers::json;

/// A completion, or one chunk of a streamed one.
#[derive(Deserialize)]
pub(super) struct Completion<'a> {
    #[serde(borrow)]
    pub(super) id: Option<json::Text<'a>>,
    #[serde(borrow)]
    pub(super) model: Option<json::Text<'a>>,
    #[serde(default, deserialize_with = "null_is_default")]
    pub(super) choices: Vec<Choice>,
    pub(super) usage: Option<Box<Usage>>,
    /// Groq puts the usage of a stream here, and what broke it off.
    pub(super) x_groq: Option<XGroq>,
    /// A failure inside a 200.
    pub(super) error: Option<Box<Value>>,
    pub(super) base_resp: Option<Box<Outcome>>,
    /// Perplexity: the addresses of its sources, for the whole answer.
    pub(super) citations: Option<Vec<Value>>,
}

#[derive(Deserialize)]
pub(super) struct XGroq {
    pub(super) usage: Option<Box<Usage>>,
    pub(super) error: Option<Box<Value>>,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default, deserialize_with = "null_is_default")]
    pub(super) index: u32,
    /// The whole message. Perplexity sends it in every chunk of a stream too, as far as it has come.
    pub(super) message: Option<Box<Message>>,
    /// In a stream, what is new of the message. Perplexity sends it, empty, in whole answers too.
    pub(super) delta: Option<Box<Message>>,
    /// Mistral: all messages of an answer for which it ran tools itself, the answer last.
    pub(super) messages: Option<Vec<Map<String, Value>>>,
    pub(super) finish_reason: Option<String>,
    pub(super) logprobs: Option<Logprobs>,
    /// OpenRouter: the provider behind it failed in the middle.
    pub(super) error: Option<Box<Value>>,
    /// Moonshot puts the usage of a stream here.
    pub(super) usage: Option<Box<Usage>>,
}

#[derive(Default, Deserialize)]
pub(super) struct Message {
    pub(super) content: Option<Text>,
    pub(super) reasoning_content: Option<Text>,
    pub(super) reasoning: Option<Text>,
    pub(super) reasoning_text: Option<Text>,
    pub(super) thinking: Option<Text>,
    pub(super) reasoning_details: Option<Vec<Map<String, Value>>>,
    pub(super) refusal: Option<String>,
    pub(super) tool_calls: Option<Vec<ToolCall>>,
    /// The one call of the form before `tool_calls`.
    pub(super) function_call: Option<Function>,
    pub(super) annotations: Option<Vec<Annotation>>,
    pub(super) audio: Option<Box<Audio>>,
    /// Azure: what it found in the caller's own data.
    pub(super) context: Option<Context>,
    /// OpenRouter: pictures that the model made.
    pub(super) images: Option<Vec<Image>>,
    /// Groq: the tools that it ran itself.
    pub(super) executed_tools: Option<Vec<Map<String, Value>>>,
}

impl Message {
    /// Its text, where it is no more than that.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Some(Text::Plain(text)) => Some(text),
            _ => None,
        }
    }
}

#[derive(Default, Deserialize)]
pub(super) struct ToolCall {
    pub(super) index: Option<u32>,
    pub(super) id: Option<String>,
    pub(super) function: Option<Function>,
    /// A call of a custom tool, whose input is free text.
    pub(super) custom: Option<Custom>,
    /// Gemini's OpenAI endpoint: the thought signature that has to come back.
    pub(super) extra_content: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
pub(super) struct Function {
    pub(super) name: Option<String>,
    /// JSON text; some servers send the object itself.
    pub(super) arguments: Option<Text>,
}

#[derive(Deserialize)]
pub(super) struct Custom {
    pub(super) name: Option<String>,
    pub(super) input: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Annotation {
    pub(super) url_citation: Option<UrlCitation>,
}

#[derive(Deserialize)]
pub(super) struct UrlCitation {
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) content: Option<String>,
    pub(super) start_index: Option<u64>,
    pub(super) end_index: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Context {
    pub(super) citations: Option<Vec<Value>>,
}

#[derive(Deserialize)]
pub(super) struct Audio {
    pub(super) id: Option<String>,
    pub(super) data: Option<String>,
    pub(super) transcript: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Image {
    pub(super) image_url: Option<ImageUrl>,
}

#[derive(Deserialize)]
pub(super) struct ImageUrl {
    pub(super) url: String,
}

#[derive(Deserialize)]
pub(in crate::providers) struct Usage {
    #[serde(default)]
    pub(super) prompt_tokens: Count,
    #[serde(default)]
    pub(super) completion_tokens: Count,
    #[serde(default)]
    pub(super) total_tokens: Count,
    pub(super) prompt_tokens_details: Option<PromptDetails>,
    /// Mistral has the details under this name too.
    pub(super) prompt_token_details: Option<PromptDetails>,
    /// Mistral: what it heard, in seconds and, at times, in tokens.
    pub(super) prompt_audio_seconds: Option<Count>,
    pub(super) audio_tokens: Option<Count>,
    /// Mistral's older name for `cached_tokens`.
    pub(super) num_cached_tokens: Option<Count>,
    pub(super) completion_tokens_details: Option<CompletionDetails>,
    /// DeepSeek's name for `cached_tokens`.
    pub(super) prompt_cache_hit_tokens: Option<Count>,
    /// Moonshot and Together have it here.
    pub(super) cached_tokens: Option<Count>,
    /// Doubleword has Anthropic's names.
    pub(super) cache_read_input_tokens: Option<Count>,
    pub(super) cache_creation_input_tokens: Option<Count>,
    /// Perplexity says here what others say in the details.
    pub(super) reasoning_tokens: Option<Count>,
    /// What it cost in US dollars: a number (OpenRouter), or an object with a `total_cost` (Perplexity).
    pub(super) cost: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct PromptDetails {
    #[serde(default)]
    pub(super) cached_tokens: Count,
    #[serde(default)]
    pub(super) cache_write_tokens: Count,
    /// Alibaba's name for it.
    #[serde(default)]
    pub(super) cache_creation_input_tokens: Count,
    #[serde(default)]
    pub(super) audio_tokens: Count,
}

#[derive(Deserialize)]
pub(super) struct CompletionDetails {
    #[serde(default)]
    pub(super) reasoning_tokens: Count,
    #[serde(default)]
    pub(super) audio_tokens: Count,
}

fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
