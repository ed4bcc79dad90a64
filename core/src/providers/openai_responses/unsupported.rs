//! What the Responses API cannot do, and what a provider of it cannot do by its dialect.

use serde_json::Value;

use super::items::items;
use crate::codec::Unsupported;
use crate::model::{Chat, Content, Media, Part, Request, ResponseFormat, Role, Source, Task, Tool, ToolChoice};
use crate::providers::{ReasoningStyle, anthropic};
use crate::target::Target;

/// What is wrong with a task other than a chat.
pub(super) fn elsewhere(task: &Task) -> String {
    format!("the Responses API has no {}, openai-chat has", task.ability())
}

/// All that `request` asks for and `target` cannot do.
pub(super) fn unsupported(request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = Vec::new();
    let Task::Chat(chat) = &request.task else {
        found.push(Unsupported::new(request.task.field(), elsewhere(&request.task)));
        return found;
    };
    check_settings(chat, target, &mut found);
    check_tools(chat, target, &mut found);
    check_messages(chat, target, &mut found);
    // It would be there later only, and would have to be asked for again.
    if request.extra.get("background").and_then(Value::as_bool) == Some(true) && !request.stream {
        found.push(Unsupported::new("extra.background", "an answer of the background comes as a stream only"));
    }
    found
}

fn check_settings(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let dialect = target.dialect();
    let provider = target.provider();
    let mut lacks = |asked: bool, field: &str, what: &str| {
        if asked {
            found.push(Unsupported::new(field, format!("{provider} has no {what} in the Responses API")));
        }
    };
    lacks(chat.seed.is_some(), "seed", "seed");
    lacks(!chat.stop.is_empty(), "stop", "stop sequences");
    lacks(chat.top_k.is_some() && !dialect.can.top_k, "top_k", "top_k");
    // Zero is no penalty, which is what it does.
    lacks(chat.frequency_penalty.is_some_and(|penalty| penalty != 0.0), "frequency_penalty", "penalties");
    lacks(chat.presence_penalty.is_some_and(|penalty| penalty != 0.0), "presence_penalty", "penalties");
    let json = matches!(chat.response_format, Some(ResponseFormat::Json));
    lacks(json && !dialect.can.json, "response_format", "JSON mode");
    let schema = matches!(chat.response_format, Some(ResponseFormat::Schema { .. }));
    lacks(schema && !dialect.can.json_schema, "response_format", "JSON schemas");
    let budget = chat.reasoning.as_ref().is_some_and(|reasoning| reasoning.budget_tokens.is_some());
    lacks(
        budget && dialect.reasoning != ReasoningStyle::Object,
        "reasoning",
        "thinking budget in tokens, give an effort,",
    );
    if chat.max_tokens.is_some_and(|most| most < dialect.least_output_tokens) {
        let least = dialect.least_output_tokens;
        found.push(Unsupported::new("max_tokens", format!("{provider} takes {least} or more in the Responses API")));
    }
}

/// The tools of this API say their type, and none of its types ends in a date as Anthropic's do (`bash_20250124`).
fn check_tools(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let can = target.dialect().can;
    let provider = target.provider();
    if !chat.tools.is_empty() && !can.tools {
        found.push(Unsupported::new("tools", format!("{provider} has no tools")));
    }
    let forced = matches!(chat.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_)));
    if forced && !can.forced_tools {
        found.push(Unsupported::new("tool_choice", format!("{provider} has no way to force a tool")));
    }
    for (at, tool) in chat.tools.iter().enumerate() {
        let Tool::Hosted { tool } = tool else { continue };
        let kind = tool.get("type").and_then(Value::as_str);
        // A vendor that runs the tools of others beside its own says whose they are: `openrouter:web_search`.
        let known = kind.is_some_and(|kind| !anthropic::is_dated(kind) && (can.hosted_tools || !kind.contains(':')));
        if !known {
            let reason = format!("{provider} runs only tools of its own, which say their type");
            found.push(Unsupported::new(format!("tools[{at}]"), reason));
        }
    }
}

fn check_messages(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let provider = target.provider();
    // Only what a model said may come to nothing: thinking that is another vendor's, or that led to nothing.
    let said = chat.messages.iter().all(|message| message.role == Role::Assistant);
    if said && items(&chat.messages, target, false).is_empty() {
        found.push(Unsupported::new("messages", format!("{provider} answers a user's words, and there are none")));
    }
    for (at, message) in chat.messages.iter().enumerate() {
        if message.name.is_some() {
            let reason = format!("{provider} has no names of speakers in the Responses API");
            found.push(Unsupported::new(format!("messages[{at}].name"), reason));
        }
        let says = |part: &Part| matches!(part.content, Content::Text { .. } | Content::Refusal { .. });
        if message.role == Role::Assistant && message.extra.is_some() && !message.content.iter().any(says) {
            let reason = format!("{provider} has no message where only tools are called, give the extra of a part");
            found.push(Unsupported::new(format!("messages[{at}].extra"), reason));
        }
        for (index, part) in message.content.iter().enumerate() {
            if let Some((below, problem)) = check_part(part, message.role, target) {
                let field = format!("messages[{at}].content[{index}]{below}");
                found.push(Unsupported::new(field, format!("{provider} {problem}")));
            }
        }
    }
}

/// What is wrong with a part, and where below it, if anything.
fn check_part(part: &Part, role: Role, target: &Target) -> Option<(String, &'static str)> {
    let media = matches!(part.content, Content::Image(_) | Content::Audio(_) | Content::File(_));
    if media && role == Role::Assistant {
        return Some((String::new(), "takes no such part from the assistant"));
    }
    if let Content::ToolResult(result) = &part.content {
        let mut parts = result.content.iter().enumerate();
        return parts.find_map(|(index, part)| {
            let problem = match &part.content {
                Content::Text { .. } | Content::Image(_) | Content::File(_) => input(part, target),
                Content::Audio(_) => Some("takes no sound in a tool's result"),
                _ => Some("takes text, images and files in a tool's result only"),
            };
            problem.map(|problem| (format!(".content[{index}]"), problem))
        });
    }
    input(part, target).map(|problem| (String::new(), problem))
}

fn input(part: &Part, target: &Target) -> Option<&'static str> {
    let can = target.dialect().can;
    let video = |media: &Media| media.mime.as_deref().is_some_and(|mime| mime.starts_with("video/"));
    match &part.content {
        Content::Image(_) if !can.images => Some("reads no images"),
        Content::Image(media) if matches!(media.source, Source::Text(_)) => Some("reads no image from text"),
        Content::Audio(_) if !can.audio_in_responses => Some("reads no audio in the Responses API"),
        Content::Audio(media) if !matches!(media.source, Source::Data(_)) => Some("takes audio as bytes only"),
        Content::File(media) if video(media) => Some("reads no video in the Responses API"),
        Content::File(media) if !can.files && !matches!(media.source, Source::Text(_)) => Some("reads no files"),
        _ => None,
    }
}
