//! The items of a request, as OpenAI reads them.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::simulate::model::{Prompt, count};
use crate::simulate::vendor::{Refusal, holds, signature};

/// One item.
pub(super) enum Item {
    Message(Message),
    Call(Call),
    Output(Output),
    Reasoning(Reasoning),
    /// Of a tool that the vendor runs.
    Hosted,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<String>,
    status: Option<String>,
    phase: Option<String>,
    role: Role,
    content: Content,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    System,
    Developer,
    User,
    Assistant,
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
    InputText { text: String },
    InputImage { image_url: Option<String>, file_id: Option<String> },
    InputFile { filename: Option<String>, file_data: Option<String>, file_url: Option<String>, file_id: Option<String> },
    InputAudio { input_audio: IgnoredAny },
    OutputText { text: String },
    Refusal { refusal: String },
}

#[derive(Deserialize)]
pub(super) struct Call {
    call_id: String,
    name: String,
    #[serde(alias = "input")]
    arguments: String,
}

#[derive(Deserialize)]
pub(super) struct Output {
    call_id: String,
    output: Content,
}

#[derive(Deserialize)]
pub(super) struct Reasoning {
    id: Option<String>,
    summary: Vec<Summary>,
    content: Option<Vec<IgnoredAny>>,
    encrypted_content: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Summary {
    SummaryText { text: String },
}

impl Item {
    /// A text that is the whole input.
    pub(super) fn person(text: String) -> Self {
        let content = Content::Text(text);
        Item::Message(Message { kind: None, id: None, status: None, phase: None, role: Role::User, content })
    }
}

/// Reads the item at a place of the input.
pub(super) fn read((at, item): (usize, Value)) -> Result<Item, Refusal> {
    match item.get("type").and_then(Value::as_str) {
        None | Some("message") => typed(at, item).map(Item::Message),
        Some("function_call" | "custom_tool_call") => typed(at, item).map(Item::Call),
        Some("function_call_output" | "custom_tool_call_output") => typed(at, item).map(Item::Output),
        Some("reasoning") => typed(at, item).map(Item::Reasoning),
        Some(kind) if is_hosted(kind) => Ok(Item::Hosted),
        Some(kind) => Err(Refusal::invalid(format!("Invalid value: '{kind}'.")).field(format!("input[{at}]"))),
    }
}

fn typed<T: DeserializeOwned>(at: usize, item: Value) -> Result<T, Refusal> {
    let refuse = |error| Refusal::invalid(format!("Invalid type for 'input[{at}]': {error}"));
    serde_json::from_value(item).map_err(|error| refuse(error).field(format!("input[{at}]")))
}

fn is_hosted(kind: &str) -> bool {
    let ends = ["_call", "_call_output", "_output", "_request", "_response", "_tools", "_trigger"];
    ends.iter().any(|end| kind.ends_with(end)) || ["compaction", "program"].contains(&kind)
}

/// Every call has its output after it, every output its call before it, and thinking leads to something. `forgets` is a
/// request of which nothing is stored, and whose items cannot be looked up then.
pub(super) fn check(items: &[Item], forgets: bool) -> Result<(), Refusal> {
    check_calls(items)?;
    let mut led_to = false;
    for item in items.iter().rev() {
        match item {
            Item::Reasoning(reasoning) if !led_to => return Err(reasoning.alone()),
            Item::Reasoning(reasoning) if forgets => reasoning.check()?,
            Item::Reasoning(_) => {}
            Item::Message(message) => led_to = message.role == Role::Assistant,
            Item::Call(_) | Item::Hosted => led_to = true,
            Item::Output(_) => led_to = false,
        }
    }
    Ok(())
}

fn check_calls(items: &[Item]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    for item in items {
        match item {
            Item::Call(call) => open.push(&call.call_id),
            Item::Output(Output { call_id, .. }) => {
                let Some(at) = open.iter().position(|id| id == call_id) else {
                    let message = format!("No tool call found for function call output with call_id {call_id}.");
                    return Err(Refusal::invalid(message).field("input"));
                };
                open.remove(at);
            }
            _ => {}
        }
    }
    match open.first() {
        None => Ok(()),
        Some(id) => Err(Refusal::invalid(format!("No tool output found for function call {id}.")).field("input")),
    }
}

impl Reasoning {
    fn name(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    fn alone(&self) -> Refusal {
        let name = self.name();
        let message = format!("Item '{name}' of type 'reasoning' was provided without its required following item.");
        Refusal::invalid(message).field("input")
    }

    /// Its encrypted form is its own, and without one there has to be the thinking itself.
    fn check(&self) -> Result<(), Refusal> {
        let name = self.name();
        match &self.encrypted_content {
            Some(encrypted) if holds(encrypted, &signature(name)) => Ok(()),
            Some(_) => Err(Refusal::invalid("The encrypted content could not be verified.").field("input")),
            None if self.content.as_ref().is_some_and(|content| !content.is_empty()) => Ok(()),
            None => {
                let message = format!(
                    "Item with id '{name}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input."
                );
                Err(Refusal::new(404, message).field("input"))
            }
        }
    }
}

/// Reads an item into the prompt.
pub(super) fn take(prompt: &mut Prompt, item: Item) {
    match item {
        Item::Message(Message { content, .. }) => prompt.said(content.text(), content.attachments()),
        Item::Output(Output { output, .. }) => prompt.result(output.text()),
        Item::Call(call) => prompt.input_tokens += 1 + count(&call.arguments),
        Item::Reasoning(_) | Item::Hosted => {}
    }
}

impl Content {
    fn text(&self) -> String {
        let parts = match self {
            Content::Text(text) => return text.clone(),
            Content::Parts(parts) => parts,
        };
        let texts = parts.iter().filter_map(|part| match part {
            Part::InputText { text } | Part::OutputText { text } | Part::Refusal { refusal: text } => {
                Some(text.as_str())
            }
            _ => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    fn attachments(&self) -> usize {
        let Content::Parts(parts) = self else { return 0 };
        let attached =
            |part: &&Part| matches!(part, Part::InputImage { .. } | Part::InputFile { .. } | Part::InputAudio { .. });
        parts.iter().filter(attached).count()
    }
}
