//! Embeddings: `InvokeModel` with the bodies of Amazon's Titan and of Cohere.
//!
//! Source: the Bedrock user guide, "Amazon Titan Text Embeddings" and "Cohere Embed models".

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::codec::{Decoder, Frame, Unsupported};
use crate::error::{Error, Result};
use crate::model::{Embed, End, Event, FinishReason, Start, Usage};
use crate::providers::body::body as written;
use crate::providers::count::Count;
use crate::providers::vectors::in_order;
use crate::providers::{Batch, InputTypes, json};
use crate::target::Target;

/// What one request may hold: 96 texts for Cohere's models, one for Titan.
pub(super) fn batch(target: &Target) -> Batch {
    Batch::texts(if is_cohere(target) { 96 } else { 1 })
}

/// What Titan reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Titan<'a> {
    input_text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
}

/// What Cohere reads.
#[derive(Serialize)]
struct Cohere<'a> {
    texts: &'a [String],
    /// The API insists on one.
    input_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
}

fn is_cohere(target: &Target) -> bool {
    target.model.contains("cohere.")
}

pub(super) fn check(embed: &Embed, target: &Target, found: &mut Vec<Unsupported>) {
    InputTypes::check(is_cohere(target).then_some(&InputTypes::COHERE), embed, target, found);
    let is_fixed = ["titan-embed-text-v1", "cohere.embed-english-v3", "cohere.embed-multilingual-v3"];
    if embed.dimensions.is_some() && is_fixed.iter().any(|model| target.model.contains(model)) {
        found.push(Unsupported::new("dimensions", format!("{} has vectors of one length", target.label)));
    }
}

pub(super) fn body(embed: &Embed, target: &Target, extra: &Map<String, Value>) -> Result<Bytes> {
    if is_cohere(target) {
        let input_type = embed.input_type.and_then(|purpose| InputTypes::COHERE.word(purpose));
        let input_type = input_type.unwrap_or("search_document");
        let cohere = Cohere { texts: &embed.input, input_type, output_dimension: embed.dimensions };
        return written(&cohere, extra);
    }
    let input_text = embed.input.first().map(String::as_str).unwrap_or_default();
    written(&Titan { input_text, dimensions: embed.dimensions }, extra)
}

/// Titan answers with one vector, Cohere with a list, or with lists by their type where `embedding_types` asks for them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    embedding: Option<Vec<f32>>,
    input_text_token_count: Option<Count>,
    embeddings: Option<Vectors>,
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vectors {
    Plain(Vec<Vec<f32>>),
    Typed { float: Vec<Vec<f32>> },
}

/// Decodes vectors.
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
        let room = json::Room::default();
        let answer: Answer = json::parse(data, &room)?;
        let vectors = match answer.embeddings {
            Some(Vectors::Plain(vectors) | Vectors::Typed { float: vectors }) => vectors,
            None => answer.embedding.into_iter().collect(),
        };
        let vectors = in_order(vectors.into_iter().map(|it| (None, it)).collect(), self.inputs, &self.target.label)?;
        out.push(Event::Start(Start { id: answer.id, model: None, ..Start::default() }));
        out.extend((0_u32..).zip(vectors).map(|(index, vector)| Event::Embedding { index, vector }));
        let usage = answer.input_text_token_count.map(|count| Usage {
            input_tokens: count.value,
            clamped: count.clamped,
            ..Usage::default()
        });
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
