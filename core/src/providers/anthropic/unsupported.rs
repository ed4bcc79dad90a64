//! What the Messages API cannot do.

use serde_json::Value;

use super::models;
use super::thinking::Plan;
use super::turns::conversation;
use crate::codec::Unsupported;
use crate::model::{Chat, Content, Message, Part, Request, ResponseFormat, Role, Source, Task, Tool, ToolChoice};
use crate::target::Target;

/// The types of tools that have no date.
const UNDATED: [&str; 4] = ["custom", "mcp_toolset", "tool_search_tool_bm25", "tool_search_tool_regex"];

/// All that `request` asks for and the API cannot do.
pub(in crate::providers) fn unsupported(request: &Request, target: &Target) -> Vec<Unsupported> {
    let provider = target.provider();
    let mut found = Vec::new();
    match &request.task {
        task @ (Task::Embed(_) | Task::Rerank(_)) => found.push(Unsupported::task(task, target)),
        Task::Chat(chat) => {
            check_settings(chat, provider, &mut found);
            check_model(chat, target, &mut found);
            check_tools(&chat.tools, provider, &mut found);
            check_thinking(chat, target, &mut found);
            check_messages(&chat.messages, target, &mut found);
            check_sources(&chat.messages, target, &mut found);
        }
    }
    found
}

fn check_settings(chat: &Chat, provider: &str, found: &mut Vec<Unsupported>) {
    let mut lacks = |asked: bool, field: &str, what: &str| {
        if asked {
            found.push(Unsupported::new(field, format!("{provider} has no {what}")));
        }
    };
    let json = matches!(chat.response_format, Some(ResponseFormat::Json));
    lacks(json, "response_format", "JSON mode without a schema");
    lacks(chat.temperature.is_some_and(|temperature| temperature > 1.0), "temperature", "temperature above 1");
    lacks(chat.seed.is_some(), "seed", "seed");
    let blank = chat.stop.iter().any(|stop| stop.trim().is_empty());
    lacks(blank, "stop", "stop sequence of white space only");
    // Zero is no penalty, which is what it does.
    lacks(chat.frequency_penalty.is_some_and(|penalty| penalty != 0.0), "frequency_penalty", "penalties");
    lacks(chat.presence_penalty.is_some_and(|penalty| penalty != 0.0), "presence_penalty", "penalties");
    lacks(chat.logprobs == Some(true), "logprobs", "log probabilities");
    lacks(chat.top_logprobs.is_some_and(|count| count > 0), "top_logprobs", "log probabilities");
}

/// What the model does not do, although the API does.
pub(in crate::providers) fn check_model(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let model = &*target.model;
    let mut lacks = |asked: bool, field: &str, what: &str| {
        if asked && found.iter().all(|item| item.field != field) {
            found.push(Unsupported::new(field, format!("{model} {what}")));
        }
    };
    // One is what they have anyway.
    let tempered = chat.temperature.is_some_and(|temperature| (temperature - 1.0).abs() > f64::EPSILON);
    if models::is_self_willed(model) {
        lacks(tempered, "temperature", "chooses its temperature itself");
        lacks(chat.top_p.is_some_and(|top_p| top_p < 1.0), "top_p", "chooses its top_p itself");
        lacks(chat.top_k.is_some(), "top_k", "chooses its top_k itself");
    }
    let both = chat.temperature.is_some() && chat.top_p.is_some();
    lacks(both && !models::takes_both_samplings(model), "top_p", "takes temperature or top_p, not both");
    let forced = matches!(chat.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_))) && !chat.tools.is_empty();
    lacks(forced && !models::can_be_forced(model), "tool_choice", "cannot be made to call a tool");
    if let Some((at, last)) = chat.messages.iter().enumerate().next_back() {
        // With a part of its own, it is a turn that paused and goes on.
        let words = last.role == Role::Assistant && last.content.iter().all(|part| part.as_text().is_some());
        lacks(
            words && !models::goes_on(model),
            &format!("messages[{at}]"),
            "does not go on with the assistant's words, the last message has to be the user's",
        );
    }
}

