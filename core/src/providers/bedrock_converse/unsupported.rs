//! What the Converse API cannot do.

use serde_json::Value;

use super::embed;
use super::models::{Maker, told};
use super::turns::{Conversation, conversation};
use crate::codec::Unsupported;
use crate::model::{Chat, Content, Media, Message, Request, ResponseFormat, Role, Task, Tool, ToolChoice};
use crate::providers::anthropic::unsupported::{check_model, check_thinking};
use crate::target::Target;

/// All that `request` asks for and `target` cannot do.
pub(super) fn unsupported(request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = Vec::new();
    match &request.task {
        Task::Embed(embed) => embed::check(embed, target, &mut found),
        // "cohere.rerank-v3-5:0", "amazon.rerank-v1:0"; the ARN of a profile does not say the model.
        task @ Task::Rerank(_) if !target.model.contains("rerank") && !target.model.starts_with("arn:") => {
            found.push(Unsupported::task(task, target));
        }
        Task::Rerank(_) => {}
        Task::Chat(chat) => {
            let (conversation, refused) = conversation(&chat.messages, target);
            check_settings(chat, target, &mut found);
            check_tools(chat, &conversation, target, &mut found);
            if Maker::of(&target.model) == Maker::Anthropic {
                check_model(chat, target, &mut found);
                check_thinking(chat, target, &mut found);
            }
            if let Err((field, reason)) = told(chat, &target.model) {
                refuse(&mut found, target, field, &reason);
            }
            check_turns(&conversation, refused.is_empty(), target, &mut found);
            for item in refused {
                refuse(&mut found, target, &item.path, &item.reason);
            }
            check_messages(&chat.messages, target, &mut found);
            check_documents(&chat.messages, target, &mut found);
        }
    }
    found
}

/// Notes a field; what is refused for one reason needs no second.
fn refuse(found: &mut Vec<Unsupported>, target: &Target, field: &str, reason: &str) {
    if !found.iter().any(|item| item.field == field) {
        found.push(Unsupported::new(field, format!("{} {reason}", target.provider())));
    }
}

fn check_settings(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let mut lacks = |asked: bool, field: &str, what: &str| {
        if asked {
            refuse(found, target, field, what);
        }
    };
    let json = matches!(chat.response_format, Some(ResponseFormat::Json));
    lacks(json, "response_format", "has no JSON mode without a schema");
    lacks(chat.parallel_tool_calls == Some(false), "parallel_tool_calls", "cannot turn parallel calls off");
    lacks(chat.temperature.is_some_and(|it| it > 1.0), "temperature", "has no temperature above 1");
    lacks(chat.max_tokens == Some(0), "max_tokens", "writes one token at least");
    lacks(chat.stop.iter().any(String::is_empty), "stop", "has no empty stop sequence");
    lacks(chat.seed.is_some(), "seed", "has no seed");
    // Zero is no penalty, which is what it does.
    lacks(chat.frequency_penalty.is_some_and(|it| it != 0.0), "frequency_penalty", "has no penalties");
    lacks(chat.presence_penalty.is_some_and(|it| it != 0.0), "presence_penalty", "has no penalties");
    lacks(chat.logprobs == Some(true), "logprobs", "has no log probabilities");
    lacks(chat.top_logprobs.is_some_and(|count| count > 0), "top_logprobs", "has no log probabilities");
}

/// Tools that the API knows by their one key.
const HOSTED: [&str; 3] = ["systemTool", "toolSpec", "cachePoint"];

fn check_tools(chat: &Chat, conversation: &Conversation<'_>, target: &Target, found: &mut Vec<Unsupported>) {
    for (at, tool) in chat.tools.iter().enumerate() {
        let foreign = |tool: &serde_json::Map<String, Value>| !HOSTED.iter().any(|key| tool.contains_key(*key));
        if matches!(tool, Tool::Hosted { tool } if foreign(tool)) {
            refuse(found, target, &format!("tools[{at}]"), "runs only tools of its own, such as systemTool");
        }
    }
    match &chat.tool_choice {
        Some(ToolChoice::None) if conversation.uses_tools() => {
            refuse(found, target, "tool_choice", "cannot be kept from calling tools where it called some before");
        }
        Some(ToolChoice::Required | ToolChoice::Tool(_)) if chat.tools.is_empty() => {
            refuse(found, target, "tool_choice", "can be made to call tools only where there are some");
        }
        _ => {}
    }
}

fn check_turns(conversation: &Conversation<'_>, complete: bool, target: &Target, found: &mut Vec<Unsupported>) {
    match conversation.messages.first() {
        None if complete => refuse(found, target, "messages", "answers a user's words, and there are none"),
        Some(turn) if turn.role == "assistant" && complete => {
            refuse(found, target, "messages", "takes conversations that the user begins");
        }
        _ => {}
    }
}

/// The API takes a document only where its turn has a text too: "you must also include a text block".
fn check_documents(messages: &[Message], target: &Target, found: &mut Vec<Unsupported>) {
    let is_document = |media: &Media| {
        let mime = media.mime.as_deref().unwrap_or_default();
        !mime.starts_with("image/") && !mime.starts_with("video/")
    };
    let indexed = messages.iter().enumerate().filter(|(_, message)| !is_instruction(message));
    let indexed: Vec<_> = indexed.collect();
    // Messages of the user's in a row are one turn.
    for turn in indexed.chunk_by(|(_, one), (_, next)| one.role != Role::Assistant && next.role != Role::Assistant) {
        let parts =
            || turn.iter().flat_map(|(at, message)| message.content.iter().enumerate().map(move |it| (*at, it)));
        if parts().any(|(_, (_, part))| part.as_text().is_some_and(|text| !text.trim().is_empty())) {
            continue;
        }
        for (at, (index, part)) in parts() {
            if matches!(&part.content, Content::File(media) if is_document(media)) {
                let field = format!("messages[{at}].content[{index}]");
                refuse(found, target, &field, "takes a document only with a text beside it");
            }
        }
    }
}

fn is_instruction(message: &Message) -> bool {
    matches!(message.role, Role::System | Role::Developer)
}

fn check_messages(messages: &[Message], target: &Target, found: &mut Vec<Unsupported>) {
    for (at, message) in messages.iter().enumerate() {
        let instructs = is_instruction(message);
        if message.name.is_some() {
            refuse(found, target, &format!("messages[{at}].name"), "has no names of speakers");
        }
        if instructs && message.extra.as_ref().is_some_and(|extra| !extra.is_empty()) {
            let reason = "has no message for instructions, give the extra of a part";
            refuse(found, target, &format!("messages[{at}].extra"), reason);
        }
        for (index, part) in message.content.iter().enumerate() {
            let Content::Image(media) = &part.content else { continue };
            if media.detail.as_ref().is_some_and(|detail| detail != "auto") {
                refuse(found, target, &format!("messages[{at}].content[{index}].detail"), "has no levels of detail");
            }
        }
    }
}
