//! Anthropic's blocks become parts.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::types::{
    Delta, DeltaKind, PlainBlock, PlainKind, RedactedBlock, Tag, TextBlock, ThinkingBlock, ToolUseBlock,
};
use crate::error::{Error, Result};
use crate::model::{Citation, Content, Event, Other, Part, State};
use crate::providers::json;

/// More parts than this no answer has.
const MOST: u32 = 100_000;

/// A block under way. The index of a text is given with its first words: a block that stays empty is no part.
pub(super) enum Block {
    Text {
        index: Option<u32>,
    },
    Thinking {
        index: Option<u32>,
    },
    /// `input` is what the block said at its start, which counts where no fragments follow.
    ToolUse {
        index: u32,
        input: String,
    },
    /// Something of the provider's own; `json` grows to its `input`.
    Other {
        block: Map<String, Value>,
        json: String,
    },
    /// All was said at the start.
    Said,
}

impl Block {
    /// The block that a delta belongs to when none was announced.
    pub(super) fn unannounced(kind: DeltaKind) -> Option<Self> {
        match kind {
            DeltaKind::TextDelta => Some(Block::Text { index: None }),
            DeltaKind::ThinkingDelta => Some(Block::Thinking { index: None }),
            _ => None,
        }
    }
}

/// The parts of the answer, counted as they come: the provider's own indexes are trusted for nothing but telling blocks
/// apart.
pub(super) struct Parts {
    provider: String,
    /// The answer's id, from which the ids of calls are made that have none.
    answer: String,
    count: u32,
    has_calls: bool,
    /// The last call that was made by code, which waits in its container.
    from_code: Option<u32>,
}

impl Parts {
    pub(super) fn new(provider: &str) -> Self {
        Parts { provider: provider.to_owned(), answer: "call".to_owned(), count: 0, has_calls: false, from_code: None }
    }

    pub(super) fn name(&mut self, answer: Option<&str>) {
        if let Some(answer) = answer {
            answer.clone_into(&mut self.answer);
        }
    }

    pub(super) fn has_calls(&self) -> bool {
        self.has_calls
    }

    /// Begins a block, with all that it says at once.
    pub(super) fn open(&mut self, raw: &RawValue, out: &mut Vec<Event>) -> Result<Block> {
        let bytes = raw.get().as_bytes();
        let room = &json::Room::default();
        let tag: Tag<'_> = json::parse(bytes, room)?;
        let room = &json::Room::default();
        match &*tag.kind {
            "text" => self.open_text(json::parse(bytes, room)?, out),
            "thinking" => self.open_thinking(json::parse(bytes, room)?, out),
            "redacted_thinking" => {
                let block: RedactedBlock = json::parse(bytes, room)?;
                let index = self.next()?;
                let state = self.state("redacted_thinking", Value::String(block.data));
                out.push(Event::State { index, state: Box::new(state) });
                Ok(Block::Said)
            }
            "tool_use" => self.open_tool_use(json::parse(bytes, room)?, out),
            _ => Ok(Block::Other { block: json::parse(bytes, room)?, json: String::new() }),
        }
    }

    /// Begins a block of which all is known.
    pub(super) fn open_plain(&mut self, block: PlainBlock<'_>, out: &mut Vec<Event>) -> Result<Block> {
        let PlainBlock { kind, text, citations, thinking, signature, id, name, input, caller, toolset_name } = block;
        match kind {
            PlainKind::Text => self.open_text(TextBlock { text, citations }, out),
            PlainKind::Thinking => self.open_thinking(ThinkingBlock { thinking, signature }, out),
            PlainKind::ToolUse => self.open_tool_use(ToolUseBlock { id, name, input, caller, toolset_name }, out),
        }
    }

    fn open_thinking(&mut self, block: ThinkingBlock, out: &mut Vec<Event>) -> Result<Block> {
        let mut index = None;
        self.thinking(&mut index, block.thinking.unwrap_or_default(), out)?;
        self.signature(&mut index, block.signature.unwrap_or_default(), out)?;
        Ok(Block::Thinking { index })
    }

    fn open_text(&mut self, block: TextBlock, out: &mut Vec<Event>) -> Result<Block> {
        let mut index = None;
        self.text(&mut index, block.text.unwrap_or_default(), out)?;
        for citation in block.citations.unwrap_or_default() {
            self.citation(&mut index, citation, out)?;
        }
        Ok(Block::Text { index })
    }

