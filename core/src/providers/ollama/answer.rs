//! Answers as they come. Source: Ollama's documentation, "Generate a chat message".

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model;
use crate::providers::count::Count;

/// A whole answer, or one line of a stream: they have the same form.
#[derive(Deserialize)]
pub(super) struct Chunk<'a> {
    pub(super) model: Option<String>,
    pub(super) created_at: Option<String>,
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
    pub(super) logprobs: Option<Vec<Logprob>>,
    pub(super) done: Option<bool>,
    pub(super) done_reason: Option<String>,
    pub(super) prompt_eval_count: Option<Count>,
    pub(super) eval_count: Option<Count>,
    /// A failure, also in the middle of a stream.
    pub(super) error: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Message<'a> {
    pub(super) content: Option<String>,
    pub(super) thinking: Option<String>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<ToolCall<'a>>>,
}

/// A call, always whole.
#[derive(Deserialize)]
pub(super) struct ToolCall<'a> {
    /// Servers before November 2025 have none.
    pub(super) id: Option<String>,
    #[serde(borrow)]
    pub(super) function: Option<Function<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Function<'a> {
    pub(super) name: Option<String>,
    /// An object.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Logprob {
    #[serde(default)]
    token: String,
    logprob: Option<f64>,
    top_logprobs: Option<Vec<Logprob>>,
}

impl Logprob {
    pub(super) fn token(self) -> model::TokenLogprob {
        model::TokenLogprob {
            token: self.token,
            logprob: self.logprob.unwrap_or(f64::MIN),
            top: self.top_logprobs.into_iter().flatten().map(Logprob::token).collect(),
        }
    }
}

/// All tokens read and written; `None` where no count came at all. A server leaves out a count of zero.
pub(super) fn usage(prompt: Option<Count>, written: Option<Count>) -> Option<model::Usage> {
    if prompt.is_none() && written.is_none() {
        return None;
    }
    let [input, output] = [prompt, written].map(Option::unwrap_or_default);
    Some(model::Usage {
        input_tokens: input.value,
        output_tokens: output.value,
        clamped: input.clamped || output.clamped,
        ..model::Usage::default()
    })
}
