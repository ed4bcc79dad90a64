//! Reads the cases. `README.md` says what the keys mean.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use faultd::Script;
use libtest_mimic::Trial;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::check::{Expectation, Then};
use crate::words::Words;
use crate::{live, sim, trial};

/// Where the cases are.
pub const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/wire");

/// One variant of one case, every word replaced.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    id: String,
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "why")]
    _why: String,
    #[serde(default)]
    pub world: World,
    runs_in: Vec<Language>,
    #[serde(default)]
    pub seeds: Option<u64>,
    pub config: Value,
    #[serde(default)]
    pub config_error: Option<Expectation>,
    #[serde(default)]
    upstreams: Value,
    #[serde(default)]
    every_cut: Option<EveryCut>,
    #[serde(default)]
    pub calls: Vec<Call>,
    #[serde(default)]
    pub then: Then,
    #[serde(skip)]
    pub script: Script,
}

/// Who plays the upstreams.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum World {
    #[default]
    Live,
    Sim,
}

/// A language that has a runner.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Language {
    Rust,
    Python,
}

/// One call, and what must come of it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub request: Value,
    #[serde(default)]
    pub stream: bool,
    #[serde(default)]
    pub cancel: Option<Cancel>,
    pub expect: Expectation,
}

/// When the caller gives up.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancel {
    AfterEvents(usize),
    AfterRequests(BTreeMap<String, usize>),
    AtMs(u64),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct EveryCut {
    upstream: String,
    cuts: usize,
}

/// All cases as tests, one a variant.
pub fn all() -> Vec<Trial> {
    let shared = object(&Path::new(HOME).join("words.json"));
    let mut files: Vec<_> =
        fs::read_dir(Path::new(HOME).join("cases")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut trials = Vec::new();
    for file in files {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let mut fields = object(&file);
        let words = fields.remove("let").map(|words| words.as_object().expect("`let` is an object").clone());
        let variants = match fields.remove("variants") {
            Some(variants) => variants.as_array().expect("`variants` is a list").clone(),
            None => vec![Value::Object(Map::new())],
        };
        for variant in variants {
            let mut variant = variant.as_object().expect("a variant is an object").clone();
            let name = match variant.remove("name") {
                Some(name) => format!("{stem} {}", name.as_str().expect("a name is a string")),
                None => stem.clone(),
            };
            let words = Words { variant: &variant, others: words.iter().chain([&shared]).collect() };
            let case = words.fill(Value::Object(fields.clone())).and_then(|value| Case::read(value, &stem));
            trials.extend(test(name, case));
        }
    }
    trials
}

/// The test of a case; none where it is not for Rust. A case that cannot be read is a test that fails.
fn test(name: String, case: Result<Case, String>) -> Option<Trial> {
    if let Ok(Case { runs_in, .. }) = &case
        && !runs_in.contains(&Language::Rust)
    {
        return None;
    }
    Some(trial(name, || {
        let case = case?;
        match case.world {
            World::Live => live::run(case),
            World::Sim => sim::run(&case),
        }
    }))
}

fn object(file: &Path) -> Map<String, Value> {
    let text = fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

impl Case {
    fn read(value: Value, stem: &str) -> Result<Self, String> {
        let mut case: Case = serde_json::from_value(value).map_err(|error| error.to_string())?;
        if !stem.starts_with(&format!("{}-", case.id)) {
            return Err(format!("the id '{}' is not that of the file", case.id));
        }
        if !case.upstreams.is_null() {
            let script = serde_json::json!({ "upstreams": case.upstreams.take() });
            case.script = serde_json::from_value(script).map_err(|error| error.to_string())?;
        }
        Ok(match case.every_cut.take() {
            Some(every) => case.cut(&every),
            None => case,
        })
    }

    /// The same calls once for every cut of the first answer.
    fn cut(mut self, every: &EveryCut) -> Self {
        let upstream = self.script.upstreams.get_mut(&every.upstream).expect("`every_cut` names an upstream");
        let answer = upstream.requests.remove(0);
        upstream.requests =
            cuts(answer.length(), every.cuts).map(|cuts| faultd::script::Answer { cuts, ..answer.clone() }).collect();
        self.calls = self.calls.iter().cycle().take(self.calls.len() * upstream.requests.len()).cloned().collect();
        self
    }
}

/// Every way to cut `length` bytes at `count` (1 or 2) places.
pub fn cuts(length: u64, count: usize) -> impl Iterator<Item = Vec<u64>> {
    (1..length).flat_map(move |first| {
        let seconds = if count == 2 { first + 1..length } else { first..first + 1 };
        seconds.map(move |second| if count == 2 { vec![first, second] } else { vec![first] })
    })
}
