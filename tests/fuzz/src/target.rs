//! What is fuzzed: the decoders of each protocol, the framers by themselves, and the readers of what callers give.

use serde_json::{Value, json};
use tidegate::internals::{self, Exchange, Framing};
use tidegate::{Config, Error, Event, Request, providers};

use crate::chance::Chance;
use crate::mutate::mutate;
use crate::seeds::{self, Recorded};
use crate::wire::{Frame, read};

/// The longest seed. Vectors have larger answers, to show that they are read; broken, they show no more than short ones.
const LONGEST_SEED: usize = 16 << 10;

/// One target: a name, seeds, and what is done with an input.
pub struct Target {
    pub name: String,
    framing: Framing,
    seeds: Vec<Vec<Frame>>,
    subject: Subject,
}

enum Subject {
    Answer(Exchange),
    /// The answer of a status that is not 200.
    Refusal(Exchange),
    Frames,
    Config,
    Request,
}

/// What came of an input.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    pub events: Vec<Event>,
    pub frames: Vec<(String, Vec<u8>)>,
    pub error: Option<Error>,
}

impl Target {
    /// All targets.
    pub fn all() -> Vec<Target> {
        let recorded: Vec<Recorded> = seeds::vectors().into_iter().chain(seeds::streams()).collect();
        let mut targets: Vec<Target> =
            providers::protocols().flat_map(|protocol| of_protocol(protocol, &recorded)).collect();
        targets.extend([
            framer("sse", Framing::Sse),
            framer("ndjson", Framing::Ndjson),
            framer("json-array", Framing::JsonArray),
            framer("aws-events", Framing::AwsEvents),
            Target::new("config", Framing::Whole, &[config()], Subject::Config),
            Target::new("request", Framing::Whole, &[request()], Subject::Request),
        ]);
        targets
    }

    fn new(name: &str, framing: Framing, seeds: &[Vec<u8>], subject: Subject) -> Self {
        let name = name.to_owned();
        let kept = seeds::kept(&name).into_iter().map(|(_, bytes)| bytes);
        let short = seeds.iter().filter(|bytes| bytes.len() <= LONGEST_SEED).cloned();
        let seeds: Vec<_> = short.chain(kept).map(|bytes| read(framing, &bytes)).collect();
        Target { name, framing, seeds, subject }
    }

    /// The next input.
    pub fn input(&self, chance: &mut Chance) -> Vec<u8> {
        mutate(self.framing, &self.seeds, chance)
    }

    /// Whether an input may come in pieces.
    pub fn is_stream(&self) -> bool {
        self.framing != Framing::Whole
    }

    /// Does with an input, which came in these pieces, what the gateway does.
    pub fn run(&self, pieces: &[&[u8]]) -> Outcome {
        let mut out = Outcome::default();
        let whole = pieces.first().copied().unwrap_or_default();
        let text = || String::from_utf8_lossy(whole);
        out.error = match &self.subject {
            Subject::Answer(exchange) => exchange.decode(pieces.iter().copied(), &mut out.events).err(),
            Subject::Refusal(exchange) => Some(exchange.error(http::StatusCode::BAD_REQUEST, whole)),
            Subject::Frames => {
                let sink = |name: &str, data: &[u8]| out.frames.push((name.to_owned(), data.to_vec()));
                internals::frames(self.framing, pieces.iter().copied(), sink).err()
            }
            Subject::Config => Config::from_toml(&text()).err(),
            Subject::Request => Request::from_json(&text()).err(),
        };
        out
    }
}

