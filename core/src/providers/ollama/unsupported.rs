//! What the API cannot do. Source: Ollama's documentation, "Generate a chat message".

use serde_json::Value;

use super::messages::messages;
use crate::codec::Unsupported;
use crate::model::{Chat, Content, Media, Part, Request, Role, Source, Task, Tool, ToolCall, ToolChoice};
use crate::providers::InputTypes;
use crate::target::Target;

/// All that `request` asks for and `target` cannot do.
pub(super) fn unsupported(request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = Vec::new();
    match &request.task {
        Task::Chat(chat) => {
            check_settings(chat, target, &mut found);
            check_messages(chat, target, &mut found);
            // Of what the model said, that of another provider is left out.
            let answers_only = chat.messages.iter().all(|message| message.role == Role::Assistant);
            if answers_only && messages(&chat.messages, target).is_empty() {
                refuse(&mut found, target, "messages", "answers a user's words, and there are none");
            }
        }
        Task::Embed(embed) => InputTypes::check(None, embed, target, &mut found),
        task @ Task::Rerank(_) => found.push(Unsupported::task(task, target)),
    }
    found
}

fn refuse(found: &mut Vec<Unsupported>, target: &Target, field: impl Into<String>, reason: &str) {
    found.push(Unsupported::new(field, format!("{} {reason}", target.provider())));
}

fn check_settings(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    if matches!(chat.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_))) {
        refuse(found, target, "tool_choice", "has no way to force a tool");
    }
    if chat.parallel_tool_calls == Some(false) {
        refuse(found, target, "parallel_tool_calls", "cannot turn parallel calls off");
    }
    if chat.reasoning.as_ref().is_some_and(|reasoning| reasoning.budget_tokens.is_some()) {
        refuse(found, target, "reasoning", "has no thinking budget in tokens, give an effort");
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
            if let Some(problem) = check_part(part, message.role) {
                refuse(found, target, path, problem);
            } else if let Content::ToolResult(result) = &part.content
                && let Some(within) = result.content.iter().position(|part| check_part(part, message.role).is_some())
            {
                // A call is not left without its result.
                refuse(
                    found,
                    target,
                    format!("{path}.content[{within}]"),
                    "takes tool results as text and images only",
                );
            } else if matches!(&part.content, Content::Image(Media { detail: Some(it), .. }) if it != "auto") {
                refuse(found, target, format!("{path}.detail"), "has no levels of detail");
            }
        }
    }
}

/// What is wrong with a part, if anything.
fn check_part(part: &Part, role: Role) -> Option<&'static str> {
    match &part.content {
        Content::Text { .. }
        | Content::Refusal { .. }
        | Content::Citation(_)
        | Content::Reasoning { .. }
        | Content::ToolResult(_)
        | Content::File(Media { source: Source::Text(_), .. }) => None,
        Content::Image(_) if role == Role::Assistant => Some("takes no images from the assistant"),
        Content::Image(media) => (!matches!(media.source, Source::Data(_))).then_some("takes images as bytes only"),
        Content::Audio(_) => Some("reads no audio"),
        Content::File(_) => Some("reads files as text only"),
        Content::ToolCall(call) => (!has_object(call)).then_some("takes arguments as a JSON object only"),
        Content::Other(_) => Some("does not know what only another provider has"),
    }
}

fn has_object(call: &ToolCall) -> bool {
    matches!(call.parsed(), Some(Value::Object(_)))
}
