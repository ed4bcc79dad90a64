//! What a simulation found.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::html;
use crate::model::Money;

/// What a configuration does with a profile, beside the same requests without a gateway. In JSON, times are seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The route.
    pub route: String,
    /// Where chance began.
    pub seed: u64,
    /// How many requests came in a second.
    pub rate: f64,
    /// For how long they came.
    #[serde(serialize_with = "seconds")]
    pub duration: Duration,
    /// The distance of two points of a series.
    #[serde(serialize_with = "seconds")]
    pub step: Duration,
    /// One try at the first target of the route.
    pub before: Figures,
    /// Through the gateway.
    pub after: Figures,
}

impl Report {
    /// A page that draws the figures: one file that refers to no other.
    pub fn html(&self) -> String {
        html::page(self)
    }
}

/// The figures of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// How many requests came.
    pub requests: u64,
    /// How many of them failed.
    pub failures: u64,
    /// The share that failed, 0 to 1.
    pub error_rate: f64,
    /// How many failed with each kind of error.
    pub kinds: BTreeMap<String, u64>,
    /// How long those took that were answered.
    pub latency: Percentiles,
    /// How long all took, answered or failed.
    pub latency_all: Percentiles,
    /// How many requests went to targets.
    pub attempts: u64,
    /// That, for each request that came.
    pub attempts_per_request: f64,
    /// How many went to a target while another one of the same call was under way.
    pub hedges: u64,
    /// How often the gateway asked a target of its own accord, as health checks do. These are no attempts, and cost nothing
    /// here: a check has a few tokens.
    pub checks: u64,
    /// What all answers cost, those that nobody waited for any more included.
    pub cost: Money,
    /// What each target had to do, in the order of their names.
    pub targets: Vec<Share>,
    /// How it went over time. After the end of the run there are points as long as there are attempts.
    pub series: Vec<Point>,
}

/// Percentiles of times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Percentiles {
    /// Half took no longer.
    #[serde(serialize_with = "seconds")]
    pub p50: Duration,
    /// 95 of 100 took no longer.
    #[serde(serialize_with = "seconds")]
    pub p95: Duration,
    /// 99 of 100 took no longer.
    #[serde(serialize_with = "seconds")]
    pub p99: Duration,
    /// 999 of 1,000 took no longer.
    #[serde(serialize_with = "seconds")]
    pub p999: Duration,
}

/// What one target had to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// `provider/model`.
    pub target: String,
    /// How many requests went there.
    pub attempts: u64,
    /// How many calls it answered.
    pub answers: u64,
    /// The share of all calls that it answered, 0 to 1.
    pub share: f64,
    /// What its answers cost.
    pub cost: Money,
}

/// A part of the run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// When it begins.
    #[serde(serialize_with = "seconds")]
    pub at: Duration,
    /// How many requests came.
    pub requests: u64,
    /// How many of these failed, then or later.
    pub failures: u64,
    /// How long 95 of 100 of these took that were answered; `None` where none was.
    #[serde(serialize_with = "maybe_seconds")]
    pub p95: Option<Duration>,
    /// How many requests went to each target, in the order of `targets`.
    pub attempts: Vec<u64>,
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

#[allow(clippy::ref_option, reason = "the signature is serde's")]
fn maybe_seconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}
