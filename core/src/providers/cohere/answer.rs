//! Answers as they come. Source: the Cohere API reference, "Chat" and "Chat with Streaming".

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::model;
use crate::providers::count::Count;

/// A whole answer.
#[derive(Deserialize)]
pub(super) struct Answer<M> {
    pub(super) id: Option<String>,
    /// The message; of an error its words.
    pub(super) message: Option<M>,
    pub(super) finish_reason: Option<String>,
    pub(super) usage: Option<Box<Usage>>,
    pub(super) logprobs: Option<Vec<Logprob>>,
}

#[derive(Deserialize)]
pub(super) struct Message<C> {
    /// Blocks; a text alone is read as one.
    pub(super) content: Option<C>,
    pub(super) tool_plan: Option<String>,
    pub(super) tool_calls: Option<Vec<ToolCall>>,
    pub(super) citations: Option<Vec<Map<String, Value>>>,
}

impl<C> Message<C> {
    /// The message with its content read.
    pub(super) fn with<D>(self, content: Option<D>) -> Message<D> {
        let Message { content: _, tool_plan, tool_calls, citations } = self;
        Message { content, tool_plan, tool_calls, citations }
    }
}

/// A block of one of the types that most answers consist of.
#[derive(Deserialize)]
pub(super) struct PlainBlock {
    #[serde(rename = "type")]
    pub(super) kind: PlainKind,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PlainKind {
    Text,
    Thinking,
}

/// A block of content, or a piece of one.
#[derive(Deserialize)]
pub(super) struct Block {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ToolCall {
    pub(super) id: Option<String>,
    pub(super) function: Option<Function>,
}

#[derive(Deserialize)]
pub(super) struct Function {
    pub(super) name: Option<String>,
    /// JSON in a text.
    pub(super) arguments: Option<String>,
}

/// An event of a stream. What few have is boxed: an event is moved more than it is read.
#[derive(Deserialize)]
pub(super) struct StreamEvent<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) id: Option<String>,
    pub(super) index: Option<Count>,
    #[serde(borrow)]
    pub(super) delta: Option<Delta<'a>>,
    pub(super) logprobs: Option<Box<Logprob>>,
    /// The words of an error, which has nothing else.
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) message: Option<Piece<'a>>,
    pub(super) finish_reason: Option<String>,
    pub(super) usage: Option<Box<Usage>>,
    /// What broke the answer off.
    pub(super) error: Option<Box<Value>>,
}

/// What an event brings of a message. The first event has empty lists here.
#[derive(Default, Deserialize)]
pub(super) struct Piece<'a> {
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    pub(super) tool_plan: Option<String>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) citations: Option<&'a RawValue>,
}

/// The probabilities of the tokens of a piece of text.
#[derive(Deserialize)]
pub(super) struct Logprob {
    text: Option<String>,
    logprobs: Option<Vec<f64>>,
}

impl Logprob {
    /// One entry a token. The API does not say where in the text one token ends and the next begins: the first has it all.
    pub(super) fn tokens(self) -> Vec<model::TokenLogprob> {
        let mut text = self.text;
        let token = |logprob| model::TokenLogprob { token: text.take().unwrap_or_default(), logprob, top: Vec::new() };
        self.logprobs.into_iter().flatten().map(token).collect()
    }
}

/// Token counts.
#[derive(Deserialize)]
pub(super) struct Usage {
    tokens: Option<Tokens>,
    /// What is paid for, which leaves out what the vendor adds to a prompt.
    billed_units: Option<Tokens>,
    cached_tokens: Option<Count>,
}

#[derive(Deserialize)]
struct Tokens {
    input_tokens: Option<Count>,
    output_tokens: Option<Count>,
    reasoning_tokens: Option<Count>,
}

impl Usage {
    /// All tokens read and written; where only the bill is said, those.
    pub(super) fn total(self) -> Option<model::Usage> {
        let tokens = self.tokens.or(self.billed_units)?;
        let counts = [tokens.input_tokens, tokens.output_tokens, self.cached_tokens, tokens.reasoning_tokens];
        if counts.iter().all(Option::is_none) {
            return None;
        }
        let [input, output, cached, thought] = counts.map(Option::unwrap_or_default);
        let usage = model::Usage {
            input_tokens: input.value,
            output_tokens: output.value,
            cached_input_tokens: cached.value,
            reasoning_tokens: thought.value,
            clamped: [input, output, cached, thought].iter().any(|count| count.clamped),
            ..model::Usage::default()
        };
        Some(usage.checked())
    }
}
