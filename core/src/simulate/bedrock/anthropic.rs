//! Anthropic's API behind Bedrock: its bodies without model and `stream`, its events in chunks, and Bedrock's errors.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{Bedrock, answer, operation};
use crate::sim::Piece;
use crate::simulate::anthropic::Anthropic;
use crate::simulate::model::{Prompt, Reply};
use crate::simulate::vendor::{Embed, Ids, Refusal, Step, Task, Vendor, parse};

pub(in crate::simulate) struct BedrockAnthropic;

impl Vendor for BedrockAnthropic {
    fn key<'a>(&self, headers: &'a http::HeaderMap) -> Option<&'a str> {
        Bedrock.key(headers)
    }

    /// Reads what Anthropic itself would read, once what the address says stands where Anthropic has it.
    fn read(&self, request: &http::Request<Bytes>) -> Result<Task, Refusal> {
        let (model, stream) = operation(request.uri(), "invoke", "invoke-with-response-stream")?;
        let mut body: Map<String, Value> = parse(request.body())?;
        if body.remove("anthropic_version") != Some("bedrock-2023-05-31".into()) {
            return Err(Refusal::invalid("Malformed input request: anthropic_version: bedrock-2023-05-31 is expected"));
        }
        if let Some(key) = ["model", "stream"].into_iter().find(|key| body.contains_key(*key)) {
            let problem = format!("Malformed input request: #: extraneous key [{key}] is not permitted");
            return Err(Refusal::invalid(problem));
        }
        body.insert("model".to_owned(), model.into());
        body.insert("stream".to_owned(), stream.into());
        let body = Bytes::from(Value::Object(body).to_string());
        let request = http::Request::post("/messages").header("anthropic-version", "2023-06-01").body(body);
        Anthropic.read(&request.map_err(|_| Refusal::new(500, "InternalServerException"))?)
    }

    fn whole(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Value {
        Anthropic.whole(prompt, reply, ids)
    }

    fn stream(&self, prompt: &Prompt, reply: &Reply, ids: Ids) -> Vec<Step> {
        let steps = Anthropic.stream(prompt, reply, ids).into_iter();
        steps.map(|Step { piece, content }| Step { piece: chunk(piece), content }).collect()
    }

    fn stream_type(&self) -> &'static str {
        Bedrock.stream_type()
    }

    /// There are none: no request is read as one.
    fn vectors(&self, _: &Embed, _: &[Vec<f32>]) -> Value {
        Value::Null
    }

    fn status(&self, refusal: &Refusal) -> u16 {
        Bedrock.status(refusal)
    }

    fn error(&self, refusal: &Refusal, ids: Ids) -> Value {
        Bedrock.error(refusal, ids)
    }

    fn stream_error(&self, refusal: &Refusal, ids: Ids) -> Piece {
        Bedrock.stream_error(refusal, ids)
    }

    fn headers(&self, ids: Ids) -> Vec<(&'static str, String)> {
        Bedrock.headers(ids)
    }

    fn wait(&self, wait: Duration, ids: Ids) -> Vec<(&'static str, String)> {
        Bedrock.wait(wait, ids)
    }
}

/// The data of a server-sent event as a chunk.
fn chunk(piece: Piece) -> Piece {
    let Piece::Bytes { unit, .. } = &piece else { return piece };
    let text = String::from_utf8_lossy(unit);
    let data = text.split_once("data: ").map_or("", |(_, data)| data.trim_end());
    let headers = [(":event-type", "chunk"), (":message-type", "event")];
    answer::message(&headers, &json!({ "bytes": STANDARD.encode(data) }))
}
