//! What the API cannot do. Source: the Cohere API reference, "Chat".

use serde_json::Value;

use super::embed;
use super::messages::{DOCUMENT, messages};
use crate::codec::Unsupported;
use crate::model::{
    Chat, Content, Media, Part, Request, ResponseFormat, Role, Source, Task, Tool, ToolCall, ToolChoice,
};
use crate::target::Target;

/// The most stop sequences.
const STOPS: usize = 5;
/// The bounds of what is called `p` and `k` there.
const TOP_P: std::ops::RangeInclusive<f64> = 0.01..=0.99;
const MOST_TOP_K: u32 = 500;

/// All that `request` asks for and `target` cannot do.
pub(super) fn unsupported(request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = Vec::new();
    match &request.task {
        Task::Chat(chat) => {
            check_settings(chat, target, &mut found);
            check_tools(chat, target, &mut found);
            check_messages(chat, target, &mut found);
            // Of what the model said, that of another provider is left out.
            let answers_only = chat.messages.iter().all(|message| message.role == Role::Assistant);
            if answers_only && messages(&chat.messages, target).is_empty() {
                refuse(&mut found, target, "messages", "answers a user's words, and there are none");
            }
        }
        Task::Embed(embed) => embed::check(embed, target, &mut found),
        Task::Rerank(_) => {}
    }
    found
}

fn refuse(found: &mut Vec<Unsupported>, target: &Target, field: impl Into<String>, reason: &str) {
    found.push(Unsupported::new(field, format!("{} {reason}", target.provider())));
}

fn check_settings(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let mut lacks = |asked: bool, field: &str, what: &str| {
        if asked {
            refuse(found, target, field, what);
        }
    };
    let json = matches!(chat.response_format, Some(ResponseFormat::Json | ResponseFormat::Schema { .. }));
    let either = json && !chat.tools.is_empty();
    lacks(either, "response_format", "answers in JSON or calls tools, a request cannot ask for both");
    lacks(chat.top_p.is_some_and(|p| !TOP_P.contains(&p)), "top_p", "takes a top_p from 0.01 to 0.99");
    lacks(chat.top_k.is_some_and(|k| k > MOST_TOP_K), "top_k", "takes a top_k of at most 500");
    lacks(chat.stop.len() > STOPS, "stop", "takes at most 5 stop sequences");
    lacks(chat.seed.is_some_and(|seed| seed < 0), "seed", "takes no negative seed");
    let beyond = |penalty: Option<f64>| penalty.is_some_and(|it| !(0.0..=1.0).contains(&it));
    lacks(beyond(chat.frequency_penalty), "frequency_penalty", "takes penalties from 0 to 1");
    lacks(beyond(chat.presence_penalty), "presence_penalty", "takes penalties from 0 to 1");
    let alternatives = chat.top_logprobs.is_some_and(|count| count > 0);
    lacks(alternatives, "top_logprobs", "has log probabilities of what it wrote only");
}

fn check_tools(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    if chat.parallel_tool_calls == Some(false) {
        refuse(found, target, "parallel_tool_calls", "cannot turn parallel calls off");
    }
    let can_call = |choice: &ToolChoice| {
        chat.tools.iter().any(|tool| match (tool, choice) {
            (Tool::Function { name, .. }, ToolChoice::Tool(wanted)) => name == wanted,
            (Tool::Function { .. }, _) => true,
            (Tool::Hosted { .. }, _) => false,
        })
    };
    let forced = chat.tool_choice.as_ref().filter(|it| matches!(it, ToolChoice::Required | ToolChoice::Tool(_)));
    if forced.is_some_and(|choice| !can_call(choice)) {
        refuse(found, target, "tool_choice", "can be made to call functions only, and there is none of that name");
    }
    for (at, tool) in chat.tools.iter().enumerate() {
        if matches!(tool, Tool::Hosted { .. }) {
            refuse(found, target, format!("tools[{at}]"), "runs no tools of its own");
        }
    }
}

fn check_messages(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    for (at, message) in chat.messages.iter().enumerate() {
        if message.name.is_some() {
            refuse(found, target, format!("messages[{at}].name"), "has no names of speakers");
        }
        for (index, part) in message.content.iter().enumerate() {
            let path = format!("messages[{at}].content[{index}]");
            if let Some(problem) = check_part(part, message.role, target) {
                refuse(found, target, path, problem);
            } else if let Content::ToolResult(result) = &part.content
                && let Some(within) = result.content.iter().position(|part| !is_result(part))
            {
                // A call is not left without its result.
                let path = format!("{path}.content[{within}]");
                refuse(found, target, path, "takes tool results as text and documents only");
            }
        }
    }
}

/// What is wrong with a part, if anything.
fn check_part(part: &Part, role: Role, target: &Target) -> Option<&'static str> {
    let is_own = part.state_for(target.provider()).is_some();
    match &part.content {
        Content::Text { .. }
        | Content::Refusal { .. }
        | Content::Citation(_)
        | Content::File(Media { source: Source::Text(_), .. }) => None,
        Content::Other(_) => (!is_own).then_some("does not know what only another provider has"),
        _ if matches!(role, Role::System | Role::Developer) => Some("takes instructions as text only"),
        Content::Image(_) if role == Role::Assistant => Some("takes no images from the assistant"),
        Content::Image(Media { source: Source::FileId(_) | Source::Text(_), .. }) => {
            Some("takes images as an address or bytes only")
        }
        Content::Audio(_) => Some("reads no audio"),
        Content::File(_) => Some("reads files as text only"),
        Content::ToolCall(call) => (!has_object(call)).then_some("takes arguments as a JSON object only"),
        Content::Image(_) | Content::Reasoning { .. } | Content::ToolResult(_) => None,
    }
}

fn is_result(part: &Part) -> bool {
    match &part.content {
        Content::Text { .. } | Content::Citation(_) | Content::File(Media { source: Source::Text(_), .. }) => true,
        Content::Other(other) => other.kind == DOCUMENT && part.state.is_none(),
        _ => false,
    }
}

fn has_object(call: &ToolCall) -> bool {
    matches!(call.parsed(), Some(Value::Object(_)))
}
