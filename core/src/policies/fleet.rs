//! What this process knows of its targets, their regions and its routes. It outlives calls and configurations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;

use super::breaker::{Breaker, BreakerPolicy};
use super::health::refused;
use super::hedge::Hedges;
use super::latency::Sketch;
use super::retry_budget::RetryBudget;
use super::tail::Times;
use super::vitals::Vitals;
use crate::config::Route;
use crate::error::Error;
use crate::model::fingerprint::Hash;
use crate::model::{Quantiles, Request, TargetHealth};
use crate::policy::Call;
use crate::subscription::tell;
use crate::target::Target;
use crate::world::Tick;

/// So many are remembered: labels come from callers, who must not be able to fill the memory.
const MOST: usize = 10_000;

/// Everything that is known, by name.
#[derive(Default)]
pub(crate) struct Fleet {
    targets: Keyed<TargetState>,
    regions: Keyed<RegionState>,
    routes: Keyed<RouteState>,
    observers: RwLock<Vec<Weak<Observer>>>,
}

/// Told of a target whose state has changed.
pub(crate) type Observer = dyn Fn(&TargetHealth) + Send + Sync;

impl Fleet {
    /// For as long as the observer is there.
    pub(crate) fn observe(&self, observer: Weak<Observer>) {
        let mut observers = self.observers.write().unwrap_or_else(PoisonError::into_inner);
        observers.retain(|observer| observer.strong_count() > 0);
        observers.push(observer);
    }

    /// Tells those who want to know if a target's state is another than before.
    pub(super) fn notice(&self, label: &str, state: &TargetState, now: Tick) {
        let mut vitals = state.lock();
        let current = vitals.state(now);
        if std::mem::replace(&mut vitals.shown, current) == current {
            return;
        }
        drop(vitals);
        // A copy: one that is told may observe more.
        let observers: Vec<_> = {
            let observers = self.observers.read().unwrap_or_else(PoisonError::into_inner);
            observers.iter().filter_map(Weak::upgrade).collect()
        };
        if !observers.is_empty() {
            let health = state.health(label, now);
            for observer in &observers {
                tell(|| observer(&health));
            }
        }
    }

    pub(crate) fn target(&self, target: &Target) -> Arc<TargetState> {
        self.targets.get(&target.label)
    }

    /// What all keys and models of one address share.
    pub(crate) fn region(&self, target: &Target) -> Arc<RegionState> {
        self.regions.get(target.endpoint.origin())
    }

    /// The error of a call to a target whose breaker is open, or whose region's is.
    pub(super) fn refuses(&self, target: &Target, state: &TargetState, call: &Call, now: Tick) -> Option<Error> {
        let policy = call.route.breaker.as_ref()?;
        let of = |whom: &str, (until, last): (Tick, Option<Error>)| {
            refused(whom, until, now, last.as_ref()).provider(target.provider())
        };
        let region = self.region(target).refuses(policy, now).map(|found| of(target.endpoint.origin(), found));
        region.or_else(|| state.refuses(policy, now).map(|found| of(&target.label, found)))
    }

    /// Whether all targets of a route fail.
    pub(super) fn all_fail(&self, route: &Route) -> bool {
        route.targets.iter().all(|target| self.target(target).lock().is_failing())
    }

    /// How all targets are that were called, by their names.
    pub(crate) fn health(&self, now: Tick) -> Vec<TargetHealth> {
        let targets = self.targets.0.read().unwrap_or_else(PoisonError::into_inner);
        let all = targets.iter().map(|(label, state)| state.health(label, now));
        // What a plan only thought of is known by its name alone.
        let mut all: Vec<_> = all.filter(|target| target.requests > 0 || target.in_flight > 0).collect();
        all.sort_by(|a, b| a.target.cmp(&b.target));
        all
    }

    pub(crate) fn route(&self, route: &Route) -> Arc<RouteState> {
        self.routes.get(&route.name)
    }
}

/// What is known of a target.
#[derive(Default)]
pub(crate) struct TargetState(Mutex<Vitals>);

impl TargetState {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Vitals> {
        lock(&self.0)
    }

