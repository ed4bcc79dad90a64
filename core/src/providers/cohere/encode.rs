//! Requests become bodies of `chat`. Source: the Cohere API reference, "Chat"; the guides "Structured Outputs" and
//! "Reasoning".

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::messages::{Message, messages};
use crate::model::{Chat, Reasoning, ResponseFormat, Tool, ToolChoice};
use crate::providers::functions::WireFunction;
use crate::providers::gemini::encode::described;
use crate::target::Target;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireFunction<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict_tools: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(chat: &'a Chat, target: &'a Target, stream: bool) -> Self {
        // The API can force a call and cannot name the tool: of one tool it is that one.
        let named = |function: &WireFunction<'_>| match &chat.tool_choice {
            Some(ToolChoice::Tool(name)) => function.name() == name,
            _ => true,
        };
        Body {
            model: &target.model,
            messages: messages(&chat.messages, target),
            tools: chat.tools.iter().filter_map(WireFunction::new).filter(named).collect(),
            // One switch for all tools: the stricter wins.
            strict_tools: chat.tools.iter().any(|tool| matches!(tool, Tool::Function { strict: Some(true), .. })),
            tool_choice: match chat.tool_choice {
                Some(ToolChoice::Required | ToolChoice::Tool(_)) => Some("REQUIRED"),
                Some(ToolChoice::None) if !chat.tools.is_empty() => Some("NONE"),
                _ => None,
            },
            response_format: chat.response_format.as_ref().map(Format::new),
            thinking: chat.reasoning.as_ref().map(Thinking::new),
            max_tokens: chat.max_tokens,
            stop_sequences: &chat.stop,
            temperature: chat.temperature,
            p: chat.top_p,
            k: chat.top_k,
            seed: chat.seed,
            frequency_penalty: chat.frequency_penalty,
            presence_penalty: chat.presence_penalty,
            logprobs: chat.logprobs,
            stream,
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    Text,
    JsonObject {
        #[serde(skip_serializing_if = "Option::is_none")]
        json_schema: Option<Cow<'a, Value>>,
    },
}

impl<'a> Format<'a> {
    fn new(format: &'a ResponseFormat) -> Self {
        match format {
            ResponseFormat::Text => Format::Text,
            ResponseFormat::Json => Format::JsonObject { json_schema: None },
            ResponseFormat::Schema { schema, description, .. } => {
                Format::JsonObject { json_schema: Some(described(schema, description.as_deref())) }
            }
        }
    }
}

/// Thinking is on or off. It is always shown.
#[derive(Serialize)]
struct Thinking {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_budget: Option<u32>,
}

impl Thinking {
    fn new(asked: &Reasoning) -> Self {
        if asked.effort.as_deref() == Some("none") {
            return Thinking { kind: "disabled", token_budget: None };
        }
        Thinking { kind: "enabled", token_budget: asked.budget_tokens }
    }
}
