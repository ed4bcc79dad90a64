//! Anthropic's answers become events.

use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::embedded;
use super::parts::{Block, Parts};
use super::types::{AnyDelta, Container, Delta, DeltaKind, EventKind, Message, PlainBlock, StreamEvent};
use super::usage::Usage;
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Kind, Result};
use crate::model::{End, Event, FinishReason, Start};
use crate::providers::json::{self, Form};
use crate::providers::status::AGAIN;
use crate::target::Target;

/// More blocks than this are never under way at once.
const MOST_OPEN: usize = 1024;

/// How a block begins.
type OpenBlock<B> = fn(&mut Parts, B, &mut Vec<Event>) -> Result<Block>;

/// Decodes one answer, whole or as a stream: a whole block is one that opens with all it has and closes at once.
pub(in crate::providers) struct MessageDecoder {
    target: Arc<Target>,
    started: bool,
    done: bool,
    parts: Parts,
    /// The blocks under way, by the provider's index.
    open: Vec<(u64, Block)>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    container: Option<String>,
    usage: Option<Usage>,
}

impl MessageDecoder {
    pub(in crate::providers) fn new(target: &Arc<Target>) -> Self {
        MessageDecoder {
            target: Arc::clone(target),
            started: false,
            done: false,
            parts: Parts::new(target.provider()),
            open: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            container: None,
            usage: None,
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        match json::either::<Message<PlainBlock<'_>>, Message<&RawValue>>(body, &room)? {
            Form::Plain(message) => self.message(message, Parts::open_plain, out),
            Form::Any(message) => self.message(message, Parts::open, out),
        }
    }

    fn message<B>(&mut self, mut message: Message<B>, open: OpenBlock<B>, out: &mut Vec<Event>) -> Result<()> {
        if let Some(error) = message.error.take().filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        let blocks = message.content.take().unwrap_or_default();
        if blocks.is_empty() && message.stop_reason.is_none() {
            return Err(Error::protocol(
                "empty_response",
                format!("{} answered without any content", self.target.label),
            ));
        }
        self.start(message, out);
        self.said(blocks, open, out)?;
        self.end(out);
        Ok(())
    }

    /// Blocks that come whole.
    fn said<B>(&mut self, blocks: Vec<B>, open: OpenBlock<B>, out: &mut Vec<Event>) -> Result<()> {
        for block in blocks {
            let block = open(&mut self.parts, block, out)?;
            self.parts.close(block, out)?;
        }
        Ok(())
    }

    fn event(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let event: StreamEvent<'_> = json::parse(data, &room)?;
        let index = event.index.map(|index| index.value);
        match event.kind {
            EventKind::MessageStart => {
                if let Some(mut message) = event.message {
                    let blocks = message.content.take().unwrap_or_default();
                    self.start(message, out);
                    // Calls that code makes while it waits come here.
                    self.said(blocks, Parts::open, out)?;
                }
            }
            EventKind::ContentBlockStart => {
                if let Some(block) = event.content_block {
                    self.ensure_started(out);
                    self.open_block(index.unwrap_or(self.open.len() as u64), block, out)?;
                }
            }
            EventKind::ContentBlockDelta => {
                if let Some(delta) = event.delta {
                    self.delta(index, delta, data, out)?;
                }
            }
            EventKind::ContentBlockStop => {
                if let Some(index) = index.or_else(|| self.open.last().map(|(index, _)| *index)) {
                    self.close_block(index, out)?;
                }
            }
            EventKind::MessageDelta => {
                if let Some(delta) = event.delta {
                    self.stop(delta.stop_reason, delta.stop_sequence, delta.container);
                }
                self.count(event.usage);
            }
            EventKind::MessageStop => return self.message_stop(out),
            EventKind::Error => return Err(embedded(&event.error.unwrap_or_default(), &self.target)),
            EventKind::Other => {
                if let Some(error) = event.error {
                    return Err(embedded(&error, &self.target));
                }
            }
        }
        Ok(())
    }

    fn start<B>(&mut self, message: Message<B>, out: &mut Vec<Event>) {
        if !self.started {
            self.started = true;
            self.parts.name(message.id.as_deref());
            out.push(Event::Start(Start { id: message.id, model: message.model, ..Start::default() }));
        }
        self.stop(message.stop_reason, message.stop_sequence, message.container);
        self.count(message.usage);
    }

    fn ensure_started(&mut self, out: &mut Vec<Event>) {
        if !self.started {
            self.started = true;
            out.push(Event::Start(Start::default()));
        }
    }

