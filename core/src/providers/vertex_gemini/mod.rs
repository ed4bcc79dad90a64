//! Google's Gemini models on Vertex AI: `generateContent`, `streamGenerateContent`, and `predict` or `embedContent` for
//! embeddings.
//!
//! The bodies are those of the Gemini API but for a few fields. Sources: the Vertex AI API reference, "Generate content with
//! the Gemini API", "Text embeddings API" and "Deployments and endpoints".

mod embed;

use std::sync::Arc;

use bytes::Bytes;

use super::body::body;
use super::gemini;
use super::gemini::encode::Body;
use super::gemini::error::status_error;
use super::gemini::finish::Names;
use super::{Batch, Dialect, Embeddings, Features, InputTypes, ToolIds};
use crate::auth::Scheme;
use crate::codec::{Codec, Decoder, Framing, Provider, Unsupported};
use crate::error::{Error, Result};
use crate::model::{Request, Task};
use crate::target::Target;

/// The protocol.
pub(crate) struct VertexGemini;
pub(crate) static CODEC: VertexGemini = VertexGemini;

/// An address in each project and location.
pub(super) const BASE_URL: &str =
    "https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}";

/// Who speaks it.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "vertex-gemini",
    protocol: "vertex-gemini",
    base_url: BASE_URL,
    // The variable of Google's own libraries, `GOOGLE_API_KEY`, holds the key of the Gemini API as often as not.
    key_env: &[],
    auth: Scheme::Google,
    dialect: Dialect {
        // For months it refused a body with an id that it had not given, and it needs none: results stand in the order of
        // their calls.
        tool_ids: ToolIds::Own,
        embeddings: Embeddings {
            input_types: Some(InputTypes { field: "task_type", ..InputTypes::GEMINI }),
            ..Embeddings::PLAIN
        },
        rerank: None,
        can: Features { parallel_tool_calls: false, uploads: false, ..Features::ALL },
        ..Dialect::COMPATIBLE
    },
    simulated: false,
}];

impl Codec for VertexGemini {
    fn protocol(&self) -> &'static str {
        "vertex-gemini"
    }

    fn unsupported(&self, request: &Request, target: &Target) -> Vec<Unsupported> {
        gemini::unsupported::unsupported(request, target)
    }

    fn batch(&self, target: &Target) -> Batch {
        embed::batch(target)
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<http::Request<Bytes>> {
        let (method, body) = match &request.task {
            Task::Chat(chat) => {
                let wire = Body::new(chat, target)?.for_vertex();
                (gemini::generate(request.stream), body(&wire, &request.extra)?)
            }
            Task::Embed(embed) => embed::body(embed, target, &request.extra)?,
            task @ Task::Rerank(_) => return Err(Unsupported::task(task, target).error(target)),
        };
        gemini::post(url(target, "google", method), request.stream, body, target)
    }

    fn framing(&self, request: &Request, head: &http::response::Parts) -> Framing {
        gemini::framing(request, head)
    }

    fn decoder(&self, request: &Request, target: &Arc<Target>) -> Box<dyn Decoder> {
        gemini::decoder(request, target, &Names::VERTEX)
    }

    fn error(&self, head: &http::response::Parts, body: &[u8], target: &Target) -> Error {
        status_error(head.status, body, target)
    }
}

/// The address of a method of a model, which is this publisher's unless its name says more.
pub(super) fn url(target: &Target, publisher: &str, method: &str) -> String {
    let name = gemini::escaped(&resource(&target.model, publisher));
    let path = format!("/{name}:{method}");
    // A name that begins at the project replaces that of the address.
    match target.endpoint.base_url.split_once("/projects/") {
        Some((base, _)) if name.starts_with("projects/") => format!("{base}{path}"),
        _ => target.url(&path),
    }
}

/// A model's full name: `publishers/google/models/gemini-2.5-flash`. That of a tuned model is its endpoint's:
/// `endpoints/123`, with or without the project before it.
fn resource(model: &str, publisher: &str) -> String {
    let is_full = ["projects/", "publishers/", "endpoints/"].iter().any(|start| model.starts_with(start));
    match model.split_once('/') {
        _ if is_full => model.to_owned(),
        Some(("models", name)) => format!("publishers/{publisher}/models/{name}"),
        None => format!("publishers/{publisher}/models/{model}"),
        Some((publisher, model)) => format!("publishers/{publisher}/models/{model}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models() {
        let table = [
            ("gemini-2.5-flash", "publishers/google/models/gemini-2.5-flash"),
            ("models/gemini-2.5-flash", "publishers/google/models/gemini-2.5-flash"),
            ("meta/llama-4", "publishers/meta/models/llama-4"),
            ("publishers/google/models/x@001", "publishers/google/models/x@001"),
            ("endpoints/123", "endpoints/123"),
            ("projects/p/locations/l/endpoints/1", "projects/p/locations/l/endpoints/1"),
        ];
        for (model, want) in table {
            assert_eq!(resource(model, "google"), want);
        }
    }
}
