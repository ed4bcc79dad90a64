//! Answers to begin with, all of our own: what the simulated vendors say, the transcripts of `tests/vectors`, the streams
//! of `tests/wire/sse`, and what earlier runs found worth keeping.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tidegate::internals::{Exchange, Framing};
use tidegate::sim::{Answer, Beat, Upstream};
use tidegate::{Request, Sim, providers};

const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// One answer of a protocol.
pub struct Recorded {
    pub protocol: String,
    pub status: u16,
    pub is_stream: bool,
    pub bytes: Vec<u8>,
}

/// What the simulated vendors answer.
pub fn simulated(protocol: &str) -> Vec<Recorded> {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}});
    let tool = |name: &str| json!({"type": "function", "function": {"name": name, "parameters": parameters}});
    let says = |text: &str| json!([{"role": "user", "content": text}]);
    let requests = [
        json!({"messages": says("hello")}),
        json!({"messages": says("Use get_weather and get_time for Oslo"), "tools": [tool("get_weather"), tool("get_time")],
            "reasoning": {"effort": "low", "include": true}}),
        json!({"messages": says("hello"), "max_tokens": 2}),
        json!({"messages": says("a city"), "response_format": {"type": "json_schema", "schema": parameters}}),
        json!({"input": ["a", "b"], "dimensions": 8}),
    ];
    let mut answers = Vec::new();
    for request in requests {
        for (model, is_stream) in [("model-1", false), ("model-1", true), ("missing-model", false)] {
            let mut request = request.clone();
            request["model"] = "vendor/model".into();
            let sim = Sim::new(1);
            let answer = Request::from_value(request)
                .and_then(|request| Exchange::new(protocol, model, request, is_stream))
                .and_then(|exchange| sim.run(exchange.simulated(sim.clone())));
            // What a vendor refuses to be asked is no seed.
            if let Ok((status, bytes)) = answer {
                let is_stream = is_stream && status.is_success();
                answers.push(Recorded { protocol: protocol.to_owned(), status: status.as_u16(), is_stream, bytes });
            }
        }
    }
    answers
}

/// The answers in `tests/vectors`, by the protocols of the providers that are asked there.
pub fn vectors() -> Vec<Recorded> {
    let mut answers = Vec::new();
    for file in files(&Path::new(HOME).join("../vectors"), "json") {
        let vector: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        for (name, table) in vector["config"]["providers"].as_object().into_iter().flatten() {
            let known = providers::provider(name).map(|known| known.protocol);
            let Some(protocol) = table["protocol"].as_str().or(known) else { continue };
            let host = table["base_url"].as_str().and_then(|url| url.split('/').nth(2)).unwrap_or_default();
            let upstream = serde_json::from_value::<Upstream>(vector["sim"]["upstreams"][host].clone());
            let upstream = upstream.unwrap_or_default();
            let all = upstream.requests.into_iter().chain(upstream.then);
            answers.extend(all.map(|answer| recorded(protocol, answer)));
        }
    }
    answers
}

fn recorded(protocol: &str, answer: Answer) -> Recorded {
    let (status, headers) = answer.head();
    let is_stream = headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type") && ["event", "ndjson"].iter().any(|kind| value.contains(kind))
    });
    // Some bodies are endless.
    let bytes = answer.beats().take(1000).filter_map(|beat| match beat {
        Beat::Bytes(bytes) => Some(bytes),
        Beat::Wait(_) => None,
    });
    Recorded { protocol: protocol.to_owned(), status, is_stream, bytes: bytes.collect::<Vec<_>>().concat() }
}

/// The streams of `tests/wire/sse`.
pub fn streams() -> Vec<Recorded> {
    let stream = |file: PathBuf| {
        let about: Value = serde_json::from_slice(&fs::read(file.with_extension("json")).unwrap()).unwrap();
        let protocol = about["protocol"].as_str().unwrap_or_default().to_owned();
        Recorded { protocol, status: 200, is_stream: true, bytes: fs::read(file).unwrap() }
    };
    files(&Path::new(HOME).join("../wire/sse"), "sse").into_iter().map(stream).collect()
}

/// The inputs that were kept for a target, by their names.
pub fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let name = |file: &PathBuf| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files(&home(target), "").into_iter().map(|file| (name(&file), fs::read(file).unwrap())).collect()
}

/// Where the inputs of a target are kept.
pub fn home(target: &str) -> PathBuf {
    Path::new(HOME).join("corpus").join(target)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().unwrap_or_default() == extension);
    files.sort();
    files
}

/// Whether a body fits a framing: a stream for a stream, a document for a document.
pub fn fits(answer: &Recorded, framing: Framing) -> bool {
    answer.is_stream == (framing != Framing::Whole)
}