    fn open_block(&mut self, index: u64, block: &RawValue, out: &mut Vec<Event>) -> Result<()> {
        if self.open.len() >= MOST_OPEN {
            return Err(self.malformed("more blocks at once than any message has"));
        }
        let block = self.parts.open(block, out)?;
        self.open.push((index, block));
        Ok(())
    }

    fn delta(&mut self, index: Option<u64>, delta: Delta, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let known = self.open.iter_mut().rev().find(|(open, _)| index.is_none_or(|index| *open == index));
        let block = if let Some((_, block)) = known {
            block
        } else {
            // Some servers that imitate the API do not announce their blocks.
            self.ensure_started(out);
            let Some(block) = Block::unannounced(delta.kind) else { return Ok(()) };
            self.open.push((index.unwrap_or_default(), block));
            let Some((_, block)) = self.open.last_mut() else { return Ok(()) };
            block
        };
        if let Block::Other { block, json } = block {
            match (delta.kind, delta.partial_json) {
                (DeltaKind::InputJsonDelta, Some(fragment)) => json.push_str(&fragment),
                _ => absorb(block, json::parse::<AnyDelta>(data, &json::Room::default())?.delta),
            }
            return Ok(());
        }
        self.parts.delta(block, delta, out)
    }

    fn close_block(&mut self, index: u64, out: &mut Vec<Event>) -> Result<()> {
        match self.open.iter().rposition(|(open, _)| *open == index) {
            Some(at) => self.parts.close(self.open.remove(at).1, out),
            None => Ok(()),
        }
    }

    fn stop(&mut self, reason: Option<String>, sequence: Option<String>, container: Option<Container>) {
        self.stop_reason = reason.or(self.stop_reason.take());
        self.stop_sequence = sequence.or(self.stop_sequence.take());
        self.container = container.map(|container| container.id).or(self.container.take());
    }

    fn count(&mut self, usage: Option<Usage>) {
        if let Some(usage) = usage {
            self.usage.get_or_insert_default().merge(usage);
        }
    }

    fn message_stop(&mut self, out: &mut Vec<Event>) -> Result<()> {
        if self.stop_reason.is_none() {
            return Err(self.incomplete("a stop reason"));
        }
        self.ensure_started(out);
        for (_, block) in std::mem::take(&mut self.open) {
            self.parts.close(block, out)?;
        }
        self.end(out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Event>) {
        self.done = true;
        self.parts.finish(self.container.take(), out);
        let raw = self.stop_reason.take();
        out.push(Event::End(Box::new(End {
            finish_reason: finish_reason(raw.as_deref(), self.parts.has_calls()),
            finish_reason_raw: raw,
            stop_sequence: self.stop_sequence.take(),
            usage: self.usage.take().map(Usage::total),
            ..End::default()
        })));
    }

    fn malformed(&self, what: &str) -> Error {
        Error::protocol("malformed_response", format!("{} sent {what}", self.target.label))
    }

    fn incomplete(&self, missing: &str) -> Error {
        let message = format!("the stream from {} ended without {missing}", self.target.label);
        Error::new(Kind::StreamIncomplete, message).retry(AGAIN)
    }
}

/// Adds to a block of the provider's own what a delta of it says: texts grow, anything else is set.
fn absorb(block: &mut Map<String, Value>, delta: Map<String, Value>) {
    for (key, value) in delta.into_iter().filter(|(key, _)| key != "type") {
        match (block.get_mut(&key), value) {
            (Some(Value::String(text)), Value::String(more)) => text.push_str(&more),
            (_, value) => {
                block.insert(key, value);
            }
        }
    }
}

/// The finish reason. With calls to answer, a model that says it is done waits for their results.
fn finish_reason(raw: Option<&str>, has_calls: bool) -> FinishReason {
    match raw {
        Some("tool_use") => FinishReason::ToolCalls,
        Some("end_turn" | "stop_sequence") | None if has_calls => FinishReason::ToolCalls,
        Some("end_turn" | "stop_sequence") => FinishReason::Stop,
        Some("max_tokens" | "model_context_window_exceeded") => FinishReason::Length,
        Some("refusal") => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

impl Decoder for MessageDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        match frame {
            Frame::Whole(body) => self.whole(body, out),
            Frame::Event { data, .. } if data.trim_ascii().is_empty() => Ok(()),
            Frame::Event { data, .. } => self.event(data, out),
        }
    }

    fn finish(&mut self, _: &mut Vec<Event>) -> Result<()> {
        if self.done { Ok(()) } else { Err(self.incomplete("message_stop")) }
    }

    fn is_done(&self) -> bool {
        self.done
    }
}
