//! Keys that do not work: each rests, is tried again by one call at a time, and is back as soon as it works.
//!
//! Only the keys of a pool rest. Where a provider has one key there is nothing to spare: its error comes at once anyway,
//! and a key that was mended works at the next call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{Error, Kind, Result, Retry};
use crate::model::Skipped;
use crate::policy::{Attempt, Next, Policy, Reply};
use crate::target::Target;
use crate::world::{BoxFuture, Tick};

/// How long what did not fail again is remembered after its rest.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// One of the keys of a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolKey<'a> {
    /// The provider's name in the configuration.
    pub(crate) provider: &'a str,
    /// `provider/model`.
    pub(crate) target: &'a str,
    pub(crate) index: usize,
    /// How many keys the provider has.
    pub(crate) count: usize,
}

impl<'a> PoolKey<'a> {
    pub(crate) fn of(target: &'a Target, index: usize) -> Self {
        PoolKey {
            provider: target.provider(),
            target: &target.label,
            index,
            count: target.endpoint.credentials.count(),
        }
    }
}

/// The keys that rest. As a policy, refuses an attempt with one of them, and takes note of how others end.
///
/// A key that the provider does not know (401) rests for all models. One that may not do this (403) or has no quota left
/// rests for the model only: rights and quotas are often a model's, and a request for one must not take the others down.
#[derive(Default)]
pub(crate) struct KeyPools(Mutex<HashMap<String, Vec<Rest>>>);

/// The rest of one key: a pure machine.
#[derive(Clone)]
struct Rest {
    key: usize,
    /// When it failed last.
    since: Tick,
    length: Duration,
    /// A call tries it.
    tried: bool,
    /// What the provider said.
    error: Error,
}

impl Policy<Attempt> for Arc<KeyPools> {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        if attempt.target.endpoint.credentials.count() < 2 {
            return next.run(attempt);
        }
        Box::pin(async move {
            let world = Arc::clone(&attempt.call.world);
            let target = Arc::clone(&attempt.target);
            let key = PoolKey::of(&target, attempt.key);
            let trial = self.begin(key, world.now())?;
            let outcome = next.run(attempt).await;
            match &outcome {
                Ok(_) => self.worked(key),
                Err(error) => self.failed(key, error, world.now()),
            }
            drop(trial);
            outcome
        })
    }
}

/// How long keys rest that failed like this, at first and at most; `None` for what is not the key's fault.
fn rests(kind: Kind) -> Option<(Duration, Duration)> {
    match kind {
        Kind::Unauthenticated | Kind::PermissionDenied => Some((Duration::from_secs(30), Duration::from_secs(600))),
        Kind::QuotaExhausted => Some((Duration::from_secs(60), Duration::from_secs(3600))),
        _ => None,
    }
}

impl Rest {
    fn new(key: usize, length: Duration, error: &Error, now: Tick) -> Self {
        Rest { key, since: now, length, tried: false, error: error.clone() }
    }

    /// The first length of its rest.
    fn first(&self) -> Duration {
        rests(self.error.kind()).map_or(self.length, |(first, _)| first)
    }

    /// It failed again: at the end of its rest, and not as one of several calls that were under way when it first failed.
    fn again(&mut self, error: &Error, now: Tick) {
        if now < self.since + self.first() {
            return;
        }
        let Some((first, most)) = rests(error.kind()) else { return };
        let length = self.length.saturating_mul(2).clamp(first, most);
        *self = Rest { tried: self.tried, ..Rest::new(self.key, length, error, now) };
    }

    /// When it may be tried.
    fn ready(&self, pool: Pool, now: Tick) -> Tick {
        match pool {
            // What comes of it is not known: whoever can, goes elsewhere.
            _ if self.tried => now + self.first(),
            Pool::SomeWork => self.since + self.length,
            Pool::NoneWorks => self.since + self.length.min(self.first()),
            Pool::NoneMay => Tick::default(),
        }
    }

    fn is_over(&self, now: Tick) -> bool {
        !self.tried && self.since + self.length + REMEMBERED <= now
    }
}

