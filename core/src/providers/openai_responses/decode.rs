//! Responses become events.

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::error::embedded;
use super::finish::{cost, finish, usage};
use super::open::{List, Open};
use super::output::Parts;
use super::plain::{Item, Message};
use super::types::{Answer, EventKind, StreamEvent};
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Kind, Result};
use crate::model::{End, Event, Start};
use crate::providers::json::{self, Form};
use crate::providers::status::AGAIN;
use crate::target::Target;

/// More items than this are never under way at once.
const MOST_OPEN: usize = 1024;

/// How an item is read.
type ReadItem<I> = fn(I) -> Result<Item>;

/// Decodes one response, whole or as a stream: a whole item is one that begins and ends at once.
pub(super) struct ResponseDecoder {
    target: Arc<Target>,
    started: bool,
    done: bool,
    parts: Parts,
    /// The items under way.
    open: Vec<Open>,
    /// The places and ids of those that have ended.
    ended: Vec<(Option<u64>, Option<String>)>,
}

impl ResponseDecoder {
    pub(super) fn new(target: &Arc<Target>) -> Self {
        ResponseDecoder {
            target: Arc::clone(target),
            started: false,
            done: false,
            parts: Parts::new(target.provider()),
            open: Vec::new(),
            ended: Vec::new(),
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        match json::either::<Answer<Message>, Answer<&RawValue>>(body, &room)? {
            Form::Plain(answer) => self.answer(answer, |message| Ok(Item::Plain(message)), out),
            Form::Any(answer) => self.answer(answer, Item::read, out),
        }
    }

    fn answer<I>(&mut self, answer: Answer<I>, read: ReadItem<I>, out: &mut Vec<Event>) -> Result<()> {
        if answer.error.is_none() && answer.status.is_none() && answer.output.is_none() {
            let message = format!("{} answered without any content", self.target.label);
            return Err(Error::protocol("empty_response", message));
        }
        self.end(answer, read, out)
    }

    fn event(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let mut event: StreamEvent<'_> = json::parse(data, &room)?;
        let list = match event.kind {
            EventKind::End => {
                return match event.response {
                    Some(response) => self.end(response, Item::read, out),
                    None => Err(self.malformed("an end without its response")),
                };
            }
            EventKind::Failed => {
                let error = event.response.and_then(|response| response.error).or(event.error);
                return Err(embedded(&error.unwrap_or_default(), &self.target));
            }
            EventKind::Error => return Err(self.error_event(event.error.map(|error| *error), data)),
            EventKind::ItemAdded => return self.item_added(&event, out),
            EventKind::ItemDone => return self.item_done(&event, out),
            EventKind::Other => {
                if let Some(error) = event.error.filter(|error| !error.is_null()) {
                    return Err(embedded(&error, &self.target));
                }
                if let Some(response) = event.response {
                    self.start(response.id, response.model, out);
                }
                return Ok(());
            }
            EventKind::Text | EventKind::Annotation => List::Text,
            EventKind::Refusal => List::Refusal,
            EventKind::Summary => List::Summary,
            EventKind::Thought => List::Thought,
            EventKind::Input => List::Input,
        };
        self.start(None, None, out);
        let at = if list == List::Summary { event.summary_index } else { event.content_index };
        let at = at.unwrap_or_default().value;
        let place = event.output_index.map(|index| index.value);
        let Some(open) = under_way(&mut self.open, place, event.item_id.as_ref().map(|id| &*id.0)) else {
            return Err(self.malformed("more items at once than any response has"));
        };
        if let Some(annotation) = event.annotation.take() {
            self.parts.cite(open, at, *annotation, out)?;
        }
        if let Some(delta) = event.delta.take() {
            self.parts.say(open, (list, at), delta, out)?;
        }
        if let Some(tokens) = event.logprobs.take() {
            Parts::weigh(open, at, tokens, out);
        }
        Ok(())
    }

    fn item_added(&mut self, event: &StreamEvent<'_>, out: &mut Vec<Event>) -> Result<()> {
        let Some(item) = event.item else { return Ok(()) };
        if self.open.len() >= MOST_OPEN {
            return Err(self.malformed("more items at once than any response has"));
        }
        self.start(None, None, out);
        let item = Item::read(item)?;
        let place = event.output_index.map(|index| index.value);
        let mut open = Open::new(place, item.id().map(str::to_owned));
        if let Item::Any(item) = &item {
            self.parts.begin(&mut open, item, out)?;
        }
        self.open.push(open);
        Ok(())
    }

    fn item_done(&mut self, event: &StreamEvent<'_>, out: &mut Vec<Event>) -> Result<()> {
        let Some(item) = event.item else { return Ok(()) };
        self.start(None, None, out);
        self.close(event.output_index.map(|index| index.value), Item::read(item)?, out)
    }

    /// Ends an item: the one under way at this place or with this id, or one of which nothing has come yet.
    fn close(&mut self, at: Option<u64>, item: Item, out: &mut Vec<Event>) -> Result<()> {
        let id = item.id().map(str::to_owned);
        let known = self.open.iter().rposition(|open| open.is(at, id.as_deref()));
        let mut open = match known {
            Some(index) => self.open.remove(index),
            None => Open::new(at, id),
        };
        match item {
            Item::Plain(message) => self.parts.plain(&mut open, message, out)?,
            Item::Any(item) => self.parts.end(&mut open, item, out)?,
        }
        self.ended.push(open.into_name());
        Ok(())
    }

    fn start(&mut self, id: Option<String>, model: Option<String>, out: &mut Vec<Event>) {
        if !self.started {
            self.started = true;
            out.push(Event::Start(Start { id, model, ..Start::default() }));
        }
    }

    /// Ends the response, with the items that no event has told of.
    fn end<I>(&mut self, answer: Answer<I>, read: ReadItem<I>, out: &mut Vec<Event>) -> Result<()> {
        let status = answer.status.unwrap_or_else(|| "completed".to_owned());
        match (status.as_str(), answer.error.filter(|error| !error.is_null())) {
            (_, Some(error)) => return Err(embedded(&error, &self.target)),
            ("failed" | "cancelled", None) => return Err(embedded(&Value::Null, &self.target)),
            ("queued" | "in_progress", None) => {
                let message =
                    format!("{} answers in the background, which has to be asked for again", self.target.label);
                return Err(Error::protocol("unexpected_status", message));
            }
            _ => {}
        }
        self.start(answer.id, answer.model, out);
        let output = answer.output.unwrap_or_default();
        // A stream that ended as many items as there are has told of them all.
        if self.ended.len() < output.len() {
            for (at, item) in (0..).zip(output) {
                self.unless_told(at, read(item)?, out)?;
            }
        }
        self.done = true;
        let (finish_reason, raw) = finish(&status, answer.incomplete_details, self.parts.has_calls());
        out.push(Event::End(Box::new(End {
            finish_reason,
            finish_reason_raw: Some(raw),
            cost: answer.usage.as_deref().and_then(cost),
            usage: answer.usage.as_deref().map(usage),
            ..End::default()
        })));
        Ok(())
    }

    fn unless_told(&mut self, at: u64, item: Item, out: &mut Vec<Event>) -> Result<()> {
        let id = item.id();
        // xAI gives several items of one response the same id: the place knows better.
        let told = |(place, name): &(Option<u64>, Option<String>)| match place {
            Some(place) => *place == at,
            None => id.is_some() && name.as_deref() == id,
        };
        if self.ended.iter().any(told) { Ok(()) } else { self.close(Some(at), item, out) }
    }

    /// The event `error` has its words in itself, or in an object as answers with an error status have.
    #[cold]
    fn error_event(&self, error: Option<Value>, data: &[u8]) -> Error {
        let error = error.filter(|error| !error.is_null()).or_else(|| serde_json::from_slice(data).ok());
        embedded(&error.unwrap_or_default(), &self.target)
    }

    fn malformed(&self, what: &str) -> Error {
        Error::protocol("malformed_response", format!("{} sent {what}", self.target.label))
    }
}

/// The item that an event speaks of. Some servers do not announce theirs. `None` beyond what any response has.
fn under_way<'a>(open: &'a mut Vec<Open>, at: Option<u64>, id: Option<&str>) -> Option<&'a mut Open> {
    let index = open.iter().rposition(|open| open.is(at, id)).unwrap_or(open.len());
    if index == MOST_OPEN {
        return None;
    }
    if index == open.len() {
        open.push(Open::new(at, id.map(str::to_owned)));
    }
    open.get_mut(index)
}

impl Decoder for ResponseDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        match frame {
            Frame::Whole(body) => self.whole(body, out),
            Frame::Event { data, .. } if data.trim_ascii().is_empty() => Ok(()),
            // Not of this protocol, but some servers have it for all of theirs. It ends nothing.
            Frame::Event { data, .. } if data.trim_ascii() == b"[DONE]" => self.finish(out),
            Frame::Event { data, .. } => self.event(data, out),
        }
    }

    fn finish(&mut self, _: &mut Vec<Event>) -> Result<()> {
        if self.done {
            return Ok(());
        }
        let message = format!("the stream from {} ended without response.completed", self.target.label);
        Err(Error::new(Kind::StreamIncomplete, message).retry(AGAIN))
    }

    fn is_done(&self) -> bool {
        self.done
    }
}
