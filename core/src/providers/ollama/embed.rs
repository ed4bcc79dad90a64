//! Embeddings. Source: Ollama's documentation, "Generate embeddings".

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::usage;
use super::error::embedded;
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Result};
use crate::model::{Embed, End, Event, FinishReason, Start};
use crate::providers::count::Count;
use crate::providers::json;
use crate::providers::vectors::in_order;
use crate::target::Target;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
}

impl<'a> Body<'a> {
    pub(super) fn new(embed: &'a Embed, target: &'a Target) -> Self {
        Body { model: &target.model, input: &embed.input, dimensions: embed.dimensions }
    }
}

#[derive(Deserialize)]
struct Answer {
    model: Option<String>,
    embeddings: Option<Vec<Vec<f32>>>,
    prompt_eval_count: Option<Count>,
    error: Option<Value>,
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
        let room = json::Room::default();
        let answer: Answer = json::parse(data, &room)?;
        if let Some(error) = answer.error.filter(|error| !error.is_null()) {
            return Err(embedded(&error, &self.target));
        }
        let vectors = answer.embeddings.into_iter().flatten().map(|vector| (None, vector)).collect();
        let vectors = in_order(vectors, self.inputs, &self.target.label)?;
        out.push(Event::Start(Start { id: None, model: answer.model, ..Start::default() }));
        out.extend((0_u32..).zip(vectors).map(|(index, vector)| Event::Embedding { index, vector }));
        let usage = usage(answer.prompt_eval_count, None);
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