fn of_protocol(protocol: &str, recorded: &[Recorded]) -> Vec<Target> {
    let simulated = seeds::simulated(protocol);
    let answers = || recorded.iter().filter(|answer| answer.protocol == protocol).chain(&simulated);
    let asks = |request: Value, is_stream: bool| {
        let request = Request::from_value(request).expect("it is written here");
        Exchange::new(protocol, "model-1", request, is_stream).expect("it is simulated")
    };
    let chat = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    let embed = json!({"model": "m", "input": ["a", "b"]});
    let mut targets = Vec::new();
    for (kind, request, is_stream) in [("whole", &chat, false), ("stream", &chat, true), ("embed", &embed, false)] {
        let exchange = asks(request.clone(), is_stream);
        let framing = exchange.framing();
        let fitting = answers().filter(|answer| answer.status == 200 && seeds::fits(answer, framing));
        let seeds: Vec<Vec<u8>> = fitting.map(|answer| answer.bytes.clone()).collect();
        targets.push(Target::new(&format!("{protocol}-{kind}"), framing, &seeds, Subject::Answer(exchange)));
    }
    let refusals = answers().filter(|answer| answer.status != 200).map(|answer| answer.bytes.clone());
    let mut seeds: Vec<Vec<u8>> = refusals.collect();
    seeds.push(br#"{"error":{"message":"no","type":"invalid_request_error","code":"c","param":null}}"#.to_vec());
    targets.push(Target::new(
        &format!("{protocol}-error"),
        Framing::Whole,
        &seeds,
        Subject::Refusal(asks(chat, false)),
    ));
    targets
}

fn framer(name: &str, framing: Framing) -> Target {
    let written: &[u8] = match framing {
        Framing::Sse => b": ping\r\nevent: a\r\ndata: {\"x\":1}\r\ndata: 2\r\nid: 7\r\nretry: 3\r\n\r\ndata: [DONE]\n\n{\"error\":1}",
        Framing::Ndjson => b"{\"a\":1}\n\n {\"b\":\"\\n\"}\r\n[3]",
        Framing::JsonArray => b"[{\"a\":\"]}\\\"\"},\n{\"b\":[1,{\"c\":2}]}\r\n, {}]",
        Framing::AwsEvents | Framing::Whole => b"",
    };
    let mut seeds = vec![written.to_vec()];
    if framing == Framing::AwsEvents {
        let streams = seeds::simulated("bedrock-converse").into_iter().filter(|answer| answer.is_stream);
        seeds = streams.map(|answer| answer.bytes).collect();
    }
    Target::new(name, framing, &seeds, Subject::Frames)
}

fn config() -> Vec<u8> {
    br#"
providers.openai = { api_key = "${env:NO_SUCH_KEY}", base_url = "https://a.example/v1" }
providers.eu = { protocol = "anthropic", base_url = "http://127.0.0.1:1/x", api_keys = ["a", "b"], headers = { "x-a" = "b" } }
providers.aws = { protocol = "bedrock-converse", region = "eu-central-1", access_key_id = "a", secret_access_key = "b" }
providers.here = { protocol = "gemini", simulate = { latency = "1ms", error_rate = 0.5, script = [{ status = 503, times = 2 }] } }
[defaults]
retry = { max_attempts = 3 }
timeout = { connect = "5s", first_content = "20s", idle = "30s", total = "2m" }
limits = { body = 1000, event = 1000 }
[routes.a]
targets = ["eu/m", "b"]
on_unsupported = "drop"
[routes.b]
targets = ["openai/gpt-5-mini", "here/m"]
"#
    .to_vec()
}

fn request() -> Vec<u8> {
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    json!({
        "model": "a/m", "temperature": 0.5, "max_tokens": 10, "stop": ["x"], "seed": 1, "timeout": 2.5, "team": "t",
        "labels": {"a": "b"}, "extra": {"x": 1}, "tool_choice": {"type": "function", "function": {"name": "f"}},
        "reasoning": {"effort": "low", "include": true}, "response_format": {"type": "json_object"},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        "messages": [
            {"role": "system", "content": "s", "name": "n"},
            {"role": "user", "content": [
                {"type": "text", "text": "t", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}},
                {"type": "file", "data": "AA==", "mime": "application/pdf"},
            ]},
            {"role": "assistant", "content": null, "tool_calls": [call], "reasoning_content": "r"},
            {"role": "tool", "tool_call_id": "c", "content": "done"},
            {"role": "assistant", "content": [{"type": "reasoning", "text": "", "state": {"provider": "p", "data": {}}}]},
        ],
    })
    .to_string()
    .into_bytes()
}
