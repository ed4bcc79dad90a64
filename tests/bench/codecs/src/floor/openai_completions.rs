//! Completions of the legacy kind, and their stream, whose chunks are completions too.
#![expect(dead_code, reason = "they are parsed, and that is all")]

use serde::Deserialize;

use super::openai_chat::Usage;

#[derive(Deserialize)]
pub struct Completion {
    id: String,
    created: u64,
    model: String,
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    index: u32,
    text: String,
    logprobs: Option<Logprobs>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Logprobs {
    tokens: Vec<String>,
    token_logprobs: Vec<Option<f64>>,
}
