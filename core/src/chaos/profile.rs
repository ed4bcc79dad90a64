//! A chaos profile: how much traffic there is, and what its targets do.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path as FilePath;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Unexpected};
use serde_json::Value;

use super::event::Event;
use super::latency::Latency;
use crate::config::{Period, Source, positive, strict};
use crate::error::Result;
use crate::model::read::Path;
use crate::simulate::{share, status};

/// How long the SDKs of the vendors wait for an answer where nobody says otherwise.
const PATIENCE: Duration = Duration::from_secs(600);
/// No run has more requests: each is kept for the percentiles.
const MOST: f64 = 10_000_000.0;

/// What a simulation runs: traffic for one route, and what each of its targets does in the meantime.
///
/// It is as strict as a configuration: an unknown key is an error that names file, line and key.
///
/// ```toml
/// route = "support"                  # whose requests come
/// rate = 50                          # requests a second
/// duration = "1h"
/// arrivals = "random"                # or "regular". Default: random, as those of many callers are (Poisson)
/// deadline = "30s"                   # how long callers wait. Default: the route's total; in the baselines 10 minutes
/// prompt_tokens = 400                # for the cost: a number, or { min, max }. Default: 500
/// output_tokens = { min = 50, max = 300 }             # Default: 200
///
/// [targets."openai/gpt-5-mini"]      # one table for each target of the route
/// latency = { p50 = "800ms", p95 = "1470ms" }         # log-normal; or { min, max }; or fixed, "800ms"
/// error_rate = 0.01                  # the share of requests that fail. Default: 0
/// error_status = 503                 # with this status. Default: 503
/// error_latency = "100ms"            # how long a failure takes. Default: 100ms
/// slow_rate = 0.02                   # the share of answers that take `slow_factor` times as long. Default: 0
/// slow_factor = 10                   # Default: 10
/// rate_limit = 3000                  # requests in each minute; to more it answers 429 with Retry-After. Default: none
/// price = { input = 0.25, output = 2.0 }              # USD for a million tokens. Default: nothing
///
/// [[targets."openai/gpt-5-mini".events]]
/// kind = "outage"                    # outage, errors, brownout, slow, flapping, hang, refuse
/// from = "10m"                       # Default: the beginning
/// to = "11m"                         # Default: the end
/// ```
///
/// | event | what happens | its keys |
/// | --- | --- | --- |
/// | `outage` | every request fails | `status` (503) |
/// | `errors` | a share of them fails | `error_rate`, `status` (503) |
/// | `flapping` | up for a while, then down, and so on | `up`, `down`, `status` (503) |
/// | `slow` | every answer takes longer | `slow_factor` (10) |
/// | `brownout` | a share of answers takes longer | `slow_rate` (0.1), `slow_factor` (10) |
/// | `hang` | nothing is ever answered | |
/// | `refuse` | connections are refused | |
///
/// Where events of one kind meet, and beside the target's own rates, the highest rate counts.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub(super) route: String,
    #[serde(deserialize_with = "rate")]
    pub(super) rate: f64,
    #[serde(default)]
    pub(super) arrivals: Arrivals,
    pub(super) duration: Period,
    #[serde(default, deserialize_with = "positive")]
    pub(super) deadline: Option<Period>,
    #[serde(default = "Tokens::prompt")]
    pub(super) prompt_tokens: Tokens,
    #[serde(default = "Tokens::output")]
    pub(super) output_tokens: Tokens,
    pub(super) targets: BTreeMap<String, TargetProfile>,
    #[serde(skip)]
    pub(super) source: Source,
}

impl Profile {
    /// Reads a TOML file.
    pub fn from_file(path: impl AsRef<FilePath>) -> Result<Self> {
        let (mut source, text) = Source::open(path.as_ref())?;
        let value = source.parse(&text)?;
        Profile::read(source, value)
    }

    /// Reads TOML text.
    pub fn from_toml(text: &str) -> Result<Self> {
        let mut source = Source::default();
        let value = source.parse(text)?;
        Profile::read(source, value)
    }

