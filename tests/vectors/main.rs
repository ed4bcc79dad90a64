//! Plays every vector of this folder through the public API and compares the transcript. `README.md` has the format.
//!
//! `cargo test --test vectors -- --write` writes the transcripts anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, join_all};
use libtest_mimic::{Arguments, Trial};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tidegate::{Config, Error, Gateway, Message, Request, Response, ResponseStream, Sim};

const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors");
/// What of this run `tests/vectors/table.py` makes the compatibility table from.
const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/vectors/rust.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "feature")]
    _feature: String,
    #[serde(default)]
    sim: Value,
    #[serde(default)]
    config: Value,
    #[serde(default)]
    calls: Vec<Call>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    chat: Option<Value>,
    stream: Option<Value>,
    embed: Option<Value>,
    rerank: Option<Value>,
    explain: Option<Value>,
    health: Option<Value>,
    reload: Option<Value>,
    together: Option<Vec<Call>>,
    stop_after: Option<usize>,
    cancel_after_requests: Option<usize>,
}

fn main() {
    let mut arguments: Vec<_> = std::env::args().collect();
    let write = arguments.iter().position(|argument| argument == "--write").map(|at| arguments.remove(at)).is_some();
    let results: Arc<Mutex<BTreeMap<String, bool>>> = Arc::default();
    let trials = vectors().into_iter().map(|file| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let (results, of) = (Arc::clone(&results), name.clone());
        Trial::test(name, move || {
            let outcome = play_and_compare(&file, write);
            results.lock().unwrap().insert(of, outcome.is_ok());
            outcome.map_err(Into::into)
        })
    });
    let conclusion = libtest_mimic::run(&Arguments::from_iter(arguments), trials.collect());
    if conclusion.num_filtered_out == 0 {
        fs::create_dir_all(Path::new(RESULTS).parent().unwrap()).unwrap();
        fs::write(RESULTS, serde_json::to_string_pretty(&*results.lock().unwrap()).unwrap()).unwrap();
    }
    conclusion.exit();
}

fn vectors() -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(HOME).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(!files.is_empty(), "there are no vectors");
    files
}

fn play_and_compare(file: &Path, write: bool) -> Result<(), String> {
    let vector = serde_json::from_slice(&fs::read(file).unwrap()).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let transcript = runtime.block_on(play(vector));
    let wanted = file.with_extension("txt");
    if write {
        fs::write(wanted, transcript).unwrap();
        return Ok(());
    }
    let wanted = fs::read_to_string(wanted).map_err(|error| format!("there is no transcript: {error}"))?;
    let same = wanted == transcript;
    if same { Ok(()) } else { Err(format!("another transcript was wanted; this came:\n{transcript}")) }
}

/// Appends a line: a word, and a value in its canonical form.
fn line(out: &mut String, word: &str, value: &impl Serialize) {
    let json = serde_json::to_string(value).expect("all that callers see has a canonical form");
    out.push_str(&format!("{word} {json}\n"));
}

async fn play(vector: Vector) -> String {
    let mut out = String::new();
    let world = if vector.sim.is_null() { "{}".to_owned() } else { vector.sim.to_string() };
    let config = if vector.config.is_null() { Value::Object(serde_json::Map::new()) } else { vector.config };
    let made = Sim::from_json(&world).and_then(|sim| Ok((Gateway::from_value(config)?.with_world(sim.clone()), sim)));
    let (gateway, sim) = match made {
        Ok(made) => made,
        Err(error) => {
            line(&mut out, "error", &error);
            return out;
        }
    };
    let mut messages = Vec::new();
    for call in vector.calls {
        for (text, message) in ask(&gateway, &sim, call, &messages).await {
            out.push_str(&text);
            messages.push(message);
        }
    }
    let seen = loop {
        let seen = sim.exchanges();
        if seen.iter().all(|exchange| exchange.closed.is_some()) {
            break seen;
        }
        tokio::task::yield_now().await;
    };
    line(&mut out, "requests", &seen);
    out
}

