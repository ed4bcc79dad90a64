//! What of a request a model cannot do.

use super::{Ability, Family};
use crate::codec::Unsupported;
use crate::model::{Chat, Content, Media, Part, Request, ResponseFormat, ToolChoice};
use crate::target::Target;

/// All that `request` asks for and the model of `target` cannot do, although its provider can.
pub(crate) fn unsupported(request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = Vec::new();
    let Some(chat) = request.as_chat().filter(|chat| is_demanding(chat)) else { return found };
    let Some(family) = target.family() else { return found };
    let mut lacks = |field: String, problem: &str| {
        found.push(Unsupported::new(field, format!("{} {problem}", target.model)));
    };
    let (needs, without) = demands(chat);
    for (ability, field, problem) in needs.into_iter().flatten() {
        if !family.can(ability) {
            lacks(field.to_owned(), problem);
        }
    }
    if without.is_some_and(|tokens| tokens > family.output) {
        lacks("max_tokens".to_owned(), &format!("writes {} tokens at most", family.output));
    }
    for (at, message) in chat.messages.iter().enumerate() {
        for (index, part) in message.content.iter().enumerate() {
            if let Some(problem) = unread(part, family, target.dialect().reads_files) {
                lacks(format!("messages[{at}].content[{index}]"), problem);
            }
        }
    }
    found
}

/// Whether a chat asks for anything that some model cannot do: for most, no table is searched.
fn is_demanding(chat: &Chat) -> bool {
    let has_media = |part: &Part| matches!(part.content, Content::Image(_) | Content::Audio(_) | Content::File(_));
    let (needs, tokens) = demands(chat);
    tokens.is_some()
        || needs.iter().any(Option::is_some)
        || chat.messages.iter().any(|message| message.content.iter().any(has_media))
}

/// What is needed, for which field, and what is wrong where it is lacking.
type Demand = (Ability, &'static str, &'static str);

/// What the settings of a chat need, and the tokens that it asks for.
fn demands(chat: &Chat) -> ([Option<Demand>; 5], Option<u32>) {
    let when = |asked: bool, demand: Demand| asked.then_some(demand);
    let forced = matches!(chat.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_)));
    let schema = matches!(chat.response_format, Some(ResponseFormat::Schema { .. }));
    let thinks = chat.reasoning.as_ref().is_some_and(|reasoning| {
        reasoning.budget_tokens.is_some() || reasoning.effort.as_ref().is_some_and(|effort| effort != "none")
    });
    let needs = [
        when(!chat.tools.is_empty(), (Ability::Tools, "tools", "calls no tools")),
        when(forced && !chat.tools.is_empty(), (Ability::ForcedTools, "tool_choice", "cannot be made to call a tool")),
        when(schema, (Ability::JsonSchema, "response_format", "follows no JSON schemas")),
        when(thinks, (Ability::Reasoning, "reasoning", "does not think before it answers")),
        when(chat.logprobs == Some(true), (Ability::Logprobs, "logprobs", "has no log probabilities")),
    ];
    (needs, chat.max_tokens)
}

/// What is wrong with a part that the model cannot read.
fn unread(part: &Part, family: &Family, files_are_read: bool) -> Option<&'static str> {
    let is_pdf = |media: &Media| media.mime.as_deref() == Some("application/pdf");
    match &part.content {
        Content::Image(_) if !family.can(Ability::Images) => Some("reads no images"),
        Content::Audio(_) if !family.can(Ability::Audio) => Some("reads no sound"),
        Content::File(media) if is_pdf(media) && !files_are_read && !family.can(Ability::Pdf) => {
            Some("reads no PDF documents")
        }
        _ => None,
    }
}

/// Whether a request has room in the model's context window, by a rough count that only orders targets.
pub(crate) fn holds(request: &Request, target: &Target) -> bool {
    let Some(chat) = request.as_chat() else { return true };
    let Some(family) = target.family() else { return true };
    request.rough_tokens() + u64::from(chat.max_tokens.unwrap_or_default()) <= u64::from(family.context)
}
