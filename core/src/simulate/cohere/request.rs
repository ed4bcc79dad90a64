//! Reads requests as Cohere does.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::simulate::model::{Choice, Format, Function, Prompt, Thinking, count};
use crate::simulate::vendor::{Embed, Refusal, Rerank, parse};

/// The API refuses fields that it does not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    model: String,
    messages: Vec<Message>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    tools: Vec<Tool>,
    #[serde(default)]
    strict_tools: bool,
    tool_choice: Option<ToolChoice>,
    documents: Option<Vec<IgnoredAny>>,
    citation_options: Option<IgnoredAny>,
    response_format: Option<ResponseFormat>,
    safety_mode: Option<SafetyMode>,
    max_tokens: Option<u64>,
    #[serde(default)]
    stop_sequences: Vec<String>,
    temperature: Option<f64>,
    p: Option<f64>,
    k: Option<u64>,
    seed: Option<u64>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
    #[serde(default)]
    logprobs: bool,
    thinking: Option<ThinkingConfig>,
    priority: Option<u32>,
}

#[derive(Deserialize)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
enum Message {
    System {
        content: Content,
    },
    User {
        content: Content,
    },
    Assistant {
        content: Option<Content>,
        tool_plan: Option<String>,
        #[serde(default)]
        tool_calls: Vec<Call>,
        #[serde(default)]
        citations: Vec<IgnoredAny>,
    },
    Tool {
        content: Content,
        tool_call_id: String,
    },
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or an array of content blocks")]
enum Content {
    Text(String),
    Blocks(Vec<Block>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Block {
    Text { text: String },
    Thinking { thinking: String },
    ImageUrl { image_url: Url },
    Document { document: Document },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Url {
    url: String,
    detail: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    id: Option<String>,
    data: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    id: String,
    #[serde(rename = "type")]
    kind: FunctionType,
    function: CalledFunction,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FunctionType {
    Function,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalledFunction {
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    #[serde(rename = "type")]
    kind: FunctionType,
    function: Definition,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    description: Option<String>,
    parameters: Value,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ToolChoice {
    Required,
    None,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum SafetyMode {
    Contextual,
    Strict,
    Off,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum ResponseFormat {
    Text,
    JsonObject { json_schema: Option<Value> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThinkingConfig {
    #[serde(rename = "type")]
    kind: Switch,
    token_budget: Option<u64>,
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Switch {
    Enabled,
    Disabled,
}

/// Reads a chat.
pub(super) fn chat(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    check(&body)?;
    let thinks = body.thinking.as_ref().is_some_and(|thinking| thinking.kind == Switch::Enabled);
    let function = |tool: Tool| Function { name: tool.function.name, parameters: tool.function.parameters };
    let mut prompt = Prompt {
        model: body.model,
        stream: body.stream,
        tools: body.tools.into_iter().map(function).collect(),
        choice: if body.tool_choice == Some(ToolChoice::None) { Choice::None } else { Choice::Auto },
        format: match body.response_format {
            Some(ResponseFormat::JsonObject { json_schema: Some(schema) }) => Format::Schema(schema),
            Some(ResponseFormat::JsonObject { json_schema: None }) => Format::Json,
            Some(ResponseFormat::Text) | None => Format::Text,
        },
        max_tokens: body.max_tokens,
        stop: body.stop_sequences,
        // It is always shown.
        thinking: Thinking::new(thinks, true),
        logprobs: body.logprobs.then_some(0),
        ..Prompt::default()
    };
    for message in body.messages {
        take(&mut prompt, message);
    }
    Ok(prompt)
}

fn take(prompt: &mut Prompt, message: Message) {
    match message {
        Message::System { content } => prompt.input_tokens += count(&content.text()),
        Message::User { content } => prompt.said(content.text(), content.attachments()),
        Message::Tool { content, .. } => prompt.result(content.text()),
        Message::Assistant { content, tool_calls, .. } => {
            prompt.input_tokens += tool_calls.iter().map(|call| 1 + count(&call.function.arguments)).sum::<u64>();
            prompt.said(content.map(|content| content.text()).unwrap_or_default(), 0);
        }
    }
}

impl Content {
    fn text(&self) -> String {
        let blocks = match self {
            Content::Text(text) => return text.clone(),
            Content::Blocks(blocks) => blocks,
        };
        let texts = blocks.iter().filter_map(|block| match block {
            Block::Text { text } => Some(text.clone()),
            Block::Document { document } => Some(document.data.to_string()),
            Block::Thinking { .. } | Block::ImageUrl { .. } => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    fn attachments(&self) -> usize {
        match self {
            Content::Text(_) => 0,
            Content::Blocks(blocks) => {
                blocks.iter().filter(|block| matches!(block, Block::ImageUrl { .. } | Block::Document { .. })).count()
            }
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Content::Text(text) => text.is_empty(),
            Content::Blocks(blocks) => blocks.is_empty(),
        }
    }
}

fn check(body: &Body) -> Result<(), Refusal> {
    let refuse = |problem: &str| Err(Refusal::invalid(format!("invalid request: {problem}")));
    if body.messages.is_empty() {
        return refuse("message must be at least 1 token long or tool results must be specified.");
    }
    if body.p.is_some_and(|p| !(0.01..=0.99).contains(&p)) {
        return refuse("p must be between 0.01 and 0.99 inclusive.");
    }
    if body.k.is_some_and(|k| k > 500) {
        return refuse("k must be between 0 and 500 inclusive.");
    }
    if body.temperature.is_some_and(|temperature| temperature < 0.0) {
        return refuse("temperature must not be negative.");
    }
    if [body.frequency_penalty, body.presence_penalty].iter().flatten().any(|it| !(0.0..=1.0).contains(it)) {
        return refuse("penalties must be between 0 and 1 inclusive.");
    }
    if body.stop_sequences.len() > 5 {
        return refuse("too many stop_sequences.");
    }
    if matches!(body.response_format, Some(ResponseFormat::JsonObject { .. })) && !body.tools.is_empty() {
        return refuse("response_format is not supported with tools.");
    }
    if body.tool_choice.is_some() && body.tools.is_empty() {
        return refuse("tool_choice needs tools.");
    }
    if body.thinking.as_ref().is_some_and(|thinking| thinking.token_budget == Some(0)) {
        return refuse("token_budget must be positive.");
    }
    check_turns(&body.messages)
}

/// Every call has its result in the messages right after it, every result its call, and no message is empty.
fn check_turns(messages: &[Message]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        match message {
            Message::Tool { tool_call_id, .. } => {
                let Some(at) = open.iter().position(|id| id == tool_call_id) else {
                    let problem = format!("tool call id {tool_call_id} not found in previous tool calls");
                    return Err(Refusal::invalid(problem));
                };
                open.remove(at);
                continue;
            }
            Message::Assistant { content, tool_calls, .. }
                if tool_calls.is_empty() && content.as_ref().is_none_or(Content::is_empty) =>
            {
                return Err(Refusal::invalid("message must not be empty in a turn"));
            }
            _ => {}
        }
        unanswered(&open)?;
        if let Message::Assistant { tool_calls, .. } = message {
            open.extend(tool_calls.iter().map(|call| call.id.as_str()));
        }
    }
    unanswered(&open)
}

fn unanswered(open: &[&str]) -> Result<(), Refusal> {
    match open.first() {
        None => Ok(()),
        Some(id) => Err(Refusal::invalid(format!("tool call {id} must be followed by a tool message"))),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmbedBody {
    model: String,
    texts: Vec<String>,
    input_type: String,
    embedding_types: Option<Vec<EmbeddingType>>,
    output_dimension: Option<usize>,
    max_tokens: Option<u64>,
    truncate: Option<String>,
}

/// What vectors may be for.
const INPUT_TYPES: [&str; 5] = ["search_document", "search_query", "classification", "clustering", "image"];

/// Of the types that there are, the simulation has one.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EmbeddingType {
    Float,
}

/// Reads an embedding.
pub(super) fn embed(body: &[u8]) -> Result<Embed, Refusal> {
    let EmbedBody { model, texts, output_dimension, input_type, .. } = parse(body)?;
    if !INPUT_TYPES.contains(&input_type.as_str()) {
        return Err(Refusal::invalid("invalid request: valid input_type must be provided with the provided model"));
    }
    if texts.len() > 96 {
        return Err(Refusal::invalid("invalid request: too many texts, the maximum is 96."));
    }
    Ok(Embed { model, input: texts, dimensions: output_dimension, purpose: Some(input_type), ..Embed::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RerankBody {
    model: String,
    query: String,
    documents: Vec<String>,
    top_n: Option<usize>,
    max_tokens_per_doc: Option<u64>,
    priority: Option<u32>,
}

/// Reads a ranking.
pub(super) fn rerank(body: &[u8]) -> Result<Rerank, Refusal> {
    let RerankBody { model, query, documents, top_n, .. } = parse(body)?;
    Ok(Rerank { model, query, documents, most: top_n, ..Rerank::default() })
}
