//! The content of a message as it comes: text, or what some send in its place.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde_json::{Map, Value};

/// Content: text, or chunks (Mistral). Where a server parsed the JSON that the model wrote (Cloudflare), it is text again.
pub(in crate::providers) enum Text {
    Plain(String),
    Chunks(Vec<Chunk>),
}

/// One of Mistral's chunks.
///
/// Source: the Mistral API specification, `ContentChunk`.
pub(in crate::providers) enum Chunk {
    Text(String),
    Thinking(Thinking),
    /// The ids of sources for the text before it.
    Reference(Value),
    /// Anything else, as it came.
    Other(Map<String, Value>),
}

pub(in crate::providers) struct Thinking {
    pub(super) chunks: Vec<Chunk>,
    pub(super) signature: Option<String>,
    /// Whether this is the end of it.
    pub(super) closed: bool,
}

impl Text {
    /// As one text.
    pub(in crate::providers) fn into_string(self) -> String {
        match self {
            Text::Plain(text) => text,
            Text::Chunks(chunks) => chunks.into_iter().map(Chunk::into_string).collect(),
        }
    }
}

impl Chunk {
    fn into_string(self) -> String {
        match self {
            Chunk::Text(text) => text,
            Chunk::Thinking(thinking) => thinking.chunks.into_iter().map(Chunk::into_string).collect(),
            Chunk::Reference(_) | Chunk::Other(_) => String::new(),
        }
    }

    /// A chunk of its JSON; `None` where the one field that makes it is not as it should be.
    fn read(chunk: Value) -> Option<Self> {
        let mut fields = match chunk {
            Value::String(text) => return Some(Chunk::Text(text)),
            Value::Object(fields) => fields,
            _ => return None,
        };
        match fields.get("type").and_then(Value::as_str) {
            Some("text") => match fields.remove("text")? {
                Value::String(text) => Some(Chunk::Text(text)),
                _ => None,
            },
            Some("thinking") => {
                let chunks = match fields.remove("thinking")? {
                    Value::Array(chunks) => chunks.into_iter().map(Chunk::read).collect::<Option<_>>()?,
                    text => vec![Chunk::read(text)?],
                };
                let signature = fields.get("signature").and_then(Value::as_str).map(str::to_owned);
                let closed = fields.get("closed").and_then(Value::as_bool) == Some(true);
                Some(Chunk::Thinking(Thinking { chunks, signature, closed }))
            }
            // Databricks: "Query reasoning models".
            Some("reasoning") if fields.get("summary").is_some_and(Value::is_array) => {
                let summary = fields.get("summary").and_then(Value::as_array)?;
                let text = |piece: &Value| Some(Chunk::Text(piece.get("text")?.as_str()?.to_owned()));
                let signature = summary.iter().find_map(|piece| piece.get("signature")?.as_str()).map(str::to_owned);
                let chunks = summary.iter().filter_map(text).collect();
                Some(Chunk::Thinking(Thinking { chunks, signature, closed: false }))
            }
            Some("reference") => Some(Chunk::Reference(fields.remove("reference_ids")?)),
            _ => Some(Chunk::Other(fields)),
        }
    }
}

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Chunk::read(Value::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("not a chunk of content"))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

/// An untagged enum would buffer every chunk of a stream; this reads it as it comes.
struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a list of chunks or an object")
    }
    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text::Plain(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Text, E> {
        Ok(Text::Plain(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
        let mut chunks = Vec::new();
        while let Some(chunk) = seq.next_element()? {
            chunks.push(chunk);
        }
        Ok(Text::Chunks(chunks))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(|value| Text::Plain(value.to_string()))
    }
}
