//! Requests become bodies of `Converse` and `ConverseStream`.
//!
//! Source: the Bedrock API reference, "Converse"; the user guide, "Get validated JSON results from models".

use serde::Serialize;
use serde_json::{Map, Value};

use super::blocks::{Block, CachePoint};
use super::models::told;
use super::turns::{Conversation, Refused, Turn, conversation};
use crate::error::{Error, Result};
use crate::model::{Chat, ResponseFormat, Tool, ToolChoice};
use crate::providers::anthropic::encode::{Schema, closed};
use crate::target::Target;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inference_config: Option<InferenceConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    additional_model_request_fields: Map<String, Value>,
}

#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct InferenceConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolConfig<'a> {
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<WireToolChoice<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum WireTool<'a> {
    ToolSpec(ToolSpec<'a>),
    CachePoint(CachePoint<'a>),
    #[serde(untagged)]
    Hosted(&'a Map<String, Value>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolSpec<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: InputSchema<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

#[derive(Serialize)]
struct InputSchema<'a> {
    json: Schema<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum WireToolChoice<'a> {
    Auto {},
    Any {},
    Tool { name: &'a str },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutputConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_format: Option<TextFormat<'a>>,
}

#[derive(Serialize)]
struct TextFormat<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    structure: Structure<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Structure<'a> {
    json_schema: JsonSchema<'a>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    /// As JSON text.
    schema: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

impl<'a> Body<'a> {
    pub(super) fn new(chat: &'a Chat, target: &Target) -> Result<Self> {
        let provider = target.provider();
        let refuse = |field: &str, reason: &str| Error::unsupported(field, provider, format!("{provider} {reason}"));
        let (conversation, refused) = conversation(&chat.messages, target);
        if let Some(Refused { path, reason }) = refused.first() {
            return Err(refuse(path, reason));
        }
        let told = told(chat, &target.model).map_err(|(field, reason)| refuse(field, &reason))?;
        Ok(Body {
            inference_config: InferenceConfig::new(chat),
            tool_config: tool_config(chat, &conversation),
            output_config: OutputConfig::new(text_format(chat.response_format.as_ref(), &target.model), told.effort),
            additional_model_request_fields: told.fields,
            system: conversation.system,
            messages: conversation.messages,
        })
    }
}

impl<'a> InferenceConfig<'a> {
    /// `None` where nothing is asked for.
    fn new(chat: &'a Chat) -> Option<Self> {
        let config = InferenceConfig {
            max_tokens: chat.max_tokens,
            temperature: chat.temperature,
            top_p: chat.top_p,
            stop_sequences: &chat.stop,
        };
        (config != InferenceConfig::default()).then_some(config)
    }
}

fn tool_config<'a>(chat: &'a Chat, conversation: &Conversation<'a>) -> Option<ToolConfig<'a>> {
    let uses_tools = conversation.uses_tools();
    let tool_choice = match &chat.tool_choice {
        // The API has no such choice. What is not declared is not called, where nothing was called before.
        Some(ToolChoice::None) if !uses_tools => return None,
        None | Some(ToolChoice::None) => None,
        Some(ToolChoice::Auto) => Some(WireToolChoice::Auto {}),
        Some(ToolChoice::Required) => Some(WireToolChoice::Any {}),
        Some(ToolChoice::Tool(name)) => Some(WireToolChoice::Tool { name }),
    };
    if !chat.tools.is_empty() {
        return Some(ToolConfig { tools: chat.tools.iter().flat_map(tools).collect(), tool_choice });
    }
    // Calls without a declaration are refused: those of the history are declared by their names.
    let mut names: Vec<_> = Vec::new();
    for name in conversation.called() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let tools: Vec<_> = names.into_iter().map(|name| WireTool::ToolSpec(ToolSpec::new(name, None, None))).collect();
    (!tools.is_empty()).then_some(ToolConfig { tools, tool_choice: None })
}

impl<'a> ToolSpec<'a> {
    fn new(name: &'a str, description: Option<&'a str>, parameters: Option<&'a Value>) -> Self {
        let description = description.filter(|text| !text.is_empty());
        ToolSpec {
            name,
            description,
            input_schema: InputSchema { json: Schema::of_arguments(parameters) },
            strict: None,
        }
    }
}

/// A tool, and the cache point behind it.
fn tools(tool: &Tool) -> Vec<WireTool<'_>> {
    match tool {
        Tool::Function { name, description, parameters, strict, cache_control } => {
            let spec = ToolSpec::new(name, description.as_deref(), parameters.as_ref());
            let spec = WireTool::ToolSpec(ToolSpec { strict: *strict, ..spec });
            let marker = cache_control.as_ref().map(|marker| WireTool::CachePoint(CachePoint::new(marker)));
            std::iter::once(spec).chain(marker).collect()
        }
        Tool::Hosted { tool } => vec![WireTool::Hosted(tool)],
    }
}

impl<'a> OutputConfig<'a> {
    /// `None` where nothing is asked for.
    fn new(text_format: Option<TextFormat<'a>>, effort: Option<&'static str>) -> Option<Self> {
        (text_format.is_some() || effort.is_some()).then_some(OutputConfig { effort, text_format })
    }
}

fn text_format<'a>(format: Option<&'a ResponseFormat>, model: &str) -> Option<TextFormat<'a>> {
    let ResponseFormat::Schema { name, description, schema, .. } = format? else { return None };
    // Anthropic's models insist that every object is closed.
    let schema = if model.contains("claude") { closed(schema, None).to_string() } else { schema.to_string() };
    let json_schema = JsonSchema { schema, name: name.as_deref(), description: description.as_deref() };
    Some(TextFormat { kind: "json_schema", structure: Structure { json_schema } })
}
