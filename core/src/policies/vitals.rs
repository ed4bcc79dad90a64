//! What is known of a target from the calls that it had: a pure machine.

use std::time::Duration;

use super::breaker::{Breaker, State};
use super::latency::{Sketch, Underway};
use super::retry_budget::RetryBudget;
use crate::error::Error;
use crate::model::HealthState;
use crate::world::Tick;

/// So many failures in a row make a target one that fails, and so many successes make it well again. Fewer than open a
/// breaker: this only says whose attempts have to be paid for.
const IN_A_ROW: u32 = 3;
/// After this time a result counts half.
const HALF_LIFE: Duration = Duration::from_secs(10);

/// What is known of a target.
#[derive(Default)]
pub(crate) struct Vitals {
    pub(crate) breaker: Breaker,
    pub(crate) budget: RetryBudget,
    /// The times to the first content, and to the end, of the answers that were good.
    pub(crate) first_content: Sketch,
    pub(crate) total: Sketch,
    /// The attempts that have not ended.
    pub(crate) underway: Underway,
    recent: Recent,
    /// The last results that are all alike: how many, and whether they are failures.
    run: u32,
    run_fails: bool,
    failing: bool,
    /// The requests that failed and succeeded last, by their fingerprints.
    bad_request: Option<u64>,
    good_request: Option<u64>,
    requests: u64,
    failures: u64,
    last_error: Option<Error>,
    /// The state that observers were told of last.
    pub(super) shown: HealthState,
}

impl Vitals {
    /// An answer was good to its end.
    pub(crate) fn succeeded(&mut self, request: u64, first_content: Duration, total: Duration, now: Tick) {
        self.good_request = Some(request);
        self.first_content.record(first_content, now);
        self.total.record(total, now);
        self.requests += 1;
        self.note(false, now);
    }

    /// An attempt failed, by the target's fault. Its time counts nowhere: one that fails at once must not look fast.
    pub(crate) fn failed(&mut self, request: u64, error: Option<&Error>, now: Tick) {
        self.requests += 1;
        self.failures += 1;
        if let Some(error) = error {
            self.last_error = Some(error.clone());
        }
        // One request that fails again and again, while others are answered, is itself to blame.
        let again = self.bad_request == Some(request) && self.good_request.is_some_and(|good| good != request);
        self.bad_request = Some(request);
        if !again {
            self.note(true, now);
        }
    }

    fn note(&mut self, failed: bool, now: Tick) {
        self.recent.note(failed, now);
        self.run = if self.run_fails == failed { self.run.saturating_add(1) } else { 1 };
        self.run_fails = failed;
        if self.run >= IN_A_ROW {
            self.failing = failed;
        }
    }

    /// How it is.
    pub(super) fn state(&self, now: Tick) -> HealthState {
        match self.breaker.view(now).state {
            State::Closed if self.failing => HealthState::Failing,
            State::Closed => HealthState::Well,
            State::Open => HealthState::Open,
            State::Probing => HealthState::Probing,
            State::Ramping => HealthState::Returning,
        }
    }

    /// Whether it fails: then a further attempt at it is not free.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing
    }

    /// Whether it answers others: it does not fail, and most of its recent calls went well.
    pub(crate) fn is_well(&self, now: Tick) -> bool {
        !self.failing && self.requests > self.failures && self.failure_rate(now) < 0.5
    }

    /// The share of failures among its recent calls.
    pub(crate) fn failure_rate(&self, now: Tick) -> f64 {
        self.recent.rate(now)
    }

    /// How many calls it had, and how many of them failed.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.requests, self.failures)
    }

    /// What it said when it failed last.
    pub(crate) fn last_error(&self) -> Option<&Error> {
        self.last_error.as_ref()
    }
}

/// Results that fade with time.
#[derive(Default)]
struct Recent {
    all: f64,
    failed: f64,
    at: Tick,
}

impl Recent {
    fn fade(&self, now: Tick) -> f64 {
        (-((now - self.at).as_secs_f64() / HALF_LIFE.as_secs_f64())).exp2()
    }

    fn note(&mut self, failed: bool, now: Tick) {
        let fade = self.fade(now);
        self.all = self.all * fade + 1.0;
        self.failed = self.failed * fade + f64::from(u8::from(failed));
        self.at = now;
    }

    fn rate(&self, now: Tick) -> f64 {
        let fade = self.fade(now);
        // One call that nothing is known of keeps a single failure from meaning that all fail.
        self.failed * fade / (self.all * fade + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    #[test]
    fn it_fails_after_three_failures_and_is_well_after_three_answers() {
        let mut vitals = Vitals::default();
        for (n, failing) in [(1, false), (2, false), (3, true)] {
            vitals.failed(n, None, at(0));
            assert_eq!(vitals.is_failing(), failing);
        }
        for failing in [true, true, false] {
            vitals.succeeded(0, Duration::ZERO, Duration::ZERO, at(1));
            assert_eq!(vitals.is_failing(), failing);
        }
        assert_eq!(vitals.counts(), (6, 3));
    }

    #[test]
    fn failures_leave_no_latency_and_fade() {
        let mut vitals = Vitals::default();
        for n in 0..9 {
            vitals.failed(n, None, at(n));
        }
        assert_eq!(vitals.total.quantile(0.5, at(9)), None);
        assert!(vitals.failure_rate(at(9)) > 0.89);
        assert!(vitals.failure_rate(at(100_000)) < 0.01);
    }
}
