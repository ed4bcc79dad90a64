//! Messages become Ollama's: a text, and beside it pictures, thinking and calls.
//!
//! Source: Ollama's documentation, "Generate a chat message", "Tool calling" and "Vision".

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::model::{self, Content, Media, Part, Role, Source, ToolCall, ToolResult};
use crate::providers::call_ids::Calls;
use crate::providers::failed_results::FAILED;
use crate::providers::made_ids::is_real;
use crate::providers::turns::turns;
use crate::target::Target;

/// One message on the wire.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    thinking: String,
    /// Base64.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<WireCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
    /// What the caller adds.
    #[serde(flatten)]
    extra: Option<&'a Map<String, Value>>,
    /// Of a result: which call it belongs to.
    #[serde(skip)]
    place: usize,
}

#[derive(Serialize)]
struct WireCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a RawValue,
}

/// The conversation: each result is a message of its own, right behind all calls of its turn.
pub(super) fn messages<'a>(messages: &'a [model::Message], target: &Target) -> Vec<Message<'a>> {
    let mut writer = Writer { provider: target.provider(), calls: Calls::default(), count: 0 };
    let mut out: Vec<Message<'a>> = Vec::with_capacity(messages.len());
    let mut calls_end = 0;
    for turn in turns(messages) {
        let Some(last) = turn.last() else { continue };
        let parts: Vec<&Part> = turn.iter().flat_map(|message| &message.content).collect();
        for part in &parts {
            if let Content::ToolResult(result) = &part.content {
                let result = writer.result(result, part);
                // Without ids, which not all calls have, a result belongs to the call at its place.
                let later = |other: &Message<'_>| other.role != "tool" || other.place > result.place;
                let before = out.iter().skip(calls_end).position(later);
                out.insert(before.map_or(out.len(), |before| calls_end + before), result);
            }
        }
        let Some(message) = writer.message(last.role, &parts) else { continue };
        out.push(Message { extra: last.extra.as_deref(), ..message });
        if last.role == Role::Assistant {
            calls_end = out.len();
        }
    }
    out
}

struct Writer<'a, 't> {
    provider: &'t str,
    /// The tools' names and the places of their calls.
    calls: Calls<'a, (&'a str, usize)>,
    /// How many calls there were so far.
    count: usize,
}

impl<'a> Writer<'a, '_> {
    /// What is said, if anything is.
    fn message(&mut self, role: Role, parts: &[&'a Part]) -> Option<Message<'a>> {
        let mut out = empty(match role {
            Role::System | Role::Developer => "system",
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        });
        // A model's words go on where they were interrupted; a person's parts are texts of their own.
        let between = if role == Role::Assistant { "" } else { "\n" };
        // A message of which everything was left out still has its turn.
        let mut says = parts.is_empty() && role != Role::Assistant;
        for part in parts {
            let is_result = matches!(part.content, Content::ToolResult(_));
            says |= !is_result && self.part(part, between, &mut out);
        }
        says.then_some(out)
    }

    /// Adds a part to its message. False for what is not sent: sources, and the thinking of another provider.
    fn part(&mut self, part: &'a Part, between: &str, out: &mut Message<'a>) -> bool {
        match &part.content {
            Content::ToolCall(call) => {
                self.calls.add(&call.id, (&call.name, self.count));
                self.count += 1;
                out.tool_calls.extend(wire_call(call));
            }
            Content::Reasoning { text } => {
                let foreign = part.state.is_some() && part.state_for(self.provider).is_none();
                if foreign || out.role != "assistant" {
                    return false;
                }
                out.thinking.push_str(text);
            }
            Content::Image(media) => out.images.extend(data(media)),
            _ => match text(part) {
                Some(text) => add(&mut out.content, between, text),
                None => return false,
            },
        }
        true
    }

    fn result(&mut self, result: &'a ToolResult, part: &'a Part) -> Message<'a> {
        let (name, place) = self.calls.answer(&result.id).copied().unzip();
        let mut out = empty("tool");
        for part in &result.content {
            match &part.content {
                Content::Image(media) => out.images.extend(data(media)),
                _ => add(&mut out.content, "\n", text(part).unwrap_or_default()),
            }
        }
        if result.is_error {
            out.content.insert_str(0, FAILED);
        }
        out.tool_name = result.name.as_deref().or(name);
        out.tool_call_id = Some(result.id.as_str()).filter(|id| is_real(id));
        out.extra = part.extra.as_deref();
        out.place = place.unwrap_or(usize::MAX);
        out
    }
}

fn empty<'a>(role: &'static str) -> Message<'a> {
    Message {
        role,
        content: String::new(),
        thinking: String::new(),
        images: Vec::new(),
        tool_calls: Vec::new(),
        tool_name: None,
        tool_call_id: None,
        extra: None,
        place: 0,
    }
}

/// Arguments that are no object were refused before: see `unsupported`.
fn wire_call(call: &ToolCall) -> Option<WireCall<'_>> {
    let text = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
    let function = Function { name: &call.name, arguments: serde_json::from_str(text).ok()? };
    Some(WireCall { id: Some(call.id.as_str()).filter(|id| is_real(id)), function })
}

fn data(media: &Media) -> Option<&str> {
    match &media.source {
        Source::Data(data) => Some(data),
        _ => None,
    }
}

fn text(part: &Part) -> Option<&str> {
    match &part.content {
        Content::Text { text }
        | Content::Refusal { text }
        | Content::File(Media { source: Source::Text(text), .. }) => Some(text),
        _ => None,
    }
}

fn add(content: &mut String, between: &str, text: &str) {
    if !content.is_empty() && !text.is_empty() {
        content.push_str(between);
    }
    content.push_str(text);
}
