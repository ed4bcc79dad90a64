//! One exchange through a loopback server and the public gateway.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tidegate::{Error, Gateway, Kind, Origin, Request, Response};

use crate::answer::{self, Difference};
use crate::ask;
use crate::next;
use crate::record::{Api, Protocol, Record, Unreadable};
use crate::same;
use crate::schema::Schemas;
use crate::seed::{self, Seed};
use crate::server::{Received, Script, Server};

/// What became of one exchange. The checks that do not apply are `None`.
pub struct Verdict {
    pub id: String,
    pub api: Api,
    /// The row of the table that it is counted in.
    pub group: &'static str,
    pub decode: Option<Vec<Difference>>,
    pub encode: Option<Vec<Difference>>,
    pub schema: Option<Vec<Difference>>,
    /// The turn after this one.
    pub next: Option<Vec<Difference>>,
}

impl Verdict {
    /// Nothing is known yet.
    pub fn new(id: String, api: Api, group: &'static str) -> Self {
        Verdict { id, api, group, decode: None, encode: None, schema: None, next: None }
    }

    /// A line of the corpus that could not be read is a failure, not a reason to leave out the rest.
    pub fn unreadable(api: Api, line: Unreadable) -> Self {
        let difference = Difference { fact: "record".into(), expected: json!("an exchange"), got: json!(line.problem) };
        Verdict { decode: Some(vec![difference]), ..Verdict::new(line.id, api, api.name()) }
    }

    pub fn differences(&self) -> impl Iterator<Item = (&'static str, &Difference)> {
        self.decode
            .iter()
            .flatten()
            .map(|difference| ("decode", difference))
            .chain(self.encode.iter().flatten().map(|difference| ("encode", difference)))
            .chain(self.next.iter().flatten().map(|difference| ("next", difference)))
            .chain(self.schema.iter().flatten().map(|difference| ("schema", difference)))
    }

    pub fn passed(&self) -> bool {
        self.differences().next().is_none()
    }
}

/// A provider, and the server that plays it.
pub struct Stage {
    server: Server,
    config: Value,
    gateway: Mutex<Gateway>,
    pub provider: String,
}

impl Stage {
    /// A gateway with one provider. A known name brings its quirks along; any other says what it speaks.
    pub async fn open(api: Api, recorded: &str, on_unsupported: &str) -> Result<Self, String> {
        let server = Server::start().await.map_err(|error| format!("cannot listen on loopback: {error}"))?;
        let provider = match (api, api.protocol(), recorded) {
            (_, Protocol::Gemini, "vertex") => "vertex-gemini",
            (_, Protocol::Gemini, "google") => "gemini",
            (Api::InvokeAnthropic, ..) => "bedrock-anthropic",
            (_, Protocol::Anthropic, "vertex") => "vertex-anthropic",
            (_, Protocol::Anthropic, _) => "anthropic",
            // Its own protocol is what the name stands for.
            (_, Protocol::OpenAi, "ollama") => "ollama-openai",
            (_, _, other) => other,
        };
        let mut table = json!({"api_key": "key", "base_url": format!("http://{}/v1", server.address())});
        if api.protocol() == Protocol::Responses {
            table["protocol"] = "openai-responses".into();
        } else if api.protocol() == Protocol::Completions {
            table["protocol"] = "openai-completions".into();
        } else if tidegate::providers::provider(provider).is_none() {
            table["protocol"] = "openai-chat".into();
        }
        let config = json!({
            "providers": {provider: table},
            // An exchange is one attempt, and what it says counts, whether it follows its schema or not.
            "defaults": {"retry": {"max_attempts": 1}, "on_unsupported": on_unsupported, "on_invalid_output": "accept"},
        });
        let gateway =
            Gateway::from_value(config.clone()).map_err(|error| format!("no gateway for {recorded}: {error:#}"))?;
        Ok(Stage { server, config, gateway: Mutex::new(gateway), provider: provider.to_owned() })
    }

    /// A gateway with one vendor that is simulated.
    pub async fn simulated(protocol: &str, on_unsupported: &str) -> Result<Self, String> {
        let server = Server::start().await.map_err(|error| format!("cannot listen on loopback: {error}"))?;
        let config = json!({
            "providers": {protocol: {"protocol": protocol, "simulate": {}}},
            "defaults": {"retry": {"max_attempts": 1}, "on_unsupported": on_unsupported},
        });
        let gateway =
            Gateway::from_value(config.clone()).map_err(|error| format!("no gateway for {protocol}: {error:#}"))?;
        Ok(Stage { server, config, gateway: Mutex::new(gateway), provider: protocol.to_owned() })
    }

    /// Sends a request, and answers it with `script`.
    pub async fn send(&self, request: Value, stream: bool, script: Script) -> (Result<Response, Error>, Vec<Received>) {
        self.server.play(script);
        let outcome = self.call(request, stream).await;
        (outcome, self.server.received())
    }

    pub async fn call(&self, request: Value, stream: bool) -> Result<Response, Error> {
        let embeds = request.get("input").is_some();
        let request = Request::from_value(request)?;
        let gateway = self.gateway.lock().expect("no test fails while it holds this").clone();
        let outcome = match (embeds, stream) {
            (true, _) => gateway.embed(request).await,
            (false, true) => match gateway.stream(request).await {
                Ok(stream) => stream.collect().await,
                Err(error) => Err(error),
            },
            (false, false) => gateway.chat(request).await,
        };
        if outcome.as_ref().is_err_and(|error| error.fault() == Origin::Provider) {
            // A gateway leaves a target alone that has failed, and would not send the next exchange.
            *self.gateway.lock().expect("no test fails while it holds this") =
                Gateway::from_value(self.config.clone())?;
        }
        outcome
    }

