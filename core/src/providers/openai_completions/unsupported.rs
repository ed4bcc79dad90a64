//! What a text that goes on cannot be.

use super::prompt::words;
use crate::codec::Unsupported;
use crate::model::{Chat, Content, Part, Request, ResponseFormat};
use crate::target::Target;

/// How it begins to be said.
const PLAIN: &str = "completes texts, and has no";

/// All that `request` asks for and a completion cannot do.
pub(super) fn unsupported(chat: &Chat, request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = Vec::new();
    let can = target.dialect().can;
    let provider = target.provider();
    let mut lacks = |asked: bool, field: &str, what: &str| {
        if asked {
            found.push(Unsupported::new(field, format!("{provider} {what}")));
        }
    };
    lacks(!chat.tools.is_empty(), "tools", &format!("{PLAIN} tools"));
    lacks(chat.tool_choice.is_some(), "tool_choice", &format!("{PLAIN} tools"));
    lacks(chat.parallel_tool_calls.is_some(), "parallel_tool_calls", &format!("{PLAIN} tools"));
    let formed = !matches!(chat.response_format, None | Some(ResponseFormat::Text));
    lacks(formed, "response_format", &format!("{PLAIN} response format"));
    lacks(chat.reasoning.is_some(), "reasoning", &format!("{PLAIN} way to ask for thinking"));
    lacks(chat.top_k.is_some() && !can.top_k, "top_k", "has no top_k");
    lacks(chat.seed.is_some() && !can.seed, "seed", "has no seed");
    lacks(!chat.stop.is_empty() && !can.stop, "stop", "has no stop sequences");
    let most = target.dialect().most_stops;
    lacks(chat.stop.len() > most, "stop", &format!("takes at most {most} stop sequences"));
    lacks(chat.frequency_penalty.is_some() && !can.penalties, "frequency_penalty", "has no penalties");
    lacks(chat.presence_penalty.is_some() && !can.penalties, "presence_penalty", "has no penalties");
    lacks(chat.logprobs == Some(true) && !can.logprobs, "logprobs", "has no log probabilities");
    lacks(chat.top_logprobs.is_some() && !can.logprobs, "top_logprobs", "has no log probabilities");
    for (at, message) in chat.messages.iter().enumerate() {
        for (index, part) in message.content.iter().enumerate() {
            if let Some(problem) = check_part(part) {
                lacks(true, &format!("messages[{at}].content[{index}]"), problem);
            }
        }
    }
    // An empty text is one: a model begins a document of its own.
    let says = |part: &Part| words(part).is_some();
    let silent = found.is_empty() && !chat.messages.iter().flat_map(|message| &message.content).any(says);
    if silent {
        found.push(Unsupported::new("messages", format!("{provider} completes texts, and there is none")));
    }
    // The model of a response is one answer; others would be paid for and lost.
    if request.extra.get("n").and_then(serde_json::Value::as_u64).is_some_and(|n| n > 1) {
        found.push(Unsupported::new("extra.n", "a response is one answer, ask once for each"));
    }
    found
}

/// Why a part has no place in a text, if it has none.
fn check_part(part: &Part) -> Option<&'static str> {
    match &part.content {
        _ if words(part).is_some() => None,
        // Said aside: it goes with no message of the next turn.
        Content::Reasoning { .. } | Content::Citation(_) => None,
        Content::Other(_) if part.state.is_some() => None,
        Content::ToolCall(_) | Content::ToolResult(_) => Some("completes texts, and has no tool calls"),
        Content::Image(_) => Some("completes texts, and reads no images"),
        Content::Audio(_) => Some("completes texts, and reads no audio"),
        _ => Some("completes texts, and reads nothing else"),
    }
}
