//! Health checks as written and as resolved.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Period, positive};

/// Asks each target of a route now and then, so that one that is down is known before a caller finds out.
///
/// A check is a chat of one word, which costs a few tokens; a target that has just answered a caller is not asked. Checks
/// begin with the gateway's first call.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HealthCheckConfig {
    /// Whether to check. Default: true where there is a table.
    pub(super) enabled: Option<bool>,
    /// The time between two checks of a target; each is up to a tenth sooner or later by chance. Default: 30s.
    #[serde(deserialize_with = "positive")]
    pub(super) interval: Option<Period>,
    /// How long a check may take. Default: 10s.
    #[serde(deserialize_with = "positive")]
    pub(super) timeout: Option<Period>,
}

/// How often a target is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// The time between two checks.
    pub interval: Duration,
    /// How long one may take.
    pub timeout: Duration,
}

impl Default for HealthCheck {
    fn default() -> Self {
        HealthCheck { interval: Duration::from_secs(30), timeout: Duration::from_secs(10) }
    }
}

impl HealthCheckConfig {
    /// What a table says over the defaults' one. `None` is no checks.
    pub(super) fn over(own: Option<&HealthCheckConfig>, base: Option<HealthCheck>) -> Option<HealthCheck> {
        let Some(own) = own else { return base };
        if own.enabled == Some(false) {
            return None;
        }
        let base = base.unwrap_or_default();
        let pick = |own: Option<Period>, base| own.map_or(base, |Period(time)| time);
        Some(HealthCheck { interval: pick(own.interval, base.interval), timeout: pick(own.timeout, base.timeout) })
    }
}
