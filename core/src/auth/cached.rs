//! What is fetched once for all callers and kept until shortly before it expires.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::lock::Mutex as AsyncMutex;

use crate::error::{Error, Kind, Result, Retry};
use crate::world::World;

/// How long before its end a value is fetched anew. Vendors have the next one ready by then.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// How long to wait for one. Who does not answer by then (a metadata server behind one hop too many) answers nothing.
const LIMIT: Duration = Duration::from_secs(10);

fn too_slow() -> Error {
    let message = format!("no credentials came within {}", humantime::format_duration(LIMIT));
    Error::new(Kind::Timeout, message).retry(Retry::After(Duration::ZERO))
}

/// A value that expires.
pub(crate) struct Cached<T> {
    known: Mutex<Known<T>>,
    /// Held by the one caller that fetches.
    fetching: AsyncMutex<()>,
}

struct Known<T> {
    value: Option<Held<T>>,
    /// How many fetches have failed: who waited for one that did has its answer.
    failures: u64,
    /// What the last of them failed with.
    failure: Option<Error>,
}

struct Held<T> {
    value: Arc<T>,
    /// On the wall clock.
    expires: Duration,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        let known = Known { value: None, failures: 0, failure: None };
        Cached { known: Mutex::new(known), fetching: AsyncMutex::new(()) }
    }
}

impl<T> Cached<T> {
    /// The value, fetched with its moment of expiry where it is needed anew. While one caller fetches, the others take the
    /// old value as long as it holds, and wait otherwise. If it fails, they fail with it.
    pub(crate) async fn get<F>(&self, world: &dyn World, fetch: impl FnOnce() -> F) -> Result<Arc<T>>
    where
        F: Future<Output = Result<(T, Duration)>>,
    {
        if let Some(value) = self.valid(world.unix_time() + EARLY) {
            return Ok(value);
        }
        let old = self.valid(world.unix_time());
        let failures = self.lock().failures;
        let _fetching = match (self.fetching.try_lock(), old) {
            (Some(guard), _) => guard,
            (None, Some(old)) => return Ok(old),
            (None, None) => self.fetching.lock().await,
        };
        // Whoever fetched before may have brought what this caller needs.
        if let Some(value) = self.valid(world.unix_time() + EARLY) {
            return Ok(value);
        }
        if let Some(error) = self.failure_since(failures) {
            return self.valid(world.unix_time()).ok_or(error);
        }
        let limit = world.sleep(world.now() + LIMIT);
        let fetched = match select(pin!(fetch()), limit).await {
            Either::Left((fetched, _)) => fetched,
            Either::Right(_) => Err(too_slow()),
        };
        match fetched {
            Ok((value, expires)) => {
                let value = Arc::new(value);
                self.lock().value = Some(Held { value: Arc::clone(&value), expires });
                Ok(value)
            }
            Err(error) => {
                let mut known = self.lock();
                known.failures += 1;
                known.failure = Some(error.clone());
                drop(known);
                self.valid(world.unix_time()).ok_or(error)
            }
        }
    }

    /// The value that was fetched last, even where it has expired.
    pub(crate) fn last(&self) -> Option<Arc<T>> {
        self.lock().value.as_ref().map(|held| Arc::clone(&held.value))
    }

    fn valid(&self, at: Duration) -> Option<Arc<T>> {
        self.lock().value.as_ref().filter(|held| held.expires > at).map(|held| Arc::clone(&held.value))
    }