/// What is left of a pool.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pool {
    /// A long rest spares calls the way to a key that others stand in for.
    SomeWork,
    /// Every key has failed. The end of what may be the provider's own outage must not be missed: no rest grows.
    NoneWorks,
    /// Every key was told that it may not do this, which is not the keys' fault: none rests.
    NoneMay,
}

impl Pool {
    fn of(pools: &HashMap<String, Vec<Rest>>, key: PoolKey<'_>) -> Self {
        let rest = |index| own(pools, PoolKey { index, ..key }).next();
        if (0..key.count).any(|index| rest(index).is_none()) {
            Pool::SomeWork
        } else if (0..key.count).filter_map(rest).all(|rest| rest.error.kind() == Kind::PermissionDenied) {
            Pool::NoneMay
        } else {
            Pool::NoneWorks
        }
    }
}

/// The rests of a key: that for all models, and that for this one.
fn own<'a>(pools: &'a HashMap<String, Vec<Rest>>, key: PoolKey<'a>) -> impl Iterator<Item = &'a Rest> {
    let rests = [key.provider, key.target].into_iter().filter_map(|whose| pools.get(whose)).flatten();
    rests.filter(move |rest| rest.key == key.index)
}

impl KeyPools {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Rest>>> {
        // A panic while the lock is held leaves the rests as they were: they stay good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a failure of an attempt with this key.
    pub(crate) fn failed(&self, key: PoolKey<'_>, error: &Error, now: Tick) {
        let Some((first, _)) = rests(error.kind()).filter(|_| key.count > 1) else { return };
        let whose = if error.kind() == Kind::Unauthenticated { key.provider } else { key.target };
        let mut pools = self.lock();
        if !pools.contains_key(whose) {
            // Labels come from callers: what has passed is forgotten, so that they cannot fill the memory.
            pools.retain(|_, rests| {
                rests.retain(|rest| !rest.is_over(now));
                !rests.is_empty()
            });
        }
        let rests = pools.entry(whose.to_owned()).or_default();
        match rests.iter_mut().find(|rest| rest.key == key.index) {
            Some(rest) => rest.again(error, now),
            None => rests.push(Rest::new(key.index, first, error, now)),
        }
    }

    /// The key works: an attempt with it was answered.
    pub(crate) fn worked(&self, key: PoolKey<'_>) {
        if key.count < 2 {
            return;
        }
        let mut pools = self.lock();
        for whose in [key.provider, key.target] {
            if let Some(rests) = pools.get_mut(whose) {
                rests.retain(|rest| rest.key != key.index);
                if rests.is_empty() {
                    pools.remove(whose);
                }
            }
        }
    }

    /// When an attempt with the key may be made: the time zero where that is now.
    pub(crate) fn ready(&self, key: PoolKey<'_>, now: Tick) -> Tick {
        if key.count < 2 {
            return Tick::default();
        }
        ready(&self.lock(), key, now).map_or(Tick::default(), |(at, _)| at)
    }

    /// Begins an attempt with the key. Where it has failed before, the attempt is the only one until the trial is dropped;
    /// where another has it, or the key still rests, the error says so.
    pub(crate) fn begin<'a>(&'a self, key: PoolKey<'a>, now: Tick) -> Result<Option<Trial<'a>>> {
        if key.count < 2 {
            return Ok(None);
        }
        let mut pools = self.lock();
        if let Some((at, error)) = ready(&pools, key, now) {
            return Err(resting(error, key, at - now));
        }
        // What no key may do is not tried as what may have been mended, but as it is asked for.
        if own(&pools, key).next().is_none() || Pool::of(&pools, key) == Pool::NoneMay {
            return Ok(None);
        }
        mark(&mut pools, key, true);
        Ok(Some(Trial { pools: self, key }))
    }

    /// The error of a call that finds nothing else to try: what the provider said last, and the rest of the wait.
    pub(crate) fn error(&self, key: PoolKey<'_>, now: Tick) -> Option<Error> {
        if key.count < 2 {
            return None;
        }
        ready(&self.lock(), key, now).map(|(at, error)| resting(error, key, at - now))
    }
}

/// The end of the key's rest, where that is to come, and why it rests.
fn ready<'a>(pools: &'a HashMap<String, Vec<Rest>>, key: PoolKey<'a>, now: Tick) -> Option<(Tick, &'a Error)> {
    own(pools, key).next()?;
    let pool = Pool::of(pools, key);
    let ends = own(pools, key).map(|rest| (rest.ready(pool, now), &rest.error));
    ends.filter(|(at, _)| *at > now).max_by_key(|(at, _)| *at)
}

