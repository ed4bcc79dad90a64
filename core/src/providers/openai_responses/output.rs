//! Items of a response become parts.
//!
//! What an item says beside what a part shows (its id, its status, encrypted thinking, a phase, a namespace) is kept as the
//! part's state under `item`, and goes back with it on the next turn. An item of several texts is a part for each of
//! them: the first has the state, the others only the id that says where they belong.

use serde_json::{Map, Value};

use super::open::{List, Open, Slot, objects, text};
use super::plain::Message;
use super::types::{Logprob, Words};
use crate::error::{Error, Result};
use crate::model::{Citation, Content, Event, Other, Part, State, TokenLogprob};

/// More parts than this no answer has.
const MOST: u32 = 100_000;

/// The parts of an answer, counted as they come.
pub(super) struct Parts {
    provider: String,
    count: u32,
    has_calls: bool,
}

impl Parts {
    pub(super) fn new(provider: &str) -> Self {
        Parts { provider: provider.to_owned(), count: 0, has_calls: false }
    }

    pub(super) fn has_calls(&self) -> bool {
        self.has_calls
    }

    /// Says as much of an item as its beginning tells: which tool is called. What comes whole at its end keeps its place.
    pub(super) fn begin(&mut self, open: &mut Open, item: &Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        match text(item, "type") {
            None | Some("message" | "reasoning") => Ok(()),
            Some("function_call" | "custom_tool_call") => {
                let named = text(item, "name").is_some() && text(item, "call_id").is_some();
                if named { self.announce(open, item, out) } else { Ok(()) }
            }
            Some(_) => {
                open.place = Some(self.next()?);
                Ok(())
            }
        }
    }

    /// Says a fragment of a text.
    pub(super) fn say(
        &mut self,
        open: &mut Open,
        (list, at): (List, u64),
        fragment: Words,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        let Words(fragment) = fragment;
        if fragment.is_empty() || (matches!(list, List::Summary | List::Thought) && !open.shows(list)) {
            return Ok(());
        }
        let Some(slot) = open.slot(list, at) else { return Err(too_many()) };
        if list == List::Input && slot.part.is_none() {
            open.early.push_str(&fragment);
            return Ok(());
        }
        self.write(slot, list, fragment, out)
    }

    /// Says a source of a text.
    pub(super) fn cite(
        &mut self,
        open: &mut Open,
        at: u64,
        annotation: Map<String, Value>,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        let Some(slot) = open.slot(List::Text, at) else { return Err(too_many()) };
        self.citation(slot, annotation, out)
    }

    /// Says the log probabilities of a fragment.
    pub(super) fn weigh(open: &mut Open, at: u64, tokens: Vec<Logprob>, out: &mut Vec<Event>) {
        if let Some(slot) = open.slot(List::Text, at)
            && !tokens.is_empty()
        {
            slot.tokens += tokens.len();
            out.push(Event::Logprobs { tokens: tokens.into_iter().map(TokenLogprob::from).collect() });
        }
    }

    /// Says what of a whole item has not been said yet.
    pub(super) fn end(&mut self, open: &mut Open, item: Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        match text(&item, "type") {
            Some("message") => self.message(open, item, out),
            Some("reasoning") => self.reasoning(open, item, out),
            Some("function_call" | "custom_tool_call") => self.call(open, item, out),
            kind => {
                let kind = kind.unwrap_or_default().to_owned();
                let index = open.place.map_or_else(|| self.next(), Ok)?;
                self.other(index, kind, Value::Object(item), out);
                Ok(())
            }
        }
    }

    /// Says what of a message of texts has not been said yet.
    pub(super) fn plain(&mut self, open: &mut Open, mut message: Message, out: &mut Vec<Event>) -> Result<()> {
        for (at, piece) in (0..).zip(std::mem::take(&mut message.content)) {
            let Some(slot) = open.slot(List::Text, at) else { return Err(too_many()) };
            match slot.rest(&piece.text) {
                "" => {}
                rest if rest.len() == piece.text.len() => self.write(slot, List::Text, piece.text, out)?,
                rest => self.write(slot, List::Text, rest.to_owned(), out)?,
            }
        }
        self.keep(open, message.into_state(), out);
        Ok(())
    }

