//! What a message says becomes events.

use serde_json::{Map, Value};

use super::{ChatDecoder, Open};
use crate::error::Result;
use crate::model::{Citation, Content, Event, Media, Other, Part, Source, State};
use crate::providers::json;
use crate::providers::openai_chat::content::{Chunk, Text, Thinking};
use crate::providers::openai_chat::types::{Annotation, Audio, Message, ToolCall};

impl ChatDecoder {
    /// Thinking comes before the text it led to, calls and sources after it.
    pub(super) fn message(&mut self, message: Message, whole: bool, out: &mut Vec<Event>) {
        let said = |text: Option<Text>| text.map(Text::into_string).filter(|text| !text.is_empty());
        let thinking = said(message.reasoning_content).or_else(|| said(message.reasoning));
        // Servers that send several of these send the same text in each.
        let thinking = thinking.or_else(|| said(message.reasoning_text)).or_else(|| said(message.thinking));
        if let Some(text) = thinking {
            self.write(Open::Reasoning, text, out);
        }
        if let Some(details) = message.reasoning_details
            && !details.is_empty()
        {
            let index = self.reasoning_index();
            self.details.add(index, details);
        }
        match message.content {
            Some(Text::Chunks(chunks)) => chunks.into_iter().for_each(|chunk| {
                // In a stream a chunk is a fragment, which goes on with what is open.
                if whole {
                    self.open = None;
                }
                self.content(chunk, out);
            }),
            Some(text) => self.write(Open::Text, text.into_string(), out),
            None => {}
        }
        if let Some(refusal) = message.refusal {
            self.write(Open::Refusal, refusal, out);
        }
        let older = message.function_call.filter(|call| call.name.is_some() || call.arguments.is_some());
        let older = older.map(|call| ToolCall { function: Some(call), ..ToolCall::default() });
        // Servers that send both forms say the same in each.
        let calls = message.tool_calls.filter(|calls| !calls.is_empty());
        for call in calls.unwrap_or_else(|| older.into_iter().collect()) {
            self.open = None;
            self.has_content = true;
            self.tools.add(call, self.target.provider(), &mut self.parts, out);
        }
        if let Some(sources) = message.context.and_then(|context| context.citations) {
            self.sources = sources;
        }
        for annotation in message.annotations.into_iter().flatten() {
            self.annotation(annotation, out);
        }
        if let Some(audio) = message.audio {
            self.audio(*audio, out);
        }
        for tool in message.executed_tools.into_iter().flatten() {
            let name = tool.get("type").and_then(Value::as_str).unwrap_or_default();
            let kind = format!("executed_tool:{name}");
            let place = tool.get("index").and_then(Value::as_u64).filter(|_| !whole);
            let told = self.executed.iter().find(|(known, _)| place == Some(*known)).map(|(_, index)| *index);
            let part = Part::new(Content::Other(Other { kind, data: Value::Object(tool) }));
            match (told, place) {
                // A stream tells of a tool when it is called, and again with what it answered.
                (Some(index), _) => out.push(Event::Part { index, part: Box::new(part) }),
                (None, place) => {
                    self.executed.extend(place.map(|place| (place, self.parts)));
                    self.part(part, out);
                }
            }
        }
        for image in message.images.into_iter().flatten().filter_map(|image| image.image_url) {
            self.part(Part::new(Content::Image(Media::from_url(image.url))), out);
        }
    }

    /// Sound, or a fragment of it; the last one of a stream only says when it expires.
    fn audio(&mut self, audio: Audio, out: &mut Vec<Event>) {
        if audio.data.is_none() && audio.transcript.is_none() {
            return;
        }
        self.open = None;
        self.has_content = true;
        let index = self.audio.unwrap_or_else(|| self.next_part());
        self.audio = Some(index);
        let mime = match self.audio_format.as_str() {
            "mp3" => "audio/mpeg".to_owned(),
            format => format!("audio/{format}"),
        };
        let mut media = Media::new(Source::Data(audio.data.unwrap_or_default()), Some(mime));
        media.transcript = audio.transcript;
        let mut part = Part::new(Content::Audio(media));
        part.state = audio.id.map(|id| Box::new(self.state("audio_id", Value::String(id))));
        out.push(Event::Part { index, part: Box::new(part) });
    }

    /// Mistral's chunks.
    fn content(&mut self, chunk: Chunk, out: &mut Vec<Event>) {
        match chunk {
            Chunk::Text(text) => self.write(Open::Text, text, out),
            Chunk::Thinking(thinking) => self.thinking(thinking, out),
            Chunk::Reference(ids) => {
                self.open = None;
                self.has_content = true;
                let (index, state) = (self.next_part(), Box::new(self.state("reference_ids", ids)));
                out.push(Event::Citation { index, citation: Citation::default(), state: Some(state) });
            }
            Chunk::Other(fields) => self.other(fields, out),
        }
    }

    fn thinking(&mut self, thinking: Thinking, out: &mut Vec<Event>) {
        for chunk in thinking.chunks {
            match chunk {
                Chunk::Text(text) => self.write(Open::Reasoning, text, out),
                other => self.content(other, out),
            }
        }
        if let Some(signature) = thinking.signature {
            let index = self.reasoning_index();
            out.push(Event::State { index, state: Box::new(self.state("signature", Value::String(signature))) });
        }
        if thinking.closed {
            self.open = None;
        }
    }

    /// Something of the provider's own, which goes back as it came.
    fn other(&mut self, fields: Map<String, Value>, out: &mut Vec<Event>) {
        let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut part = Part::new(Content::Other(Other { kind, data: Value::Object(fields) }));
        part.state = Some(Box::new(State { provider: self.target.provider().to_owned(), data: Map::new() }));
        self.part(part, out);
    }

    /// The messages of an answer for which the vendor ran tools itself (Mistral): the last is the answer, those before it
    /// are kept as they came.
    pub(super) fn run_by_vendor(
        &mut self,
        mut messages: Vec<Map<String, Value>>,
        out: &mut Vec<Event>,
    ) -> Result<Option<Box<Message>>> {
        let Some(last) = messages.pop() else { return Ok(None) };
        for message in messages {
            let role = message.get("role").and_then(Value::as_str).unwrap_or_default();
            let kind = format!("message:{role}");
            self.part(Part::new(Content::Other(Other { kind, data: Value::Object(message) })), out);
        }
        json::parse(Value::Object(last).to_string().as_bytes(), &json::Room::default()).map(Some)
    }

    fn annotation(&mut self, annotation: Annotation, out: &mut Vec<Event>) {
        let Some(source) = annotation.url_citation else { return };
        self.has_annotations = true;
        let citation = Citation {
            url: source.url,
            title: source.title,
            cited_text: source.content,
            start: source.start_index,
            end: source.end_index,
        };
        let index = self.next_part();
        out.push(Event::Citation { index, citation, state: None });
    }
}

/// A source of the whole answer: an address (Perplexity), or what was found in the caller's data (Azure).
pub(super) fn cited(source: &Value) -> Citation {
    let text = |key: &str| source.get(key).and_then(Value::as_str).map(str::to_owned);
    Citation {
        url: source.as_str().map(str::to_owned).or_else(|| text("url")),
        title: text("title").or_else(|| text("filepath")),
        cited_text: text("content"),
        ..Citation::default()
    }
}
