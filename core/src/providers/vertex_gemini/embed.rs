//! Embeddings: `predict` with a list of texts, or `embedContent` with one, as the model wants it.
//!
//! Sources: the Vertex AI API reference, "Text embeddings API"; the guide "Get text embeddings".

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::model::Embed;
use crate::providers::Batch;
use crate::providers::body::body as written;
use crate::providers::gemini::embed::{is_told_in_the_text, told};
use crate::target::Target;

/// What stands beside the texts of `predict`; everything else belongs to each of them.
const PARAMETERS: &str = "parameters";

#[derive(Serialize)]
struct Predict<'a> {
    instances: Vec<Instance<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters>,
}

#[derive(Serialize)]
struct Instance<'a> {
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'static str>,
    /// Such as `title`.
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    output_dimensionality: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmbedContent<'a> {
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u32>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: Vec<Text<'a>>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

/// What one request may hold: one text for Gemini's own models; 250, of 20,000 tokens in all, for those before them.
pub(super) fn batch(target: &Target) -> Batch {
    if model(target).starts_with("gemini-embedding") { Batch::texts(1) } else { Batch::tokens(250, 20_000) }
}

/// The method, and its body.
pub(super) fn body(embed: &Embed, target: &Target, extra: &Map<String, Value>) -> Result<(&'static str, Bytes)> {
    // The models that have `embedContent` have no `predict`.
    if is_told_in_the_text(model(target)) {
        let parts = embed.input.iter().map(|text| Text { text: told(text, embed.input_type) }).collect();
        let wire = EmbedContent { content: Content { parts }, output_dimensionality: embed.dimensions };
        return Ok(("embedContent", written(&wire, extra)?));
    }
    let is_beside = |(key, _): &(&String, &Value)| *key == PARAMETERS;
    let (beside, of_each): (Vec<_>, Vec<_>) = extra.iter().partition(is_beside);
    let [beside, of_each] = [beside, of_each].map(|entries| {
        entries.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Map<String, Value>>()
    });
    let types = target.dialect().embeddings.input_types;
    let task_type = types.zip(embed.input_type).and_then(|(types, purpose)| types.word(purpose));
    // A key that stands there twice would be refused.
    let task_type = task_type.filter(|_| !of_each.contains_key("task_type"));
    let wire = Predict {
        instances: embed.input.iter().map(|content| Instance { content, task_type, extra: &of_each }).collect(),
        parameters: embed.dimensions.map(|output_dimensionality| Parameters { output_dimensionality }),
    };
    Ok(("predict", written(&wire, &beside)?))
}

/// The model's own name.
fn model(target: &Target) -> &str {
    target.model.rsplit('/').next().unwrap_or_default()
}
