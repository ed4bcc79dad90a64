//! What the floors read and write: typed serde structs of one protocol, and the shortest reader of its streams.

mod sse;

use serde::{Deserialize, Serialize};

pub use sse::Lines;

#[derive(Serialize)]
pub struct Message {
    pub role: String,
    pub content: String,
}

#[derive(Serialize)]
pub struct Ask {
    pub model: String,
    pub messages: Vec<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl Ask {
    pub fn new(model: String, messages: Vec<Message>, stream: bool) -> Self {
        let stream_options = stream.then_some(StreamOptions { include_usage: true });
        Ask { model, messages, stream: stream.then_some(true), stream_options }
    }

    pub fn body(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings are JSON")
    }
}

#[derive(Deserialize)]
pub struct Answer {
    pub id: String,
    pub object: String,
    pub created: u64,
    pub model: String,
    pub choices: Vec<Choice>,
    pub usage: Option<Usage>,
    pub service_tier: Option<String>,
    pub system_fingerprint: Option<String>,
}

#[derive(Deserialize)]
pub struct Choice {
    pub index: u32,
    pub message: Reply,
    pub finish_reason: Option<String>,
}

/// A message, or a piece of one in a stream.
#[derive(Deserialize)]
pub struct Reply {
    pub role: Option<String>,
    pub content: Option<String>,
    pub refusal: Option<String>,
}

#[derive(Deserialize)]
pub struct Chunk {
    pub id: String,
    pub object: String,
    pub created: u64,
    pub model: String,
    pub choices: Vec<ChunkChoice>,
    pub usage: Option<Usage>,
}

#[derive(Deserialize)]
pub struct ChunkChoice {
    pub index: u32,
    pub delta: Reply,
    pub finish_reason: Option<String>,
}

#[derive(Deserialize)]
pub struct Usage {
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
    pub total_tokens: u32,
    pub prompt_tokens_details: Option<PromptDetails>,
    pub completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Deserialize)]
pub struct PromptDetails {
    pub cached_tokens: Option<u32>,
    pub audio_tokens: Option<u32>,
}

#[derive(Deserialize)]
pub struct CompletionDetails {
    pub reasoning_tokens: Option<u32>,
    pub audio_tokens: Option<u32>,
}

impl Answer {
    pub fn text(&self) -> Option<&str> {
        self.choices.first()?.message.content.as_deref()
    }

    pub fn total_tokens(&self) -> u32 {
        self.usage.as_ref().map_or(0, |usage| usage.total_tokens)
    }
}

impl Chunk {
    pub fn text(&self) -> Option<&str> {
        self.choices.first()?.delta.content.as_deref()
    }
}
