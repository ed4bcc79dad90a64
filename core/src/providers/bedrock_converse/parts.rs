//! The API's blocks become parts.

use serde_json::{Map, Value};

use super::answer::{Block, Citations, Delta, Made, Reasoning, ToolUse};
use super::blocks::SERVER_TOOL;
use crate::error::{Error, Result};
use crate::model::{Citation, Content, Event, Media, Other, Part, Source, State};
use crate::providers::json;

/// More parts than this no answer has.
const MOST: u32 = 100_000;

/// A block under way. The index of a text is given with its first words: a block that stays empty is no part.
pub(super) enum Open {
    Text {
        index: Option<u32>,
    },
    Thinking {
        index: Option<u32>,
        has_state: bool,
    },
    ToolUse {
        index: u32,
    },
    /// Something of the provider's own: complete at its end.
    Other(Assembled),
}

/// A block that grows to what it would be in a whole answer.
#[derive(Default)]
pub(super) struct Assembled(Map<String, Value>);

impl Open {
    /// The block that a delta belongs to when none was announced.
    pub(super) fn unannounced(delta: &Delta<'_>) -> Self {
        if delta.reasoning_content.is_some() {
            Open::Thinking { index: None, has_state: false }
        } else if delta.text.is_some() || delta.citation.is_some() {
            Open::Text { index: None }
        } else {
            Open::Other(Assembled::default())
        }
    }
}

impl Assembled {
    /// Adds what a delta says: texts grow, lists are the content of what is listed, anything else is set.
    pub(super) fn absorb(&mut self, delta: Map<String, Value>) {
        for (key, value) in delta {
            match (self.0.entry(key).or_insert_with(|| Value::Object(Map::new())), value) {
                (Value::Object(block), Value::Object(more)) => grow(block, more),
                (Value::Object(block), Value::Array(more)) => {
                    if let Value::Array(content) = block.entry("content").or_insert_with(|| Value::Array(Vec::new())) {
                        content.extend(more);
                    }
                }
                (place, value) => *place = value,
            }
        }
    }

    /// The whole block. The input of a call arrives as JSON in a text.
    fn finish(mut self) -> Map<String, Value> {
        let input = self.0.get_mut("toolUse").and_then(|call| call.get_mut("input"));
        if let Some(input @ Value::String(_)) = input
            && let Some(parsed) = input.as_str().and_then(|text| serde_json::from_str(text).ok())
        {
            *input = parsed;
        }
        self.0
    }
}

fn grow(block: &mut Map<String, Value>, more: Map<String, Value>) {
    for (key, value) in more {
        match (block.get_mut(&key), value) {
            (Some(Value::String(text)), Value::String(more)) => text.push_str(&more),
            (Some(Value::Object(below)), Value::Object(more)) => grow(below, more),
            (_, value) => {
                block.insert(key, value);
            }
        }
    }
}

