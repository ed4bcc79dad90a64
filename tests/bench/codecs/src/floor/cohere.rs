//! Cohere's chat.
#![expect(dead_code, reason = "they are parsed, and that is all")]

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Answer {
    id: String,
    message: Message,
    finish_reason: String,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Message {
    role: Option<String>,
    content: Option<Vec<Block>>,
    tool_plan: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Block {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    thinking: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Call {
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    billed_units: Option<Units>,
    tokens: Option<Units>,
    cached_tokens: Option<f64>,
}

#[derive(Deserialize)]
struct Units {
    input_tokens: Option<f64>,
    output_tokens: Option<f64>,
}

#[derive(Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    index: Option<u32>,
    delta: Option<Delta>,
}

#[derive(Deserialize)]
struct Delta {
    message: Option<Part>,
    finish_reason: Option<String>,
    usage: Option<Usage>,
}

/// Of a stream, each event has one of what a message has. The first has empty lists, which count as nothing.
#[derive(Deserialize)]
struct Part {
    role: Option<String>,
    content: Option<Block>,
    tool_plan: Option<String>,
    tool_calls: Option<Call>,
}
