//! Azure's OpenAI, from the provider's side: OpenAI's documents with the verdicts of its filters, at its own addresses.
//!
//! Sources: "Azure OpenAI REST API reference"; "Content filtering".

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Prompt, Reply};
use super::openai::OpenAi;
use super::vendor::{Embed, Ids, Reason, Refusal, Rerank, Step, Task, Vendor, bearer};
use crate::sim::Piece;

pub(super) struct Azure;

/// What the filters say of harmless words.
fn verdict() -> Value {
    let safe = json!({ "filtered": false, "severity": "safe" });
    json!({ "hate": safe, "self_harm": safe, "sexual": safe, "violence": safe })
}

fn of_prompt() -> Value {
    json!([{ "prompt_index": 0, "content_filter_results": verdict() }])
}

/// The deployment in an address; `None` where the model is in the body.
fn deployment(path: &str) -> Option<&str> {
    path.split_once("/deployments/")?.1.split('/').next()
}

impl Vendor for Azure {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        headers.get("api-key").and_then(|key| key.to_str().ok()).or_else(|| bearer(headers))
    }

    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let deployment = deployment(request.uri().path());
        let version = request.uri().query().and_then(|query| query.strip_prefix("api-version="));
        let known = match (deployment, version) {
            // A deployment is addressed in a dated version.
            (Some(_), Some(version)) => version.starts_with("20"),
            (Some(_), None) => false,
            (None, version) => version.is_none_or(|version| ["preview", "latest"].contains(&version)),
        };
        if !known {
            return Err(Refusal::new(404, "Resource not found"));
        }
        let mut task = OpenAi.read(request)?;
        if let Some(deployment) = deployment {
            let (Task::Chat(Prompt { model, .. })
            | Task::Embed(Embed { model, .. })
            | Task::Rerank(Rerank { model, .. })) = &mut task;
            deployment.clone_into(model);
        }
        Ok(task)
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        let mut whole = OpenAi.whole(prompt, reply, ids);
        if let Some(whole) = whole.as_object_mut() {
            whole.insert("prompt_filter_results".to_owned(), of_prompt());
        }
        if let Some(Value::Object(choice)) = whole.pointer_mut("/choices/0") {
            choice.insert("content_filter_results".to_owned(), verdict());
        }
        whole
    }

    /// First comes what the filters say of the prompt, in a chunk of no choice.
    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        let first = json!({ "choices": [], "created": 0, "id": "", "model": "", "object": "",
            "prompt_filter_results": of_prompt() });
        let mut steps = vec![Step::structure(Piece::sse(&first.to_string()))];
        steps.extend(OpenAi.stream(prompt, reply, ids));
        steps
    }

    fn vectors(&self, embed: &Embed, vectors: &[Vec<f32>]) -> Value {
        OpenAi.vectors(embed, vectors)
    }

    fn error(&self, refusal: &Refusal, _: Ids) -> Value {
        let code = match (&refusal.reason, refusal.status) {
            (Reason::NoModel, _) => "DeploymentNotFound".to_owned(),
            (_, status) => status.to_string(),
        };
        json!({ "error": { "code": code, "message": refusal.message, "param": refusal.field } })
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        Piece::sse(&self.error(refusal, ids).to_string())
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        vec![
            ("apim-request-id", ids.id("00000000-")),
            ("x-ms-region", "Sim Central".to_owned()),
            ("x-ms-rai-invoked", "true".to_owned()),
        ]
    }

    fn wait(&self, wait: Duration, _: Ids) -> Vec<(&'static str, String)> {
        let seconds = wait.as_secs_f64().ceil().to_string();
        vec![
            ("retry-after", seconds.clone()),
            ("retry-after-ms", wait.as_millis().to_string()),
            ("x-ratelimit-remaining-requests", "0".to_owned()),
            ("x-ratelimit-reset-requests", seconds),
        ]
    }
}
