//! How long a target takes.

use std::f64::consts::TAU;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::config::Period;
use crate::sim::Chance;

/// The 95th percentile of the normal distribution, in standard deviations.
const P95: f64 = 1.644_853_626_951_472_2;

/// A distribution of times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Latency {
    /// Uniform, or fixed where both are the same.
    Between(Duration, Duration),
    /// Log-normal: the logarithm of a time in seconds has this mean and this standard deviation.
    LogNormal(f64, f64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    p50: Option<Period>,
    p95: Option<Period>,
    min: Option<Period>,
    max: Option<Period>,
}

impl Latency {
    /// Of failures, where nothing is said of it.
    pub(super) fn of_errors() -> Self {
        let time = Duration::from_millis(100);
        Latency::Between(time, time)
    }

    /// A time by chance.
    pub(super) fn pick(self, chance: &mut Chance) -> Duration {
        match self {
            Latency::Between(min, max) => min + max.saturating_sub(min).mul_f64(chance.share()),
            Latency::LogNormal(mean, deviation) => {
                // Box and Muller. The share never is one, so that the logarithm is finite.
                let normal = (-2.0 * (1.0 - chance.share()).ln()).sqrt() * (TAU * chance.share()).cos();
                Duration::try_from_secs_f64((mean + deviation * normal).exp()).unwrap_or(Duration::MAX)
            }
        }
    }

    fn new(written: &Written) -> Result<Self, String> {
        let time = |period: Option<Period>| period.map(|Period(time)| time);
        let shown = |time| humantime::format_duration(time);
        match (time(written.p50), time(written.p95), time(written.min), time(written.max)) {
            (Some(p50), Some(_), None, None) if p50.is_zero() => Err("p50 is zero".to_owned()),
            (Some(p50), Some(p95), None, None) if p50 <= p95 => {
                let mean = p50.as_secs_f64().ln();
                Ok(Latency::LogNormal(mean, (p95.as_secs_f64().ln() - mean) / P95))
            }
            (Some(p50), Some(p95), None, None) => {
                Err(format!("p50 ({}) is longer than p95 ({})", shown(p50), shown(p95)))
            }
            (None, None, Some(min), Some(max)) if min <= max => Ok(Latency::Between(min, max)),
            (None, None, Some(min), Some(max)) => {
                Err(format!("min ({}) is longer than max ({})", shown(min), shown(max)))
            }
            _ => Err("a table has either p50 and p95, or min and max".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Latency;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as \"800ms\", { p50 = \"800ms\", p95 = \"1470ms\" } or { min, max }")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Latency, E> {
                let time = humantime::parse_duration(text);
                let time = time.map_err(|_| E::custom(format_args!("'{text}' is not a time such as \"800ms\"")))?;
                Ok(Latency::Between(time, time))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Latency, A::Error> {
                let written = Written::deserialize(MapAccessDeserializer::new(map))?;
                Latency::new(&written).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_normal_distribution_has_its_percentiles() {
        let latency = Latency::new(&Written {
            p50: Some(Period(Duration::from_millis(800))),
            p95: Some(Period(Duration::from_millis(1470))),
            min: None,
            max: None,
        });
        let mut chance = Chance::new(1);
        let mut times: Vec<_> = (0..100_000).map(|_| latency.clone().unwrap().pick(&mut chance).as_millis()).collect();
        times.sort_unstable();
        assert!((790..=810).contains(&times[50_000]), "{}", times[50_000]);
        assert!((1450..=1490).contains(&times[95_000]), "{}", times[95_000]);
    }
}
