//! Embeddings.
//!
//! Source: the OpenAI API reference, "Create embeddings".

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::embedded;
use super::logic::{cost, usage};
use super::types;
use crate::codec::{Decoder, Frame};
use crate::error::Result;
use crate::model::{Embed, End, Event, FinishReason, Start, Usage};
use crate::providers::body::body as written;
use crate::providers::json;
use crate::providers::vectors::in_order;
use crate::target::Target;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    /// Whose names differ.
    #[serde(flatten)]
    options: BTreeMap<&'static str, Value>,
}

/// What is asked for.
pub(super) fn body(embed: &Embed, target: &Target, extra: &Map<String, Value>) -> Result<Bytes> {
    let style = &target.dialect().embeddings;
    let mut options = BTreeMap::new();
    if let Some(length) = embed.dimensions {
        options.insert(style.dimensions, length.into());
    }
    if let (Some(types), Some(purpose)) = (&style.input_types, embed.input_type) {
        options.extend(types.word(purpose).map(|word| (types.field, word.into())));
    }
    // Not beside fields that we do not know: one may make the bytes mean something else, as Voyage's output_dtype does.
    if let (Some((field, form)), true) = (style.base64, extra.is_empty()) {
        options.insert(field, form.into());
    }
    written(&Body { model: &target.model, input: &embed.input, options }, extra)
}

#[derive(Deserialize)]
struct Answer {
    id: Option<String>,
    model: Option<String>,
    #[serde(default)]
    data: Vec<Item>,
    usage: Option<types::Usage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Item {
    /// The input that it belongs to.
    index: Option<usize>,
    embedding: Vector,
}

/// Numbers, or base64 of them as little-endian floats of 32 bits: some servers send the one where the other was asked for.
struct Vector(Vec<f32>);

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VectorVisitor)
    }
}

struct VectorVisitor;

impl<'de> Visitor<'de> for VectorVisitor {
    type Value = Vector;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers, or base64 of 32-bit floats")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vector, A::Error> {
        let mut numbers = Vec::with_capacity(seq.size_hint().unwrap_or_default());
        while let Some(number) = seq.next_element()? {
            numbers.push(number);
        }
        Ok(Vector(numbers))
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vector, E> {
        let bytes = STANDARD.decode(text).map_err(|_| E::custom("not base64"))?;
        let (numbers, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(E::custom("not 32-bit floats"));
        }
        Ok(Vector(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect()))
    }
}

/// Vectors have no output: some count only in all (Voyage).
fn counted(mut wire: types::Usage) -> Usage {
    if wire.prompt_tokens.value < wire.total_tokens.value {
        wire.prompt_tokens = wire.total_tokens;
    }
    usage(&wire)
}

/// Decodes an embedding.
pub(super) struct EmbedDecoder {
    target: Arc<Target>,
    /// How many texts were sent.
    inputs: usize,
    done: bool,
}

impl EmbedDecoder {
    pub(super) fn new(target: &Arc<Target>, inputs: usize) -> Self {
        EmbedDecoder { target: Arc::clone(target), inputs, done: false }
    }
}

impl Decoder for EmbedDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        let (Frame::Whole(data) | Frame::Event { data, .. }) = frame;
        let answer: Answer = json::parse(data, &json::Room::default())?;
        if let Some(error) = answer.error.filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        let vectors = answer.data.into_iter().map(|item| (item.index, item.embedding.0));
        let vectors = in_order(vectors.collect(), self.inputs, &self.target.label)?;
        out.push(Event::Start(Start { id: answer.id, model: answer.model, ..Start::default() }));
        out.extend((0_u32..).zip(vectors).map(|(index, vector)| Event::Embedding { index, vector }));
        out.push(Event::End(Box::new(End {
            finish_reason: FinishReason::Stop,
            cost: answer.usage.as_ref().and_then(cost),
            usage: answer.usage.map(counted),
            ..End::default()
        })));
        self.done = true;
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<Event>) -> Result<()> {
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.done
    }
}
