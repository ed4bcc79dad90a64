//! How targets are, and what would become of a request.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::response::seconds;
use super::{Skipped, WaitReason, Why};

/// How a target is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// It answers.
    #[default]
    Well,
    /// Its last calls failed, and it is still called.
    Failing,
    /// It is left alone: its breaker is open.
    Open,
    /// One call is under way to see whether it is back.
    Probing,
    /// It is back, and gets more calls by and by.
    Returning,
}

/// The median and the slow end of what was seen lately, in seconds. `None` where nothing was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantiles {
    /// Half of the answers took no longer.
    pub p50: Option<f64>,
    /// 95 of 100 took no longer.
    pub p95: Option<f64>,
    /// 99 of 100 took no longer.
    pub p99: Option<f64>,
}

/// How a target is, from the calls that this process made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetHealth {
    /// `provider/model`.
    pub target: String,
    /// How it is.
    pub state: HealthState,
    /// For how long its breaker has been in this state; in JSON, seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub since: Duration,
    /// Why its breaker is not closed.
    #[serde(default)]
    pub why: Option<String>,
    /// When it may be called again: the seconds until then.
    #[serde(default)]
    pub retry_in: Option<f64>,
    /// What it said when it failed last.
    #[serde(default)]
    pub last_error: Option<String>,
    /// The calls that are under way.
    pub in_flight: u32,
    /// The calls that it had.
    pub requests: u64,
    /// How many of them failed by its fault.
    pub failures: u64,
    /// The share of failures among its last calls, 0 to 1.
    pub failure_rate: f64,
    /// The time to the first content.
    pub first_content: Quantiles,
    /// The time to the end.
    pub total: Quantiles,
}

/// What would become of one target of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// `provider/model`.
    pub target: String,
    /// Why it would be tried, in its turn.
    pub why: Why,
    /// Why it would be passed over.
    #[serde(default)]
    pub skipped: Option<Skipped>,
    /// That in words.
    #[serde(default)]
    pub message: Option<String>,
    /// How long the call would wait before; in JSON, seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub wait: Duration,
    /// For what.
    #[serde(default)]
    pub wait_for: Option<WaitReason>,
}

/// What would become of a request, at this moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The route, or the `provider/model` that was asked for.
    pub route: String,
    /// Its targets in the order in which they would be tried.
    pub candidates: Vec<Candidate>,
    /// The most attempts that there would be.
    pub max_attempts: u32,
    /// When a second attempt would be sent beside the first: after so many seconds. `None` for not at all.
    #[serde(default)]
    pub hedge_after: Option<f64>,
    /// When the call would be given up: after so many seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub timeout: Duration,
}
