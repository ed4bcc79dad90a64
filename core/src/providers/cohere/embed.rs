//! Embeddings. Source: the Cohere API reference, "Embed", and the guide "Introduction to Embeddings".

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::words_of;
use crate::codec::{Decoder, Frame, Unsupported};
use crate::error::{Error, Result};
use crate::model::{Embed, End, Event, FinishReason, Start, Usage};
use crate::providers::count::Count;
use crate::providers::vectors::in_order;
use crate::providers::{InputTypes, json};
use crate::target::Target;

/// The models whose vectors have one length.
const FIXED: [&str; 2] = ["-v2", "-v3"];

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    texts: &'a [String],
    /// The API insists on one.
    input_type: &'static str,
    embedding_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
}

impl<'a> Body<'a> {
    pub(super) fn new(embed: &'a Embed, target: &'a Target) -> Self {
        Body {
            model: &target.model,
            texts: &embed.input,
            input_type: embed.input_type.and_then(|it| InputTypes::COHERE.word(it)).unwrap_or("search_document"),
            embedding_types: ["float"],
            output_dimension: embed.dimensions,
        }
    }
}

pub(super) fn check(embed: &Embed, target: &Target, found: &mut Vec<Unsupported>) {
    InputTypes::check(Some(&InputTypes::COHERE), embed, target, found);
    if embed.dimensions.is_some() && FIXED.iter().any(|version| target.model.contains(version)) {
        found.push(Unsupported::new("dimensions", format!("{} has vectors of one length", target.label)));
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    id: Option<String>,
    #[serde(borrow)]
    embeddings: Option<&'a RawValue>,
    meta: Option<Meta>,
    /// The words of an error.
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

/// Vectors by their type, of which `extra` may ask for others.
#[derive(Default, Deserialize)]
struct ByType {
    float: Option<Vec<Vec<f32>>>,
    /// Little-endian floats.
    base64: Option<Vec<String>>,
    int8: Option<Vec<Vec<f32>>>,
    uint8: Option<Vec<Vec<f32>>>,
    binary: Option<Vec<Vec<f32>>>,
    ubinary: Option<Vec<Vec<f32>>>,
}

impl ByType {
    /// The most exact of them.
    fn best(self) -> Result<Vec<Vec<f32>>> {
        if let (None, Some(texts)) = (&self.float, &self.base64) {
            return texts.iter().map(|text| floats(text)).collect();
        }
        Ok(self.float.or(self.int8).or(self.uint8).or(self.binary).or(self.ubinary).unwrap_or_default())
    }
}

fn floats(text: &str) -> Result<Vec<f32>> {
    let bytes = STANDARD.decode(text);
    let bytes = bytes.map_err(|_| Error::protocol("malformed_response", "a vector is not base64"))?;
    Ok(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

#[derive(Deserialize)]
struct Meta {
    billed_units: Option<Billed>,
}

#[derive(Deserialize)]
struct Billed {
    input_tokens: Option<Count>,
    image_tokens: Option<Count>,
}

impl Billed {
    fn usage(self) -> Option<Usage> {
        if self.input_tokens.is_none() && self.image_tokens.is_none() {
            return None;
        }
        let [texts, images] = [self.input_tokens, self.image_tokens].map(Option::unwrap_or_default);
        Some(Usage {
            input_tokens: texts.value.saturating_add(images.value),
            clamped: texts.clamped || images.clamped,
            ..Usage::default()
        })
    }
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
        let (room, inner) = (json::Room::default(), json::Room::default());
        let answer: Answer<'_> = json::parse(data, &room)?;
        if let Some(error) = words_of(answer.message, &self.target) {
            return Err(error);
        }
        let vectors = match answer.embeddings.map(RawValue::get) {
            // One list, without a type, is what version 1 of the API sends.
            Some(list) if list.starts_with('[') => json::parse(list.as_bytes(), &inner)?,
            Some(by_type) => json::parse::<ByType>(by_type.as_bytes(), &inner)?.best()?,
            None => Vec::new(),
        };
        let vectors = vectors.into_iter().map(|vector| (None, vector)).collect();
        let vectors = in_order(vectors, self.inputs, &self.target.label)?;
        out.push(Event::Start(Start { id: answer.id, model: None, ..Start::default() }));
        out.extend((0_u32..).zip(vectors).map(|(index, vector)| Event::Embedding { index, vector }));
        let usage = answer.meta.and_then(|meta| meta.billed_units).and_then(Billed::usage);
        out.push(Event::End(Box::new(End { finish_reason: FinishReason::Stop, usage, ..End::default() })));
        self.done = true;
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<Event>) -> Result<()> {
        if self.done {
            return Ok(());
        }
        Err(Error::protocol("empty_response", format!("{} answered without any vector", self.target.label)))
    }

    fn is_done(&self) -> bool {
        self.done
    }
}
