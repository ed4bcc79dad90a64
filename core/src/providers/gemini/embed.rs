//! Embeddings: always the batch form, of which one text is the smallest.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answer::{UsageMetadata, nullable};
use super::error::embedded;
use super::finish::usage;
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Result};
use crate::model::{Embed, End, Event, FinishReason, InputType, Start, Usage};
use crate::providers::count::Count;
use crate::providers::json;
use crate::providers::vectors::in_order;
use crate::target::Target;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    requests: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    model: Cow<'a, str>,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'static str>,
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

/// Whether a model looks at no task type and is told in the text what it is for, as those since the second generation.
/// Source: the Gemini API guide "Embeddings", on Gemini Embedding 2.
pub(in crate::providers) fn is_told_in_the_text(model: &str) -> bool {
    let generation = model.rsplit('/').next().and_then(|name| name.strip_prefix("gemini-embedding-"));
    generation.is_some_and(|generation| !["001", "exp"].iter().any(|first| generation.starts_with(first)))
}

/// A text with the words that say what it is for, in the same guide's form.
pub(in crate::providers) fn told(text: &str, purpose: Option<InputType>) -> Cow<'_, str> {
    let task = match purpose {
        None => return Cow::Borrowed(text),
        Some(InputType::Document) => return Cow::Owned(format!("title: none | text: {text}")),
        Some(InputType::Query) => "search result",
        Some(InputType::Classification) => "classification",
        Some(InputType::Clustering) => "clustering",
        Some(InputType::Similarity) => "sentence similarity",
    };
    Cow::Owned(format!("task: {task} | query: {text}"))
}

impl<'a> Body<'a> {
    /// `extra` goes into each of the requests: the body around them has no fields of its own.
    pub(super) fn new(embed: &'a Embed, model: &'a str, target: &Target, extra: &'a Map<String, Value>) -> Self {
        let types = target.dialect().embeddings.input_types;
        let task_type = types.zip(embed.input_type).and_then(|(types, purpose)| types.word(purpose));
        let in_the_text = is_told_in_the_text(model);
        // A key that stands there twice would be refused.
        let task_type = task_type.filter(|_| !in_the_text && !extra.contains_key("taskType"));
        let one = |text| One {
            model: Cow::Borrowed(model),
            content: Content { parts: [Text { text: told(text, embed.input_type.filter(|_| in_the_text)) }] },
            output_dimensionality: embed.dimensions,
            task_type,
            extra,
        };
        Body { requests: embed.input.iter().map(|text| one(text)).collect() }
    }
}

/// `embedContent` answers with one `embedding`, `batchEmbedContents` with `embeddings`, Vertex AI's `predict` with
/// `predictions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    embedding: Option<Vector>,
    #[serde(default, deserialize_with = "nullable")]
    embeddings: Vec<Vector>,
    #[serde(default, deserialize_with = "nullable")]
    predictions: Vec<Prediction>,
    usage_metadata: Option<UsageMetadata>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Vector {
    #[serde(default)]
    values: Vec<f32>,
    statistics: Option<Statistics>,
}

#[derive(Deserialize)]
struct Prediction {
    embeddings: Vector,
}

#[derive(Deserialize)]
struct Statistics {
    #[serde(alias = "tokenCount")]
    token_count: Option<Count>,
}

/// Decodes an embedding.
pub(in crate::providers) struct EmbedDecoder {
    target: Arc<Target>,
    /// How many texts were sent.
    inputs: usize,
    done: bool,
}

impl EmbedDecoder {
    pub(in crate::providers) fn new(target: &Arc<Target>, inputs: usize) -> Self {
        EmbedDecoder { target: Arc::clone(target), inputs, done: false }
    }
}

impl Decoder for EmbedDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        let (Frame::Whole(data) | Frame::Event { data, .. }) = frame;
        let room = json::Room::default();
        let answer: Answer = json::parse(data, &room)?;
        if let Some(error) = answer.error.filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        let predicted = answer.predictions.into_iter().map(|prediction| prediction.embeddings);
        let vectors: Vec<Vector> = answer.embedding.into_iter().chain(answer.embeddings).chain(predicted).collect();
        let counted = answer.usage_metadata.as_ref().and_then(usage).or_else(|| sum(&vectors));
        let vectors = vectors.into_iter().map(|vector| (None, vector.values)).collect();
        let vectors = in_order(vectors, self.inputs, &self.target.label)?;
        out.push(Event::Start(Start::default()));
        out.extend((0_u32..).zip(vectors).map(|(index, vector)| Event::Embedding { index, vector }));
        out.push(Event::End(Box::new(End { finish_reason: FinishReason::Stop, usage: counted, ..End::default() })));
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

/// Vertex AI counts text by text.
fn sum(vectors: &[Vector]) -> Option<Usage> {
    let counts: Vec<Count> = vectors.iter().filter_map(|it| it.statistics.as_ref()?.token_count).collect();
    (!counts.is_empty()).then(|| Usage {
        input_tokens: counts.iter().fold(0, |sum, count| sum.saturating_add(count.value)),
        clamped: counts.iter().any(|count| count.clamped),
        ..Usage::default()
    })
}