    /// Replays one exchange.
    pub async fn replay(&self, record: &Record, schemas: &Schemas) -> Verdict {
        let request = ask::request(record, &self.provider);
        let (mut outcome, mut received) = self.send(request, record.stream, script(record)).await;
        // A request that the vendor refused may be one that the gateway knows better than to send, or than to send at once.
        // Its answer is read all the same.
        let foreseen = matches!(&outcome, Err(error) if error.kind() == Kind::Unsupported) && received.is_empty();
        let split = received.len() > 1;
        if (foreseen || split) && record.expect.kind == "error" {
            (outcome, received) = self.send(ask::minimal(record, &self.provider), record.stream, script(record)).await;
        }
        let mut decode = answer::check(&record.expect, &outcome);
        let id = record.id.clone();
        let mut verdict = Verdict::new(id, record.api, record.api.name());
        // More texts than the vendor takes at once go in several requests.
        let is_split = record.api.embeds() && received.len() > 1;
        if let Some(request) = received.first().filter(|_| received.len() == 1 || is_split) {
            decode.extend(misdirected(record, request));
        } else {
            decode.push(Difference {
                fact: "requests".into(),
                expected: json!(1),
                got: json!({"sent": received.len(), "error": outcome.as_ref().err().map(|error| format!("{error:#}"))}),
            });
        }
        verdict.decode = Some(decode);
        if let (Ok(response), true) = (&outcome, !record.api.embeds()) {
            verdict.next = Some(next::check(self, record, response, schemas).await);
        }
        let body = received.first().map(|request| serde_json::from_slice::<Value>(&request.body).unwrap_or_default());
        if record.is_encodable() && !is_split {
            let difference = body.as_ref().map_or_else(
                || Some(Difference { fact: "body".into(), expected: json!("a request"), got: json!("none sent") }),
                |ours| same::first_difference(record.api.protocol(), &record.sent(), ours),
            );
            verdict.encode = Some(difference.into_iter().collect());
        }
        if let Some(body) = &body {
            let complaints = schemas.check(record.api, &record.provider, body);
            let complaints = complaints.filter(|found| found.is_empty() || !schemas.is_outdated(record));
            verdict.schema = complaints.map(|complaints| {
                let difference =
                    |text: String| Difference { fact: "schema".into(), expected: json!("valid"), got: json!(text) };
                complaints.into_iter().map(difference).collect()
            });
        }
        verdict
    }
}

/// A request to an address that is not the API's.
fn misdirected(record: &Record, request: &Received) -> Option<Difference> {
    let on_vertex = record.provider == "vertex";
    let ends: &[&str] = match record.api {
        Api::Anthropic if on_vertex && record.stream => &[":streamRawPredict"],
        Api::Anthropic if on_vertex => &[":rawPredict"],
        Api::GeminiEmbeddings if on_vertex => &[":predict", ":embedContent"],
        Api::OpenAiChat | Api::Mistral => &["/chat/completions"],
        Api::OpenAiCompletions => &["/v1/completions"],
        Api::OpenAiEmbeddings => &["/embeddings"],
        Api::OpenAiResponses => &["/responses"],
        Api::Anthropic => &["/messages"],
        Api::Gemini => &[":generateContent"],
        Api::GeminiStream => &[":streamGenerateContent?alt=sse"],
        Api::GeminiEmbeddings => &[":batchEmbedContents", ":embedContent"],
        Api::Converse => &["/converse"],
        Api::ConverseStream => &["/converse-stream"],
        Api::InvokeAnthropic if record.stream => &["/invoke-with-response-stream"],
        Api::InvokeAnthropic => &["/invoke"],
        Api::CohereChat => &["/v2/chat"],
        Api::CohereEmbeddings => &["/v2/embed"],
        Api::OllamaChat => &["/api/chat"],
        Api::OllamaEmbeddings => &["/api/embed"],
    };
    let right = ends.iter().any(|end| request.path.ends_with(end));
    (!right).then(|| Difference { fact: "path".into(), expected: json!(ends), got: json!(request.path) })
}

/// The recorded answer. Streams are cut into pieces, the same ones at every run.
fn script(record: &Record) -> Script {
    let answer = &record.response;
    let body: Arc<[u8]> = match &answer.body_base64 {
        Some(code) => STANDARD.decode(code).unwrap_or_default().into(),
        None => answer.body_text.as_bytes().into(),
    };
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["content-length", "transfer-encoding", "content-encoding"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !answer.headers.contains_key("content-type") {
        headers.push(("content-type".into(), content_type(record).into()));
    }
    let pieces = if record.stream { seed::pieces(&mut Seed::new(&record.id), body.len()) } else { Vec::new() };
    Script { status: answer.status, headers, body, pieces }
}

/// The content type of an answer whose recording kept no headers.
fn content_type(record: &Record) -> &'static str {
    let json = record.response.body_text.trim_start().starts_with(['{', '[']);
    match (record.stream, record.response.body_base64.is_some()) {
        (_, true) => "application/vnd.amazon.eventstream",
        (true, _) if record.api == Api::OllamaChat => "application/x-ndjson",
        (true, false) if !json => "text/event-stream",
        _ => "application/json",
    }
}