    fn health(&self, label: &str, now: Tick) -> TargetHealth {
        let vitals = self.lock();
        let view = vitals.breaker.view(now);
        let (requests, failures) = vitals.counts();
        TargetHealth {
            target: label.to_owned(),
            state: vitals.state(now),
            since: now - view.since,
            why: view.why.map(|why| why.to_string()),
            retry_in: view.until.map(|until| (until - now).as_secs_f64()),
            last_error: vitals.last_error().map(ToString::to_string),
            in_flight: vitals.underway.count(),
            requests,
            failures,
            // Three digits, which are the same on every platform, and more than so few calls can tell.
            failure_rate: (vitals.failure_rate(now) * 1000.0).round() / 1000.0,
            first_content: quantiles(&vitals.first_content, now),
            total: quantiles(&vitals.total, now),
        }
    }

    /// Until when its breaker lets nothing through, and what it said last.
    pub(super) fn refuses(&self, policy: &BreakerPolicy, now: Tick) -> Option<(Tick, Option<Error>)> {
        let vitals = self.lock();
        let until = vitals.breaker.refuses(policy, now)?;
        Some((until, vitals.last_error().cloned()))
    }
}

fn quantiles(sketch: &Sketch, now: Tick) -> Quantiles {
    let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|q| sketch.quantile(q, now).map(|time| time.as_secs_f64()));
    Quantiles { p50, p95, p99 }
}

/// What is known of an address.
#[derive(Default)]
pub(crate) struct RegionState(Mutex<Region>);

#[derive(Default)]
pub(crate) struct Region {
    pub(crate) breaker: Breaker,
    pub(crate) last_error: Option<Error>,
}

impl RegionState {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Region> {
        lock(&self.0)
    }

    pub(super) fn refuses(&self, policy: &BreakerPolicy, now: Tick) -> Option<(Tick, Option<Error>)> {
        let region = self.lock();
        let until = region.breaker.refuses(policy, now)?;
        Some((until, region.last_error.clone()))
    }
}

/// What is known of a route.
#[derive(Default)]
pub(crate) struct RouteState(Mutex<Habits>);

#[derive(Default)]
pub(crate) struct Habits {
    /// What pays for further attempts while all of its targets fail.
    pub(crate) budget: RetryBudget,
    pub(crate) hedges: Hedges,
    /// How long its plain answers take, and its streams to their first content.
    plain: Times,
    streamed: Times,
    /// Where the beginnings of prompts went, and until when they are likely to be cached there.
    pub(crate) warm: HashMap<u64, (u64, Tick)>,
}

/// How long vendors keep the beginning of a prompt, at least: 5 minutes from its last use.
const WARM: Duration = Duration::from_secs(300);
/// So many beginnings are remembered.
const MOST_WARM: usize = 10_000;

impl Habits {
    /// How long its answers take, or its streams to their first content.
    pub(super) fn times(&mut self, streams: bool) -> &mut Times {
        if streams { &mut self.streamed } else { &mut self.plain }
    }

    /// The beginning of a prompt was sent to a target.
    pub(super) fn warmed(&mut self, request: &Request, label: &str, now: Tick) {
        let Some(key) = request.beginning() else { return };
        if self.warm.len() >= MOST_WARM {
            self.warm.retain(|_, (_, until)| *until > now);
        }
        if self.warm.len() < MOST_WARM || self.warm.contains_key(&key) {
            self.warm.insert(key, (Hash::new().add(label.as_bytes()).finish(), now + WARM));
        }
    }
}

impl RouteState {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Habits> {
        lock(&self.0)
    }
}

/// A panic while a lock is held leaves numbers that are a little off, and good enough.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// States by name, made when they are first asked for.
#[derive(Default)]
struct Keyed<T>(RwLock<HashMap<String, Arc<T>>>);

impl<T: Default> Keyed<T> {
    fn get(&self, name: &str) -> Arc<T> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Arc::clone(known);
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            // Who is in use stays; of the others all can be learnt again.
            all.retain(|_, state| Arc::strong_count(state) > 1);
        }
        Arc::clone(all.entry(name.to_owned()).or_default())
    }
}
