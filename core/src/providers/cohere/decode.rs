//! Answers become events.

use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer::{Answer, Delta, Message, Piece, PlainBlock, StreamEvent, ToolCall, Usage};
use super::error::{embedded, words_of};
use super::parts::{Open, Parts, arguments_of};
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Kind, Result};
use crate::model::{End, Event, FinishReason, Start};
use crate::providers::json::{self, Form};
use crate::providers::status::{AGAIN, failed};
use crate::target::Target;

/// More blocks than this are never under way at once.
const MOST_OPEN: usize = 1024;

/// Decodes one answer, whole or as a stream.
pub(super) struct ChatDecoder {
    target: Arc<Target>,
    started: bool,
    done: bool,
    parts: Parts,
    /// The blocks under way, by the provider's index.
    open: Vec<(u64, Open)>,
    /// The places of the calls under way, by the provider's index, which is another one.
    calls: Vec<(u64, u32)>,
    finish_reason: Option<String>,
    usage: Option<Box<Usage>>,
}

impl ChatDecoder {
    pub(super) fn new(target: &Arc<Target>) -> Self {
        ChatDecoder {
            target: Arc::clone(target),
            started: false,
            done: false,
            parts: Parts::new(target.provider()),
            open: Vec::new(),
            calls: Vec::new(),
            finish_reason: None,
            usage: None,
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        match json::either::<Answer<Message<Vec<PlainBlock>>>, Answer<&RawValue>>(body, &room)? {
            Form::Plain(answer) => {
                self.answer(answer, |it, message, out| it.message(message, Parts::open_plain, out), out)
            }
            Form::Any(answer) => match words_of(answer.message, &self.target) {
                Some(error) => Err(error),
                None => self.answer(answer, Self::any_message, out),
            },
        }
    }

    fn answer<M>(
        &mut self,
        answer: Answer<M>,
        say: fn(&mut Self, M, &mut Vec<Event>) -> Result<()>,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        self.start(answer.id, out);
        if let Some(message) = answer.message {
            say(self, message, out)?;
        }
        for logprob in answer.logprobs.into_iter().flatten() {
            out.push(Event::Logprobs { tokens: logprob.tokens() });
        }
        self.finish_reason = answer.finish_reason;
        self.usage = answer.usage;
        if !self.parts.any() && self.finish_reason.is_none() {
            let message = format!("{} answered without any content", self.target.label);
            return Err(Error::protocol("empty_response", message));
        }
        self.end(out)
    }

    fn any_message(&mut self, message: &RawValue, out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let message: Message<&RawValue> = json::parse(message.get().as_bytes(), &room)?;
        let blocks = match message.content.map(RawValue::get) {
            Some(text) if text.starts_with('"') => {
                self.parts.text(&mut None, json::parse(text.as_bytes(), &room)?, out)?;
                None
            }
            Some(blocks) => json::parse(blocks.as_bytes(), &room)?,
            None => None,
        };
        self.message(message.with(blocks), Parts::open, out)
    }

    /// The sources of a block stand behind it; those that do not say which stand behind all.
    fn message<B>(
        &mut self,
        message: Message<Vec<B>>,
        open: fn(&mut Parts, B, &mut Vec<Event>) -> Result<Open>,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        let mut citations = message.citations.unwrap_or_default();
        for (at, block) in message.content.into_iter().flatten().enumerate() {
            let block = open(&mut self.parts, block, out)?;
            self.parts.close(block, out)?;
            let (here, rest) = citations.into_iter().partition(|it| is_of(it, at));
            citations = rest;
            cite(&mut self.parts, here, out)?;
        }
        cite(&mut self.parts, citations, out)?;
        self.parts.plan(&message.tool_plan.unwrap_or_default());
        for call in message.tool_calls.into_iter().flatten() {
            self.parts.call(call, out)?;
        }
        Ok(())
    }

    fn event(&mut self, name: &str, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let event: StreamEvent<'_> = json::parse(data, &room)?;
        if let Some(error) = words_of(event.message, &self.target) {
            return Err(error);
        }
        let index = event.index.map(|index| index.value).unwrap_or_default();
        let delta = event.delta.unwrap_or_default();
        self.start(event.id, out);
        match event.kind.as_deref().unwrap_or(name) {
            "message-end" => return self.message_end(delta, out),
            "content-end" => self.content_end(index, out)?,
            kind => {
                if let Some(piece) = delta.message {
                    self.piece(kind, index, piece, out)?;
                }
            }
        }
        out.extend(event.logprobs.map(|it| Event::Logprobs { tokens: it.tokens() }));
        Ok(())
    }

    fn piece(&mut self, kind: &str, index: u64, piece: Piece<'_>, out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        match (kind, piece) {
            ("content-start", Piece { content: Some(start), .. }) => {
                let block = self.parts.open(start, out)?;
                self.keep(index, block)?;
            }
            ("content-delta", Piece { content: Some(more), .. }) => {
                if let Some((_, block)) = self.open.iter_mut().rev().find(|(open, _)| *open == index) {
                    return self.parts.add(block, more, out);
                }
                let block = self.parts.open(more, out)?;
                self.keep(index, block)?;
            }
            ("tool-plan-delta", Piece { tool_plan: Some(text), .. }) => self.parts.plan(&text),
            ("tool-call-start", Piece { tool_calls: Some(call), .. }) => {
                let call: ToolCall = json::parse(call.get().as_bytes(), &room)?;
                let place = self.parts.call(call, out)?;
                self.calls.push((index, place));
            }
            ("tool-call-delta", Piece { tool_calls: Some(call), .. }) => {
                let call: ToolCall = json::parse(call.get().as_bytes(), &room)?;
                if let Some((_, place)) = self.calls.iter().rev().find(|(open, _)| *open == index) {
                    arguments_of(*place, call.function.and_then(|function| function.arguments), out);
                }
            }
            ("citation-start", Piece { citations: Some(citation), .. }) => {
                self.parts.citation(json::parse(citation.get().as_bytes(), &room)?, out)?;
            }
            // `message-start` has nothing but empty lists; what is yet to come may be ignored.
            _ => {}
        }
        Ok(())
    }

