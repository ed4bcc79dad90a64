//! Every stream of `sse/`, cut at every byte, and the small ones at every pair of bytes: the answer is the same.

use std::fs;
use std::path::{Path, PathBuf};

use faultd::script::{Answer, Framing, Piece, Script, Upstream};
use libtest_mimic::Trial;
use serde::Deserialize;
use serde_json::{Value, json};
use tidegate::Gateway;

use crate::case::{Call, HOME, cuts};
use crate::check::Expectation;
use crate::outcome::{Outcome, ask};
use crate::sim::world;
use crate::trial;

/// What a stream is, and what must come out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    protocol: String,
    #[serde(default = "event_stream")]
    content_type: String,
    expect: Value,
}

fn event_stream() -> String {
    "text/event-stream".to_owned()
}

/// One test a stream.
pub fn all() -> Vec<Trial> {
    let mut files: Vec<_> =
        fs::read_dir(Path::new(HOME).join("sse")).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sse"));
    files.sort();
    files.into_iter().map(|file| trial(name(&file), move || run(&file))).collect()
}

fn name(file: &Path) -> String {
    format!("every cut of {}", file.file_stem().unwrap().to_string_lossy())
}

fn run(file: &PathBuf) -> Result<(), String> {
    let stream: Stream =
        serde_json::from_slice(&fs::read(file.with_extension("json")).unwrap()).map_err(|e| e.to_string())?;
    let bytes = fs::read(file).unwrap();
    let length = bytes.len() as u64;
    let pairs = name(file).contains(" small-");
    let mut all = vec![Vec::new()];
    all.extend(cuts(length, 1));
    all.extend(cuts(length, 2).filter(|_| pairs));
    let answer = Answer {
        headers: [("content-type".to_owned(), stream.content_type)].into(),
        body: vec![Piece::bytes(bytes)],
        framing: Some(Framing::Chunked),
        ..Answer::default()
    };
    let requests = all.iter().map(|cuts| Answer { cuts: cuts.clone(), ..answer.clone() }).collect();
    let script = Script { upstreams: [("a".to_owned(), Upstream { requests, ..Upstream::default() })].into() };
    let sim = world(0, &script);
    let config = json!({ "providers": { "a": { "protocol": stream.protocol, "base_url": "http://a.test/v1", "api_key": "k" } } });
    let gateway = Gateway::from_value(config).map_err(|error| format!("{error:#}"))?.with_world(sim.clone());
    let call: Call = serde_json::from_value(json!({
        "request": { "model": "a/m", "messages": [{ "role": "user", "content": "hi" }] },
        "stream": true,
        "expect": { "ok": stream.expect },
    }))
    .map_err(|error| error.to_string())?;
    let ask = || Outcome::of(sim.run(ask(&gateway, &call, None)).expect("nothing cancels it"));
    let whole = ask();
    call.expect.check(&whole, None)?;
    let same = Expectation::same(&whole);
    all.iter()
        .skip(1)
        .try_for_each(|cuts| same.check(&ask(), None).map_err(|problem| format!("cut at {cuts:?}: {problem}")))
}
