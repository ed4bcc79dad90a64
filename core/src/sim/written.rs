//! A simulation written as JSON, and what its upstreams saw as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::Sim;
use super::network::{Closed, Exchange};
use super::script::Upstream;
use crate::error::{Error, Kind, Result};

/// A simulation, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    seed: u64,
    clock: Clock,
    upstreams: BTreeMap<String, Upstream>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Clock {
    #[default]
    Runs,
    Stopped,
}

impl Default for Written {
    fn default() -> Self {
        Written { seed: 1, clock: Clock::default(), upstreams: BTreeMap::new() }
    }
}

pub(super) fn read(text: &str) -> Result<Sim> {
    let written: Written = serde_json::from_str(text)
        .map_err(|error| Error::new(Kind::Config, format!("the simulation cannot be read: {error}")))?;
    let sim = Sim::new(written.seed);
    if written.clock == Clock::Runs {
        sim.clock.let_run();
    }
    for (host, script) in written.upstreams {
        sim.on(&host, script);
    }
    Ok(sim)
}

/// The canonical form of what an upstream saw, the same in every language. Keys are shown as `***`.
impl Serialize for Exchange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Canonical<'a> {
            /// Seconds since the simulation began.
            at: f64,
            method: &'a str,
            url: String,
            headers: BTreeMap<&'a str, &'a str>,
            body: Value,
            /// `client` where the client gave up before the upstream was done, `upstream` where it ended, null before.
            closed_by: Option<&'a str>,
        }
        let headers = self.headers.iter().map(|(name, value)| {
            let shown = if value.is_sensitive() { "***" } else { value.to_str().unwrap_or("(not text)") };
            (name.as_str(), shown)
        });
        let text = || Value::String(String::from_utf8_lossy(&self.body).into_owned());
        Canonical {
            at: self.at.since_start().as_secs_f64(),
            method: self.method.as_str(),
            url: self.url.to_string(),
            headers: headers.collect(),
            body: serde_json::from_slice(&self.body).unwrap_or_else(|_| text()),
            closed_by: self.closed.map(|Closed { by_client, .. }| if by_client { "client" } else { "upstream" }),
        }
        .serialize(serializer)
    }
}
