//! What happens to a target for a while.

use std::time::Duration;

use serde::Deserialize;

use super::profile::factor;
use crate::config::{Period, positive};
use crate::simulate::{share, status};

/// What an outage answers where it is not said.
const DOWN: u16 = 503;

/// What happens, and when.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Event {
    from: Duration,
    to: Duration,
    effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Effect {
    /// Every request fails with this status.
    Outage(u16),
    /// A share of requests fails with this status.
    Errors(f64, u16),
    /// Every answer takes that many times as long.
    Slow(f64),
    /// A share of answers takes that many times as long.
    Brownout(f64, f64),
    /// Up for the first time, down for the second with this status.
    Flapping(Duration, Duration, u16),
    /// Nothing is answered.
    Hang,
    /// Connections are refused.
    Refuse,
}

impl Event {
    /// What it does at a moment of the run.
    pub(super) fn at(&self, now: Duration) -> Option<Effect> {
        if !(self.from..self.to).contains(&now) {
            return None;
        }
        match self.effect {
            Effect::Flapping(up, down, status) => {
                let period = (up + down).as_nanos();
                let down = now.saturating_sub(self.from).as_nanos() % period >= up.as_nanos();
                down.then_some(Effect::Outage(status))
            }
            effect => Some(effect),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Outage,
    Errors,
    Brownout,
    Slow,
    Flapping,
    Hang,
    Refuse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: Kind,
    #[serde(default)]
    from: Option<Period>,
    #[serde(default, deserialize_with = "positive")]
    to: Option<Period>,
    #[serde(default, deserialize_with = "status")]
    status: Option<u16>,
    #[serde(default, deserialize_with = "maybe_share")]
    error_rate: Option<f64>,
    #[serde(default, deserialize_with = "maybe_share")]
    slow_rate: Option<f64>,
    #[serde(default, deserialize_with = "maybe_factor")]
    slow_factor: Option<f64>,
    #[serde(default, deserialize_with = "positive")]
    up: Option<Period>,
    #[serde(default, deserialize_with = "positive")]
    down: Option<Period>,
}

fn maybe_share<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    share(deserializer).map(Some)
}

fn maybe_factor<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    factor(deserializer).map(Some)
}

impl Written {
    /// Its keys, whether each is there, and the kinds that have a use for it.
    fn keys(&self) -> [(&'static str, bool, &'static [Kind]); 6] {
        [
            ("status", self.status.is_some(), &[Kind::Outage, Kind::Errors, Kind::Flapping]),
            ("error_rate", self.error_rate.is_some(), &[Kind::Errors]),
            ("slow_rate", self.slow_rate.is_some(), &[Kind::Brownout]),
            ("slow_factor", self.slow_factor.is_some(), &[Kind::Brownout, Kind::Slow]),
            ("up", self.up.is_some(), &[Kind::Flapping]),
            ("down", self.down.is_some(), &[Kind::Flapping]),
        ]
    }
}

impl TryFrom<Written> for Event {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        if let Some((key, ..)) = written.keys().iter().find(|(_, set, kinds)| *set && !kinds.contains(&written.kind)) {
            return Err(format!("an event of this kind has no key '{key}'"));
        }
        let from = written.from.map_or(Duration::ZERO, |Period(time)| time);
        let to = written.to.map_or(Duration::MAX, |Period(time)| time);
        if from >= to {
            return Err("'to' is not after 'from'".to_owned());
        }
        let status = written.status.unwrap_or(DOWN);
        let factor = written.slow_factor.unwrap_or(10.0);
        let time =
            |period: Option<Period>, key| period.map(|Period(time)| time).ok_or(format!("the key '{key}' is missing"));
        let effect = match written.kind {
            Kind::Outage => Effect::Outage(status),
            Kind::Errors => Effect::Errors(written.error_rate.ok_or("the key 'error_rate' is missing")?, status),
            Kind::Brownout => Effect::Brownout(written.slow_rate.unwrap_or(0.1), factor),
            Kind::Slow => Effect::Slow(factor),
            Kind::Flapping => Effect::Flapping(time(written.up, "up")?, time(written.down, "down")?, status),
            Kind::Hang => Effect::Hang,
            Kind::Refuse => Effect::Refuse,
        };
        Ok(Event { from, to, effect })
    }
}