    fn open_tool_use(&mut self, block: ToolUseBlock<'_>, out: &mut Vec<Event>) -> Result<Block> {
        let index = self.next()?;
        self.has_calls = true;
        let id = block.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("{}-{index}", self.answer));
        out.push(Event::ToolCall { index, id, name: block.name.unwrap_or_default() });
        if let Some(caller) = block.caller {
            if caller.get("type").and_then(Value::as_str) != Some("direct") {
                self.from_code = Some(index);
            }
            out.push(Event::State { index, state: Box::new(self.state("caller", Value::Object(caller))) });
        }
        if let Some(toolset) = block.toolset_name {
            out.push(Event::State { index, state: Box::new(self.state("toolset_name", toolset)) });
        }
        let input = block.input.map(|input| input.get().to_owned()).unwrap_or_default();
        Ok(Block::ToolUse { index, input })
    }

    /// Adds to a block of text, thinking or a call.
    pub(super) fn delta(&mut self, block: &mut Block, delta: Delta, out: &mut Vec<Event>) -> Result<()> {
        match (block, delta.kind) {
            (Block::Text { index }, DeltaKind::TextDelta) => self.text(index, delta.text.unwrap_or_default(), out),
            (Block::Text { index }, DeltaKind::CitationsDelta) => match delta.citation {
                Some(citation) => self.citation(index, citation, out),
                None => Ok(()),
            },
            (Block::Thinking { index }, DeltaKind::ThinkingDelta) => {
                self.thinking(index, delta.thinking.unwrap_or_default(), out)
            }
            (Block::Thinking { index }, DeltaKind::SignatureDelta) => {
                self.signature(index, delta.signature.unwrap_or_default(), out)
            }
            (Block::ToolUse { index, input }, DeltaKind::InputJsonDelta) => {
                if let Some(fragment) = delta.partial_json.filter(|fragment| !fragment.is_empty()) {
                    input.clear();
                    out.push(Event::Arguments { index: *index, fragment });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Ends a block.
    pub(super) fn close(&mut self, block: Block, out: &mut Vec<Event>) -> Result<()> {
        match block {
            Block::ToolUse { index, input } if !input.is_empty() => {
                out.push(Event::Arguments { index, fragment: input });
            }
            Block::Other { mut block, json } => {
                if !json.is_empty() {
                    // What is no JSON was cut off; the text is still all there is.
                    let input = serde_json::from_str(&json).unwrap_or(Value::String(json));
                    block.insert("input".to_owned(), input);
                }
                let kind = block.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
                let mut part = Part::new(Content::Other(Other { kind, data: Value::Object(block) }));
                part.state = Some(Box::new(State { provider: self.provider.clone(), data: Map::new() }));
                out.push(Event::Part { index: self.next()?, part: Box::new(part) });
            }
            _ => {}
        }
        Ok(())
    }

    /// Says what only the end of the answer knows: where code waits for the results of its calls.
    pub(super) fn finish(&mut self, container: Option<String>, out: &mut Vec<Event>) {
        if let (Some(index), Some(container)) = (self.from_code, container) {
            out.push(Event::State { index, state: Box::new(self.state("container", Value::String(container))) });
        }
    }

    fn text(&mut self, index: &mut Option<u32>, text: String, out: &mut Vec<Event>) -> Result<()> {
        if !text.is_empty() {
            out.push(Event::Text { index: self.place(index)?, text });
        }
        Ok(())
    }

    fn thinking(&mut self, index: &mut Option<u32>, text: String, out: &mut Vec<Event>) -> Result<()> {
        if !text.is_empty() {
            out.push(Event::Reasoning { index: self.place(index)?, text });
        }
        Ok(())
    }

    fn signature(&mut self, index: &mut Option<u32>, signature: String, out: &mut Vec<Event>) -> Result<()> {
        if !signature.is_empty() {
            let index = self.place(index)?;
            out.push(Event::State { index, state: Box::new(self.state("signature", Value::String(signature))) });
        }
        Ok(())
    }

    fn citation(&mut self, text: &mut Option<u32>, data: Map<String, Value>, out: &mut Vec<Event>) -> Result<()> {
        if text.is_none() {
            // A stream may name the source first; the text it belongs to keeps the place before it.
            out.push(Event::Text { index: self.place(text)?, text: String::new() });
        }
        let index = self.next()?;
        let citation = citation(&data);
        out.push(Event::Citation {
            index,
            citation,
            state: Some(Box::new(State { provider: self.provider.clone(), data })),
        });
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

    fn state(&self, key: &str, value: Value) -> State {
        let mut data = Map::new();
        data.insert(key.to_owned(), value);
        State { provider: self.provider.clone(), data }
    }
}

fn citation(data: &Map<String, Value>) -> Citation {
    let text = |key: &str| data.get(key).and_then(Value::as_str).map(str::to_owned);
    Citation {
        url: text("url"),
        title: text("title").or_else(|| text("document_title")),
        cited_text: text("cited_text"),
        // The positions that Anthropic sends are those in the source.
        start: None,
        end: None,
    }
}
