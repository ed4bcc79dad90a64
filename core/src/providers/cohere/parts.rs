//! The API's blocks become parts.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer::{Block, PlainBlock, PlainKind, ToolCall};
use super::messages::TOOL_PLAN;
use crate::error::{Error, Result};
use crate::model::{Citation, Content, Event, Other, Part, State};
use crate::providers::json;

/// More parts than this no answer has.
const MOST: u32 = 100_000;

/// A block under way. Its place is given with its first words: a block that stays empty is no part.
pub(super) enum Open {
    Text {
        index: Option<u32>,
    },
    Thinking {
        index: Option<u32>,
    },
    /// Something that this build does not know: complete at its end.
    Other(Map<String, Value>),
}

/// The parts of the answer, counted as they come: the provider's indexes only tell blocks apart.
pub(super) struct Parts {
    provider: String,
    count: u32,
    plan: String,
    has_calls: bool,
}

impl Parts {
    pub(super) fn new(provider: &str) -> Self {
        Parts { provider: provider.to_owned(), count: 0, plan: String::new(), has_calls: false }
    }

    pub(super) fn has_calls(&self) -> bool {
        self.has_calls
    }

    /// Whether anything was said.
    pub(super) fn any(&self) -> bool {
        self.count > 0 || !self.plan.is_empty()
    }

    /// Begins a block with what it already has.
    pub(super) fn open(&mut self, start: &RawValue, out: &mut Vec<Event>) -> Result<Open> {
        let room = json::Room::default();
        let block: Block = json::parse(start.get().as_bytes(), &room)?;
        let kind = match block.kind.as_deref() {
            Some("text") => PlainKind::Text,
            Some("thinking") => PlainKind::Thinking,
            None if block.text.is_some() => PlainKind::Text,
            None if block.thinking.is_some() => PlainKind::Thinking,
            _ => return Ok(Open::Other(json::parse(start.get().as_bytes(), &room)?)),
        };
        self.open_plain(PlainBlock { kind, text: block.text, thinking: block.thinking }, out)
    }

    /// Begins a block of which all is known.
    pub(super) fn open_plain(&mut self, block: PlainBlock, out: &mut Vec<Event>) -> Result<Open> {
        let mut index = None;
        Ok(match block.kind {
            PlainKind::Text => {
                self.text(&mut index, block.text, out)?;
                Open::Text { index }
            }
            PlainKind::Thinking => {
                self.thinking(&mut index, block.thinking, out)?;
                Open::Thinking { index }
            }
        })
    }

    /// Adds a piece to a block.
    pub(super) fn add(&mut self, open: &mut Open, piece: &RawValue, out: &mut Vec<Event>) -> Result<()> {
        let (room, bytes) = (json::Room::default(), piece.get().as_bytes());
        match open {
            Open::Text { index } => {
                let block: Block = json::parse(bytes, &room)?;
                self.text(index, block.text, out)
            }
            Open::Thinking { index } => {
                let block: Block = json::parse(bytes, &room)?;
                self.thinking(index, block.thinking, out)
            }
            Open::Other(whole) => {
                grow(whole, json::parse(bytes, &room)?);
                Ok(())
            }
        }
    }

    /// Ends a block.
    pub(super) fn close(&mut self, open: Open, out: &mut Vec<Event>) -> Result<()> {
        match open {
            // Thinking says whose it is: it goes back to the same provider only.
            Open::Thinking { index: Some(index) } => out.push(Event::State { index, state: self.state(Map::new()) }),
            Open::Other(data) if !data.is_empty() => {
                let kind = data.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
                let mut part = Part::new(Content::Other(Other { kind, data: Value::Object(data) }));
                part.state = Some(self.state(Map::new()));
                out.push(Event::Part { index: self.next()?, part: Box::new(part) });
            }
            Open::Text { .. } | Open::Thinking { .. } | Open::Other(_) => {}
        }
        Ok(())
    }

