//! Converse and its stream, in which each type of event has a form of its own.
#![expect(dead_code, reason = "they are parsed, and that is all")]

use serde::Deserialize;
use serde_json::Value;

use super::{Parsed, messages, parse};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    output: Output,
    stop_reason: String,
    usage: Usage,
    metrics: Option<Metrics>,
}

#[derive(Deserialize)]
struct Output {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Vec<Block>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block {
    text: Option<String>,
    reasoning_content: Option<Reasoning>,
    tool_use: Option<ToolUse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reasoning {
    reasoning_text: Option<ReasoningText>,
    text: Option<String>,
    signature: Option<String>,
}

#[derive(Deserialize)]
struct ReasoningText {
    text: Option<String>,
    signature: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolUse {
    tool_use_id: Option<String>,
    name: Option<String>,
    input: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    latency_ms: Option<u64>,
}

enum Event {
    Start(Start),
    BlockStart(BlockStart),
    Delta(BlockDelta),
    BlockStop(BlockStop),
    Stop(Stop),
    Metadata(Metadata),
}

#[derive(Deserialize)]
struct Start {
    role: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockStart {
    content_block_index: u32,
    start: Block,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockDelta {
    content_block_index: u32,
    delta: Block,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockStop {
    content_block_index: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stop {
    stop_reason: String,
}

#[derive(Deserialize)]
struct Metadata {
    usage: Usage,
    metrics: Option<Metrics>,
}

pub fn stream(body: &[u8]) -> Parsed {
    let mut events = Vec::new();
    messages(body, |kind, payload| {
        events.push(match kind {
            b"messageStart" => Event::Start(parse(payload)?),
            b"contentBlockStart" => Event::BlockStart(parse(payload)?),
            b"contentBlockDelta" => Event::Delta(parse(payload)?),
            b"contentBlockStop" => Event::BlockStop(parse(payload)?),
            b"messageStop" => Event::Stop(parse(payload)?),
            _ => Event::Metadata(parse(payload)?),
        });
        Ok(())
    })?;
    std::hint::black_box(&events);
    Ok(events.len())
}
