//! What vendors say of their own limits, kept across calls, so that the next one goes elsewhere before it is refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::windows::Windows;
use crate::error::{Error, Kind, Result, Retry};
use crate::policy::{Attempt, Next, Policy, Reply};
use crate::world::{BoxFuture, Tick};

/// The limits of all targets as they were said last, by label and key. As a policy, takes note of what attempts use and what
/// their answers say.
#[derive(Default)]
pub(crate) struct VendorLimits(Mutex<HashMap<String, Vec<(usize, Windows)>>>);

impl VendorLimits {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<(usize, Windows)>>> {
        // A panic while the lock is held leaves the windows as they were: they stay good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what an answer says: from now on it is what counts.
    pub(crate) fn told(&self, target: &str, key: usize, windows: &Windows, now: Tick) {
        let mut limits = self.lock();
        if !limits.contains_key(target) {
            // Labels come from callers: what has passed is forgotten, so that they cannot fill the memory.
            limits.retain(|_, keys| {
                keys.retain(|(_, windows)| !windows.is_over(now));
                !keys.is_empty()
            });
        }
        let keys = limits.entry(target.to_owned()).or_default();
        keys.retain(|(known, _)| *known != key);
        keys.push((key, windows.clone()));
    }

    /// Takes note of an attempt that begins: until the next answer, it counts. `tokens` are those of its prompt, guessed.
    pub(crate) fn sent(&self, target: &str, key: usize, tokens: impl FnOnce() -> u64, now: Tick) {
        let mut limits = self.lock();
        let mut keys = limits.get_mut(target).into_iter().flatten();
        if let Some((_, windows)) = keys.find(|(known, _)| *known == key) {
            windows.sent(tokens(), now);
        }
    }

    /// When the target may be tried with the key: the time zero, or when all that is used up has something left again.
    pub(crate) fn ready(&self, target: &str, key: usize, now: Tick) -> Tick {
        let limits = self.lock();
        let mut keys = limits.get(target).into_iter().flatten();
        keys.find(|(known, _)| *known == key).map(|(_, windows)| windows.ready(now)).unwrap_or_default()
    }

    /// The error of a call that does not wait until then.
    pub(crate) fn error(&self, target: &str, key: usize, now: Tick) -> Option<Error> {
        let wait = self.ready(target, key, now) - now;
        if wait.is_zero() {
            return None;
        }
        // Rounded up: whoever waits as long as it says comes in time.
        let shown = Duration::from_millis(u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX));
        let shown = humantime::format_duration(shown);
        let message = format!("the rate limit of {target} is used up for another {shown}, nothing was sent");
        Some(Error::new(Kind::RateLimited, message).retry(Retry::After(wait)))
    }
}

impl Policy<Attempt> for Arc<VendorLimits> {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        let (target, key) = (Arc::clone(&attempt.target), attempt.key);
        let world = Arc::clone(&attempt.call.world);
        self.sent(&target.label, key, || attempt.call.request.rough_tokens(), world.now());
        Box::pin(async move {
            let reply = next.run(attempt).await?;
            if let Some(windows) = &reply.head.limits {
                self.told(&target.label, key, windows, world.now());
            }
            Ok(reply)
        })
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName};

    use super::*;
    use crate::sim::Sim;

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    /// One window with so much left until so many seconds have passed.
    fn said(left: &'static str, seconds: &'static str) -> Windows {
        let headers = [("x-ratelimit-remaining", left), ("x-ratelimit-reset", seconds)];
        let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        Windows::read(&HeaderMap::from_iter(headers), &Sim::new(1)).unwrap()
    }

    #[test]
    fn each_key_of_each_target_has_its_own() {
        let limits = VendorLimits::default();
        let used_up = said("0", "10");
        limits.told("a/m", 0, &used_up, at(0));
        assert_eq!(limits.ready("a/m", 0, at(4000)), at(10_000));
        assert_eq!((limits.ready("a/m", 1, at(0)), limits.ready("a/n", 0, at(0))), (at(0), at(0)));
        let error = limits.error("a/m", 0, at(4000)).unwrap();
        assert_eq!((error.kind(), error.wait()), (Kind::RateLimited, Some(Duration::from_secs(6))));
        assert_eq!(error.to_string(), "the rate limit of a/m is used up for another 6s, nothing was sent");
        assert!(limits.error("a/m", 1, at(0)).is_none());
        let fine = said("1", "10");
        limits.told("a/m", 0, &fine, at(5000));
        assert_eq!(limits.ready("a/m", 0, at(5000)), at(0));
        limits.sent("a/m", 0, || 1, at(5000));
        assert_eq!(limits.ready("a/m", 0, at(5000)), at(10_000));
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let limits = VendorLimits::default();
        let over = said("0", "1");
        for n in 0..100 {
            limits.told(&format!("a/{n}"), 0, &over, at(2000));
        }
        assert_eq!(limits.lock().len(), 1);
    }
}
