//! Reads requests as OpenAI does.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::simulate::chat_form::{Named, OneOrMany, ResponseFormat, ToolChoice};
use crate::simulate::model::{Function, Prompt, Thinking, count};
use crate::simulate::vendor::{Refusal, parse};

/// Fields of compatible providers are ignored as most of them ignore each other's; those that are known have their type.
#[derive(Deserialize)]
struct Body {
    model: String,
    messages: Vec<Message>,
    tools: Option<Vec<Tool>>,
    tool_choice: Option<ToolChoice<Word>>,
    parallel_tool_calls: Option<bool>,
    response_format: Option<ResponseFormat<JsonSchema>>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    stop: Option<OneOrMany>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    #[serde(default)]
    stream: bool,
    stream_options: Option<StreamOptions>,
    reasoning_effort: Option<String>,
    reasoning: Option<Effort>,
    thinking: Option<Switch>,
    enable_thinking: Option<bool>,
    seed: Option<i64>,
    logprobs: Option<bool>,
    top_logprobs: Option<u8>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
struct Effort {
    effort: Option<String>,
}

#[derive(Deserialize)]
struct Switch {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
enum Message {
    #[serde(alias = "developer")]
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
    },
    Tool {
        content: Content,
        tool_call_id: String,
    },
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or an array of content parts")]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part {
    Text { text: String },
    Refusal { refusal: String },
    ImageUrl { image_url: Url },
    VideoUrl { video_url: Url },
    InputAudio { input_audio: Audio },
    File { file: IgnoredAny },
}

#[derive(Deserialize)]
struct Url {
    url: String,
}

#[derive(Deserialize)]
struct Audio {
    data: String,
    format: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Call {
    Function { id: String, function: CalledFunction },
    Custom { id: String, custom: IgnoredAny },
}

#[derive(Deserialize)]
struct CalledFunction {
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool {
    Function {
        function: Definition,
    },
    Custom {
        custom: Named,
    },
    #[serde(other)]
    Hosted,
}

#[derive(Deserialize)]
struct Definition {
    name: String,
    parameters: Option<Value>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Word {
    None,
    Auto,
    Required,
}

#[derive(Deserialize)]
struct JsonSchema {
    name: String,
    schema: Option<Value>,
}

/// Reads a chat.
pub(super) fn chat(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    check(&body)?;
    let thinks = body.thinks();
    let tools = body.tools.into_iter().flatten().filter_map(|tool| match tool {
        Tool::Function { function } => {
            Some(Function { name: function.name, parameters: function.parameters.unwrap_or_default() })
        }
        Tool::Custom { .. } | Tool::Hosted => None,
    });
    let mut prompt = Prompt {
        model: body.model,
        stream: body.stream,
        wants_usage: body.stream_options.is_some_and(|options| options.include_usage),
        tools: tools.collect(),
        choice: ToolChoice::read(body.tool_choice, &Word::None),
        one_call: body.parallel_tool_calls == Some(false),
        format: ResponseFormat::read(body.response_format, |it| it.schema.unwrap_or_default()),
        max_tokens: body.max_completion_tokens.or(body.max_tokens),
        stop: body.stop.map(OneOrMany::into_vec).unwrap_or_default(),
        // Who shows it does so unasked.
        thinking: Thinking::new(thinks, true),
        logprobs: (body.logprobs == Some(true)).then(|| body.top_logprobs.unwrap_or(0).into()),
        ..Prompt::default()
    };
    for message in body.messages {
        take(&mut prompt, message);
    }
    Ok(prompt)
}

impl Body {
    fn thinks(&self) -> bool {
        let effort = self.reasoning_effort.as_deref().or(self.reasoning.as_ref().and_then(|it| it.effort.as_deref()));
        let object = self.reasoning.is_some() && effort.is_none();
        let switch = self.thinking.as_ref().is_some_and(|switch| switch.kind.as_deref() == Some("enabled"));
        effort.is_some_and(|effort| effort != "none") || object || switch || self.enable_thinking == Some(true)
    }
}

fn take(prompt: &mut Prompt, message: Message) {
    match message {
        Message::System { content } | Message::User { content } => prompt.said(content.text(), content.attachments()),
        Message::Tool { content, .. } => prompt.result(content.text()),
        Message::Assistant { content, tool_calls } => {
            prompt.input_tokens += tool_calls.iter().map(Call::tokens).sum::<u64>();
            prompt.said(content.map(|content| content.text()).unwrap_or_default(), 0);
        }
    }
}

impl Content {
    fn text(&self) -> String {
        let parts = match self {
            Content::Text(text) => return text.clone(),
            Content::Parts(parts) => parts,
        };
        let texts = parts.iter().filter_map(|part| match part {
            Part::Text { text } | Part::Refusal { refusal: text } => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    fn attachments(&self) -> usize {
        match self {
            Content::Text(_) => 0,
            Content::Parts(parts) => {
                parts.iter().filter(|part| !matches!(part, Part::Text { .. } | Part::Refusal { .. })).count()
            }
        }
    }
}

impl Call {
    fn id(&self) -> &str {
        match self {
            Call::Function { id, .. } | Call::Custom { id, .. } => id,
        }
    }

    fn tokens(&self) -> u64 {
        match self {
            Call::Function { function, .. } => 1 + count(&function.arguments),
            Call::Custom { .. } => 1,
        }
    }
}

fn check(body: &Body) -> Result<(), Refusal> {
    if body.messages.is_empty() {
        let message =
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
        return Err(Refusal::invalid(message).field("messages"));
    }
    for (name, value, most) in [("temperature", body.temperature, 2.0), ("top_p", body.top_p, 1.0)] {
        if value.is_some_and(|value| !(0.0..=most).contains(&value)) {
            return Err(
                Refusal::invalid(format!("Invalid '{name}': expected a value between 0 and {most}.")).field(name)
            );
        }
    }
    if body.stream_options.is_some() && !body.stream {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(Refusal::invalid(message).field("stream_options"));
    }
    if body.top_logprobs.is_some() && body.logprobs != Some(true) {
        let message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.";
        return Err(Refusal::invalid(message).field("top_logprobs"));
    }
    check_choice(body)?;
    check_turns(&body.messages)
}

/// What is chosen is among the tools, and of the kind that is named.
fn check_choice(body: &Body) -> Result<(), Refusal> {
    let (kind, wanted) = match &body.tool_choice {
        Some(ToolChoice::Named { function }) => ("function", function),
        Some(ToolChoice::Custom { custom }) => ("custom tool", custom),
        Some(ToolChoice::Word(_)) | None => return Ok(()),
    };
    let is_wanted = |tool: &Tool| match tool {
        Tool::Function { function } => kind == "function" && function.name == wanted.name,
        Tool::Custom { custom } => kind != "function" && custom.name == wanted.name,
        Tool::Hosted => false,
    };
    if body.tools.iter().flatten().any(is_wanted) {
        return Ok(());
    }
    let message = format!("Invalid value for 'tool_choice': {kind} '{}' not found in 'tools'.", wanted.name);
    Err(Refusal::invalid(message).field("tool_choice"))
}

/// Every call has its result in the messages right after it, and every result its call.
fn check_turns(messages: &[Message]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        if let Message::Tool { tool_call_id, .. } = message {
            let Some(at) = open.iter().position(|id| id == tool_call_id) else {
                let message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
                return Err(Refusal::invalid(message).field(format!("messages.[{index}].role")));
            };
            open.remove(at);
            continue;
        }
        unanswered(&open)?;
        open.clear();
        if let Message::Assistant { tool_calls, .. } = message {
            open.extend(tool_calls.iter().map(Call::id));
        }
    }
    unanswered(&open)
}

fn unanswered(open: &[&str]) -> Result<(), Refusal> {
    if open.is_empty() {
        return Ok(());
    }
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    Err(Refusal::invalid(message).field("messages"))
}
