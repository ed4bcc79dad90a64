//! Answers become events.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::answer::{Answer, AnyDelta, Delta, PlainBlock, StreamEvent, Usage};
use super::error::exception;
use super::parts::{Open, Parts};
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Kind, Result};
use crate::framing::EXCEPTION;
use crate::model::{End, Event, FinishReason, Start};
use crate::providers::json::{self, Form};
use crate::providers::status::{AGAIN, failed};
use crate::target::Target;

/// More blocks than this are never under way at once.
const MOST_OPEN: usize = 1024;

/// Decodes one answer, whole or as a stream.
pub(super) struct ConverseDecoder {
    target: Arc<Target>,
    started: bool,
    done: bool,
    parts: Parts,
    /// The blocks under way, by the provider's index.
    open: Vec<(u64, Open)>,
    stop_reason: Option<String>,
    usage: Option<Box<Usage>>,
}

impl ConverseDecoder {
    pub(super) fn new(target: &Arc<Target>) -> Self {
        ConverseDecoder {
            target: Arc::clone(target),
            started: false,
            done: false,
            parts: Parts::new(target.provider()),
            open: Vec::new(),
            stop_reason: None,
            usage: None,
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        match json::either::<Answer<PlainBlock<'_>>, Answer<&RawValue>>(body, &room)? {
            Form::Plain(answer) => {
                self.answer(answer, |parts, block, out| parts.known(block.into(), out).map(drop), out)
            }
            Form::Any(answer) => self.answer(answer, |parts, block, out| parts.whole(block.get().as_bytes(), out), out),
        }
    }

    fn answer<B>(
        &mut self,
        answer: Answer<B>,
        say: fn(&mut Parts, B, &mut Vec<Event>) -> Result<()>,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        let content = answer.output.and_then(|output| output.message).and_then(|message| message.content);
        let content = content.unwrap_or_default();
        if content.is_empty() && answer.stop_reason.is_none() {
            return Err(match answer.message {
                Some(words) => failed(Kind::Server, AGAIN, &words, &self.target),
                None => {
                    Error::protocol("empty_response", format!("{} answered without any content", self.target.label))
                }
            });
        }
        self.start(out);
        for block in content {
            say(&mut self.parts, block, out)?;
        }
        self.stop_reason = answer.stop_reason;
        self.usage = answer.usage;
        self.end(out);
        Ok(())
    }

    fn event(&mut self, name: &str, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let event: StreamEvent<'_> = json::parse(data, &room)?;
        let index = event.content_block_index.map(|index| index.value).unwrap_or_default();
        self.start(out);
        match name {
            "contentBlockStart" => {
                if let Some(start) = event.start {
                    let block = self.parts.open(start.get().as_bytes(), out)?;
                    self.keep(index, block)?;
                }
            }
            "contentBlockDelta" => {
                if let Some(delta) = event.delta {
                    self.delta(index, delta, data, out)?;
                }
            }
            "contentBlockStop" => {
                if let Some(at) = self.open.iter().rposition(|(open, _)| *open == index) {
                    self.parts.close(self.open.remove(at).1, out)?;
                }
            }
            "messageStop" => {
                for (_, block) in std::mem::take(&mut self.open) {
                    self.parts.close(block, out)?;
                }
                self.stop_reason = event.stop_reason.or(self.stop_reason.take());
            }
            "metadata" => {
                self.usage = event.usage.or(self.usage.take());
                if self.stop_reason.is_some() {
                    self.end(out);
                }
            }
            // `messageStart` only says the role; what is yet to come may be ignored.
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, out: &mut Vec<Event>) {
        if !self.started {
            self.started = true;
            // The API says neither id nor model.
            out.push(Event::Start(Start::default()));
        }
    }

    fn keep(&mut self, index: u64, block: Open) -> Result<()> {
        if self.open.len() >= MOST_OPEN {
            let message = format!("{} sent more blocks at once than any message has", self.target.label);
            return Err(Error::protocol("malformed_response", message));
        }
        self.open.push((index, block));
        Ok(())
    }

    fn delta(&mut self, index: u64, delta: Delta<'_>, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        if !self.open.iter().any(|(open, _)| *open == index) {
            // Blocks of text and thinking are not announced.
            let block = Open::unannounced(&delta);
            self.keep(index, block)?;
        }
        let Some((_, block)) = self.open.iter_mut().rev().find(|(open, _)| *open == index) else { return Ok(()) };
        match block {
            Open::Other(other) => {
                let room = json::Room::default();
                other.absorb(json::parse::<AnyDelta>(data, &room)?.delta);
                Ok(())
            }
            block => self.parts.delta(block, delta, out),
        }
    }

    fn end(&mut self, out: &mut Vec<Event>) {
        self.done = true;
        let raw = self.stop_reason.take();
        out.push(Event::End(Box::new(End {
            finish_reason: finish_reason(raw.as_deref(), self.parts.has_calls()),
            finish_reason_raw: raw,
            usage: self.usage.take().as_deref().and_then(Usage::total),
            ..End::default()
        })));
    }
}

/// The finish reason. With calls to answer, a model that says it is done waits for their results.
fn finish_reason(raw: Option<&str>, has_calls: bool) -> FinishReason {
    match raw {
        Some("tool_use") => FinishReason::ToolCalls,
        Some("end_turn" | "stop_sequence") | None if has_calls => FinishReason::ToolCalls,
        Some("end_turn" | "stop_sequence") => FinishReason::Stop,
        Some("max_tokens" | "model_context_window_exceeded") => FinishReason::Length,
        Some("guardrail_intervened" | "content_filtered") => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

impl Decoder for ConverseDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        match frame {
            Frame::Whole(body) => self.whole(body, out),
            Frame::Event { name, data } => match name.strip_prefix(EXCEPTION) {
                Some(kind) => Err(exception(kind, data, &self.target)),
                None if data.trim_ascii().is_empty() => Ok(()),
                None => self.event(name, data, out),
            },
        }
    }

    /// The usage comes behind the end, and an answer is complete without it.
    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        if self.done {
            return Ok(());
        }
        if self.stop_reason.is_some() {
            self.end(out);
            return Ok(());
        }
        let message = format!("the stream from {} ended without messageStop", self.target.label);
        Err(Error::new(Kind::StreamIncomplete, message).retry(AGAIN))
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn may_end(&self) -> bool {
        self.done || self.stop_reason.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finish_reasons() {
        let table = [
            (Some("end_turn"), false, FinishReason::Stop),
            (Some("end_turn"), true, FinishReason::ToolCalls),
            (Some("stop_sequence"), false, FinishReason::Stop),
            (Some("tool_use"), false, FinishReason::ToolCalls),
            (Some("max_tokens"), true, FinishReason::Length),
            (Some("model_context_window_exceeded"), false, FinishReason::Length),
            (Some("guardrail_intervened"), false, FinishReason::ContentFilter),
            (Some("content_filtered"), true, FinishReason::ContentFilter),
            (Some("malformed_tool_use"), true, FinishReason::Other),
            (None, false, FinishReason::Other),
        ];
        for (raw, calls, want) in table {
            assert_eq!(finish_reason(raw, calls), want, "{raw:?}");
        }
    }
}
