//! Reads requests as Mistral does: what it does not list, it forbids.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::simulate::chat_form::{OneOrMany, ResponseFormat, ToolChoice};
use crate::simulate::model::{Function, Prompt, Thinking, count};
use crate::simulate::vendor::{Embed, Refusal};

/// How long an id is.
const NINE: usize = 9;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    model: String,
    messages: Vec<Message>,
    tools: Option<Vec<Tool>>,
    tool_choice: Option<ToolChoice<Word>>,
    parallel_tool_calls: Option<bool>,
    response_format: Option<ResponseFormat<JsonSchema>>,
    max_tokens: Option<u64>,
    stop: Option<OneOrMany>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    random_seed: Option<u64>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
    #[serde(default)]
    stream: bool,
    n: Option<u32>,
    prompt_mode: Option<PromptMode>,
    reasoning_effort: Option<Effort>,
    safe_prompt: Option<bool>,
    prediction: Option<IgnoredAny>,
    metadata: Option<IgnoredAny>,
    guardrails: Option<IgnoredAny>,
    prompt_cache_key: Option<String>,
    service_tier: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PromptMode {
    Reasoning,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    Xhigh,
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
        #[serde(default)]
        tool_calls: Vec<Call>,
        #[serde(default)]
        prefix: bool,
    },
    Tool {
        content: Content,
        tool_call_id: String,
        name: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or an array of chunks")]
enum Content {
    Text(String),
    Chunks(Vec<Chunk>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Chunk {
    Text { text: String },
    Thinking { thinking: Vec<Chunk>, signature: Option<String>, closed: Option<bool> },
    Reference { reference_ids: Vec<Value> },
    ImageUrl { image_url: Image },
    DocumentUrl { document_url: String, document_name: Option<String> },
    File { file_id: String },
    InputAudio { input_audio: String },
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an address or an object with a url")]
enum Image {
    Address(String),
    Object { url: String, detail: Option<String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    id: String,
    #[serde(rename = "type")]
    kind: Option<Kind>,
    function: CalledFunction,
    index: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Function,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalledFunction {
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool {
    Function { function: Definition },
    WebSearch,
    WebSearchPremium,
    CodeInterpreter,
    ImageGeneration,
    DocumentLibrary,
    Connector,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    description: Option<String>,
    parameters: Value,
    strict: Option<bool>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Word {
    None,
    Auto,
    Any,
    Required,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonSchema {
    name: String,
    description: Option<String>,
    schema: Value,
    strict: Option<bool>,
}

/// What is not as the schema says is answered with 422.
fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::new(422, error.to_string()))
}

/// Reads a chat.
pub(super) fn chat(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    check(&body)?;
    let thinks = body.reasoning_effort.is_some_and(|effort| effort != Effort::None) || body.prompt_mode.is_some();
    let tools = body.tools.into_iter().flatten().filter_map(|tool| match tool {
        Tool::Function { function } => Some(Function { name: function.name, parameters: function.parameters }),
        _ => None,
    });
    let mut prompt = Prompt {
        model: body.model,
        stream: body.stream,
        tools: tools.collect(),
        choice: ToolChoice::read(body.tool_choice, &Word::None),
        one_call: body.parallel_tool_calls == Some(false),
        format: ResponseFormat::read(body.response_format, |it| it.schema),
        max_tokens: body.max_tokens,
        stop: body.stop.map(OneOrMany::into_vec).unwrap_or_default(),
        thinking: Thinking::new(thinks, true),
        ..Prompt::default()
    };
    for message in body.messages {
        take(&mut prompt, message);
    }
    Ok(prompt)
}

fn take(prompt: &mut Prompt, message: Message) {
    match message {
        Message::System { content } | Message::User { content } => prompt.said(content.text(), content.attachments()),
        Message::Tool { content, .. } => prompt.result(content.text()),
        Message::Assistant { content, tool_calls, .. } => {
            prompt.input_tokens += tool_calls.iter().map(|call| 1 + count(&call.function.arguments)).sum::<u64>();
            prompt.said(content.map(|content| content.text()).unwrap_or_default(), 0);
        }
    }
}

impl Content {
    fn text(&self) -> String {
        let chunks = match self {
            Content::Text(text) => return text.clone(),
            Content::Chunks(chunks) => chunks,
        };
        let texts = chunks.iter().filter_map(|chunk| match chunk {
            Chunk::Text { text } => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    fn attachments(&self) -> usize {
        match self {
            Content::Text(_) => 0,
            Content::Chunks(chunks) => chunks.iter().filter(|chunk| !matches!(chunk, Chunk::Text { .. })).count(),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Content::Text(text) => text.is_empty(),
            Content::Chunks(chunks) => chunks.is_empty(),
        }
    }
}

fn check(body: &Body) -> Result<(), Refusal> {
    let out_of = |name: &str, range: &str| Refusal::new(422, format!("Input should be {range}")).field(name);
    if body.temperature.is_some_and(|value| !(0.0..=1.5).contains(&value)) {
        return Err(out_of("temperature", "between 0 and 1.5"));
    }
    if body.top_p.is_some_and(|value| value <= 0.0 || value > 1.0) {
        return Err(out_of("top_p", "above 0 and at most 1"));
    }
    let Some(last) = body.messages.last() else {
        return Err(Refusal::invalid("Conversation must have at least one message").field("messages"));
    };
    if matches!(last, Message::Assistant { prefix: false, .. } | Message::System { .. }) {
        let message = "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant";
        return Err(Refusal::invalid(message).field("messages"));
    }
    check_turns(&body.messages)
}

/// Every call has its result in the messages right after it, and every result its call.
fn check_turns(messages: &[Message]) -> Result<(), Refusal> {
    let invalid = |message: &str| Err(Refusal::invalid(message).field("messages"));
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        if let Message::Tool { tool_call_id, .. } = message {
            let Some(at) = open.iter().position(|id| id == tool_call_id) else {
                return invalid("Unexpected tool call id in tool results");
            };
            open.remove(at);
            continue;
        }
        if !open.is_empty() {
            return invalid("Not the same number of function calls and responses");
        }
        let Message::Assistant { content, tool_calls, .. } = message else { continue };
        if tool_calls.is_empty() && content.as_ref().is_none_or(Content::is_empty) {
            return invalid("Assistant message must have either content or tool_calls, but not none.");
        }
        for Call { id, function, .. } in tool_calls {
            if id.len() != NINE || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                let problem = format!("Tool call id was {id} but must be a-z, A-Z, 0-9, with a length of 9.");
                return invalid(&problem);
            }
            if serde_json::from_str::<IgnoredAny>(&function.arguments).is_err() {
                return invalid("Function arguments must be valid JSON");
            }
            open.push(id);
        }
    }
    if open.is_empty() { Ok(()) } else { invalid("Not the same number of function calls and responses") }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmbedBody {
    model: String,
    input: OneOrMany,
    output_dimension: Option<usize>,
    output_dtype: Option<String>,
    encoding_format: Option<Encoding>,
    metadata: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    Float,
    Base64,
}

/// Reads an embedding.
pub(super) fn embed(body: &[u8]) -> Result<Embed, Refusal> {
    let EmbedBody { model, input, output_dimension, .. } = parse(body)?;
    Ok(Embed { model, input: input.into_vec(), dimensions: output_dimension, ..Embed::default() })
}