    fn message(&mut self, open: &mut Open, mut item: Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        let content = match item.remove("content") {
            Some(Value::Array(content)) => content,
            // Some servers have one text only, as requests may.
            Some(Value::String(text)) => vec![serde_json::json!({"type": "output_text", "text": text})],
            _ => Vec::new(),
        };
        for (at, piece) in (0..).zip(content) {
            let Value::Object(mut piece) = piece else { continue };
            match text(&piece, "type") {
                Some("refusal") => self.rest(open, (List::Refusal, at), text(&piece, "refusal"), out)?,
                Some("output_text" | "text") => {
                    self.rest(open, (List::Text, at), text(&piece, "text"), out)?;
                    self.beside(open, at, &mut piece, out)?;
                }
                kind => {
                    let kind = kind.unwrap_or_default().to_owned();
                    let index = self.next()?;
                    self.other(index, kind, Value::Object(piece), out);
                }
            }
        }
        for key in ["type", "role"] {
            item.remove(key);
        }
        self.keep(open, item, out);
        Ok(())
    }

    /// What stands beside a text: its sources and log probabilities.
    fn beside(&mut self, open: &mut Open, at: u64, piece: &mut Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        let Some(slot) = open.slot(List::Text, at) else { return Err(too_many()) };
        if let Some(Value::Array(annotations)) = piece.remove("annotations") {
            for annotation in annotations.into_iter().skip(slot.sources) {
                if let Value::Object(annotation) = annotation {
                    self.citation(slot, annotation, out)?;
                }
            }
        }
        if let Some(Value::Array(tokens)) = piece.remove("logprobs") {
            let rest = tokens.into_iter().skip(slot.tokens);
            let rest: Vec<Logprob> = rest.filter_map(|token| serde_json::from_value(token).ok()).collect();
            Self::weigh(open, at, rest, out);
        }
        Ok(())
    }

    fn reasoning(&mut self, open: &mut Open, mut item: Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        let thinks_aloud = objects(&item, "content").any(|piece| text(piece, "text").is_some());
        let list = open.shown().unwrap_or(if thinks_aloud { List::Thought } else { List::Summary });
        let key = if list == List::Thought { "content" } else { "summary" };
        for (at, piece) in (0..).zip(objects(&item, key)) {
            self.rest(open, (list, at), text(piece, "text"), out)?;
        }
        for key in ["type", key] {
            item.remove(key);
        }
        if open.parts().next().is_none() {
            // Nothing of it is shown: a part all the same, for what has to come back.
            let index = self.next()?;
            if let Some(slot) = open.slot(list, 0) {
                slot.part = Some(index);
            }
        }
        self.keep(open, item, out);
        Ok(())
    }

    fn call(&mut self, open: &mut Open, mut item: Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        let Some(input) = call_input(&item) else { return Ok(()) };
        if open.parts().next().is_none() {
            self.announce(open, &item, out)?;
        }
        match item.remove(input) {
            Some(Value::String(text)) => self.rest(open, (List::Input, 0), Some(&text), out)?,
            // Some servers send the object itself.
            Some(value @ Value::Object(_)) => {
                self.rest(open, (List::Input, 0), Some(&value.to_string()), out)?;
            }
            _ => {}
        }
        for key in ["name", "call_id"] {
            item.remove(key);
        }
        if input == "arguments" {
            item.remove("type");
        }
        self.keep(open, item, out);
        Ok(())
    }

    fn announce(&mut self, open: &mut Open, item: &Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        let index = self.next()?;
        self.has_calls = true;
        // A result has to name its call: where the server gave no id, one is made.
        let id = text(item, "call_id").or_else(|| text(item, "id"));
        let id = id.map_or_else(|| format!("call_{index}"), str::to_owned);
        out.push(Event::ToolCall { index, id, name: text(item, "name").unwrap_or_default().to_owned() });
        let early = std::mem::take(&mut open.early);
        let Some(slot) = open.slot(List::Input, 0) else { return Err(too_many()) };
        slot.part = Some(index);
        if early.is_empty() { Ok(()) } else { self.write(slot, List::Input, early, out) }
    }

