//! Reads requests as OpenAI does.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::input::{Item, check, read, take};
use crate::simulate::model::{Choice, Format, Function, Prompt, Thinking};
use crate::simulate::vendor::{Refusal, parse};

/// The API refuses fields that it does not know.
#[derive(Deserialize)]
struct Body {
    model: String,
    input: Input,
    instructions: Option<String>,
    tools: Option<Vec<Tool>>,
    tool_choice: Option<ToolChoice>,
    parallel_tool_calls: Option<bool>,
    text: Option<Text>,
    max_output_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_logprobs: Option<usize>,
    reasoning: Option<Reasoning>,
    include: Option<Vec<String>>,
    store: Option<bool>,
    #[serde(default)]
    stream: bool,
    background: Option<IgnoredAny>,
    context_management: Option<IgnoredAny>,
    max_tool_calls: Option<IgnoredAny>,
    metadata: Option<IgnoredAny>,
    moderation: Option<IgnoredAny>,
    prompt_cache_key: Option<IgnoredAny>,
    prompt_cache_options: Option<IgnoredAny>,
    prompt_cache_retention: Option<IgnoredAny>,
    safety_identifier: Option<IgnoredAny>,
    service_tier: Option<IgnoredAny>,
    stream_options: Option<IgnoredAny>,
    truncation: Option<IgnoredAny>,
    user: Option<IgnoredAny>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or an array of items")]
enum Input {
    Text(String),
    Items(Vec<Value>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool {
    /// It has no more nested `function` than its field.
    Function {
        name: String,
        parameters: Option<Value>,
        strict: Option<bool>,
    },
    Custom {
        name: String,
    },
    #[serde(other)]
    Hosted,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected 'none', 'auto', 'required' or an object with a type")]
enum ToolChoice {
    Word(Word),
    Named {
        #[serde(rename = "type")]
        kind: String,
        name: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    None,
    Auto,
    Required,
}

#[derive(Deserialize)]
struct Text {
    format: Option<TextFormat>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum TextFormat {
    Text,
    JsonObject,
    JsonSchema { name: String, schema: Value },
}

#[derive(Deserialize)]
struct Reasoning {
    effort: Option<String>,
    summary: Option<String>,
}

/// Reads a request.
pub(super) fn chat(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    check_settings(&body)?;
    let items = match body.input {
        Input::Text(text) => vec![Item::person(text)],
        Input::Items(items) => items.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
    };
    check(&items, body.store == Some(false))?;
    let functions = body.tools.into_iter().flatten().filter_map(|tool| match tool {
        Tool::Function { name, parameters, .. } => Some(Function { name, parameters: parameters.unwrap_or_default() }),
        Tool::Custom { .. } | Tool::Hosted => None,
    });
    let weighs = body.include.iter().flatten().any(|what| what == "message.output_text.logprobs");
    let mut prompt = Prompt {
        model: body.model,
        stream: body.stream,
        tools: functions.collect(),
        choice: match body.tool_choice {
            Some(ToolChoice::Word(Word::None)) => Choice::None,
            Some(ToolChoice::Named { kind, name: Some(name) }) if kind == "function" => Choice::Named(name),
            _ => Choice::Auto,
        },
        one_call: body.parallel_tool_calls == Some(false),
        format: match body.text.and_then(|text| text.format) {
            Some(TextFormat::JsonObject) => Format::Json,
            Some(TextFormat::JsonSchema { schema, .. }) => Format::Schema(schema),
            Some(TextFormat::Text) | None => Format::Text,
        },
        max_tokens: body.max_output_tokens,
        thinking: body.reasoning.map(|asked| asked.thinking()).unwrap_or_default(),
        logprobs: weighs.then(|| body.top_logprobs.unwrap_or(0)),
        ..Prompt::default()
    };
    if let Some(instructions) = body.instructions {
        prompt.said(instructions, 0);
    }
    for item in items {
        take(&mut prompt, item);
    }
    Ok(prompt)
}

impl Reasoning {
    fn thinking(&self) -> Thinking {
        Thinking::new(self.effort.as_deref() != Some("none"), self.summary.is_some())
    }
}

fn check_settings(body: &Body) -> Result<(), Refusal> {
    if let Some(name) = body.unknown.keys().next() {
        return Err(Refusal::invalid(format!("Unknown parameter: '{name}'.")).field(name));
    }
    for (name, value, most) in [("temperature", body.temperature, 2.0), ("top_p", body.top_p, 1.0)] {
        if value.is_some_and(|value| !(0.0..=most).contains(&value)) {
            let message = format!("Invalid '{name}': expected a value between 0 and {most}.");
            return Err(Refusal::invalid(message).field(name));
        }
    }
    let Some(ToolChoice::Named { kind, name }) = &body.tool_choice else { return Ok(()) };
    let known = |tool: &Tool| match tool {
        Tool::Function { name: own, .. } => kind == "function" && name.as_deref() == Some(own),
        Tool::Custom { name: own } => kind == "custom" && name.as_deref() == Some(own),
        Tool::Hosted => name.is_none(),
    };
    if body.tools.iter().flatten().any(known) {
        return Ok(());
    }
    let message = format!("Tool choice '{}' not found in 'tools' parameter.", name.as_deref().unwrap_or(kind));
    Err(Refusal::invalid(message).field("tool_choice"))
}
