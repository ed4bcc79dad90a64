//! Requests become Anthropic's.
//!
//! Source: the Anthropic API reference, "Messages"; the guides "Tool use" and "Structured outputs".

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::block::{Block, Ephemeral};
use super::thinking::{Plan, Thinking};
use super::turns::{Refused, Turn, conversation};
use crate::error::{Error, Result};
use crate::model::{Chat, ResponseFormat, Role, Tool, ToolChoice};
use crate::target::Target;

/// The body of a request.
#[derive(Serialize)]
pub(in crate::providers) struct Body<'a> {
    /// What a cloud that has the model in its address wants to see here.
    #[serde(skip_serializing_if = "Option::is_none")]
    anthropic_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<WireToolChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<&'a Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireTool<'a> {
    Function(Function<'a>),
    Hosted(&'a Map<String, Value>),
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: Schema<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Ephemeral<'a>>,
}

/// A JSON Schema with one key more, unless it has that key.
pub(in crate::providers) struct Schema<'a> {
    of: Option<&'a Value>,
    key: &'static str,
    value: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireToolChoice<'a> {
    Auto {
        #[serde(skip_serializing_if = "Option::is_none")]
        disable_parallel_tool_use: Option<bool>,
    },
    Any {
        #[serde(skip_serializing_if = "Option::is_none")]
        disable_parallel_tool_use: Option<bool>,
    },
    Tool {
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        disable_parallel_tool_use: Option<bool>,
    },
    None,
}

#[derive(Serialize)]
struct OutputConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
}

#[derive(Serialize)]
struct Format {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: Value,
}

impl<'a> Body<'a> {
    pub(in crate::providers) fn new(chat: &'a Chat, target: &'a Target, stream: bool) -> Result<Self> {
        let provider = target.provider();
        let refuse = |field: &str, reason: &str| Error::unsupported(field, provider, format!("{provider} {reason}"));
        let (conversation, refused) = conversation(&chat.messages, target);
        if let Some(Refused { path, reason }) = refused.first() {
            return Err(refuse(path, reason));
        }
        let plan = Plan::new(chat, &target.model).map_err(|reason| refuse("reasoning", &reason))?;
        let format = format(chat.response_format.as_ref());
        Ok(Body {
            anthropic_version: None,
            model: Some(&target.model),
            max_tokens: plan.max_tokens,
            system: conversation.system,
            messages: conversation.messages,
            tools: chat.tools.iter().map(tool).collect(),
            tool_choice: tool_choice(chat),
            thinking: plan.thinking,
            output_config: (plan.effort.is_some() || format.is_some())
                .then_some(OutputConfig { effort: plan.effort, format }),
            temperature: chat.temperature,
            top_p: chat.top_p,
            top_k: chat.top_k,
            stop_sequences: &chat.stop,
            container: container(chat, provider),
            stream,
        })
    }

    /// The body for a cloud whose address has the model.
    pub(in crate::providers) fn for_cloud(self, version: &'static str) -> Self {
        Body { anthropic_version: Some(version), model: None, ..self }
    }
}

fn tool(tool: &Tool) -> WireTool<'_> {
    match tool {
        Tool::Function { name, description, parameters, strict, cache_control } => WireTool::Function(Function {
            name,
            description: description.as_deref(),
            input_schema: Schema::of_arguments(parameters.as_ref()),
            strict: *strict,
            cache_control: cache_control.as_ref().map(Ephemeral::new),
        }),
        Tool::Hosted { tool } => WireTool::Hosted(tool),
    }
}

/// The choice, and the switch for parallel calls that has its place inside it. Without tools the API refuses both.
fn tool_choice(chat: &Chat) -> Option<WireToolChoice<'_>> {
    if chat.tools.is_empty() {
        return None;
    }
    let disable_parallel_tool_use = chat.parallel_tool_calls.map(|parallel| !parallel);
    match &chat.tool_choice {
        None if disable_parallel_tool_use == Some(true) => Some(WireToolChoice::Auto { disable_parallel_tool_use }),
        None => None,
        Some(ToolChoice::Auto) => Some(WireToolChoice::Auto { disable_parallel_tool_use }),
        Some(ToolChoice::Required) => Some(WireToolChoice::Any { disable_parallel_tool_use }),
        Some(ToolChoice::Tool(name)) => Some(WireToolChoice::Tool { name, disable_parallel_tool_use }),
        Some(ToolChoice::None) => Some(WireToolChoice::None),
    }
}

/// The API always follows a schema exactly, so `strict` needs no word; a name has no place.
fn format(format: Option<&ResponseFormat>) -> Option<Format> {
    match format? {
        ResponseFormat::Schema { schema, description, .. } => {
            Some(Format { kind: "json_schema", schema: closed(schema, description.as_deref()) })
        }
        ResponseFormat::Text | ResponseFormat::Json => None,
    }
}

/// A schema as the API insists on it, every object closed, and with its description.
pub(in crate::providers) fn closed(schema: &Value, description: Option<&str>) -> Value {
    let mut schema = close(schema);
    if let (Value::Object(entries), Some(description)) = (&mut schema, description) {
        entries.entry("description").or_insert_with(|| description.into());
    }
    schema
}

fn close(schema: &Value) -> Value {
    match schema {
        Value::Object(entries) => {
            let is_object =
                entries.get("type").is_some_and(|kind| kind == "object") || entries.contains_key("properties");
            let mut out: Map<_, _> = entries.iter().map(|(key, value)| (key.clone(), below(key, value))).collect();
            if is_object {
                out.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            Value::Object(out)
        }
        other => other.clone(),
    }
}

/// Where schemas stand below a schema; anywhere else an object is data.
fn below(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("properties" | "$defs" | "definitions", Value::Object(named)) => {
            Value::Object(named.iter().map(|(name, schema)| (name.clone(), close(schema))).collect())
        }
        ("anyOf" | "allOf" | "oneOf" | "prefixItems", Value::Array(items)) => items.iter().map(close).collect(),
        ("items", schema) => close(schema),
        _ => value.clone(),
    }
}

/// The container in which code waits for the results of the last message's calls.
fn container<'a>(chat: &'a Chat, provider: &str) -> Option<&'a Value> {
    let last = chat.messages.iter().rfind(|message| message.role == Role::Assistant)?;
    last.content.iter().rev().find_map(|part| part.state_for(provider)?.get("container"))
}

impl<'a> Schema<'a> {
    /// The API insists on the type that other providers take for granted.
    pub(in crate::providers) fn of_arguments(schema: Option<&'a Value>) -> Self {
        Schema { of: schema, key: "type", value: Some("object") }
    }
}

impl Serialize for Schema<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let none = Map::new();
        let entries = match self.of {
            Some(Value::Object(entries)) => entries,
            Some(other) => return other.serialize(serializer),
            None => &none,
        };
        let more = self.value.filter(|_| !entries.contains_key(self.key));
        let mut map = serializer.serialize_map(None)?;
        if let Some(value) = more {
            map.serialize_entry(self.key, value)?;
        }
        for (key, value) in entries {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