    /// Reads the same keys as a plain value.
    pub fn from_value(value: Value) -> Result<Self> {
        Profile::read(Source::default(), value)
    }

    fn read(source: Source, value: Value) -> Result<Self> {
        let profile: Profile = strict(&source, value)?;
        let Period(duration) = profile.duration;
        if duration.is_zero() {
            return Err(source.error("duration", "is zero: nothing would be run"));
        }
        if profile.rate * duration.as_secs_f64() > MOST {
            let problem = format_args!("at this rate there are more than {MOST} requests: make it shorter");
            return Err(source.error("duration", problem));
        }
        Ok(Profile { source, ..profile })
    }

    /// How long a caller waits who does not say otherwise.
    pub(super) fn patience(&self) -> Duration {
        self.deadline.map_or(PATIENCE, |Period(time)| time)
    }

    /// The error of a target, or of one that is missing.
    pub(super) fn error(&self, target: Option<&str>, problem: impl std::fmt::Display) -> crate::error::Error {
        let path = Path::Root.key("targets");
        match target {
            Some(target) => self.source.error(path.key(target), problem),
            None => self.source.error(path, problem),
        }
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").field("route", &self.route).field("targets", &self.targets).finish_non_exhaustive()
    }
}

/// How requests follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Arrivals {
    /// As those of many callers who know nothing of each other.
    #[default]
    Random,
    /// One after the other at equal distances.
    Regular,
}

/// What a target does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetProfile {
    pub(super) latency: Latency,
    #[serde(default, deserialize_with = "share")]
    pub(super) error_rate: f64,
    #[serde(default, deserialize_with = "status")]
    pub(super) error_status: Option<u16>,
    #[serde(default = "Latency::of_errors")]
    pub(super) error_latency: Latency,
    #[serde(default, deserialize_with = "share")]
    pub(super) slow_rate: f64,
    #[serde(default = "ten", deserialize_with = "factor")]
    pub(super) slow_factor: f64,
    pub(super) rate_limit: Option<NonZeroU32>,
    #[serde(default)]
    pub(super) price: Price,
    #[serde(default)]
    pub(super) events: Vec<Event>,
}

/// What a million tokens cost, in nano-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Price {
    #[serde(deserialize_with = "dollars")]
    pub(super) input: u64,
    #[serde(deserialize_with = "dollars")]
    pub(super) output: u64,
}

/// A number of tokens: fixed, or random between two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tokens {
    min: u32,
    max: u32,
}

impl Tokens {
    fn prompt() -> Self {
        Tokens { min: 500, max: 500 }
    }

    fn output() -> Self {
        Tokens { min: 200, max: 200 }
    }

    /// A number between the two, picked by a uniformly random number.
    pub(super) fn pick(self, random: u64) -> u64 {
        u64::from(self.min) + random % (u64::from(self.max - self.min) + 1)
    }
}

impl<'de> Deserialize<'de> for Tokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number of tokens such as 400, or { min = 50, max = 300 }")]
        enum Written {
            Fixed(u32),
            Between { min: u32, max: u32 },
        }
        let (min, max) = match Written::deserialize(deserializer)? {
            Written::Fixed(number) => (number, number),
            Written::Between { min, max } => (min, max),
        };
        if min > max {
            return Err(D::Error::custom(format_args!("min ({min}) is more than max ({max})")));
        }
        Ok(Tokens { min, max })
    }
}

fn ten() -> f64 {
    10.0
}

/// How many times as long: at least once.
pub(super) fn factor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    number(deserializer, 1.0, 1000.0, "a factor between 1 and 1000")
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    number(deserializer, 0.001, 100_000.0, "requests a second, 0.001 to 100000")
}

fn number<'de, D: Deserializer<'de>>(deserializer: D, min: f64, max: f64, what: &str) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(D::Error::invalid_value(Unexpected::Float(number), &what))
    }
}

/// Dollars as nano-dollars: no price has more digits.
fn dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let dollars = number(deserializer, 0.0, 1e6, "dollars for a million tokens, 0 to 1000000")?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
    Ok((dollars * 1e9).round() as u64)
}
