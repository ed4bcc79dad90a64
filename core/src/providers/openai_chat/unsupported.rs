//! What a provider of this protocol cannot do, by its dialect.

use super::messages::messages;
use super::parts::{audio_format, is_video};
use crate::codec::Unsupported;
use crate::model::{Chat, Content, Media, Part, Request, ResponseFormat, Role, Source, Task, Tool, ToolChoice};
use crate::providers::{ContentForm, InputTypes, ReasoningStyle};
use crate::target::Target;

/// All that `request` asks for and `target` cannot do.
pub(super) fn unsupported(request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = Vec::new();
    match &request.task {
        task @ Task::Chat(_) if !target.dialect().can.chat => found.push(Unsupported::task(task, target)),
        Task::Chat(chat) => {
            check_chat(chat, target, &mut found);
            check_words(chat, target, &mut found);
        }
        task @ Task::Embed(embed) => {
            if target.dialect().can.embeddings {
                InputTypes::check(target.dialect().embeddings.input_types.as_ref(), embed, target, &mut found);
            } else {
                found.push(Unsupported::task(task, target));
            }
        }
        task @ Task::Rerank(_) if target.dialect().rerank.is_none() => found.push(Unsupported::task(task, target)),
        Task::Rerank(_) => {}
    }
    // The model of a response is one answer; a second one would be paid for and lost.
    if request.extra.get("n").and_then(serde_json::Value::as_u64).is_some_and(|n| n > 1) {
        found.push(Unsupported::new("extra.n", "a response is one answer, ask once for each"));
    }
    found
}

/// Where empty turns are not sent (Mistral), nothing may be left of those of another vendor.
fn check_words(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let answers_only = chat.messages.iter().all(|message| message.role == Role::Assistant);
    if answers_only && messages(&chat.messages, target).is_empty() {
        found.push(Unsupported::new(
            "messages",
            format!("{} answers a user's words, and there are none", target.provider()),
        ));
    }
}

fn check_chat(chat: &Chat, target: &Target, found: &mut Vec<Unsupported>) {
    let can = target.dialect().can;
    let provider = target.provider();
    let mut lacks = |asked: bool, able: bool, field: &str, what: &str| {
        if asked && !able {
            found.push(Unsupported::new(field, format!("{provider} has no {what}")));
        }
    };
    lacks(!chat.tools.is_empty(), can.tools, "tools", "tools");
    let forced = matches!(chat.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_)));
    lacks(forced, can.forced_tools, "tool_choice", "way to force a tool");
    lacks(chat.parallel_tool_calls.is_some(), can.parallel_tool_calls, "parallel_tool_calls", "such switch");
    lacks(matches!(chat.response_format, Some(ResponseFormat::Json)), can.json, "response_format", "JSON mode");
    let schema = matches!(chat.response_format, Some(ResponseFormat::Schema { .. }));
    lacks(schema, can.json_schema, "response_format", "JSON schemas");
    lacks(chat.seed.is_some(), can.seed, "seed", "seed");
    lacks(!chat.stop.is_empty(), can.stop, "stop", "stop sequences");
    let most = target.dialect().most_stops;
    lacks(can.stop, chat.stop.len() <= most, "stop", &format!("room for more than {most} stop sequences"));
    lacks(chat.top_k.is_some(), can.top_k, "top_k", "top_k");
    lacks(chat.frequency_penalty.is_some(), can.penalties, "frequency_penalty", "penalties");
    lacks(chat.presence_penalty.is_some(), can.penalties, "presence_penalty", "penalties");
    lacks(chat.logprobs == Some(true), can.logprobs, "logprobs", "log probabilities");
    lacks(chat.top_logprobs.is_some(), can.logprobs, "top_logprobs", "log probabilities");
    if let Some(reasoning) = &chat.reasoning {
        let style = target.dialect().reasoning;
        lacks(true, style != ReasoningStyle::None, "reasoning", "way to ask for thinking");
        let budget = matches!(style, ReasoningStyle::Object | ReasoningStyle::EnableThinking | ReasoningStyle::None);
        lacks(reasoning.budget_tokens.is_some(), budget, "reasoning", "thinking budget in tokens, give an effort");
        lacks(reasoning.include == Some(true), can.shown_reasoning, "reasoning", "way to show its thinking");
    }
    if !can.hosted_tools {
        for (index, tool) in chat.tools.iter().enumerate() {
            let hosted = matches!(tool, Tool::Hosted { tool } if !tool.contains_key("custom"));
            lacks(hosted, false, &format!("tools[{index}]"), "hosted tools");
        }
    }
    for (at, message) in chat.messages.iter().enumerate() {
        if message.name.is_some() && !can.names {
            lacks(true, false, &format!("messages[{at}].name"), "names of speakers");
        }
    }
    for (at, message) in chat.messages.iter().enumerate() {
        for (index, part) in message.content.iter().enumerate() {
            let mut refuse = |below: &str, problem: &str| {
                let field = format!("messages[{at}].content[{index}]{below}");
                found.push(Unsupported::new(field, format!("{provider} {problem}")));
            };
            if let Some(problem) = check_part(part, message.role, target) {
                refuse("", problem);
            }
            let Content::ToolResult(result) = &part.content else { continue };
            for (below, part) in result.content.iter().enumerate() {
                if !can.rich_tool_results && part.as_text().is_none() {
                    refuse(&format!(".content[{below}]"), "takes tool results as text only");
                }
            }
        }
    }
}

/// What is wrong with a part, if anything.
fn check_part(part: &Part, role: Role, target: &Target) -> Option<&'static str> {
    let can = target.dialect().can;
    let by_address = target.dialect().content == ContentForm::Chunks;
    let uploaded = |media: &Media| matches!(media.source, Source::FileId(_) | Source::Text(_));
    match &part.content {
        Content::Image(_) if !can.images => Some("reads no images"),
        Content::Image(_) if role == Role::Assistant => Some("takes no images from the assistant"),
        Content::Image(media) if uploaded(media) => Some("takes images as an address or bytes only"),
        // What the assistant said goes back by its id.
        Content::Audio(_) if role == Role::Assistant => None,
        Content::Audio(_) if !can.audio => Some("reads no audio"),
        Content::Audio(media) if by_address && uploaded(media) => Some("takes audio as an address or bytes only"),
        Content::Audio(media) if !by_address && !matches!(media.source, Source::Data(_)) => {
            Some("takes audio as bytes only")
        }
        Content::Audio(media) if !can.any_audio_format && !matches!(audio_format(media), "wav" | "mp3") => {
            Some("reads audio as WAV or MP3 only")
        }
        Content::File(media) if is_video(media) => (!can.video).then_some("reads no video"),
        Content::File(_) if !can.files => Some("reads no files"),
        _ => None,
    }
}