    fn content_end(&mut self, index: u64, out: &mut Vec<Event>) -> Result<()> {
        match self.open.iter().rposition(|(open, _)| *open == index) {
            Some(at) => self.parts.close(self.open.remove(at).1, out),
            None => Ok(()),
        }
    }

    fn message_end(&mut self, delta: Delta<'_>, out: &mut Vec<Event>) -> Result<()> {
        for (_, block) in std::mem::take(&mut self.open) {
            self.parts.close(block, out)?;
        }
        if let Some(error) = delta.error.filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        self.finish_reason = delta.finish_reason;
        self.usage = delta.usage;
        self.end(out)
    }

    fn start(&mut self, id: Option<String>, out: &mut Vec<Event>) {
        if !self.started {
            self.started = true;
            // The API does not say which model answers.
            out.push(Event::Start(Start { id, model: None, ..Start::default() }));
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

    fn end(&mut self, out: &mut Vec<Event>) -> Result<()> {
        let raw = self.finish_reason.take();
        if !self.parts.any() {
            match raw.as_deref() {
                Some("ERROR") => return Err(failed(Kind::Server, AGAIN, "the model failed", &self.target)),
                Some("TIMEOUT") => return Err(failed(Kind::Timeout, AGAIN, "the model took too long", &self.target)),
                _ => {}
            }
        }
        self.parts.end_plan(out)?;
        self.done = true;
        out.push(Event::End(Box::new(End {
            finish_reason: finish_reason(raw.as_deref(), self.parts.has_calls()),
            finish_reason_raw: raw,
            usage: self.usage.take().and_then(|usage| usage.total()),
            ..End::default()
        })));
        Ok(())
    }
}

fn is_of(citation: &Map<String, Value>, block: usize) -> bool {
    let index = citation.get("content_index").and_then(Value::as_u64);
    index.and_then(|index| usize::try_from(index).ok()) == Some(block)
}

fn cite(parts: &mut Parts, citations: Vec<Map<String, Value>>, out: &mut Vec<Event>) -> Result<()> {
    citations.into_iter().try_for_each(|citation| parts.citation(citation, out))
}

/// The finish reason. With calls to answer, a model that says it is done waits for their results.
fn finish_reason(raw: Option<&str>, has_calls: bool) -> FinishReason {
    match raw {
        Some("TOOL_CALL") => FinishReason::ToolCalls,
        Some("COMPLETE" | "STOP_SEQUENCE") | None if has_calls => FinishReason::ToolCalls,
        Some("COMPLETE" | "STOP_SEQUENCE") => FinishReason::Stop,
        // The second is the limit of the context.
        Some("MAX_TOKENS" | "ERROR_LIMIT") => FinishReason::Length,
        Some("ERROR_TOXIC") => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

impl Decoder for ChatDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        match frame {
            Frame::Whole(body) => self.whole(body, out),
            Frame::Event { data, .. } if matches!(data.trim_ascii(), b"" | b"[DONE]") => Ok(()),
            Frame::Event { name, data } => self.event(name, data, out),
        }
    }

    fn finish(&mut self, _: &mut Vec<Event>) -> Result<()> {
        if self.done {
            return Ok(());
        }
        let message = format!("the stream from {} ended without message-end", self.target.label);
        Err(Error::new(Kind::StreamIncomplete, message).retry(AGAIN))
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finish_reasons() {
        let table = [
            (Some("COMPLETE"), false, FinishReason::Stop),
            (Some("COMPLETE"), true, FinishReason::ToolCalls),
            (Some("STOP_SEQUENCE"), false, FinishReason::Stop),
            (Some("MAX_TOKENS"), true, FinishReason::Length),
            (Some("TOOL_CALL"), true, FinishReason::ToolCalls),
            (Some("ERROR_TOXIC"), false, FinishReason::ContentFilter),
            (Some("ERROR_LIMIT"), false, FinishReason::Length),
            (Some("ERROR"), false, FinishReason::Other),
            (Some("TIMEOUT"), false, FinishReason::Other),
            (None, false, FinishReason::Other),
        ];
        for (raw, calls, want) in table {
            assert_eq!(finish_reason(raw, calls), want, "{raw:?}");
        }
    }
}
