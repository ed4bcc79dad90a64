//! Writes answers as Bedrock does.

use serde_json::{Value, json};

use crate::sim::Piece;
use crate::simulate::model::{Finish, Prompt, Reply, Thinking, fragments, words};
use crate::simulate::vendor::{Ids, Step, signature};

fn stop(reply: &Reply) -> &'static str {
    match &reply.finish {
        Finish::Stop => "end_turn",
        Finish::StopSequence(_) => "stop_sequence",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
    }
}

fn usage(reply: &Reply) -> Value {
    json!({
        "inputTokens": reply.usage.input,
        "outputTokens": reply.usage.output,
        "totalTokens": reply.usage.input + reply.usage.output,
    })
}

/// Thinking as it is shown: left out, its signature stays.
fn shown<'a>(prompt: &Prompt, reply: &'a Reply) -> &'a str {
    if prompt.thinking == Thinking::Shown { &reply.thought } else { "" }
}

pub(super) fn whole(prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
    let mut content = Vec::new();
    if prompt.thinking != Thinking::Off {
        let thinking = shown(prompt, reply);
        let text = json!({ "text": thinking, "signature": signature(thinking) });
        content.push(json!({ "reasoningContent": { "reasoningText": text } }));
    }
    if !reply.text.is_empty() {
        content.push(json!({ "text": reply.text }));
    }
    content.extend(reply.calls.iter().enumerate().map(|(index, call)| {
        let id = ids.call("tooluse_", index);
        json!({ "toolUse": { "toolUseId": id, "name": call.name, "input": call.arguments } })
    }));
    json!({
        "metrics": { "latencyMs": 1 },
        "output": { "message": { "content": content, "role": "assistant" } },
        "stopReason": stop(reply),
        "usage": usage(reply),
    })
}

/// A message of the event stream: lengths, their checksum, headers, payload, and the checksum of all.
pub(super) fn message(headers: &[(&str, &str)], payload: &Value) -> Piece {
    const TEXT: u8 = 7;
    let mut block = Vec::new();
    for (name, value) in headers.iter().chain(&[(":content-type", "application/json")]) {
        block.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        block.extend(name.as_bytes());
        block.push(TEXT);
        block.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        block.extend(value.as_bytes());
    }
    let payload = payload.to_string();
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut out = length(16 + block.len() + payload.len()).to_vec();
    out.extend(length(block.len()));
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out.extend(block);
    out.extend(payload.as_bytes());
    out.extend(crc32fast::hash(&out).to_be_bytes());
    Piece::bytes(out)
}

fn event(name: &str, payload: &Value) -> Piece {
    message(&[(":event-type", name), (":message-type", "event")], payload)
}

fn delta(index: usize, delta: &Value) -> Piece {
    event("contentBlockDelta", &json!({ "contentBlockIndex": index, "delta": delta }))
}

fn block_stop(index: usize) -> Step {
    Step::structure(event("contentBlockStop", &json!({ "contentBlockIndex": index })))
}

pub(super) fn stream(prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
    let mut steps = vec![Step::structure(event("messageStart", &json!({ "role": "assistant" })))];
    let mut index = 0;
    if prompt.thinking != Thinking::Off {
        let thinking = shown(prompt, reply);
        let part = |part: Value| delta(index, &json!({ "reasoningContent": part }));
        steps.extend(words(thinking).map(|word| Step::content(part(json!({ "text": word })))));
        steps.extend([Step::structure(part(json!({ "signature": signature(thinking) }))), block_stop(index)]);
        index += 1;
    }
    if !reply.text.is_empty() {
        steps.extend(words(&reply.text).map(|word| Step::content(delta(index, &json!({ "text": word })))));
        steps.push(block_stop(index));
        index += 1;
    }
    for (at, call) in reply.calls.iter().enumerate() {
        let start = json!({ "toolUse": { "toolUseId": ids.call("tooluse_", at), "name": call.name } });
        let start = json!({ "contentBlockIndex": index, "start": start });
        steps.push(Step::content(event("contentBlockStart", &start)));
        let input = |json: String| Step::content(delta(index, &json!({ "toolUse": { "input": json } })));
        steps.extend(fragments(&call.arguments.to_string()).into_iter().map(input));
        steps.push(block_stop(index));
        index += 1;
    }
    steps.push(Step::structure(event("messageStop", &json!({ "stopReason": stop(reply) }))));
    let metadata = json!({ "metrics": { "latencyMs": 1 }, "usage": usage(reply) });
    steps.push(Step::structure(event("metadata", &metadata)));
    steps
}
