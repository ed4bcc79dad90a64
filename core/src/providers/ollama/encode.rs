//! Requests become bodies of `chat`. Source: Ollama's documentation, "Generate a chat message", "Structured outputs",
//! "Thinking" and "Modelfile" for the options.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

use super::messages::{Message, messages};
use crate::model::{Chat, Reasoning, ResponseFormat, ToolChoice};
use crate::providers::functions::WireFunction;
use crate::providers::gemini::encode::described;
use crate::target::Target;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireFunction<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Cow<'a, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<Think>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Options<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    /// Always said: the server streams unless it is told not to.
    stream: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(chat: &'a Chat, target: &'a Target, stream: bool) -> Self {
        // There is no such choice; a tool that is not declared is not called.
        let tools = if chat.tool_choice == Some(ToolChoice::None) { &[] } else { chat.tools.as_slice() };
        Body {
            model: &target.model,
            messages: messages(&chat.messages, target),
            tools: tools.iter().filter_map(WireFunction::new).collect(),
            format: format(chat.response_format.as_ref()),
            think: chat.reasoning.as_ref().and_then(Think::new),
            options: Options::new(chat),
            logprobs: chat.logprobs.or(chat.top_logprobs.map(|_| true)),
            top_logprobs: chat.top_logprobs,
            stream,
        }
    }
}

/// Any JSON, or JSON that follows a schema.
fn format(format: Option<&ResponseFormat>) -> Option<Cow<'_, Value>> {
    match format? {
        ResponseFormat::Text => None,
        ResponseFormat::Json => Some(Cow::Owned(json!("json"))),
        ResponseFormat::Schema { schema, description, .. } => Some(described(schema, description.as_deref())),
    }
}

/// Whether to think, or how much, which some models take and others refuse.
#[derive(Serialize)]
#[serde(untagged)]
enum Think {
    Switch(bool),
    Level(&'static str),
}

impl Think {
    /// The levels that there are: what is finer or beyond becomes the nearest.
    fn new(asked: &Reasoning) -> Option<Self> {
        match asked.effort.as_deref() {
            None => (asked.include == Some(true)).then_some(Think::Switch(true)),
            Some("none") => Some(Think::Switch(false)),
            Some("minimal" | "low") => Some(Think::Level("low")),
            Some("medium") => Some(Think::Level("medium")),
            Some(_) => Some(Think::Level("high")),
        }
    }
}

#[derive(Default, PartialEq, Serialize)]
struct Options<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    num_predict: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
}

impl<'a> Options<'a> {
    /// `None` where nothing is asked for.
    fn new(chat: &'a Chat) -> Option<Self> {
        let options = Options {
            num_predict: chat.max_tokens,
            temperature: chat.temperature,
            top_p: chat.top_p,
            top_k: chat.top_k,
            stop: &chat.stop,
            seed: chat.seed,
            frequency_penalty: chat.frequency_penalty,
            presence_penalty: chat.presence_penalty,
        };
        (options != Options::default()).then_some(options)
    }
}