/// The tools that the API runs say their type with its date, such as `web_search_20250305`, or have one of the few types
/// without. Those of other vendors have no type, or another one (`web_search`, `openrouter:web_search`).
fn check_tools(tools: &[Tool], provider: &str, found: &mut Vec<Unsupported>) {
    for (at, tool) in tools.iter().enumerate() {
        let Tool::Hosted { tool } = tool else { continue };
        let kind = tool.get("type").and_then(Value::as_str);
        let typed = kind.is_some_and(|kind| super::is_dated(kind) || UNDATED.contains(&kind));
        if !typed || tool.contains_key("custom") {
            let reason = format!("{provider} runs only tools of its own, which say their type");
            found.push(Unsupported::new(format!("tools[{at}]"), reason));
        }
    }
}

pub(in crate::providers) fn check_thinking(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let provider = target.provider();
    let mut refuse = |field: &str, reason: &str| {
        // What is refused for one reason needs no second.
        if !found.iter().any(|item| item.field == field) {
            found.push(Unsupported::new(field, format!("{provider} {reason}")));
        }
    };
    match Plan::new(chat, &target.model) {
        Err(reason) => refuse("reasoning", &reason),
        Ok(plan) => {
            let conflicts = plan.conflicts(chat, &target.model, provider);
            for (field, reason) in conflicts {
                refuse(field, reason);
            }
        }
    }
}

fn check_messages(messages: &[Message], target: &Target, found: &mut Vec<Unsupported>) {
    let provider = target.provider();
    let mut refuse = |field: String, reason: &str| found.push(Unsupported::new(field, format!("{provider} {reason}")));
    let (conversation, refused) = conversation(messages, target);
    if conversation.messages.is_empty() && refused.is_empty() {
        refuse("messages".to_owned(), "answers a user's words, and there are none");
    }
    for item in refused {
        refuse(item.path, &item.reason);
    }
    for (at, message) in messages.iter().enumerate() {
        let instructs = matches!(message.role, Role::System | Role::Developer);
        if message.name.is_some() {
            refuse(format!("messages[{at}].name"), "has no names of speakers");
        }
        if instructs && message.extra.as_ref().is_some_and(|extra| !extra.is_empty()) {
            refuse(format!("messages[{at}].extra"), "has no message for instructions, give the extra of a part");
        }
        for (index, part) in message.content.iter().enumerate() {
            let Content::Image(media) = &part.content else { continue };
            if media.detail.as_ref().is_some_and(|detail| detail != "auto") {
                refuse(format!("messages[{at}].content[{index}].detail"), "has no levels of detail");
            }
        }
    }
}

/// Clouds that have the API open no addresses and keep no files.
fn check_sources(messages: &[Message], target: &Target, found: &mut Vec<Unsupported>) {
    let can = &target.dialect().can;
    let problem = |part: &Part| match &part.content {
        Content::Image(media) | Content::File(media) => match media.source {
            Source::Url(_) if !can.addresses => Some("opens no addresses: give the bytes"),
            Source::FileId(_) if !can.uploads => Some("keeps no files: give the bytes"),
            _ => None,
        },
        _ => None,
    };
    let mut check = |field: String, part: &Part| {
        if let Some(problem) = problem(part)
            && !found.iter().any(|item| item.field == field)
        {
            found.push(Unsupported::new(field, format!("{} {problem}", target.provider())));
        }
    };
    for (at, message) in messages.iter().enumerate() {
        for (index, part) in message.content.iter().enumerate() {
            let field = format!("messages[{at}].content[{index}]");
            if let Content::ToolResult(result) = &part.content {
                let inner = result.content.iter().enumerate();
                inner.for_each(|(below, part)| check(format!("{field}.content[{below}]"), part));
            } else {
                check(field, part);
            }
        }
    }
}
