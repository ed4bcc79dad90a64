//! Rankings, as Cohere has them and all others like it.
//!
//! Source: Cohere's API reference, "Rerank"; Voyage's, "Rerankers"; Jina's and Fireworks', "Rerank"; vLLM, "Re-rank API";
//! Text Embeddings Inference, "Using re-rankers models".

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::count::Count;
use super::json;
use super::openai_chat::{embedded, money};
use crate::codec::{Decoder, Frame};
use crate::error::{Error, Result};
use crate::model::{End, Event, FinishReason, Ranking, Rerank, Start, Usage};
use crate::target::Target;

/// How a provider is asked for a ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reranking {
    /// `documents`, `top_n` (Cohere, and most).
    Cohere,
    /// The same, and told not to send the documents back (Jina, Fireworks).
    Jina,
    /// `documents`, `top_k` (Voyage).
    Voyage,
    /// `texts`, all of which it answers with (Text Embeddings Inference).
    Tei,
}

/// What is asked for.
#[derive(Default, Serialize)]
pub(crate) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<&'a str>,
    query: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_n: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_documents: Option<bool>,
    /// Of Cohere's models on Bedrock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) api_version: Option<u8>,
}

impl<'a> Body<'a> {
    pub(crate) fn new(rerank: &'a Rerank, style: Reranking) -> Self {
        let Rerank { query, documents, top_n } = rerank;
        let body = Body { query, ..Body::default() };
        let documents = Some(documents.as_slice());
        match style {
            Reranking::Cohere => Body { documents, top_n: *top_n, ..body },
            Reranking::Jina => Body { documents, top_n: *top_n, return_documents: Some(false), ..body },
            Reranking::Voyage => Body { documents, top_k: *top_n, ..body },
            Reranking::Tei => Body { texts: documents, ..body },
        }
    }
}

/// `results`, or `data` (Voyage, Fireworks). Text Embeddings Inference and `SGLang` answer with the bare list.
#[derive(Default, Deserialize)]
struct Answer {
    id: Option<String>,
    model: Option<String>,
    #[serde(alias = "data")]
    results: Option<Vec<Ranked>>,
    usage: Option<Counted>,
    /// Cohere and `SiliconFlow` count here.
    meta: Option<Meta>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Ranked {
    index: u32,
    #[serde(alias = "score")]
    relevance_score: f64,
}

#[derive(Deserialize)]
struct Counted {
    prompt_tokens: Option<Count>,
    total_tokens: Option<Count>,
    search_units: Option<Count>,
    /// In US dollars (`OpenRouter`).
    cost: Option<f64>,
}

#[derive(Deserialize)]
struct Meta {
    billed_units: Option<Billed>,
    tokens: Option<Billed>,
}

#[derive(Deserialize)]
struct Billed {
    input_tokens: Option<Count>,
    search_units: Option<Count>,
}

impl Answer {
    /// Tokens, search units, or both, whatever the provider says.
    fn usage(&self) -> Option<Usage> {
        let usage = self.usage.as_ref();
        let billed = self.meta.as_ref().and_then(|meta| meta.billed_units.as_ref());
        let read = self.meta.as_ref().and_then(|meta| meta.tokens.as_ref()).or(billed);
        let tokens = usage.and_then(|usage| usage.total_tokens.or(usage.prompt_tokens));
        let tokens = tokens.or_else(|| read.and_then(|read| read.input_tokens));
        let units = usage.and_then(|usage| usage.search_units);
        let units = units.or_else(|| billed.and_then(|billed| billed.search_units));
        if tokens.is_none() && units.is_none() {
            return None;
        }
        let (tokens, units) = (tokens.unwrap_or_default(), units.unwrap_or_default());
        Some(Usage {
            input_tokens: tokens.value,
            search_units: units.value,
            clamped: tokens.clamped || units.clamped,
            ..Usage::default()
        })
    }
}

/// Decodes a ranking.
pub(crate) struct RerankDecoder {
    target: Arc<Target>,
    /// How many documents were sent.
    documents: usize,
    top_n: Option<u32>,
    done: bool,
}

impl RerankDecoder {
    pub(crate) fn new(target: &Arc<Target>, rerank: &Rerank) -> Self {
        let (documents, top_n) = (rerank.documents.len(), rerank.top_n);
        RerankDecoder { target: Arc::clone(target), documents, top_n, done: false }
    }

    /// The best first, and no more than were asked for. What speaks of a document that was not sent, or twice of one, is
    /// about other documents: it is an error.
    fn sorted(&self, mut ranked: Vec<Ranked>) -> Result<Vec<Ranking>> {
        let label = &self.target.label;
        if ranked.is_empty() {
            return Err(Error::protocol("empty_response", format!("{label} answered without any ranking")));
        }
        let mut known = vec![false; self.documents];
        for Ranked { index, .. } in &ranked {
            match known.get_mut(*index as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => {
                    let problem = format!("{label} ranked documents whose indices are not those of the documents");
                    return Err(Error::protocol("malformed_response", problem));
                }
            }
        }
        ranked.sort_by(|a, b| b.relevance_score.total_cmp(&a.relevance_score).then(a.index.cmp(&b.index)));
        ranked.truncate(self.top_n.map_or(usize::MAX, |most| most as usize));
        let ranking = |it: Ranked| Ranking { index: it.index, relevance_score: it.relevance_score };
        Ok(ranked.into_iter().map(ranking).collect())
    }
}

impl Decoder for RerankDecoder {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        let (Frame::Whole(data) | Frame::Event { data, .. }) = frame;
        let room = json::Room::default();
        let mut answer = match data.trim_ascii_start().first() {
            Some(b'[') => Answer { results: Some(json::parse(data, &room)?), ..Answer::default() },
            _ => json::parse(data, &room)?,
        };
        if let Some(error) = answer.error.as_ref().filter(|error| !error.is_null()) {
            return Err(embedded(error, &self.target));
        }
        let rankings = self.sorted(answer.results.take().unwrap_or_default())?;
        let (usage, cost) = (answer.usage(), answer.usage.and_then(|usage| money(usage.cost?)));
        out.push(Event::Start(Start { id: answer.id, model: answer.model, ..Start::default() }));
        out.extend(rankings.into_iter().map(Event::Ranking));
        out.push(Event::End(Box::new(End { finish_reason: FinishReason::Stop, usage, cost, ..End::default() })));
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
