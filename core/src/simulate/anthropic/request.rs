//! Reads requests as Anthropic does.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::simulate::model::{Choice, Format, Function, Prompt, Thinking, count};
use crate::simulate::vendor::{Refusal, holds, parse, signature};

/// The API refuses fields that it does not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    model: String,
    max_tokens: u64,
    messages: Vec<Message>,
    system: Option<Content>,
    #[serde(default)]
    tools: Vec<Tool>,
    tool_choice: Option<ToolChoice>,
    thinking: Option<ThinkingConfig>,
    output_config: Option<OutputConfig>,
    /// What came before `output_config.format`.
    output_format: Option<OutputFormat>,
    #[serde(default)]
    stop_sequences: Vec<String>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<u64>,
    #[serde(default)]
    stream: bool,
    metadata: Option<IgnoredAny>,
    service_tier: Option<String>,
    container: Option<IgnoredAny>,
    context_management: Option<IgnoredAny>,
    mcp_servers: Option<IgnoredAny>,
    cache_control: Option<IgnoredAny>,
    inference_geo: Option<IgnoredAny>,
    speed: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    role: Role,
    content: Content,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    User,
    Assistant,
    System,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "Input should be a valid string or list of content blocks")]
enum Content {
    Text(String),
    Blocks(Vec<Block>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    Image {
        source: Source,
    },
    Document {
        source: Source,
    },
    Thinking {
        thinking: String,
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    ToolUse {
        id: String,
        name: String,
        input: Map<String, Value>,
    },
    ToolResult {
        tool_use_id: String,
        content: Option<Content>,
        #[serde(default)]
        is_error: bool,
    },
    /// What the provider's own tools leave behind.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Source {
    Base64 { media_type: String, data: String },
    Url { url: String },
    File { file_id: String },
    Text { media_type: String, data: String },
    Content { content: IgnoredAny },
}

/// A function, whose type may be left out, or a tool of the provider's own.
#[derive(Deserialize)]
struct Tool {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: String,
    input_schema: Option<Value>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ToolChoice {
    Auto {
        #[serde(default)]
        disable_parallel_tool_use: bool,
    },
    Any {
        #[serde(default)]
        disable_parallel_tool_use: bool,
    },
    Tool {
        name: String,
        #[serde(default)]
        disable_parallel_tool_use: bool,
    },
    None,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ThinkingConfig {
    Enabled { budget_tokens: u64, display: Option<String> },
    Adaptive { display: Option<String> },
    Disabled,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputConfig {
    effort: Option<Effort>,
    format: Option<OutputFormat>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Effort {
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OutputFormat {
    JsonSchema { schema: Value },
}

/// Reads a chat.
pub(super) fn chat(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    check(&body)?;
    let (choice, one_call) = match body.tool_choice {
        None => (Choice::Auto, false),
        Some(ToolChoice::None) => (Choice::None, false),
        Some(ToolChoice::Auto { disable_parallel_tool_use } | ToolChoice::Any { disable_parallel_tool_use }) => {
            (Choice::Auto, disable_parallel_tool_use)
        }
        Some(ToolChoice::Tool { name, disable_parallel_tool_use }) => (Choice::Named(name), disable_parallel_tool_use),
    };
    let (thinks, display) = match body.thinking {
        Some(ThinkingConfig::Enabled { display, .. } | ThinkingConfig::Adaptive { display }) => (true, display),
        Some(ThinkingConfig::Disabled) | None => (false, None),
    };
    let functions = body.tools.into_iter().filter_map(|tool| {
        let Tool { name, input_schema, .. } = tool;
        input_schema.map(|parameters| Function { name, parameters })
    });
    let mut prompt = Prompt {
        model: body.model,
        stream: body.stream,
        tools: functions.collect(),
        choice,
        one_call,
        format: match body.output_config.and_then(|config| config.format).or(body.output_format) {
            Some(OutputFormat::JsonSchema { schema }) => Format::Schema(schema),
            None => Format::Text,
        },
        max_tokens: Some(body.max_tokens),
        stop: body.stop_sequences,
        thinking: Thinking::new(thinks, display.as_deref() != Some("omitted")),
        ..Prompt::default()
    };
    if let Some(system) = body.system {
        prompt.input_tokens += count(&system.text());
    }
    for message in body.messages {
        take(&mut prompt, &message);
    }
    Ok(prompt)
}

fn take(prompt: &mut Prompt, message: &Message) {
    let results = message.content.blocks().filter_map(|block| match block {
        Block::ToolResult { content, .. } => Some(content.as_ref().map(Content::text).unwrap_or_default()),
        _ => None,
    });
    prompt.message(message.content.text(), message.content.attachments(), results);
}

impl Content {
    fn blocks(&self) -> impl Iterator<Item = &Block> {
        match self {
            Content::Text(_) => [].iter(),
            Content::Blocks(blocks) => blocks.iter(),
        }
    }

    fn text(&self) -> String {
        if let Content::Text(text) = self {
            return text.clone();
        }
        let texts = self.blocks().filter_map(|block| match block {
            Block::Text { text } => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    fn attachments(&self) -> usize {
        self.blocks().filter(|block| matches!(block, Block::Image { .. } | Block::Document { .. })).count()
    }
}

fn check(body: &Body) -> Result<(), Refusal> {
    if body.messages.is_empty() {
        return Err(Refusal::invalid("messages: at least one message is required"));
    }
    if body.max_tokens == 0 {
        return Err(Refusal::invalid("max_tokens: must be greater than or equal to 1"));
    }
    for (name, value) in [("temperature", body.temperature), ("top_p", body.top_p)] {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            return Err(Refusal::invalid(format!("{name}: range: 0..1")));
        }
    }
    if let Some(ThinkingConfig::Enabled { budget_tokens, .. }) = body.thinking {
        if budget_tokens < 1024 {
            let problem = "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
            return Err(Refusal::invalid(problem));
        }
        if budget_tokens >= body.max_tokens {
            return Err(Refusal::invalid("`max_tokens` must be greater than `thinking.budget_tokens`"));
        }
    }
    let thinks = matches!(body.thinking, Some(ThinkingConfig::Enabled { .. } | ThinkingConfig::Adaptive { .. }));
    if thinks && matches!(body.tool_choice, Some(ToolChoice::Any { .. } | ToolChoice::Tool { .. })) {
        return Err(Refusal::invalid("Thinking may not be enabled when tool_choice forces tool use."));
    }
    check_tools(body)?;
    check_turns(&body.messages)
}

fn check_tools(body: &Body) -> Result<(), Refusal> {
    for (index, tool) in body.tools.iter().enumerate() {
        let hosted = tool.kind.as_deref().is_some_and(|kind| kind != "custom");
        let object = tool.input_schema.as_ref().and_then(|schema| schema.get("type")).and_then(Value::as_str);
        if !hosted && object != Some("object") {
            let problem = format!("tools.{index}.custom.input_schema.type: Input should be 'object'");
            return Err(Refusal::invalid(problem));
        }
    }
    match &body.tool_choice {
        Some(ToolChoice::Tool { name, .. }) if body.tools.iter().all(|tool| tool.name != *name) => {
            Err(Refusal::invalid(format!("Tool '{name}' not found in provided tools")))
        }
        Some(_) if body.tools.is_empty() => {
            Err(Refusal::invalid("tool_choice: tool_choice may only be specified while providing tools"))
        }
        _ => Ok(()),
    }
}

/// Results come first in the message right after their calls, and thinking comes back as it was given.
fn check_turns(messages: &[Message]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let mut calls = Vec::new();
        let mut others = false;
        for (index, block) in message.content.blocks().enumerate() {
            let refuse = |problem: &str| Err(Refusal::invalid(format!("messages.{at}.content.{index}: {problem}")));
            match block {
                Block::Text { text } if text.is_empty() => {
                    return Err(Refusal::invalid("messages: text content blocks must be non-empty"));
                }
                Block::Thinking { thinking, signature: signed } if !holds(signed, &signature(thinking)) => {
                    return refuse("Invalid `signature` in `thinking` block");
                }
                Block::ToolResult { tool_use_id, .. } => {
                    let Some(place) = open.iter().position(|id| id == tool_use_id) else {
                        return refuse(&format!(
                            "unexpected `tool_use_id` found in `tool_result` blocks: {tool_use_id}. Each `tool_result` \
                             block must have a corresponding `tool_use` block in the previous message."
                        ));
                    };
                    open.remove(place);
                    if others {
                        return refuse("`tool_result` blocks must come before all other content");
                    }
                }
                Block::ToolUse { id, .. } => calls.push(id.as_str()),
                _ => {}
            }
            others |= !matches!(block, Block::ToolResult { .. });
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
    let ids = open.join(", ");
    Err(Refusal::invalid(format!(
        "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {ids}. Each `tool_use` \
         block must have a corresponding `tool_result` block in the next message.",
        at.saturating_sub(1)
    )))
}
