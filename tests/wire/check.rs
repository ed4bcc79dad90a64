//! Compares what came out with what was wanted.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::outcome::Outcome;

/// What must come of a call.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    ok: Option<Value>,
    error: Option<Value>,
    cancelled: bool,
    contains: Vec<String>,
    excludes: Vec<String>,
    message_at_most: Option<usize>,
    at_ms: Option<u64>,
}

/// What must be true once all calls are over.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Then {
    pub upstreams: BTreeMap<String, Seen>,
    pub spread: Option<Spread>,
}

/// What an upstream must have seen.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seen {
    pub requests: Option<usize>,
    pub connections: Option<usize>,
    pub client_closed: Vec<usize>,
    pub bytes_at_most: Option<u64>,
    pub times_ms: Option<Vec<Moment>>,
}

/// How evenly a request is spread over all seeds.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    pub upstream: String,
    pub request: usize,
    pub bucket_ms: u64,
    pub buckets: usize,
    pub busiest_at_most: usize,
}

/// A moment, exact or within bounds.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Moment {
    Exact(u64),
    Between(u64, u64),
}

impl Expectation {
    /// That another call comes to the same.
    pub fn same(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Ok(value) => Expectation { ok: Some(value.clone()), ..Expectation::default() },
            Outcome::Error(value) => Expectation { error: Some(value.clone()), ..Expectation::default() },
            Outcome::Cancelled => Expectation { cancelled: true, ..Expectation::default() },
        }
    }

    /// Compares; `at_ms` is when the call returned, where the clock is exact.
    pub fn check(&self, outcome: &Outcome, at_ms: Option<u64>) -> Result<(), String> {
        let shown = format!("{outcome:#}");
        let result = match (outcome, &self.ok, &self.error) {
            (Outcome::Ok(got), Some(want), None) => matches(want, got, "ok"),
            (Outcome::Error(got), None, Some(want)) => matches(want, got, "error").and_then(|()| self.message(got)),
            (Outcome::Cancelled, None, None) if self.cancelled => Ok(()),
            _ => Err("another outcome was wanted".to_owned()),
        };
        let late = self.at_ms.is_some() && self.at_ms != at_ms;
        let result = if late { Err(format!("at {at_ms:?} ms, not at {:?}", self.at_ms)) } else { result };
        result.map_err(|problem| format!("{problem}\ngot {shown}"))
    }

    fn message(&self, error: &Value) -> Result<(), String> {
        let message = error["message"].as_str().unwrap_or_default();
        let whole = error.to_string();
        if let Some(text) = self.contains.iter().find(|text| !message.contains(*text)) {
            return Err(format!("the message lacks '{text}'"));
        }
        if let Some(text) = self.excludes.iter().find(|text| whole.contains(*text)) {
            return Err(format!("the error shows '{text}'"));
        }
        match self.message_at_most {
            Some(most) if message.len() > most => Err(format!("the message has {} bytes", message.len())),
            _ => Ok(()),
        }
    }
}

impl Seen {
    /// Compares what both worlds know of an upstream: when its requests came.
    pub fn check(&self, times: &[u64]) -> Result<(), String> {
        if self.requests.is_some_and(|requests| requests != times.len()) {
            return Err(format!("{} requests, not {:?}", times.len(), self.requests));
        }
        let Some(wanted) = &self.times_ms else { return Ok(()) };
        let fits = |(want, got): (&Moment, &u64)| match want {
            Moment::Exact(at) => at == got,
            Moment::Between(from, to) => (from..=to).contains(&got),
        };
        let all = wanted.len() == times.len() && wanted.iter().zip(times).all(fits);
        if all { Ok(()) } else { Err(format!("requests came at {times:?} ms")) }
    }
}

impl Spread {
    /// Compares the moments of one request over all seeds.
    pub fn check(&self, times: &[u64]) -> Result<(), String> {
        let mut buckets = vec![0; self.buckets];
        for time in times {
            let bucket = (time / self.bucket_ms) as usize;
            *buckets.get_mut(bucket).ok_or_else(|| format!("{} at {time} ms", self.upstream))? += 1;
        }
        let even = buckets.iter().all(|count| (1..=self.busiest_at_most).contains(count));
        if even { Ok(()) } else { Err(format!("spread as {buckets:?}")) }
    }
}

/// Whether `got` has everything that is in `want`.
fn matches(want: &Value, got: &Value, path: &str) -> Result<(), String> {
    let differs = || Err(format!("{path} is {got}, not {want}"));
    match (want, got) {
        (Value::Object(fields), Value::String(text)) => match repeated(fields) {
            Some(repeated) if repeated == *text => Ok(()),
            _ => Err(format!("{path} is another text, of {} bytes", text.len())),
        },
        (Value::Object(fields), Value::Object(_)) => {
            fields.iter().try_for_each(|(key, want)| matches(want, &got[key], &format!("{path}.{key}")))
        }
        (Value::Array(wants), Value::Array(items)) if wants.len() == items.len() => {
            let mut pairs = wants.iter().zip(items).enumerate();
            pairs.try_for_each(|(index, (want, item))| matches(want, item, &format!("{path}[{index}]")))
        }
        (Value::Number(want), Value::Number(got)) if want == got || want.as_f64() == got.as_f64() => Ok(()),
        _ if want == got => Ok(()),
        _ => differs(),
    }
}

/// `{"text": "A", "times": 3}` as a text.
fn repeated(fields: &Map<String, Value>) -> Option<String> {
    let text = fields.get("text")?.as_str()?;
    Some(text.repeat(usize::try_from(fields.get("times")?.as_u64()?).ok()?))
}
