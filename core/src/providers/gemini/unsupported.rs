//! What the API cannot do.

use serde_json::Value;

use super::contents::{contents, is_system, part_path, spoken};
use super::thinking::{can_stop_thinking, has_levels};
use crate::codec::Unsupported;
use crate::model::{
    Chat, Content, Media, Message, Part, Request, ResponseFormat, Role, Source, Task, Tool, ToolCall, ToolChoice,
};
use crate::providers::InputTypes;
use crate::target::Target;

/// Parts that only this API has.
pub(super) const OWN_PARTS: [&str; 4] = ["executableCode", "codeExecutionResult", "toolCall", "toolResponse"];
/// The most stop sequences.
const STOPS: usize = 5;

/// All that `request` asks for and `target` cannot do.
pub(in crate::providers) fn unsupported(request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = Vec::new();
    match &request.task {
        Task::Chat(chat) => check_chat(chat, target, &mut found),
        Task::Embed(embed) => {
            InputTypes::check(target.dialect().embeddings.input_types.as_ref(), embed, target, &mut found);
        }
        task @ Task::Rerank(_) => found.push(Unsupported::task(task, target)),
    }
    let candidates = request.extra.get("generationConfig").and_then(|config| config.get("candidateCount"));
    if candidates.and_then(Value::as_u64).is_some_and(|count| count > 1) {
        found.push(Unsupported::new(
            "extra.generationConfig.candidateCount",
            "a response is one answer, ask once for each",
        ));
    }
    found
}

fn check_chat(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let provider = target.provider();
    let mut lacks = |lacks: bool, field: &str, what: &str| {
        if lacks {
            found.push(Unsupported::new(field, format!("{provider} {what}")));
        }
    };
    lacks(chat.parallel_tool_calls == Some(false), "parallel_tool_calls", "cannot turn parallel calls off");
    lacks(chat.stop.len() > STOPS, "stop", "takes at most 5 stop sequences");
    lacks(chat.seed.is_some_and(|seed| i32::try_from(seed).is_err()), "seed", "takes seeds of 32 bits");
    let effort = chat.reasoning.as_ref().and_then(|reasoning| reasoning.effort.as_deref());
    let no_thinking = effort == Some("none");
    lacks(no_thinking && !can_stop_thinking(&target.model), "reasoning", "cannot turn the thinking of this model off");
    let functions = chat.tools.iter().any(|tool| matches!(tool, Tool::Function { .. }));
    let json = matches!(chat.response_format, Some(ResponseFormat::Json | ResponseFormat::Schema { .. }));
    let either = json && functions && !has_levels(&target.model);
    lacks(either, "response_format", "has models since Gemini 3 only that answer in JSON and call functions too");
    let forced = matches!(chat.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_)));
    lacks(forced && !functions, "tool_choice", "can be made to call functions only, and there are none");
    for (at, tool) in chat.tools.iter().enumerate() {
        // A tool that the API runs is named by its one key; those of other vendors by a type, or, of Bedrock's, by this key.
        let is_named = |key| matches!(tool, Tool::Hosted { tool } if tool.contains_key(key));
        let foreign = is_named("type") || is_named("systemTool");
        lacks(foreign, &format!("tools[{at}]"), "runs only tools of its own, which have no type");
    }
    for (at, message) in chat.messages.iter().enumerate() {
        lacks(message.name.is_some(), &format!("messages[{at}].name"), "has no names of speakers");
        for (index, part) in message.content.iter().enumerate() {
            if let Some(problem) = check_part(part, message.role, target) {
                lacks(true, &part_path(at, index), problem);
            }
            let detail =
                matches!(&part.content, Content::Image(Media { detail: Some(detail), .. }) if detail != "auto");
            lacks(detail, &format!("{}.detail", part_path(at, index)), "chooses itself how closely it looks");
        }
    }
    check_turns(&chat.messages, target, &mut lacks);
}

/// The API insists that there are contents.
fn check_turns(messages: &[Message], target: &Target, lacks: &mut impl FnMut(bool, &str, &str)) {
    let asks = |part: &Part| match &part.content {
        Content::Text { text } => !text.is_empty(),
        Content::Image(_) | Content::File(_) | Content::ToolResult(_) => true,
        _ => false,
    };
    let asked = messages.iter().any(|message| !is_system(message.role) && message.content.iter().any(asks));
    let nothing = !asked && contents(messages, target).is_ok_and(|contents| contents.is_empty());
    lacks(nothing, "messages", "answers a user's words, and there are none");
}

/// What is wrong with a part, if anything.
fn check_part(part: &Part, role: Role, target: &Target) -> Option<&'static str> {
    if is_system(role) && part.as_text().is_none() {
        return Some("takes instructions as text only");
    }
    match &part.content {
        Content::ToolCall(call) if !has_object(call) => Some("takes arguments as a JSON object only"),
        Content::Audio(media)
            if role == Role::Assistant
                && matches!(media.source, Source::FileId(_))
                && spoken(media, role).is_none() =>
        {
            Some("has no sound that another provider keeps")
        }
        Content::Image(media) | Content::Audio(media) | Content::File(media) => elsewhere(media, role, target),
        Content::Other(other) => {
            let own = part.state_for(target.provider()).is_some();
            let foreign = part.state.is_some() || !OWN_PARTS.contains(&other.kind.as_str());
            (foreign && !own).then_some("does not know what only another provider has")
        }
        _ => None,
    }
}

/// What is wrong with a file that another provider keeps.
fn elsewhere(media: &Media, role: Role, target: &Target) -> Option<&'static str> {
    let Source::FileId(id) = &media.source else { return None };
    let uploads = target.dialect().can.uploads;
    let is_own = ["gs://", "http://", "https://"].iter().any(|start| id.starts_with(start))
        || (uploads && id.starts_with("files/"));
    let problem = if uploads {
        "knows files by an address or as files/NAME, and this one is another provider's"
    } else {
        "knows files by an address only, such as gs://BUCKET/NAME"
    };
    (!is_own && spoken(media, role).is_none()).then_some(problem)
}

fn has_object(call: &ToolCall) -> bool {
    matches!(call.parsed(), Some(Value::Object(_)))
}
