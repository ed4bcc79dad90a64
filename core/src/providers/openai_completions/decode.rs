//! Completions become events.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::codec::{Decoder, Frame};
use crate::error::{Error, Kind, Result, Retry};
use crate::model::{End, Event, Start};
use crate::providers::openai_chat::{Logprobs, Text, WireUsage, cost, embedded, finish_reason, unasked, usage};
use crate::providers::{StreamEnd, json};
use crate::target::Target;

/// A completion, or one chunk of a streamed one: they have the same form.
#[derive(Deserialize)]
struct Completion<'a> {
    #[serde(borrow)]
    id: Option<json::Text<'a>>,
    #[serde(borrow)]
    model: Option<json::Text<'a>>,
    choices: Option<Vec<Choice>>,
    usage: Option<Box<WireUsage>>,
    /// A failure inside a 200.
    error: Option<Box<Value>>,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u32>,
    text: Option<Text>,
    /// OpenRouter, vLLM: what a model thought before.
    reasoning: Option<Text>,
    reasoning_content: Option<Text>,
    logprobs: Option<Logprobs>,
    finish_reason: Option<String>,
    /// vLLM: the stop text that was met; a number is a token's.
    stop_reason: Option<Box<Value>>,
}

/// Decodes one answer, whole or in chunks.
pub(super) struct CompletionDecoder {
    target: Arc<Target>,
    started: bool,
    done: bool,
    /// The parts: thinking, if there is any, and the text.
    thought: Option<u32>,
    text: Option<u32>,
    finish: Option<String>,
    stop: Option<String>,
    usage: Option<Box<WireUsage>>,
}

impl CompletionDecoder {
    pub(super) fn new(target: &Arc<Target>) -> Self {
        CompletionDecoder {
            target: Arc::clone(target),
            started: false,
            done: false,
            thought: None,
            text: None,
            finish: None,
            stop: None,
            usage: None,
        }
    }

    fn chunk(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let completion: Completion<'_> = json::parse(data, &room)?;
        if let Some(error) = completion.error.filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        let choices = completion.choices.unwrap_or_default();
        let id = completion.id.and_then(json::Text::said);
        let says_who = id.is_some() || !choices.is_empty();
        if !says_who
            && completion.usage.is_none()
            && let Some(error) = unasked(data, &self.target)
        {
            return Err(error);
        }
        if !self.started && says_who {
            self.started = true;
            out.push(Event::Start(Start {
                id,
                model: completion.model.and_then(json::Text::said),
                ..Start::default()
            }));
        }
        self.usage = completion.usage.or(self.usage.take());
        // Of several choices, a response is the first.
        for choice in choices.into_iter().filter(|choice| choice.index.unwrap_or_default() == 0) {
            self.choice(choice, out);
        }
        Ok(())
    }

    fn choice(&mut self, choice: Choice, out: &mut Vec<Event>) {
        let said = |text: Option<Text>| text.map(Text::into_string).filter(|text| !text.is_empty());
        if let Some(text) = said(choice.reasoning).or(said(choice.reasoning_content)) {
            let index = *self.thought.get_or_insert(self.text.map_or(0, |text| text + 1));
            out.push(Event::Reasoning { index, text });
        }
        let text = said(choice.text);
        let tokens = choice.logprobs.map(|logprobs| logprobs.tokens(text.as_deref())).unwrap_or_default();
        if let Some(text) = text {
            let index = *self.text.get_or_insert(self.thought.map_or(0, |thought| thought + 1));
            out.push(Event::Text { index, text });
        }
        if !tokens.is_empty() {
            out.push(Event::Logprobs { tokens });
        }
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            self.finish = Some(reason);
        }
        if let Some(Value::String(stop)) = choice.stop_reason.map(|stop| *stop) {
            self.stop = Some(stop);
        }
    }

    fn end(&mut self, out: &mut Vec<Event>) {
        self.done = true;
        let raw = self.finish.take();
        let wire = self.usage.take();
        out.push(Event::End(Box::new(End {
            finish_reason: finish_reason(raw.as_deref(), false),
            finish_reason_raw: raw,
            stop_sequence: self.stop.take(),
            cost: wire.as_deref().and_then(cost),
            usage: wire.as_deref().map(usage),
            ..End::default()
        })));
    }
}

impl Decoder for CompletionDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        match frame {
            Frame::Whole(body) => {
                self.chunk(body, out)?;
                if self.text.is_none() && self.thought.is_none() && self.finish.is_none() {
                    let problem = format!("{} answered without any content", self.target.label);
                    return Err(Error::protocol("empty_response", problem));
                }
                self.end(out);
                Ok(())
            }
            Frame::Event { data, .. } if data.trim_ascii() == b"[DONE]" => {
                if self.finish.is_none() {
                    return self.finish(out);
                }
                self.end(out);
                Ok(())
            }
            Frame::Event { data, .. } if data.trim_ascii().is_empty() => Ok(()),
            Frame::Event { data, .. } => self.chunk(data, out),
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        if self.done {
            return Ok(());
        }
        let missing = match (self.finish.is_some(), self.target.dialect().stream_end) {
            (true, StreamEnd::FinishReason) => {
                self.end(out);
                return Ok(());
            }
            (true, StreamEnd::Sentinel) => "[DONE]",
            (false, _) => "a finish reason",
        };
        let problem = format!("the stream from {} ended without {missing}", self.target.label);
        Err(Error::new(Kind::StreamIncomplete, problem).retry(Retry::After(std::time::Duration::ZERO)))
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn may_end(&self) -> bool {
        self.done || (self.finish.is_some() && self.target.dialect().stream_end == StreamEnd::FinishReason)
    }
}
