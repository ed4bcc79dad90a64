//! Requests become OpenAI's Responses.
//!
//! Source: the OpenAI API reference, "Create a model response", and the guides "Reasoning models" (stateless use),
//! "Function calling" and "Structured outputs".

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::items::{Item, items};
use super::models;
use crate::model::{Chat, Request, ResponseFormat, Tool, ToolChoice};
use crate::providers::ReasoningStyle;
use crate::target::Target;

/// Asks for thinking in a form that can be said back to a vendor that stores nothing.
const ENCRYPTED: &str = "reasoning.encrypted_content";
const LOGPROBS: &str = "message.output_text.logprobs";

/// The body of a request.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    input: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<WireToolChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Thinking<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include: Vec<&'static str>,
    /// The default is to store.
    store: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(chat: &'a Chat, request: &Request, target: &'a Target) -> Self {
        // Only a caller can ask for it, who then knows what the vendor remembers.
        let stores = request.extra.get("store") == Some(&Value::Bool(true));
        Body {
            model: &target.model,
            input: items(&chat.messages, target, stores),
            tools: chat.tools.iter().map(WireTool::new).collect(),
            tool_choice: chat.tool_choice.as_ref().map(|choice| WireToolChoice::new(choice, &chat.tools)),
            parallel_tool_calls: chat.parallel_tool_calls,
            text: chat.response_format.as_ref().map(|format| Text { format: WireFormat::new(format) }),
            temperature: chat.temperature,
            top_p: chat.top_p,
            top_k: chat.top_k,
            max_output_tokens: chat.max_tokens,
            top_logprobs: chat.top_logprobs,
            reasoning: Thinking::new(chat, target.dialect().reasoning),
            include: include(chat, &target.model),
            store: false,
            stream: request.stream,
        }
    }
}

/// What an answer is to have beside what it always has.
fn include(chat: &Chat, model: &str) -> Vec<&'static str> {
    let asked = chat.reasoning.as_ref();
    let off = asked.and_then(|asked| asked.effort.as_deref()) == Some("none");
    let thinks = !off && (asked.is_some() || models::thinks(model));
    let weighs = chat.logprobs == Some(true) || (chat.logprobs.is_none() && chat.top_logprobs.is_some());
    [(thinks, ENCRYPTED), (weighs, LOGPROBS)].into_iter().filter_map(|(is, what)| is.then_some(what)).collect()
}

/// A function, or what the vendor runs itself.
#[derive(Serialize)]
#[serde(untagged)]
enum WireTool<'a> {
    Function {
        #[serde(rename = "type")]
        kind: &'static str,
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        parameters: Cow<'a, Value>,
        /// This API makes every schema a strict one that does not say otherwise, with all its fields required. Elsewhere a
        /// schema is strict only where it says so, and a tool is to mean the same everywhere.
        strict: bool,
    },
    Hosted(Cow<'a, Map<String, Value>>),
}

impl<'a> WireTool<'a> {
    fn new(tool: &'a Tool) -> Self {
        match tool {
            Tool::Function { name, description, parameters, strict, cache_control: _ } => WireTool::Function {
                kind: "function",
                name,
                description: description.as_deref(),
                // The API insists on one.
                parameters: parameters
                    .as_ref()
                    .map_or_else(|| Cow::Owned(json!({"type": "object", "properties": {}})), Cow::Borrowed),
                strict: strict.unwrap_or(false),
            },
            Tool::Hosted { tool } => WireTool::Hosted(custom(tool).map_or(Cow::Borrowed(tool), Cow::Owned)),
        }
    }
}

/// A custom tool in the spelling of Chat Completions, which nests what stands side by side here.
fn custom(tool: &Map<String, Value>) -> Option<Map<String, Value>> {
    let inner = tool.get("custom")?.as_object()?;
    let mut out = Map::from_iter([("type".to_owned(), json!("custom"))]);
    out.extend(inner.clone());
    let grammar = inner.get("format").and_then(|format| format.get("grammar")).and_then(Value::as_object);
    if let Some(grammar) = grammar {
        let mut format = Map::from_iter([("type".to_owned(), json!("grammar"))]);
        format.extend(grammar.clone());
        out.insert("format".to_owned(), format.into());
    }
    Some(out)
}

/// The type and the name of a tool of the vendor's own form.
fn hosted(tool: &Tool) -> Option<(&str, Option<&str>)> {
    let Tool::Hosted { tool } = tool else { return None };
    let name = tool.get("custom").and_then(|custom| custom.get("name")).or_else(|| tool.get("name"));
    Some((tool.get("type")?.as_str()?, name.and_then(Value::as_str)))
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireToolChoice<'a> {
    Word(&'static str),
    Named {
        #[serde(rename = "type")]
        kind: &'static str,
        name: &'a str,
    },
    Hosted {
        #[serde(rename = "type")]
        kind: &'a str,
    },
}

impl<'a> WireToolChoice<'a> {
    fn new(choice: &'a ToolChoice, tools: &[Tool]) -> Self {
        let name = match choice {
            ToolChoice::Auto => return WireToolChoice::Word("auto"),
            ToolChoice::None => return WireToolChoice::Word("none"),
            ToolChoice::Required => return WireToolChoice::Word("required"),
            ToolChoice::Tool(name) => name,
        };
        let mut hosted = tools.iter().filter_map(hosted);
        // The tools that the vendor runs have no name but their type.
        match hosted.find(|(kind, own)| own.map_or(*kind == name, |own| own == name)) {
            Some(("custom", _)) => WireToolChoice::Named { kind: "custom", name },
            Some((_, None)) => WireToolChoice::Hosted { kind: name },
            _ => WireToolChoice::Named { kind: "function", name },
        }
    }
}

#[derive(Serialize)]
struct Text<'a> {
    format: WireFormat<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireFormat<'a> {
    Text,
    JsonObject,
    JsonSchema {
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        schema: &'a Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        strict: Option<bool>,
    },
}

impl<'a> WireFormat<'a> {
    fn new(format: &'a ResponseFormat) -> Self {
        match format {
            ResponseFormat::Text => WireFormat::Text,
            ResponseFormat::Json => WireFormat::JsonObject,
            ResponseFormat::Schema { name, description, schema, strict } => WireFormat::JsonSchema {
                // The API insists on a name.
                name: name.as_deref().unwrap_or("response"),
                description: description.as_deref(),
                schema,
                strict: *strict,
            },
        }
    }
}

#[derive(Serialize)]
struct Thinking<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'static str>,
    /// OpenRouter's.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
}

impl<'a> Thinking<'a> {
    /// The API shows no thinking but a summary of it, and that only where it is asked for one.
    fn new(chat: &'a Chat, style: ReasoningStyle) -> Option<Self> {
        let asked = chat.reasoning.as_ref()?;
        let thinking = Thinking {
            effort: asked.effort.as_deref(),
            summary: (asked.include == Some(true)).then_some("auto"),
            max_tokens: asked.budget_tokens.filter(|_| style == ReasoningStyle::Object),
        };
        let says = thinking.effort.is_some() || thinking.summary.is_some() || thinking.max_tokens.is_some();
        says.then_some(thinking)
    }
}