/// Whether a call tries the key.
fn mark(pools: &mut HashMap<String, Vec<Rest>>, key: PoolKey<'_>, tried: bool) {
    for whose in [key.provider, key.target] {
        let rests = pools.get_mut(whose).into_iter().flatten();
        rests.filter(|rest| rest.key == key.index).for_each(|rest| rest.tried = tried);
    }
}

#[cold]
fn resting(error: &Error, key: PoolKey<'_>, wait: Duration) -> Error {
    let shown = Duration::from_millis(u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX));
    let message = format!(
        "api_keys[{}] of {} failed and rests for another {}, nothing was sent: {error}",
        key.index,
        key.provider,
        humantime::format_duration(shown)
    );
    error.clone().message(message).retry(Retry::Elsewhere).retry_after(Some(wait)).skip(Skipped::Cooldown)
}

/// The one attempt with a key that has failed, until it is dropped: before that, say whether it worked.
pub(crate) struct Trial<'a> {
    pools: &'a KeyPools,
    key: PoolKey<'a>,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        mark(&mut self.pools.lock(), self.key, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Chance;

    fn at(seconds: u64) -> Tick {
        Tick::new(Duration::from_secs(seconds))
    }

    fn key(index: usize) -> PoolKey<'static> {
        PoolKey { provider: "a", target: "a/m", index, count: 2 }
    }

    fn other(index: usize) -> PoolKey<'static> {
        PoolKey { target: "a/n", ..key(index) }
    }

    fn refused(kind: Kind) -> Error {
        Error::new(kind, "a/m answered with a refusal").retry(Retry::Elsewhere)
    }

    /// Fails until the moment, each time as soon as the key may be tried; when it was tried.
    fn outage(pools: &KeyPools, kind: Kind, until: u64) -> Vec<u64> {
        let (mut now, mut tried) = (at(0), Vec::new());
        while now < at(until) {
            tried.push(now.since_start().as_secs());
            let trial = pools.begin(key(0), now).unwrap();
            pools.failed(key(0), &refused(kind), now);
            drop(trial);
            now = pools.ready(key(0), now);
        }
        tried
    }

    #[test]
    fn a_key_that_keeps_failing_rests_twice_as_long_each_time() {
        assert_eq!(outage(&KeyPools::default(), Kind::Unauthenticated, 2200), [0, 30, 90, 210, 450, 930, 1530, 2130]);
        assert_eq!(outage(&KeyPools::default(), Kind::PermissionDenied, 100), [0, 30, 90]);
        assert_eq!(
            outage(&KeyPools::default(), Kind::QuotaExhausted, 11_000),
            [0, 60, 180, 420, 900, 1860, 3780, 7380, 10_980]
        );
        let pools = KeyPools::default();
        pools.failed(key(0), &refused(Kind::Server), at(0));
        assert_eq!(pools.ready(key(0), at(0)), at(0));
    }

    #[test]
    fn the_only_key_never_rests() {
        let pools = KeyPools::default();
        let only = PoolKey { count: 1, ..key(0) };
        pools.failed(only, &refused(Kind::Unauthenticated), at(0));
        assert_eq!(pools.ready(only, at(0)), at(0));
        assert!(pools.begin(only, at(0)).unwrap().is_none());
    }

    #[test]
    fn after_its_rest_one_call_at_a_time_tries_it_until_it_works() {
        let pools = KeyPools::default();
        pools.failed(key(0), &refused(Kind::Unauthenticated), at(0));
        let error = pools.begin(key(0), at(29)).err().unwrap();
        assert_eq!(
            (error.kind(), error.scope(), error.wait()),
            (Kind::Unauthenticated, Retry::Elsewhere, Some(Duration::from_secs(1)))
        );
        assert_eq!(
            error.to_string(),
            "api_keys[0] of a failed and rests for another 1s, nothing was sent: a/m answered with a refusal"
        );
        let trial = pools.begin(key(0), at(30)).unwrap();
        assert!(trial.is_some());
        assert!(pools.begin(key(0), at(30)).is_err() && pools.ready(key(0), at(30)) > at(30));
        // One that is cancelled says nothing, and makes room for the next.
        drop(trial);
        let trial = pools.begin(key(0), at(31)).unwrap();
        pools.worked(key(0));
        drop(trial);
        assert!(pools.begin(key(0), at(31)).unwrap().is_none());
        assert!(pools.lock().is_empty());
    }

    #[test]
    fn calls_that_fail_together_count_once() {
        let pools = KeyPools::default();
        for n in 0..10 {
            pools.failed(key(0), &refused(Kind::Unauthenticated), at(n));
        }
        assert_eq!(pools.ready(key(0), at(9)), at(30));
        assert_eq!(pools.error(key(0), at(9)).unwrap().wait(), Some(Duration::from_secs(21)));
        assert!(pools.error(key(1), at(9)).is_none());
    }

    #[test]
    fn an_unknown_key_rests_for_all_models_and_rights_and_quotas_are_the_models() {
        let pools = KeyPools::default();
        pools.failed(key(0), &refused(Kind::Unauthenticated), at(0));
        assert_eq!((pools.ready(key(0), at(0)), pools.ready(other(0), at(0))), (at(30), at(30)));
        assert_eq!(pools.ready(key(1), at(0)), at(0));
        for kind in [Kind::PermissionDenied, Kind::QuotaExhausted] {
            let pools = KeyPools::default();
            pools.failed(key(0), &refused(kind), at(0));
            assert!(pools.ready(key(0), at(0)) > at(0));
            assert_eq!(pools.ready(other(0), at(0)), at(0));
        }
    }

    #[test]
    fn where_all_keys_fail_none_rests_for_long() {
        let pools = KeyPools::default();
        outage(&pools, Kind::Unauthenticated, 500);
        assert_eq!(pools.ready(key(0), at(500)), at(930));
        pools.failed(key(1), &refused(Kind::Unauthenticated), at(500));
        assert_eq!(pools.ready(key(0), at(500)), at(0));
        assert_eq!(pools.ready(key(1), at(500)), at(530));
        // What no key may do is not the keys' fault.
        let pools = KeyPools::default();
        pools.failed(key(0), &refused(Kind::PermissionDenied), at(0));
        assert_eq!(pools.ready(key(0), at(0)), at(30));
        pools.failed(key(1), &refused(Kind::PermissionDenied), at(0));
        assert_eq!((pools.ready(key(0), at(0)), pools.ready(key(1), at(0))), (at(0), at(0)));
        assert!(pools.begin(key(0), at(0)).unwrap().is_none());
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let pools = KeyPools::default();
        for n in 0..100 {
            let target = format!("a/{n}");
            let key = PoolKey { target: &target, ..key(0) };
            pools.failed(key, &refused(Kind::PermissionDenied), at(n * 5000));
        }
        assert_eq!(pools.lock().len(), 1);
    }

    /// Whatever many calls do in whatever order: never two of them try a key that has failed, and one that works is free.
    #[test]
    fn a_key_that_has_failed_is_never_tried_by_two() {
        for seed in 0..200 {
            let mut chance = Chance::new(seed);
            let pools = KeyPools::default();
            let mut trials: Vec<Trial<'_>> = Vec::new();
            let mut now = at(0);
            for _ in 0..200 {
                match chance.next() % 4 {
                    0 => now = now + Duration::from_secs(chance.next() % 50),
                    1 => trials.extend(pools.begin(key(0), now).ok().flatten()),
                    2 => {
                        if chance.next().is_multiple_of(3) {
                            pools.worked(key(0));
                            assert_eq!(pools.ready(key(0), now), at(0));
                        } else {
                            pools.failed(key(0), &refused(Kind::Unauthenticated), now);
                            assert!(pools.ready(key(0), now) > now);
                        }
                        trials.clear();
                    }
                    _ => trials.clear(),
                }
                assert!(trials.len() <= 1, "{seed}");
            }
        }
    }
}
