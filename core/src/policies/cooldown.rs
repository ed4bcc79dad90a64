//! Targets that asked to be left alone, and until when: what one call was told, the next one heeds.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::{Error, Retry};
use crate::world::Tick;

/// The targets that cool down, by label, each with the keys that it was told for.
#[derive(Default)]
pub(crate) struct Cooldowns(Mutex<HashMap<String, Vec<Cooling>>>);

#[derive(Clone)]
struct Cooling {
    key: usize,
    until: Tick,
    /// What the target said, for a call that finds nothing else to try.
    error: Error,
}

impl Cooldowns {
    /// Takes note of a failure that says how long to wait with some of the keys.
    pub(crate) fn failed(&self, target: &str, keys: Range<usize>, error: &Error, now: Tick) {
        let Retry::After(asked) = error.scope() else { return };
        if asked.is_zero() {
            return;
        }
        let mut cooling = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Labels come from callers: what has passed is forgotten, so that they cannot fill the memory.
        cooling.retain(|_, keys| {
            keys.retain(|cooling| cooling.until > now);
            !keys.is_empty()
        });
        let until = now + asked;
        let known = cooling.entry(target.to_owned()).or_default();
        for key in keys {
            if known.iter().all(|cooling| cooling.key != key || cooling.until < until) {
                known.retain(|cooling| cooling.key != key);
                known.push(Cooling { key, until, error: error.clone() });
            }
        }
    }

    /// When the target may be tried: the time zero, or the moment that it named and that has not come yet.
    pub(crate) fn ready(&self, target: &str, key: usize, now: Tick) -> Tick {
        self.find(target, key, now, |cooling| cooling.until).unwrap_or_default()
    }

    /// The error of a call that does not wait for the target: what it said last, and the rest of the wait.
    pub(crate) fn error(&self, target: &str, key: usize, now: Tick) -> Option<Error> {
        let Cooling { until, error, .. } = self.find(target, key, now, Cooling::clone)?;
        let rest = until - now;
        let message = format!(
            "{target} asked not to be called for another {}, nothing was sent: {error}",
            humantime::format_duration(Duration::from_millis(u64::try_from(rest.as_millis()).unwrap_or(u64::MAX)))
        );
        Some(error.message(message).retry(Retry::After(rest)))
    }

    fn find<T>(&self, target: &str, key: usize, now: Tick, take: impl Fn(&Cooling) -> T) -> Option<T> {
        let cooling = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cooling.get(target)?.iter().find(|cooling| cooling.key == key && cooling.until > now).map(take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn at(seconds: u64) -> Tick {
        Tick::new(Duration::from_secs(seconds))
    }

    fn told(seconds: u64) -> Error {
        Error::new(Kind::RateLimited, "slow down").retry(Retry::After(Duration::from_secs(seconds)))
    }

    #[test]
    fn the_longest_wait_counts_until_it_is_over() {
        let cooldowns = Cooldowns::default();
        cooldowns.failed("a/m", 0..1, &told(7), at(1));
        cooldowns.failed("a/m", 0..1, &told(2), at(2));
        cooldowns.failed("b/m", 0..1, &Error::new(Kind::Server, "broke").retry(Retry::After(Duration::ZERO)), at(1));
        assert_eq!(cooldowns.ready("a/m", 0, at(7)), at(8));
        assert_eq!(cooldowns.ready("a/m", 0, at(8)), at(0));
        assert_eq!(cooldowns.ready("b/m", 0, at(1)), at(0));
        let error = cooldowns.error("a/m", 0, at(5)).unwrap();
        assert_eq!((error.kind(), error.wait()), (Kind::RateLimited, Some(Duration::from_secs(3))));
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let cooldowns = Cooldowns::default();
        for n in 0..100 {
            cooldowns.failed(&format!("a/{n}"), 0..1, &told(1), at(n));
        }
        assert_eq!(cooldowns.0.lock().unwrap().len(), 1);
    }
}
