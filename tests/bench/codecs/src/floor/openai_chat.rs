//! Chat Completions.
#![expect(dead_code, reason = "they are parsed, and that is all")]

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Answer {
    id: String,
    created: u64,
    model: String,
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    index: u32,
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    role: Option<String>,
    content: Option<String>,
    refusal: Option<String>,
    reasoning_content: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    index: Option<u32>,
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Deserialize)]
pub struct Chunk {
    id: String,
    created: u64,
    model: String,
    choices: Vec<ChunkChoice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    index: u32,
    delta: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
pub struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: Option<Prompt>,
    completion_tokens_details: Option<Completion>,
}

#[derive(Deserialize)]
struct Prompt {
    cached_tokens: Option<u64>,
    audio_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Completion {
    reasoning_tokens: Option<u64>,
    audio_tokens: Option<u64>,
}
