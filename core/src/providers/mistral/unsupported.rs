//! What Mistral's schema forbids that OpenAI's allows.

use crate::codec::Unsupported;
use crate::model::{Chat, Request, Task, Tool};

/// The tools that it runs itself.
const HOSTED: [&str; 6] =
    ["web_search", "web_search_premium", "code_interpreter", "image_generation", "document_library", "connector"];
/// What they may say.
const HOSTED_KEYS: [&str; 5] = ["type", "tool_configuration", "library_ids", "connector_id", "authorization"];
/// The efforts that it knows.
const EFFORTS: [&str; 6] = ["none", "minimal", "low", "medium", "high", "xhigh"];
/// The highest temperature.
const HOTTEST: f64 = 1.5;

/// Adds what `request` asks for and Mistral cannot do.
pub(super) fn add(found: &mut Vec<Unsupported>, request: &Request, provider: &str) {
    if let Task::Chat(chat) = &request.task {
        check(chat, provider, found);
    }
}

fn check(chat: &Chat, provider: &str, found: &mut Vec<Unsupported>) {
    let mut lacks = |asked: bool, field: &str, what: &str| {
        if asked && found.iter().all(|known| known.field != field) {
            found.push(Unsupported::new(field, format!("{provider} {what}")));
        }
    };
    lacks(chat.temperature.is_some_and(|it| it > HOTTEST), "temperature", "takes a temperature of 0 to 1.5");
    lacks(chat.top_p.is_some_and(|it| it <= 0.0), "top_p", "takes a top_p above 0");
    lacks(chat.seed.is_some_and(|seed| seed < 0), "seed", "takes no negative seed");
    let effort = chat.reasoning.as_ref().and_then(|reasoning| reasoning.effort.as_deref());
    lacks(effort.is_some_and(|effort| !EFFORTS.contains(&effort)), "reasoning", "has no such effort");
    for (index, tool) in chat.tools.iter().enumerate() {
        let Tool::Hosted { tool } = tool else { continue };
        let known = tool.get("type").and_then(|kind| kind.as_str()).is_some_and(|kind| HOSTED.contains(&kind))
            && tool.keys().all(|key| HOSTED_KEYS.contains(&key.as_str()));
        lacks(!known, &format!("tools[{index}]"), "has no such tool");
    }
}