/// The parts of the answer, counted as they come: the provider's indexes are trusted for nothing but telling blocks apart.
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

    /// A block that comes whole.
    pub(super) fn whole(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let known = self.known(json::parse(data, &room)?, out)?;
        if known { Ok(()) } else { self.other(data, out) }
    }

    /// A block of a kind that is known; false where it is none.
    pub(super) fn known(&mut self, block: Block<'_>, out: &mut Vec<Event>) -> Result<bool> {
        let is_client = |call: &ToolUse<'_>| call.kind.as_deref() != Some(SERVER_TOOL);
        if let Some(text) = block.text {
            self.text(&mut None, text, out)?;
        } else if let Some(call) = block.tool_use.filter(is_client) {
            let input = call.input.map(|input| input.get().to_owned());
            let index = self.call(call, out)?;
            out.extend(input.map(|fragment| Event::Arguments { index, fragment }));
        } else if let Some(thinking) = block.reasoning_content {
            let mut open = (None, false);
            self.thinking(&mut open, *thinking, out)?;
            self.unsigned(open.0, open.1, out);
        } else if let Some(cited) = block.citations_content {
            self.cited(cited, out)?;
        } else {
            let image = block.image.map(|image| (image, Content::Image as fn(Media) -> Content, "image"));
            let made = image.or(block.audio.map(|audio| (audio, Content::Audio as fn(Media) -> Content, "audio")));
            return made.map_or(Ok(false), |(made, content, kind)| self.made(made, content, kind, out));
        }
        Ok(true)
    }

    /// Begins a block that is announced.
    pub(super) fn open(&mut self, start: &[u8], out: &mut Vec<Event>) -> Result<Open> {
        let room = json::Room::default();
        let block: Block<'_> = json::parse(start, &room)?;
        match block.tool_use {
            Some(call) if call.kind.as_deref() != Some(SERVER_TOOL) => {
                Ok(Open::ToolUse { index: self.call(call, out)? })
            }
            _ => {
                let room = json::Room::default();
                Ok(Open::Other(Assembled(json::parse(start, &room)?)))
            }
        }
    }

    /// Adds to a block of text, thinking or a call.
    pub(super) fn delta(&mut self, block: &mut Open, delta: Delta<'_>, out: &mut Vec<Event>) -> Result<()> {
        match block {
            Open::Text { index } => {
                if let Some(citation) = delta.citation {
                    self.citation(index, *citation, out)?;
                }
                self.text(index, delta.text.unwrap_or_default(), out)
            }
            Open::Thinking { index, has_state } => match delta.reasoning_content {
                Some(thinking) => {
                    let mut open = (*index, *has_state);
                    self.thinking(&mut open, *thinking, out)?;
                    (*index, *has_state) = open;
                    Ok(())
                }
                None => Ok(()),
            },
            Open::ToolUse { index } => {
                let fragment = delta.tool_use.and_then(|call| call.input).and_then(json::Text::said);
                out.extend(fragment.map(|fragment| Event::Arguments { index: *index, fragment }));
                Ok(())
            }
            Open::Other(_) => Ok(()),
        }
    }

    /// Ends a block.
    pub(super) fn close(&mut self, block: Open, out: &mut Vec<Event>) -> Result<()> {
        match block {
            Open::Thinking { index, has_state } => self.unsigned(index, has_state, out),
            Open::Other(block) => {
                let block = block.finish();
                if !block.is_empty() {
                    return self.whole(Value::Object(block).to_string().as_bytes(), out);
                }
            }
            Open::Text { .. } | Open::ToolUse { .. } => {}
        }
        Ok(())
    }

    fn text(&mut self, index: &mut Option<u32>, text: String, out: &mut Vec<Event>) -> Result<()> {
        if !text.is_empty() {
            out.push(Event::Text { index: self.place(index)?, text });
        }
        Ok(())
    }

    fn call(&mut self, call: ToolUse<'_>, out: &mut Vec<Event>) -> Result<u32> {
        let index = self.next()?;
        self.has_calls = true;
        let id = call.tool_use_id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call-{index}"));
        out.push(Event::ToolCall { index, id, name: call.name.unwrap_or_default() });
        Ok(index)
    }

    fn thinking(
        &mut self,
        (index, has_state): &mut (Option<u32>, bool),
        thinking: Reasoning,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        let whole = thinking.reasoning_text.unwrap_or_default();
        if let Some(text) = thinking.text.or(whole.text).filter(|text| !text.is_empty()) {
            out.push(Event::Reasoning { index: self.place(index)?, text });
        }
        let states =
            [("signature", thinking.signature.or(whole.signature)), ("redactedContent", thinking.redacted_content)];
        for (key, value) in states {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let index = self.place(index)?;
                *has_state = true;
                let data = Map::from_iter([(key.to_owned(), Value::String(value))]);
                out.push(Event::State { index, state: Box::new(self.state(data)) });
            }
        }
        Ok(())
    }

    /// Thinking without a signature says whose it is all the same: it goes back to the same provider only.
    fn unsigned(&self, index: Option<u32>, has_state: bool, out: &mut Vec<Event>) {
        if let (Some(index), false) = (index, has_state) {
            out.push(Event::State { index, state: Box::new(self.state(Map::new())) });
        }
    }

    fn cited(&mut self, cited: Citations, out: &mut Vec<Event>) -> Result<()> {
        let mut index = None;
        for text in cited.content.unwrap_or_default() {
            self.text(&mut index, text.text.unwrap_or_default(), out)?;
        }
        for citation in cited.citations.unwrap_or_default() {
            self.citation(&mut index, citation, out)?;
        }
        Ok(())
    }

    fn citation(&mut self, text: &mut Option<u32>, data: Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        if text.is_none() {
            // A stream names the source first; the text it belongs to keeps the place before it.
            out.push(Event::Text { index: self.place(text)?, text: String::new() });
        }
        let index = self.next()?;
        let citation = citation(&data);
        out.push(Event::Citation { index, citation, state: Some(Box::new(self.state(data))) });
        Ok(())
    }

    fn made(&mut self, made: Made, content: fn(Media) -> Content, kind: &str, out: &mut Vec<Event>) -> Result<bool> {
        let source = made.source.and_then(|source| {
            source.bytes.map(Source::Data).or(source.s3_location.map(|place| Source::Url(place.uri)))
        });
        let Some(source) = source else { return Ok(false) };
        let mime = made.format.map(|format| format!("{kind}/{format}"));
        let part = Part::new(content(Media::new(source, mime)));
        out.push(Event::Part { index: self.next()?, part: Box::new(part) });
        Ok(true)
    }

    /// Something of the provider's own: its one key, and what stands under it.
    fn other(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let room = json::Room::default();
        let block: Map<String, Value> = json::parse(data, &room)?;
        let Some((key, data)) = block.into_iter().find(|(_, value)| !value.is_null()) else { return Ok(()) };
        let kind = if key == "toolUse" { SERVER_TOOL.to_owned() } else { key };
        let mut part = Part::new(Content::Other(Other { kind, data }));
        part.state = Some(Box::new(self.state(Map::new())));
        out.push(Event::Part { index: self.next()?, part: Box::new(part) });
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

    fn state(&self, data: Map<String, Value>) -> State {
        State { provider: self.provider.clone(), data }
    }
}

fn citation(data: &Map<String, Value>) -> Citation {
    let text = |key: &str| data.get(key).and_then(Value::as_str).map(str::to_owned);
    let web = data.get("location").and_then(|location| location.get("web"));
    let web = web.and_then(|web| web.get("url")).and_then(Value::as_str).map(str::to_owned);
    let is_address = |source: &String| source.starts_with("https://") || source.starts_with("http://");
    let quoted = data
        .get("sourceContent")
        .and_then(Value::as_array)
        .map(|pieces| pieces.iter().filter_map(|piece| piece.get("text")?.as_str()).collect::<String>());
    Citation {
        url: web.or_else(|| text("source").filter(is_address)),
        title: text("title"),
        cited_text: quoted.filter(|text| !text.is_empty()),
        // The positions that the API sends are those in the source.
        start: None,
        end: None,
    }
}
