//! Requests become bodies of `generateContent`. Source: the Gemini API reference, "Generating content".

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::contents::{Content, contents, system};
use super::thinking::ThinkingConfig;
use crate::error::Result;
use crate::model::{Chat, ResponseFormat, Tool, ToolChoice};
use crate::target::Target;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::providers) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation_config: Option<GenerationConfig<'a>>,
}

impl<'a> Body<'a> {
    pub(in crate::providers) fn new(chat: &'a Chat, target: &Target) -> Result<Self> {
        Ok(Body {
            system_instruction: system(&chat.messages),
            contents: contents(&chat.messages, target)?,
            tools: tools(&chat.tools),
            tool_config: tool_config(chat),
            generation_config: GenerationConfig::new(chat, target),
        })
    }

    /// The body for Vertex AI, which has no word for functions beside its own tools and takes them together unasked.
    pub(in crate::providers) fn for_vertex(self) -> Self {
        let functions = self.tool_config.and_then(|config| config.function_calling_config);
        let tool_config = functions.map(|functions| ToolConfig {
            function_calling_config: Some(functions),
            include_server_side_tool_invocations: false,
        });
        Body { tool_config, ..self }
    }
}

/// All functions are one tool; what the provider runs itself goes as it is.
#[derive(Serialize)]
#[serde(untagged)]
enum WireTool<'a> {
    #[serde(rename_all = "camelCase")]
    Functions {
        function_declarations: Vec<FunctionDeclaration<'a>>,
    },
    Hosted(&'a Map<String, Value>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FunctionDeclaration<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters_json_schema: Option<&'a Value>,
}

/// The functions stand where the first of them stood.
fn tools(tools: &[Tool]) -> Vec<WireTool<'_>> {
    let mut out = Vec::with_capacity(tools.len());
    let functions: Vec<_> = tools.iter().filter_map(FunctionDeclaration::new).collect();
    let mut functions = Some(functions);
    for tool in tools {
        match tool {
            Tool::Hosted { tool } => out.push(WireTool::Hosted(tool)),
            Tool::Function { .. } => {
                out.extend(functions.take().map(|all| WireTool::Functions { function_declarations: all }));
            }
        }
    }
    out
}

impl<'a> FunctionDeclaration<'a> {
    fn new(tool: &'a Tool) -> Option<Self> {
        let Tool::Function { name, description, parameters, .. } = tool else { return None };
        let (own, json) = parameters.as_ref().map_or((None, None), of_either_kind);
        let description = description.as_deref();
        Some(FunctionDeclaration { name, description, parameters: own, parameters_json_schema: json })
    }
}

/// The API has a field for schemas of its own kind (types in capitals, few keywords, an error for any other) and one for
/// JSON Schema, which loses nothing.
fn of_either_kind(schema: &Value) -> (Option<&Value>, Option<&Value>) {
    if is_own_kind(schema) { (Some(schema), None) } else { (None, Some(schema)) }
}

/// Whether the outermost type that is given is in capitals.
fn is_own_kind(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => match map.get("type") {
            Some(Value::String(name)) => name.starts_with(|c: char| c.is_ascii_uppercase()),
            _ => map.values().any(is_own_kind),
        },
        Value::Array(items) => items.iter().any(is_own_kind),
        _ => false,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    function_calling_config: Option<FunctionCallingConfig<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    include_server_side_tool_invocations: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FunctionCallingConfig<'a> {
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_function_names: Option<[&'a str; 1]>,
}

fn tool_config(chat: &Chat) -> Option<ToolConfig<'_>> {
    let function_calling_config = function_calling(chat);
    let hosted = chat.tools.iter().filter(|tool| matches!(tool, Tool::Hosted { .. })).count();
    // Without it the API refuses functions beside tools that it runs itself.
    let include_server_side_tool_invocations = (1..chat.tools.len()).contains(&hosted);
    let any = function_calling_config.is_some() || include_server_side_tool_invocations;
    any.then_some(ToolConfig { function_calling_config, include_server_side_tool_invocations })
}

fn function_calling(chat: &Chat) -> Option<FunctionCallingConfig<'_>> {
    // The API refuses the setting where there is nothing to call.
    if !chat.tools.iter().any(|tool| matches!(tool, Tool::Function { .. })) {
        return None;
    }
    let strict = chat.tools.iter().any(|tool| matches!(tool, Tool::Function { strict: Some(true), .. }));
    let (mode, allowed_function_names) = match &chat.tool_choice {
        // Free to answer in words, but bound to the schema where it calls.
        None | Some(ToolChoice::Auto) if strict => ("VALIDATED", None),
        None => return None,
        Some(ToolChoice::Auto) => ("AUTO", None),
        Some(ToolChoice::None) => ("NONE", None),
        Some(ToolChoice::Required) => ("ANY", None),
        Some(ToolChoice::Tool(name)) => ("ANY", Some([name.as_str()])),
    };
    Some(FunctionCallingConfig { mode, allowed_function_names })
}

#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_schema: Option<Cow<'a, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<Cow<'a, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
}

impl<'a> GenerationConfig<'a> {
    /// `None` where nothing is asked for.
    fn new(chat: &'a Chat, target: &Target) -> Option<Self> {
        let (response_mime_type, response_schema, response_json_schema) = format(chat.response_format.as_ref());
        let config = GenerationConfig {
            temperature: chat.temperature,
            top_p: chat.top_p,
            top_k: chat.top_k,
            max_output_tokens: chat.max_tokens,
            stop_sequences: &chat.stop,
            seed: chat.seed,
            frequency_penalty: chat.frequency_penalty,
            presence_penalty: chat.presence_penalty,
            response_logprobs: chat.logprobs.or(chat.top_logprobs.map(|_| true)),
            logprobs: chat.top_logprobs,
            response_mime_type,
            response_schema,
            response_json_schema,
            thinking_config: chat.reasoning.as_ref().map(|asked| ThinkingConfig::new(asked, &target.model)),
        };
        (config != GenerationConfig::default()).then_some(config)
    }
}

type Format<'a> = (Option<&'static str>, Option<Cow<'a, Value>>, Option<Cow<'a, Value>>);

fn format(format: Option<&ResponseFormat>) -> Format<'_> {
    const JSON: Option<&str> = Some("application/json");
    match format {
        None | Some(ResponseFormat::Text) => (None, None, None),
        Some(ResponseFormat::Json) => (JSON, None, None),
        Some(ResponseFormat::Schema { schema, description, .. }) => {
            let described = described(schema, description.as_deref());
            if is_own_kind(schema) { (JSON, Some(described), None) } else { (JSON, None, Some(described)) }
        }
    }
}

/// The description has no other place than the schema itself.
pub(in crate::providers) fn described<'a>(schema: &'a Value, description: Option<&str>) -> Cow<'a, Value> {
    match (schema, description) {
        (Value::Object(map), Some(text)) if !map.contains_key("description") => {
            let mut map = map.clone();
            map.insert("description".to_owned(), Value::from(text));
            Cow::Owned(Value::Object(map))
        }
        _ => Cow::Borrowed(schema),
    }
}