/// The transcript of a call, or of several at the same time, each with the message of its response.
async fn ask(gateway: &Gateway, sim: &Sim, call: Call, messages: &[Option<Message>]) -> Vec<(String, Option<Message>)> {
    let Call { chat, stream, embed, rerank, explain, health, reload, together, stop_after, cancel_after_requests } =
        call;
    let named = [("chat", chat), ("stream", stream), ("embed", embed), ("rerank", rerank)];
    let others = [("explain", explain), ("health", health), ("reload", reload)];
    let mut asked = named.into_iter().chain(others).filter_map(|(word, request)| Some((word, request?)));
    match (asked.next(), asked.next(), together) {
        (None, None, Some(calls)) => {
            let calls = calls.into_iter().map(|call| ask(gateway, sim, call, messages));
            join_all(calls).await.into_iter().flatten().collect()
        }
        (Some((word @ ("explain" | "health" | "reload"), request)), None, None) => {
            let mut text = format!("{word}\n");
            if let Err(error) = at_once(gateway, word, placed(request, messages), &mut text) {
                line(&mut text, "error", &error);
            }
            vec![(text, None)]
        }
        (Some((word, request)), None, None) => {
            let answer = one(gateway, word, placed(request, messages), stop_after);
            let (text, message) = match cancel_after_requests {
                None => answer.await,
                Some(count) => cancelled(sim, count, answer).await,
            };
            vec![(format!("{word}\n{text}"), message)]
        }
        _ => panic!("a call is one of chat, stream, embed, rerank, explain, health, reload, together"),
    }
}

/// What is answered without a call.
fn at_once(gateway: &Gateway, word: &str, argument: Value, out: &mut String) -> Result<(), Error> {
    match word {
        "explain" => line(out, "explanation", &gateway.explain(Request::from_value(argument)?)?),
        "health" => gateway.health().iter().for_each(|target| line(out, "target", target)),
        _ => gateway.reload(&Config::from_value(argument)?)?,
    }
    Ok(())
}

/// Starts a call, and drops it once the upstreams have seen so many requests.
async fn cancelled(
    sim: &Sim,
    count: usize,
    answer: impl Future<Output = (String, Option<Message>)>,
) -> (String, Option<Message>) {
    let mut answer = Box::pin(answer);
    while sim.exchanges().len() < count {
        if let Some(early) = answer.as_mut().now_or_never() {
            return early;
        }
        tokio::task::yield_now().await;
    }
    ("cancelled\n".to_owned(), None)
}

/// Replaces `"$message N"` by the message of the response of call N.
fn placed(value: Value, messages: &[Option<Message>]) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("$message ") {
            None => Value::String(text),
            Some(number) => {
                let number: usize = number.parse().expect("a number of a call");
                let message = messages[number].as_ref().expect("a call that was answered");
                serde_json::to_value(message).expect("a message has a canonical form")
            }
        },
        Value::Array(items) => items.into_iter().map(|item| placed(item, messages)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, item)| (key, placed(item, messages))).collect(),
        other => other,
    }
}

async fn one(gateway: &Gateway, word: &str, request: Value, stop_after: Option<usize>) -> (String, Option<Message>) {
    let mut out = String::new();
    let result = match Request::from_value(request) {
        Err(error) => Err(error),
        Ok(request) => match word {
            "chat" => gateway.chat(request).await.map(Some),
            "embed" => gateway.embed(request).await.map(Some),
            "rerank" => gateway.rerank(request).await.map(Some),
            _ => match gateway.stream(request).await {
                Ok(stream) => read(stream, stop_after, &mut out).await,
                Err(error) => Err(error),
            },
        },
    };
    match result {
        Ok(Some(response)) => {
            line(&mut out, "response", &response);
            (out, Some(response.message()))
        }
        Ok(None) => (out + "stopped\n", None),
        Err(error) => {
            line(&mut out, "error", &error);
            (out, None)
        }
    }
}

/// Reads a stream; `None` where it was left.
async fn read(
    mut stream: ResponseStream,
    stop_after: Option<usize>,
    out: &mut String,
) -> Result<Option<Response>, Error> {
    let mut count = 0;
    while let Some(event) = stream.next().await {
        line(out, "event", &event?);
        count += 1;
        if stop_after == Some(count) {
            return Ok(None);
        }
    }
    Ok(stream.response().cloned())
}
