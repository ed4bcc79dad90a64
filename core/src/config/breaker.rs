//! The circuit breaker's settings as written.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Period, positive, share};
use crate::policies::breaker::BreakerPolicy;

/// When a target that fails is left alone, and how it comes back.
///
/// It opens after so many failures in a row, or when too many of the last calls failed. Then nothing is sent for a while
/// that doubles with every probe that fails too; one call at a time is the probe, and after one that succeeds calls come
/// back by and by. What is the caller's fault, a content filter or a rate limit does not count.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BreakerConfig {
    /// Whether there is one. Default: true.
    pub(super) enabled: Option<bool>,
    /// So many failures in a row open it. Default: 5.
    pub(super) failures: Option<NonZeroU32>,
    /// This share of failures among the calls of the window opens it. Default: 0.25.
    #[serde(deserialize_with = "share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(super) failure_rate: Option<f64>,
    /// The window. Default: 10s.
    #[serde(deserialize_with = "positive")]
    pub(super) window: Option<Period>,
    /// So many calls in the window before the share counts. Default: 50.
    pub(super) min_samples: Option<NonZeroU32>,
    /// How long it stays open at first. Default: 1s.
    #[serde(deserialize_with = "positive")]
    pub(super) open: Option<Period>,
    /// How long it stays open at most. Default: 30s.
    #[serde(deserialize_with = "positive")]
    pub(super) max_open: Option<Period>,
    /// How long it takes until all calls come back, after a probe that succeeded. Default: 5s.
    pub(super) ramp: Option<Period>,
}

impl BreakerConfig {
    /// `None` is no breaker.
    pub(super) fn over(&self, base: Option<BreakerPolicy>) -> Option<BreakerPolicy> {
        // A route that says how its breaker is has one, even where the defaults have none.
        let BreakerConfig { enabled, failures, failure_rate, window, min_samples, open, max_open, ramp } = self;
        let counts = failures.is_some() || failure_rate.is_some() || min_samples.is_some();
        let times = [window, open, max_open, ramp].into_iter().any(Option::is_some);
        if !enabled.unwrap_or(base.is_some() || counts || times) {
            return None;
        }
        let base = base.unwrap_or_default();
        let pick = |own: Option<Period>, base| own.map_or(base, |Period(time)| time);
        let open = pick(self.open, base.open);
        Some(BreakerPolicy {
            failures: self.failures.map_or(base.failures, NonZeroU32::get),
            failure_rate: self.failure_rate.unwrap_or(base.failure_rate),
            window: pick(self.window, base.window),
            min_samples: self.min_samples.map_or(base.min_samples, NonZeroU32::get),
            open,
            max_open: pick(self.max_open, base.max_open).max(open),
            ramp: pick(self.ramp, base.ramp),
        })
    }
}
