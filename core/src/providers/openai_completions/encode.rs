//! Requests become completions.

use serde::Serialize;

use super::prompt::prompt;
use crate::model::Chat;
use crate::target::Target;

/// The body of a request. `suffix`, `echo` and `best_of` come by `extra`.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    prompt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    /// How many alternatives a token; with zero, the tokens that were written alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(chat: &'a Chat, target: &'a Target, stream: bool) -> Self {
        let logprobs = chat.top_logprobs.or((chat.logprobs == Some(true)).then_some(0));
        Body {
            model: &target.model,
            prompt: prompt(&chat.messages),
            max_tokens: chat.max_tokens,
            temperature: chat.temperature,
            top_p: chat.top_p,
            top_k: chat.top_k,
            stop: &chat.stop,
            seed: chat.seed,
            frequency_penalty: chat.frequency_penalty,
            presence_penalty: chat.presence_penalty,
            logprobs: logprobs.filter(|_| chat.logprobs != Some(false)),
            stream,
            stream_options: (stream && target.dialect().stream_usage).then_some(StreamOptions { include_usage: true }),
        }
    }
}
