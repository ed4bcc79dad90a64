//! Targets that asked to be left alone, and until when: what one call was told, the next one heeds.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Retry};
use crate::world::Tick;

/// The targets that cool down, by label.
#[derive(Default)]
pub(crate) struct Cooldowns(Mutex<HashMap<String, Cooling>>);

#[derive(Clone)]
struct Cooling {
    until: Tick,
    /// What the target said, for a call that finds nothing else to try.
    error: Error,
}

impl Cooldowns {
    /// Takes note of a failure that says how long to wait.
    pub(crate) fn failed(&self, target: &str, error: &Error, now: Tick) {
        let Retry::After(asked) = error.scope() else { return };
        if asked.is_zero() {
            return;
        }
        let mut cooling = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Labels come from callers: what has passed is forgotten, so that they cannot fill the memory.
        cooling.retain(|_, cooling| cooling.until > now);
        let until = now + asked;
        if cooling.get(target).is_none_or(|cooling| cooling.until < until) {
            cooling.insert(target.to_owned(), Cooling { until, error: error.clone() });
        }
    }

    /// When the target may be tried: the time zero, or the moment that it named and that has not come yet.
    pub(crate) fn ready(&self, target: &str, now: Tick) -> Tick {
        self.find(target, now).map_or(Tick::default(), |cooling| cooling.until)
    }

    /// The error of a call that does not wait for the target: what it said last, and the rest of the wait.
    pub(crate) fn error(&self, target: &str, now: Tick) -> Option<Error> {
        let Cooling { until, error } = self.find(target, now)?;
        let rest = until - now;
        let message = format!(
            "{target} asked not to be called for another {}, nothing was sent: {error}",
            humantime::format_duration(rest)
        );
        Some(error.message(message).retry(Retry::After(rest)))
    }

    fn find(&self, target: &str, now: Tick) -> Option<Cooling> {
        let cooling = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cooling.get(target).filter(|cooling| cooling.until > now).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        cooldowns.failed("a/m", &told(7), at(1));
        cooldowns.failed("a/m", &told(2), at(2));
        cooldowns.failed("b/m", &Error::new(Kind::Server, "broke").retry(Retry::After(Duration::ZERO)), at(1));
        assert_eq!(cooldowns.ready("a/m", at(7)), at(8));
        assert_eq!(cooldowns.ready("a/m", at(8)), at(0));
        assert_eq!(cooldowns.ready("b/m", at(1)), at(0));
        let error = cooldowns.error("a/m", at(5)).unwrap();
        assert_eq!((error.kind(), error.wait()), (Kind::RateLimited, Some(Duration::from_secs(3))));
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let cooldowns = Cooldowns::default();
        for n in 0..100 {
            cooldowns.failed(&format!("a/{n}"), &told(1), at(n));
        }
        assert_eq!(cooldowns.0.lock().unwrap().len(), 1);
    }
}
