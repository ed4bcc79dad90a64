//! Reads requests as Ollama does, but for fields that it does not know, which it ignores and which are refused here.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::simulate::chat_form::OneOrMany;
use crate::simulate::model::{Choice, Format, Function, Prompt, Thinking, count};
use crate::simulate::vendor::{Embed, Refusal, parse};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    model: String,
    messages: Vec<Message>,
    /// The server streams unless it is told not to.
    stream: Option<bool>,
    #[serde(default)]
    tools: Vec<Tool>,
    format: Option<Value>,
    think: Option<Think>,
    #[serde(default)]
    options: Options,
    keep_alive: Option<IgnoredAny>,
    #[serde(default)]
    logprobs: bool,
    top_logprobs: Option<u8>,
    truncate: Option<bool>,
    shift: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    System,
    User,
    Assistant,
    Tool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    role: Role,
    content: String,
    thinking: Option<String>,
    #[serde(default)]
    images: Vec<String>,
    #[serde(default)]
    tool_calls: Vec<Call>,
    tool_name: Option<String>,
    tool_call_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    id: Option<String>,
    function: CalledFunction,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalledFunction {
    index: Option<u64>,
    name: String,
    arguments: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    #[serde(rename = "type")]
    kind: FunctionType,
    function: Definition,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FunctionType {
    Function,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    description: Option<String>,
    parameters: Value,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "invalid think value: must be a boolean, \"high\", \"medium\" or \"low\"")]
enum Think {
    Switch(bool),
    Level(Level),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Low,
    Medium,
    High,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    num_predict: Option<u64>,
    num_ctx: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<u64>,
    stop: Vec<String>,
    seed: Option<i64>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
}

/// Reads a chat.
pub(super) fn chat(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    check_turns(&body.messages)?;
    let function = |tool: Tool| Function { name: tool.function.name, parameters: tool.function.parameters };
    let mut prompt = Prompt {
        model: body.model,
        stream: body.stream.unwrap_or(true),
        tools: body.tools.into_iter().map(function).collect(),
        choice: Choice::Auto,
        format: match body.format {
            Some(schema @ Value::Object(_)) => Format::Schema(schema),
            Some(Value::String(word)) if word == "json" => Format::Json,
            Some(Value::String(word)) if word.is_empty() => Format::Text,
            Some(other) => {
                let problem = format!("invalid format: {other}; expected \"json\" or a valid JSON Schema object");
                return Err(Refusal::invalid(problem));
            }
            None => Format::Text,
        },
        max_tokens: body.options.num_predict,
        stop: body.options.stop,
        thinking: Thinking::new(!matches!(body.think, None | Some(Think::Switch(false))), true),
        logprobs: body.logprobs.then_some(body.top_logprobs.unwrap_or(0).into()),
        ..Prompt::default()
    };
    for message in body.messages {
        take(&mut prompt, message);
    }
    Ok(prompt)
}

fn take(prompt: &mut Prompt, message: Message) {
    let called = |call: &Call| 1 + count(&Value::Object(call.function.arguments.clone()).to_string());
    prompt.input_tokens += message.tool_calls.iter().map(called).sum::<u64>();
    match message.role {
        Role::System => prompt.input_tokens += count(&message.content),
        Role::User | Role::Assistant => prompt.said(message.content, message.images.len()),
        Role::Tool => prompt.result(message.content),
    }
}

/// Every call has its result in the messages right after it, and every result its call: they are told apart by the names of
/// their tools, and by their order.
fn check_turns(messages: &[Message]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        if message.role == Role::Tool {
            let name = message.tool_name.as_deref();
            let Some(at) = open.iter().position(|call| Some(*call) == name) else {
                return Err(Refusal::invalid("a tool message answers no call before it"));
            };
            open.remove(at);
            continue;
        }
        unanswered(&open)?;
        open.extend(message.tool_calls.iter().map(|call| call.function.name.as_str()));
    }
    unanswered(&open)
}

fn unanswered(open: &[&str]) -> Result<(), Refusal> {
    match open.first() {
        None => Ok(()),
        Some(name) => Err(Refusal::invalid(format!("the call of {name} has no result"))),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmbedBody {
    model: String,
    input: OneOrMany,
    dimensions: Option<usize>,
    truncate: Option<bool>,
    keep_alive: Option<IgnoredAny>,
    options: Option<IgnoredAny>,
}

/// Reads an embedding.
pub(super) fn embed(body: &[u8]) -> Result<Embed, Refusal> {
    let EmbedBody { model, input, dimensions, .. } = parse(body)?;
    Ok(Embed { model, input: input.into_vec(), dimensions, ..Embed::default() })
}
