//! Anthropic's API on Vertex AI: its bodies without the model, at Google's addresses.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::Anthropic;
use crate::sim::Piece;
use crate::simulate::gemini::{VertexGemini, vertex};
use crate::simulate::model::{Prompt, Reply};
use crate::simulate::vendor::{Embed, Ids, Reason, Refusal, Step, Task, Vendor, parse};

pub(in crate::simulate) struct VertexAnthropic;

impl Vendor for VertexAnthropic {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        VertexGemini.key(headers)
    }

    /// Reads what Anthropic itself would read, once what the address says stands where Anthropic has it.
    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let (model, method) = vertex::method(request.uri())?;
        let mut body: Map<String, Value> = parse(request.body())?;
        let streams = body.get("stream") == Some(&Value::Bool(true));
        match method {
            "rawPredict" if !streams => {}
            "streamRawPredict" if streams => {}
            "rawPredict" | "streamRawPredict" => {
                return Err(Refusal::invalid(format!("stream: does not fit the method {method}")));
            }
            _ => return Err(Refusal::new(404, "The requested URL was not found on this server.")),
        }
        if body.remove("anthropic_version") != Some("vertex-2023-10-16".into()) {
            return Err(Refusal::invalid("anthropic_version: Field required"));
        }
        if body.insert("model".to_owned(), model.into()).is_some() {
            return Err(Refusal::invalid("model: Extra inputs are not permitted"));
        }
        let body = Bytes::from(Value::Object(body).to_string());
        let request = http::Request::post("/messages").header("anthropic-version", "2023-06-01").body(body);
        Anthropic.read(&request.map_err(|_| Refusal::new(500, "Internal error encountered."))?)
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        Anthropic.whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        Anthropic.stream(prompt, reply, ids)
    }

    /// There are none: no request is read as one.
    fn vectors(&self, _: &Embed, _: &[Vec<f32>]) -> Value {
        Value::Null
    }

    /// What Google itself refuses it says in its own words.
    fn error(&self, refusal: &Refusal, ids: Ids) -> Value {
        let by_google = matches!(refusal.status, 401 | 403 | 404 | 429) || refusal.reason != Reason::Other;
        if by_google { VertexGemini.error(refusal, ids) } else { Anthropic.error(refusal, ids) }
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        Anthropic.stream_error(refusal, ids)
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        VertexGemini.headers(ids)
    }

    fn wait(&self, wait: Duration, ids: Ids) -> Vec<(&'static str, String)> {
        VertexGemini.wait(wait, ids)
    }
}
