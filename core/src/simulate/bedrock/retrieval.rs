//! Embeddings and rankings: `InvokeModel` with the bodies of the models' makers.
//!
//! Source: the Bedrock user guide, "Amazon Titan Text Embeddings", "Cohere Embed models" and "Rerank".

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::simulate::model::count;
use crate::simulate::vendor::{Embed, Refusal, Rerank, Task, parse};

/// What Titan reads, one text at a time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Titan {
    input_text: String,
    dimensions: Option<usize>,
}

/// What Cohere's models for embeddings read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cohere {
    texts: Vec<String>,
    input_type: String,
    output_dimension: Option<usize>,
}

/// What Cohere's and Amazon's models for rankings read. Cohere's insist on a version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ranking {
    query: String,
    documents: Vec<String>,
    top_n: Option<usize>,
    api_version: Option<u8>,
}

pub(super) fn read(model: String, body: &Bytes) -> Result<Task, Refusal> {
    let is_cohere = model.contains("cohere.");
    if model.contains("rerank") {
        let Ranking { query, documents, top_n, api_version } = parse(body)?;
        if is_cohere && api_version != Some(2) {
            return Err(Refusal::invalid("Malformed input request: #: required key [api_version] not found"));
        }
        return Ok(Task::Rerank(Rerank { model, query, documents, most: top_n, ..Rerank::default() }));
    }
    let embed = if is_cohere {
        let Cohere { texts, input_type, output_dimension } = parse(body)?;
        Embed { input: texts, dimensions: output_dimension, purpose: Some(input_type), ..Embed::default() }
    } else {
        let Titan { input_text, dimensions } = parse(body)?;
        Embed { input: vec![input_text], dimensions, ..Embed::default() }
    };
    Ok(Task::Embed(Embed { model, ..embed }))
}

pub(super) fn vectors(embed: &Embed, vectors: &[Vec<f32>]) -> Value {
    if embed.model.contains("cohere.") {
        return json!({ "id": "sim-embedding", "embeddings": vectors, "texts": embed.input, "response_type": "embeddings_floats" });
    }
    let tokens: u64 = embed.input.iter().map(|text| count(text)).sum();
    json!({ "embedding": vectors.first(), "inputTextTokenCount": tokens })
}

pub(super) fn rankings(scores: &[(usize, f64)]) -> Value {
    let ranked = scores.iter().map(|(index, score)| json!({ "index": index, "relevance_score": score }));
    json!({ "results": ranked.collect::<Value>() })
}
