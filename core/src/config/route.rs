//! What a route is once the configuration is read: every default filled in.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::concurrency::ConcurrencyLimit;
use super::fallback::FallbackPolicy;
use super::health_check::HealthCheck;
use super::reject::Rejects;
use super::routing::Choice;
use super::stream::OnInterrupt;
use crate::policies::balance::Balance;
use crate::policies::breaker::BreakerPolicy;
use crate::policies::hedge::HedgePolicy;
use crate::policies::min_rate::MinRate;
use crate::policies::retry_budget::RetryBudgetPolicy;
use crate::target::Target;
use crate::world::ConnectTimeout;

/// Where a request may go and how.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, or the `provider/model` that the caller asked for.
    pub name: String,
    /// The targets, in order.
    pub targets: Vec<Arc<Target>>,
    /// The four timeouts.
    pub timeout: Timeouts,
    /// When to try again.
    pub retry: RetryPolicy,
    /// What is known of each target beside where it is, in the same order.
    pub(crate) choices: Vec<Choice>,
    /// How the first target of a call is chosen.
    pub(crate) balance: Balance,
    /// When a target that fails is left alone; `None` for never.
    pub(crate) breaker: Option<BreakerPolicy>,
    /// When a second request is sent; `None` for never.
    pub(crate) hedge: Option<HedgePolicy>,
    /// How often its targets are asked how they are; `None` for never.
    pub(crate) health_check: Option<HealthCheck>,
    /// The most that an answer may have.
    pub limits: Limits,
    /// How many attempts may be under way at each target; `None` for any number.
    pub concurrency: Option<ConcurrencyLimit>,
    /// What to do with what a target cannot do.
    pub on_unsupported: OnUnsupported,
    /// What to do with an answer that does not follow its schema.
    pub on_invalid_output: OnInvalidOutput,
    /// Which answers count as failures; `None` where all are taken.
    pub reject: Option<Arc<Rejects>>,
    /// What to do with a stream that breaks off.
    pub on_interrupt: OnInterrupt,
    /// How fast the content of a stream has to come; `None` for any rate.
    pub min_rate: Option<MinRate>,
    /// What answers where it fails.
    pub fallback: FallbackPolicy,
}

/// The four timeouts. Each is named in the error when it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Name resolution, TCP and TLS.
    pub connect: Duration,
    /// From sending an attempt to its first content; for a plain answer, to the answer.
    pub first_content: Duration,
    /// Between two contents of a stream. Pings are not content.
    pub idle: Duration,
    /// For everything: all attempts, the waits between them and the whole stream.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect: ConnectTimeout::default().0,
            first_content: Duration::from_secs(120),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(600),
        }
    }
}

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    /// The most attempts of a call, over all its targets.
    pub max_attempts: u32,
    /// The first wait before the same target is tried again is random between zero and this; it doubles every time.
    pub base_delay: Duration,
    /// No wait is longer; a target that asks for more is not waited for.
    pub max_delay: Duration,
    /// How many calls may be tried again.
    pub(crate) budget: RetryBudgetPolicy,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            max_attempts: 3,
            base_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(10),
            budget: RetryBudgetPolicy::default(),
        }
    }
}

/// The most that an answer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a whole body, decompressed.
    pub body: usize,
    /// Bytes of one event of a stream.
    pub event: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { body: 32 << 20, event: 1 << 20 }
    }
}

/// What to do with what a target cannot do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnUnsupported {
    /// Refuse the request before anything is sent.
    #[default]
    Refuse,
    /// Leave it out, and list it in the response's `dropped`.
    Drop,
}

/// What to do with an answer that does not follow the schema that its request gives. Builds without the feature
/// `structured-output` know `accept` only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalidOutput {
    /// Hand it out unchecked.
    #[cfg_attr(not(feature = "structured-output"), default)]
    Accept,
    /// An error of kind `invalid_output`, which has the answer as its partial response.
    #[cfg_attr(feature = "structured-output", default)]
    Fail,
    /// Try again: at the next target, or at the same one where there is no other. Holds for arguments of tools too.
    Retry,
    /// Try the next target; where there is none, fail. Holds for arguments of tools too.
    Failover,
}

impl OnInvalidOutput {
    /// Reads the key, and refuses what this build cannot do.
    pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        match Option::deserialize(deserializer)? {
            Some(checks) if checks != Self::Accept && cfg!(not(feature = "structured-output")) => {
                Err(D::Error::custom(super::NOT_IN_THIS_BUILD))
            }
            value => Ok(value),
        }
    }
}