    /// What the last fetch failed with, if that was after so many failures.
    fn failure_since(&self, failures: u64) -> Option<Error> {
        let known = self.lock();
        known.failure.clone().filter(|_| known.failures > failures)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known<T>> {
        // Nothing in between panics, and each field by itself is good.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures_util::future::join_all;

    use super::*;
    use crate::sim::Sim;
    use crate::world::Tick;

    /// What is fetched counts up; it takes a second, and holds for an hour.
    async fn fetch(count: &AtomicU64, world: &Sim) -> Result<(u64, Duration)> {
        world.sleep(world.now() + Duration::from_secs(1)).await;
        Ok((count.fetch_add(1, Ordering::Relaxed), world.unix_time() + Duration::from_secs(3600)))
    }

    #[test]
    fn one_fetches_for_all_and_again_before_the_end() {
        let (sim, count, cached) = (Sim::new(1), AtomicU64::new(0), Cached::default());
        let get = || cached.get(&sim, || fetch(&count, &sim));
        let later = |seconds| sim.run(sim.sleep(sim.now() + Duration::from_secs(seconds)));
        let together = || sim.run(join_all((0..5).map(|_| get())));
        let values = |all: Vec<Result<Arc<u64>>>| all.into_iter().map(|value| *value.unwrap()).collect::<Vec<_>>();
        assert_eq!(values(together()), [0; 5]);
        later(3000);
        assert_eq!(values(together()), [0; 5]);
        later(400);
        // The first fetches, the others go on with what they have.
        assert_eq!(values(together()), [1, 0, 0, 0, 0]);
        assert_eq!((cached.last().as_deref(), count.load(Ordering::Relaxed)), (Some(&1), 2));
    }

    #[test]
    fn one_failure_answers_all_who_waited_for_it() {
        let (sim, count, cached) = (Sim::new(1), AtomicU64::new(0), Cached::<u64>::default());
        let fails = || async {
            fetch(&count, &sim).await?;
            Err(Error::new(Kind::Connection, "broken"))
        };
        let together = || sim.run(join_all((0..5).map(|_| cached.get(&sim, fails))));
        let kinds = |all: Vec<Result<Arc<u64>>>| all.into_iter().map(|it| it.unwrap_err().kind()).collect::<Vec<_>>();
        for tries in [1, 2] {
            assert_eq!(kinds(together()), [Kind::Connection; 5]);
            // Who comes later asks anew.
            assert_eq!(count.load(Ordering::Relaxed), tries);
            assert_eq!(sim.now(), Tick::new(Duration::from_secs(tries)));
        }
        assert_eq!(sim.run(cached.get(&sim, || fetch(&count, &sim))).ok(), Some(Arc::new(2)));
    }

    #[test]
    fn what_holds_outlives_a_failed_fetch_and_nothing_else_does() {
        let (sim, count, cached) = (Sim::new(1), AtomicU64::new(0), Cached::default());
        let fails = || async { Err(Error::new(Kind::Connection, "broken")) };
        assert!(sim.run(cached.get(&sim, fails)).is_err());
        sim.run(cached.get(&sim, || fetch(&count, &sim))).unwrap();
        sim.run(sim.sleep(sim.now() + Duration::from_secs(3500)));
        assert_eq!(sim.run(cached.get(&sim, fails)).ok(), Some(Arc::new(0)));
        sim.run(sim.sleep(sim.now() + Duration::from_secs(200)));
        assert_eq!(sim.run(cached.get(&sim, fails)).unwrap_err().kind(), Kind::Connection);
    }

    #[test]
    fn who_never_answers_is_not_waited_for() {
        let (sim, count, cached) = (Sim::new(1), AtomicU64::new(0), Cached::default());
        let hangs = || std::future::pending::<Result<(u64, Duration)>>();
        assert_eq!(sim.run(cached.get(&sim, hangs)).unwrap_err().kind(), Kind::Timeout);
        assert_eq!(sim.now(), Tick::new(LIMIT));
        sim.run(cached.get(&sim, || fetch(&count, &sim))).unwrap();
        sim.run(sim.sleep(sim.now() + Duration::from_secs(3500)));
        // What holds is good enough.
        assert_eq!(sim.run(cached.get(&sim, hangs)).ok(), Some(Arc::new(0)));
    }

    #[test]
    fn who_gives_up_leaves_the_fetching_to_the_next() {
        let (sim, count, cached) = (Sim::new(1), AtomicU64::new(0), Cached::default());
        {
            let mut first = Box::pin(cached.get(&sim, || fetch(&count, &sim)));
            assert!(futures_util::FutureExt::now_or_never(&mut first).is_none());
        }
        assert_eq!(sim.run(cached.get(&sim, || fetch(&count, &sim))).ok(), Some(Arc::new(0)));
    }
}
