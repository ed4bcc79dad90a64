//! What was tried, why, and what was passed over.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::response::seconds;
use crate::error::Kind;

/// Why a target was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It stands first in the route.
    #[default]
    First,
    /// Its share of the route's calls.
    Weight,
    /// It has the fewest calls in flight.
    LeastInFlight,
    /// It answers fastest.
    Latency,
    /// A try at one that is slower or little known, so that its latency is known.
    Exploration,
    /// It is the cheapest.
    Price,
    /// Calls with this label go there.
    Sticky,
    /// It has the beginning of this prompt in its cache.
    PromptCache,
    /// The one before failed.
    Failover,
    /// It failed, and is tried again.
    Retry,
    /// The one before took long: whichever answers first counts.
    Hedge,
    /// A stream broke, and the answer goes on there.
    Resume,
}

impl Why {
    /// As callers read it: `least_in_flight`.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::First => "first",
            Why::Weight => "weight",
            Why::LeastInFlight => "least_in_flight",
            Why::Latency => "latency",
            Why::Exploration => "exploration",
            Why::Price => "price",
            Why::Sticky => "sticky",
            Why::PromptCache => "prompt_cache",
            Why::Failover => "failover",
            Why::Retry => "retry",
            Why::Hedge => "hedge",
            Why::Resume => "resume",
        }
    }
}

/// Why a target was passed over: nothing was sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// Its circuit breaker is open, or its region's is.
    Breaker,
    /// It asked not to be called yet, or its rate limit is used up.
    Cooldown,
    /// Too many of the calls before were tried again already.
    RetryBudget,
    /// It has as many calls in flight as it may have, and the queue is full or took too long.
    Concurrency,
    /// It cannot do what the request asks for.
    Unsupported,
    /// Nothing could be sent, such as without a key.
    Unsent,
}

impl Skipped {
    /// As callers read it: `retry_budget`.
    pub fn as_str(self) -> &'static str {
        match self {
            Skipped::Breaker => "breaker",
            Skipped::Cooldown => "cooldown",
            Skipped::RetryBudget => "retry_budget",
            Skipped::Concurrency => "concurrency",
            Skipped::Unsupported => "unsupported",
            Skipped::Unsent => "unsent",
        }
    }
}

/// What a call waited for before an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// The gateway's own delay before the same target is tried again.
    Backoff,
    /// The target asked for it.
    RetryAfter,
}

/// One try at one target, or why there was none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptRecord {
    /// `provider/model`.
    pub target: String,
    /// Why it was chosen; in JSON, left out for `first`.
    #[serde(default, skip_serializing_if = "is_first")]
    pub why: Why,
    /// Why it was passed over, so that nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
    /// What went wrong; `None` for the attempt that answered.
    pub kind: Option<Kind>,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How long the call waited before; in JSON, seconds, and left out where it did not.
    #[serde(default, with = "seconds", skip_serializing_if = "Duration::is_zero")]
    #[schemars(with = "f64")]
    pub waited: Duration,
    /// What it waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_for: Option<WaitReason>,
    /// The tokens that an attempt may have cost that was cut off, by a count of our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_tokens: Option<u64>,
    /// How long it took; in JSON, seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub time: Duration,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_first(why: &Why) -> bool {
    *why == Why::First
}

impl AttemptRecord {
    /// An attempt that has just begun.
    pub fn new(target: impl Into<String>, why: Why) -> Self {
        AttemptRecord {
            target: target.into(),
            why,
            skipped: None,
            kind: None,
            status: None,
            message: None,
            waited: Duration::ZERO,
            waited_for: None,
            estimated_tokens: None,
            time: Duration::ZERO,
        }
    }

    /// Whether anything was sent.
    pub fn was_sent(&self) -> bool {
        self.skipped.is_none()
    }
}

impl fmt::Display for AttemptRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.target)?;
        if let Some(skipped) = self.skipped {
            let kind = self.kind.map_or("", Kind::as_str);
            return write!(f, "passed over ({}: {kind})", skipped.as_str());
        }
        match self.kind {
            Some(kind) => write!(f, "{kind}")?,
            None => write!(f, "ok")?,
        }
        if let Some(status) = self.status {
            write!(f, " ({status})")?;
        }
        write!(f, " after {:.3} s", self.time.as_secs_f64())
    }
}