    pub(super) fn text(&mut self, index: &mut Option<u32>, text: Option<String>, out: &mut Vec<Event>) -> Result<()> {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            out.push(Event::Text { index: self.place(index)?, text });
        }
        Ok(())
    }

    fn thinking(&mut self, index: &mut Option<u32>, text: Option<String>, out: &mut Vec<Event>) -> Result<()> {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            out.push(Event::Reasoning { index: self.place(index)?, text });
        }
        Ok(())
    }

    /// A piece of what the model means to do with the tools.
    pub(super) fn plan(&mut self, text: &str) {
        self.plan.push_str(text);
    }

    /// The plan becomes the state of a part without words: it is no thinking to be shown, and goes back with its message.
    pub(super) fn end_plan(&mut self, out: &mut Vec<Event>) -> Result<()> {
        if !self.plan.is_empty() {
            let plan = Value::String(std::mem::take(&mut self.plan));
            let state = self.state(Map::from_iter([(TOOL_PLAN.to_owned(), plan)]));
            out.push(Event::State { index: self.next()?, state });
        }
        Ok(())
    }

    /// Begins a call; its place.
    pub(super) fn call(&mut self, call: ToolCall, out: &mut Vec<Event>) -> Result<u32> {
        self.end_plan(out)?;
        let index = self.next()?;
        self.has_calls = true;
        let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call-{index}"));
        let (name, arguments) = call.function.map(|it| (it.name, it.arguments)).unwrap_or_default();
        out.push(Event::ToolCall { index, id, name: name.unwrap_or_default() });
        arguments_of(index, arguments, out);
        Ok(index)
    }

    /// A source of what was said.
    pub(super) fn citation(&mut self, data: Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        let index = self.next()?;
        let citation = citation(&data);
        out.push(Event::Citation { index, citation, state: Some(self.state(data)) });
        Ok(())
    }

    fn place(&mut self, index: &mut Option<u32>) -> Result<u32> {
        match *index {
            Some(index) => Ok(index),
            None => Ok(*index.insert(self.next()?)),
        }
    }

    fn next(&mut self) -> Result<u32> {
        let index = self.count;
        if index >= MOST {
            return Err(Error::protocol("malformed_response", format!("the answer has more than {MOST} parts")));
        }
        self.count += 1;
        Ok(index)
    }

    #[expect(clippy::unnecessary_box_returns, reason = "parts and events hold their state in a box")]
    fn state(&self, data: Map<String, Value>) -> Box<State> {
        Box::new(State { provider: self.provider.clone(), data })
    }
}

/// A piece of a call's arguments.
pub(super) fn arguments_of(index: u32, arguments: Option<String>, out: &mut Vec<Event>) {
    let fragment = arguments.filter(|arguments| !arguments.is_empty());
    out.extend(fragment.map(|fragment| Event::Arguments { index, fragment }));
}

/// Adds a piece to a block of which nothing is known: texts grow, anything else is set.
fn grow(block: &mut Map<String, Value>, more: Map<String, Value>) {
    for (key, value) in more {
        match (block.get_mut(&key), value) {
            (Some(Value::String(text)), Value::String(more)) if key != "type" => text.push_str(&more),
            (_, value) => {
                block.insert(key, value);
            }
        }
    }
}

/// The passage of the answer, and of its sources the first document: what a tool answered has no fields that are known.
fn citation(data: &Map<String, Value>) -> Citation {
    let sources = data.get("sources").and_then(Value::as_array);
    let document = sources.into_iter().flatten().find_map(|source| source.get("document"));
    let text = |key: &str| document.and_then(|it| it.get(key)).and_then(Value::as_str).map(str::to_owned);
    let position = |key: &str| data.get(key).and_then(Value::as_u64);
    Citation {
        url: text("url"),
        title: text("title"),
        cited_text: None,
        start: position("start"),
        end: position("end"),
    }
}
