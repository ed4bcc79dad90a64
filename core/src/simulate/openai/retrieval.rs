//! Embeddings and rankings.
//!
//! Source: the OpenAI API reference, "Embeddings"; rankings, which it has not: those of Cohere, Voyage and Text Embeddings
//! Inference, by the fields that are asked with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::simulate::chat_form::OneOrMany;
use crate::simulate::model::count;
use crate::simulate::vendor::{Embed, Ids, Refusal, Rerank, parse};

#[derive(Deserialize)]
struct EmbedBody {
    model: String,
    input: OneOrMany,
    #[serde(alias = "output_dimension")]
    dimensions: Option<usize>,
    #[serde(alias = "embedding_type")]
    encoding_format: Option<Encoding>,
    /// Jina calls it `task`.
    #[serde(alias = "task")]
    input_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    Float,
    Base64,
}

/// Reads an embedding.
pub(super) fn embed(body: &[u8]) -> Result<Embed, Refusal> {
    let EmbedBody { model, input, dimensions, encoding_format, input_type } = parse(body)?;
    let base64 = matches!(encoding_format, Some(Encoding::Base64));
    Ok(Embed { model, input: input.into_vec(), dimensions, base64, purpose: input_type })
}

pub(super) fn vectors(embed: &Embed, vectors: &[Vec<f32>]) -> Value {
    let data = vectors.iter().enumerate().map(|(index, vector)| {
        let embedding = if embed.base64 {
            let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
            json!(STANDARD.encode(bytes))
        } else {
            json!(vector)
        };
        json!({ "object": "embedding", "index": index, "embedding": embedding })
    });
    let tokens: u64 = embed.input.iter().map(|text| count(text)).sum();
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    json!({ "object": "list", "data": data.collect::<Value>(), "model": embed.model, "usage": usage })
}

#[derive(Deserialize)]
struct RerankBody {
    model: String,
    query: String,
    documents: Option<Vec<String>>,
    texts: Option<Vec<String>>,
    top_n: Option<usize>,
    top_k: Option<usize>,
}

/// How a ranking is answered.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::simulate) enum Form {
    /// `results`.
    #[default]
    Cohere,
    /// `data`.
    Voyage,
    /// The bare list.
    Tei,
}

/// Reads a ranking.
pub(super) fn rerank(body: &[u8]) -> Result<Rerank, Refusal> {
    let RerankBody { model, query, documents, texts, top_n, top_k } = parse(body)?;
    let form = match (&texts, top_k) {
        (Some(_), _) => Form::Tei,
        (None, Some(_)) => Form::Voyage,
        (None, None) => Form::Cohere,
    };
    let documents = documents.or(texts).ok_or_else(|| Refusal::invalid("documents: field required"))?;
    Ok(Rerank { model, query, documents, most: top_n.or(top_k), form })
}

pub(super) fn rankings(rerank: &Rerank, scores: &[(usize, f64)], ids: Ids) -> Value {
    let score = if matches!(rerank.form, Form::Tei) { "score" } else { "relevance_score" };
    let ranked = scores.iter().map(|(index, value)| json!({ "index": index, score: value }));
    let ranked: Value = ranked.collect();
    let tokens: u64 = rerank.documents.iter().map(|text| count(text) + count(&rerank.query)).sum();
    match rerank.form {
        Form::Cohere => json!({
            "id": ids.id("rerank-"),
            "results": ranked,
            "meta": { "api_version": { "version": "2" }, "billed_units": { "search_units": 1 } },
        }),
        Form::Voyage => json!({
            "object": "list", "data": ranked, "model": rerank.model, "usage": { "total_tokens": tokens },
        }),
        Form::Tei => ranked,
    }
}
