//! Reads requests as Bedrock does.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::simulate::model::{Choice, Format, Function, Prompt, Thinking, count};
use crate::simulate::vendor::{Refusal, holds, parse, signature};

/// The API refuses fields that it does not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Body {
    messages: Vec<Message>,
    #[serde(default)]
    system: Vec<Block>,
    #[serde(default)]
    inference_config: InferenceConfig,
    tool_config: Option<ToolConfig>,
    output_config: Option<OutputConfig>,
    #[serde(default)]
    additional_model_request_fields: Map<String, Value>,
    additional_model_response_field_paths: Option<IgnoredAny>,
    guardrail_config: Option<IgnoredAny>,
    performance_config: Option<IgnoredAny>,
    prompt_variables: Option<IgnoredAny>,
    request_metadata: Option<IgnoredAny>,
    service_tier: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    role: Role,
    content: Vec<Block>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    User,
    Assistant,
}

/// A block has one key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Block {
    Text(String),
    Image(IgnoredAny),
    Document(IgnoredAny),
    Video(IgnoredAny),
    Audio(IgnoredAny),
    #[serde(rename_all = "camelCase")]
    ToolUse {
        tool_use_id: String,
        name: String,
        input: Value,
    },
    #[serde(rename_all = "camelCase")]
    ToolResult {
        tool_use_id: String,
        content: Vec<Value>,
    },
    ReasoningContent(Thought),
    CitationsContent(IgnoredAny),
    CachePoint(IgnoredAny),
    GuardContent(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Thought {
    ReasoningText { text: String, signature: Option<String> },
    RedactedContent(String),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct InferenceConfig {
    max_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    #[serde(default)]
    stop_sequences: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ToolConfig {
    tools: Vec<Tool>,
    tool_choice: Option<ToolChoice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Tool {
    #[serde(rename = "toolSpec")]
    Client(ToolSpec),
    #[serde(rename = "systemTool")]
    Hosted(IgnoredAny),
    CachePoint(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ToolSpec {
    name: String,
    description: Option<String>,
    input_schema: InputSchema,
    strict: Option<bool>,
}

#[derive(Deserialize)]
struct InputSchema {
    json: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum ToolChoice {
    Auto {},
    Any {},
    Tool { name: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OutputConfig {
    effort: Option<String>,
    text_format: Option<TextFormat>,
}

#[derive(Deserialize)]
struct TextFormat {
    structure: Structure,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Structure {
    json_schema: JsonSchema,
}

#[derive(Deserialize)]
struct JsonSchema {
    schema: String,
}

/// Reads a chat; path and model are told elsewhere.
pub(super) fn chat(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    check(&body)?;
    let thinking = thinking(&body);
    let format = match body.output_config.and_then(|config| config.text_format) {
        Some(TextFormat { structure }) => {
            let schema = serde_json::from_str(&structure.json_schema.schema);
            Format::Schema(schema.map_err(|_| Refusal::invalid("The provided JSON schema is invalid."))?)
        }
        None => Format::Text,
    };
    let (tools, choice) = match body.tool_config {
        Some(config) => (config.tools, config.tool_choice),
        None => (Vec::new(), None),
    };
    let functions = tools.into_iter().filter_map(|tool| match tool {
        Tool::Client(spec) => Some(Function { name: spec.name, parameters: spec.input_schema.json }),
        Tool::Hosted(_) | Tool::CachePoint(_) => None,
    });
    let mut prompt = Prompt {
        tools: functions.collect(),
        choice: match choice {
            Some(ToolChoice::Tool { name }) => Choice::Named(name),
            Some(ToolChoice::Auto {} | ToolChoice::Any {}) | None => Choice::Auto,
        },
        format,
        max_tokens: body.inference_config.max_tokens,
        stop: body.inference_config.stop_sequences,
        thinking,
        ..Prompt::default()
    };
    prompt.input_tokens += count(&text(&body.system));
    for message in body.messages {
        take(&mut prompt, &message.content);
    }
    Ok(prompt)
}

/// Whether it thinks: as any of the makers of models is told, or as the API has it for all.
fn thinking(body: &Body) -> Thinking {
    let fields = &body.additional_model_request_fields;
    let config = ["thinking", "reasoning_config", "reasoningConfig"].iter().find_map(|name| fields.get(*name));
    let is = |key: &str, words: &[&str]| {
        config.and_then(|config| config.get(key)).and_then(Value::as_str).is_some_and(|word| words.contains(&word))
    };
    let effort = body.output_config.as_ref().is_some_and(|config| config.effort.is_some());
    let on = effort || fields.contains_key("reasoning_effort") || is("type", &["enabled", "adaptive"]);
    Thinking::new(on, !is("display", &["omitted"]))
}

fn take(prompt: &mut Prompt, content: &[Block]) {
    let results = content.iter().filter_map(|block| match block {
        Block::ToolResult { content, .. } => {
            let texts = content.iter().filter_map(|item| match item.get("text") {
                Some(Value::String(text)) => Some(text.clone()),
                _ => item.get("json").map(Value::to_string),
            });
            Some(texts.collect::<Vec<_>>().join(" "))
        }
        _ => None,
    });
    let is_file =
        |block: &&Block| matches!(block, Block::Image(_) | Block::Document(_) | Block::Video(_) | Block::Audio(_));
    prompt.message(text(content), content.iter().filter(is_file).count(), results);
}

fn text(content: &[Block]) -> String {
    let texts = content.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

fn check(body: &Body) -> Result<(), Refusal> {
    match body.messages.first() {
        None => return Err(Refusal::invalid("A conversation must have at least one message.")),
        Some(message) if message.role == Role::Assistant => {
            return Err(Refusal::invalid("A conversation must start with a user message."));
        }
        Some(_) => {}
    }
    let config = &body.inference_config;
    for (name, value) in [("temperature", config.temperature), ("topP", config.top_p)] {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            return Err(Refusal::invalid(format!("Value at 'inferenceConfig.{name}' must be between 0 and 1")));
        }
    }
    if config.max_tokens == Some(0) {
        return Err(Refusal::invalid("Value at 'inferenceConfig.maxTokens' must be at least 1"));
    }
    check_tools(body)?;
    check_turns(&body.messages)
}

fn check_tools(body: &Body) -> Result<(), Refusal> {
    let Some(config) = &body.tool_config else {
        let uses = |block: &Block| matches!(block, Block::ToolUse { .. } | Block::ToolResult { .. });
        if body.messages.iter().flat_map(|message| &message.content).any(uses) {
            let problem = "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
            return Err(Refusal::invalid(problem));
        }
        return Ok(());
    };
    let mut names = Vec::new();
    for tool in &config.tools {
        let Tool::Client(spec) = tool else { continue };
        if spec.input_schema.json.get("type").and_then(Value::as_str) != Some("object") {
            let problem = format!("The value at toolConfig.tools.{}.inputSchema.json.type must be object.", spec.name);
            return Err(Refusal::invalid(problem));
        }
        names.push(spec.name.as_str());
    }
    match &config.tool_choice {
        Some(ToolChoice::Tool { name }) if !names.contains(&name.as_str()) => {
            Err(Refusal::invalid(format!("toolChoice names the tool {name}, which is not in toolConfig.tools")))
        }
        _ => Ok(()),
    }
}

/// Turns alternate, results come in the turn right after their calls, and thinking comes back as it was given.
fn check_turns(messages: &[Message]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    let mut before = None;
    for (at, message) in messages.iter().enumerate() {
        if before.replace(message.role) == Some(message.role) {
            return Err(Refusal::invalid("A conversation must alternate between user and assistant roles."));
        }
        let mut calls = Vec::new();
        for block in &message.content {
            match block {
                Block::Text(text) if text.is_empty() => {
                    let problem = format!("The text field in the ContentBlock object at messages.{at} is blank.");
                    return Err(Refusal::invalid(problem));
                }
                Block::ReasoningContent(Thought::ReasoningText { text, signature: Some(signed) })
                    if !holds(signed, &signature(text)) =>
                {
                    return Err(Refusal::invalid(format!("messages.{at}: Invalid `signature` in `thinking` block")));
                }
                Block::ToolUse { tool_use_id, .. } => calls.push(tool_use_id.as_str()),
                Block::ToolResult { tool_use_id, .. } => {
                    let Some(place) = open.iter().position(|id| id == tool_use_id) else {
                        return Err(Refusal::invalid(format!(
                            "The number of toolResult blocks at messages.{at}.content exceeds the number of toolUse \
                             blocks of previous turn."
                        )));
                    };
                    open.remove(place);
                }
                _ => {}
            }
        }
        answered(at, &open)?;
        open = calls;
    }
    answered(messages.len(), &open)
}

fn answered(at: usize, open: &[&str]) -> Result<(), Refusal> {
    if open.is_empty() {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "Expected toolResult blocks at messages.{at}.content for the following Ids: {}",
        open.join(", ")
    )))
}
