//! Requests become OpenAI's.
//!
//! Source: the OpenAI API reference, "Create chat completion"; the other spellings are the `Dialect`'s.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::messages::{Message, messages};
use super::parts::{Ephemeral, ephemeral};
use crate::model::{Chat, Reasoning, ResponseFormat, Tool, ToolChoice};
use crate::providers::{ContentForm, Dialect, MaxTokens, ReasoningStyle, Seed};
use crate::target::Target;

/// The body of a request.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<WireToolChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<WireFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    random_seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    #[serde(flatten)]
    thinking: Thinking<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(chat: &'a Chat, target: &'a Target, stream: bool) -> Self {
        let dialect = target.dialect();
        let (max_tokens, max_completion_tokens) = match dialect.max_tokens {
            MaxTokens::MaxTokens => (chat.max_tokens, None),
            MaxTokens::MaxCompletionTokens => (None, chat.max_tokens),
        };
        let (seed, random_seed) = match dialect.seed {
            Seed::Seed => (chat.seed, None),
            Seed::RandomSeed => (None, chat.seed),
        };
        Body {
            model: &target.model,
            messages: messages(&chat.messages, target),
            tools: chat.tools.iter().map(|tool| WireTool::new(tool, dialect)).collect(),
            tool_choice: chat.tool_choice.as_ref().map(|choice| WireToolChoice::new(choice, &chat.tools)),
            parallel_tool_calls: chat.parallel_tool_calls,
            response_format: chat.response_format.as_ref().map(WireFormat::new),
            temperature: chat.temperature,
            top_p: chat.top_p,
            top_k: chat.top_k,
            max_tokens,
            max_completion_tokens,
            stop: &chat.stop,
            seed,
            random_seed,
            frequency_penalty: chat.frequency_penalty,
            presence_penalty: chat.presence_penalty,
            // Who has none refuses to be told that none are wanted, too.
            logprobs: chat.logprobs.or(chat.top_logprobs.map(|_| true)).filter(|on| *on || dialect.can.logprobs),
            top_logprobs: chat.top_logprobs,
            thinking: chat.reasoning.as_ref().map(|it| Thinking::new(it, dialect.reasoning)).unwrap_or_default(),
            stream,
            stream_options: (stream && dialect.stream_usage).then_some(StreamOptions { include_usage: true }),
        }
    }
}

/// The parameters of a function that has none.
static NO_PARAMETERS: LazyLock<Value> = LazyLock::new(|| json!({"type": "object", "properties": {}}));

/// A function, or what the provider runs itself.
#[derive(Serialize)]
#[serde(untagged)]
enum WireTool<'a> {
    Function {
        #[serde(rename = "type")]
        kind: &'static str,
        function: WireFunction<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<Ephemeral<'a>>,
    },
    Hosted(&'a Map<String, Value>),
}

#[derive(Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl<'a> WireTool<'a> {
    fn new(tool: &'a Tool, dialect: &Dialect) -> Self {
        // Mistral requires them.
        let none = (dialect.content == ContentForm::Chunks).then_some(&NO_PARAMETERS);
        match tool {
            Tool::Function { name, description, parameters, strict, cache_control } => WireTool::Function {
                kind: "function",
                function: WireFunction {
                    name,
                    description: description.as_deref(),
                    parameters: parameters.as_ref().or(none.map(LazyLock::force)),
                    strict: *strict,
                },
                cache_control: cache_control.as_ref().filter(|_| dialect.can.cache_control).map(ephemeral),
            },
            Tool::Hosted { tool } => WireTool::Hosted(tool),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireToolChoice<'a> {
    Word(&'static str),
    Function {
        #[serde(rename = "type")]
        kind: &'static str,
        function: Name<'a>,
    },
    Custom {
        #[serde(rename = "type")]
        kind: &'static str,
        custom: Name<'a>,
    },
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

impl<'a> WireToolChoice<'a> {
    fn new(choice: &'a ToolChoice, tools: &[Tool]) -> Self {
        match choice {
            ToolChoice::Auto => WireToolChoice::Word("auto"),
            ToolChoice::None => WireToolChoice::Word("none"),
            ToolChoice::Required => WireToolChoice::Word("required"),
            ToolChoice::Tool(name) if tools.iter().any(|tool| is_custom(tool, name)) => {
                WireToolChoice::Custom { kind: "custom", custom: Name { name } }
            }
            ToolChoice::Tool(name) => WireToolChoice::Function { kind: "function", function: Name { name } },
        }
    }
}

/// Whether a tool is the custom one of this name.
fn is_custom(tool: &Tool, name: &str) -> bool {
    let Tool::Hosted { tool } = tool else { return false };
    tool.get("custom").and_then(|custom| custom.get("name")?.as_str()) == Some(name)
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireFormat<'a> {
    Text,
    JsonObject,
    JsonSchema { json_schema: WireSchema<'a> },
}

#[derive(Serialize)]
struct WireSchema<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    schema: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl<'a> WireFormat<'a> {
    fn new(format: &'a ResponseFormat) -> Self {
        match format {
            ResponseFormat::Text => WireFormat::Text,
            ResponseFormat::Json => WireFormat::JsonObject,
            ResponseFormat::Schema { name, description, schema, strict } => WireFormat::JsonSchema {
                json_schema: WireSchema {
                    // The API insists on a name.
                    name: name.as_deref().unwrap_or("response"),
                    description: description.as_deref(),
                    schema,
                    strict: *strict,
                },
            },
        }
    }
}

/// How thinking is asked for, in one of the spellings.
#[derive(Default, Serialize)]
struct Thinking<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<ReasoningObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<ThinkingType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_thinking: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u32>,
}

#[derive(Serialize)]
struct ReasoningObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exclude: Option<bool>,
}

#[derive(Serialize)]
struct ThinkingType {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> Thinking<'a> {
    fn new(asked: &'a Reasoning, style: ReasoningStyle) -> Self {
        let effort = asked.effort.as_deref();
        // Asking for any effort or budget turns thinking on where it can only be on or off.
        let on = effort.map(|effort| effort != "none").or(asked.budget_tokens.map(|_| true));
        let mut out = Thinking::default();
        match style {
            ReasoningStyle::None => {}
            ReasoningStyle::Object => {
                out.reasoning = Some(ReasoningObject {
                    effort: effort.map(Cow::Borrowed),
                    max_tokens: asked.budget_tokens,
                    exclude: asked.include.map(|include| !include),
                });
            }
            ReasoningStyle::Thinking if effort == Some("none") => {
                out.thinking = Some(ThinkingType { kind: "disabled" });
            }
            ReasoningStyle::Effort | ReasoningStyle::Thinking => out.reasoning_effort = effort,
            ReasoningStyle::EnableThinking => {
                out.enable_thinking = on;
                out.thinking_budget = asked.budget_tokens;
            }
        }
        out
    }
}