    fn other(&self, index: u32, kind: String, data: Value, out: &mut Vec<Event>) {
        let mut part = Part::new(Content::Other(Other { kind, data }));
        part.state = Some(Box::new(State { provider: self.provider.clone(), data: Map::new() }));
        out.push(Event::Part { index, part: Box::new(part) });
    }

    /// Says what of a text has not been said yet.
    fn rest(
        &mut self,
        open: &mut Open,
        (list, at): (List, u64),
        whole: Option<&str>,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        let Some(slot) = open.slot(list, at) else { return Err(too_many()) };
        match slot.rest(whole.unwrap_or_default()) {
            "" => Ok(()),
            rest => self.write(slot, list, rest.to_owned(), out),
        }
    }

    fn write(&mut self, slot: &mut Slot, list: List, text: String, out: &mut Vec<Event>) -> Result<()> {
        let index = self.place(slot)?;
        slot.said += text.len();
        out.push(match list {
            List::Text => Event::Text { index, text },
            List::Refusal => Event::Refusal { index, text },
            List::Summary | List::Thought => Event::Reasoning { index, text },
            List::Input => Event::Arguments { index, fragment: text },
        });
        Ok(())
    }

    fn citation(&mut self, slot: &mut Slot, annotation: Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        slot.sources += 1;
        if slot.part.is_none() {
            // A stream may name the source first; the text that it belongs to keeps the place before it.
            out.push(Event::Text { index: self.place(slot)?, text: String::new() });
        }
        let citation = citation(&annotation);
        let state = Some(Box::new(self.state("annotation", annotation)));
        out.push(Event::Citation { index: self.next()?, citation, state });
        Ok(())
    }

    /// Keeps what the parts of an item do not show.
    fn keep(&self, open: &Open, item: Map<String, Value>, out: &mut Vec<Event>) {
        let id = item.get("id").cloned();
        let mut whole = Some(item);
        for index in open.parts() {
            let item = whole.take().or_else(|| Some(Map::from_iter([("id".to_owned(), id.clone()?)])));
            if let Some(item) = item {
                out.push(Event::State { index, state: Box::new(self.state("item", item)) });
            }
        }
    }

    fn state(&self, key: &str, value: Map<String, Value>) -> State {
        let data = Map::from_iter([(key.to_owned(), Value::Object(value))]);
        State { provider: self.provider.clone(), data }
    }

    fn place(&mut self, slot: &mut Slot) -> Result<u32> {
        match slot.part {
            Some(index) => Ok(index),
            None => Ok(*slot.part.insert(self.next()?)),
        }
    }

    fn next(&mut self) -> Result<u32> {
        let index = self.count;
        if index >= MOST {
            return Err(too_many());
        }
        self.count += 1;
        Ok(index)
    }
}

/// The field of a call of one of the caller's tools that has its input.
fn call_input(item: &Map<String, Value>) -> Option<&'static str> {
    match text(item, "type")? {
        "function_call" => Some("arguments"),
        "custom_tool_call" => Some("input"),
        _ => None,
    }
}

/// An address (`url_citation`), or a file (`file_citation`, `container_file_citation`, `file_path`), whose id is in the
/// state.
fn citation(annotation: &Map<String, Value>) -> Citation {
    let place = |key: &str| annotation.get(key).and_then(Value::as_u64);
    Citation {
        url: text(annotation, "url").map(str::to_owned),
        title: text(annotation, "title").or_else(|| text(annotation, "filename")).map(str::to_owned),
        cited_text: None,
        start: place("start_index"),
        end: place("end_index"),
    }
}

#[cold]
fn too_many() -> Error {
    Error::protocol("malformed_response", format!("the answer has more than {MOST} parts"))
}
