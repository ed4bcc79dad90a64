//! Vertex AI from its own side: the Gemini API at other addresses and with fewer fields, and embeddings of its own.
//!
//! Source: the Vertex AI API reference, "Generate content with the Gemini API" and "Text embeddings API".

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{Gemini, request};
use crate::sim::Piece;
use crate::simulate::model::{Prompt, Reply, count};
use crate::simulate::vendor::{Embed, Ids, Reason, Refusal, Step, Task, Vendor, parse};

pub(in crate::simulate) struct VertexGemini;

/// What a model is called that has `embedContent` and no `predict`.
const SECOND: &str = "gemini-embedding-2";

impl Vendor for VertexGemini {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        Gemini.key(headers)
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let body = request.body();
        let (model, method) = method(request.uri())?;
        match method {
            "predict" | "embedContent" if model.starts_with(SECOND) != (method == "embedContent") => {
                Err(Refusal::invalid("Precondition check failed."))
            }
            "predict" => predict(model, body).map(Task::Embed),
            "embedContent" => embed_content(model, body).map(Task::Embed),
            _ => {
                check_fields(&parse(body)?)?;
                Gemini.read(request)
            }
        }
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        Gemini.whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        Gemini.stream(prompt, reply, ids)
    }

    fn vectors(&self, embed: &Embed, vectors: &[Vec<f32>]) -> Value {
        if embed.model.starts_with(SECOND) {
            let tokens: u64 = embed.input.iter().map(|text| count(text)).sum();
            return json!({ "embedding": { "values": vectors.first() }, "truncated": false,
                "usageMetadata": { "promptTokenCount": tokens, "totalTokenCount": tokens } });
        }
        let prediction = |(text, vector): (&String, &Vec<f32>)| {
            let statistics = json!({ "truncated": false, "token_count": count(text) });
            json!({ "embeddings": { "statistics": statistics, "values": vector } })
        };
        json!({ "predictions": embed.input.iter().zip(vectors).map(prediction).collect::<Value>() })
    }

    fn error(&self, refusal: &Refusal, ids: Ids) -> Value {
        if refusal.reason != Reason::BadKey {
            return Gemini.error(refusal, ids);
        }
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or \
                       other valid authentication credential.";
        json!({ "error": { "code": 401, "message": message, "status": "UNAUTHENTICATED" } })
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        Piece::sse(&self.error(refusal, ids).to_string())
    }

    fn headers(&self, _: Ids) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn wait(&self, wait: Duration, ids: Ids) -> Vec<(&'static str, String)> {
        Gemini.wait(wait, ids)
    }
}

/// The model and the method at the end of an address of a publisher's models.
pub(in crate::simulate) fn method(uri: &http::Uri) -> Result<(&str, &str), Refusal> {
    let mut parts = uri.path().rsplit('/');
    let last = parts.next().and_then(|last| last.split_once(':'));
    match (last, parts.next(), parts.next(), parts.next()) {
        (Some(last), Some("models"), Some(_), Some("publishers")) | (Some(last), Some("endpoints"), ..) => Ok(last),
        _ => Err(Refusal::new(404, "The requested URL was not found on this server.")),
    }
}

/// It refuses what the Gemini API reads and it does not know: ids that it has not given, and it gives none here.
fn check_fields(body: &Value) -> Result<(), Refusal> {
    let unknown = |name: &str, place: &str| {
        Err(Refusal::invalid(format!(
            "Invalid JSON payload received. Unknown name \"{name}\" at '{place}': Cannot find field."
        )))
    };
    let flag = "includeServerSideToolInvocations";
    if body.get("toolConfig").is_some_and(|config| config.get(flag).is_some()) {
        return unknown(flag, "tool_config");
    }
    let list = |of: &'_ Value, key| of.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    for part in list(body, "contents").iter().flat_map(|content| list(content, "parts")) {
        for (kind, place) in [("functionCall", "function_call"), ("functionResponse", "function_response")] {
            if part.get(kind).is_some_and(|call| call.get("id").is_some()) {
                return unknown("id", place);
            }
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Predict {
    instances: Vec<Instance>,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "of some fields only the shape matters: they are read and forgotten")]
struct Instance {
    content: String,
    task_type: Option<String>,
    title: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Parameters {
    output_dimensionality: Option<usize>,
    auto_truncate: Option<bool>,
}

fn predict(model: &str, body: &[u8]) -> Result<Embed, Refusal> {
    let Predict { instances, parameters } = parse(body)?;
    if model.starts_with("gemini-embedding") && instances.len() > 1 {
        return Err(Refusal::invalid("Unable to submit request because batchSize must be 1."));
    }
    let purpose = instances.first().and_then(|instance| instance.task_type.clone());
    let input = instances.into_iter().map(|instance| instance.content).collect();
    Ok(Embed { model: model.to_owned(), input, dimensions: parameters.output_dimensionality, base64: false, purpose })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "of some fields only the shape matters: they are read and forgotten")]
struct EmbedContent {
    content: request::Content,
    task_type: Option<IgnoredAny>,
    title: Option<IgnoredAny>,
    auto_truncate: Option<IgnoredAny>,
    output_dimensionality: Option<usize>,
}

fn embed_content(model: &str, body: &[u8]) -> Result<Embed, Refusal> {
    let EmbedContent { content, output_dimensionality, .. } = parse(body)?;
    let input = vec![content.text()];
    Ok(Embed { model: model.to_owned(), input, dimensions: output_dimensionality, ..Embed::default() })
}
