//! What is counted while a simulation runs, and the figures that are made of it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::report::{Figures, Percentiles, Point, Share};
use crate::model::Money;
use crate::world::Tick;

/// How many points a series has at most, within the run.
const POINTS: u64 = 360;
/// Prices are for so many tokens.
const MILLION: u128 = 1_000_000;

/// Counts of one run.
#[derive(Default)]
pub(super) struct Tally {
    step: Duration,
    targets: Vec<Target>,
    hedges: u64,
    checks: u64,
    /// The times of what was answered and of what failed, in nanoseconds.
    answered: Vec<u64>,
    failed: Vec<u64>,
    failures: BTreeMap<&'static str, u64>,
    points: Vec<Step>,
}

#[derive(Default)]
struct Target {
    label: String,
    attempts: u64,
    answers: u64,
    /// Nano-dollars for a million tokens, times tokens.
    charged: u128,
}

#[derive(Clone, Default)]
struct Step {
    requests: u64,
    failures: u64,
    answered: Vec<u64>,
    /// By target.
    attempts: Vec<u64>,
}

/// The distance of the points of a series: a second, or as many as make 360 points.
pub(super) fn step(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs().div_ceil(POINTS).max(1))
}

impl Tally {
    pub(super) fn new<'a>(duration: Duration, labels: impl Iterator<Item = &'a String>) -> Self {
        let target = |label: &String| Target { label: label.clone(), ..Target::default() };
        Tally { step: step(duration), targets: labels.map(target).collect(), ..Tally::default() }
    }

    fn point(&mut self, at: Tick) -> Option<&mut Step> {
        let index = at.since_start().as_nanos() / self.step.as_nanos().max(1);
        let index = usize::try_from(index).ok()?;
        if self.points.len() <= index {
            let empty = Step { attempts: vec![0; self.targets.len()], ..Step::default() };
            self.points.resize(index + 1, empty);
        }
        self.points.get_mut(index)
    }

    /// A request goes to a target; as a `hedge`, beside another one of the same call.
    pub(super) fn asked(&mut self, target: usize, now: Tick, hedge: bool) {
        self.hedges += u64::from(hedge);
        if let Some(target) = self.targets.get_mut(target) {
            target.attempts += 1;
        }
        if let Some(attempts) = self.point(now).and_then(|point| point.attempts.get_mut(target)) {
            *attempts += 1;
        }
    }

    /// The gateway asks a target of its own accord.
    pub(super) fn checked(&mut self) {
        self.checks += 1;
    }

    pub(super) fn charged(&mut self, target: usize, amount: u128) {
        if let Some(target) = self.targets.get_mut(target) {
            target.charged += amount;
        }
    }

    /// A call is over. What no target answered was answered in place of one.
    pub(super) fn ended(&mut self, began: Tick, now: Tick, outcome: Result<Option<usize>, &'static str>) {
        let time = u64::try_from((now - began).as_nanos()).unwrap_or(u64::MAX);
        match outcome {
            Ok(target) => {
                self.answered.push(time);
                if let Some(target) = target.and_then(|target| self.targets.get_mut(target)) {
                    target.answers += 1;
                }
            }
            Err(kind) => {
                self.failed.push(time);
                *self.failures.entry(kind).or_default() += 1;
            }
        }
        if let Some(point) = self.point(began) {
            point.requests += 1;
            match outcome {
                Ok(_) => point.answered.push(time),
                Err(_) => point.failures += 1,
            }
        }
    }

    /// The figures.
    pub(super) fn figures(mut self) -> Figures {
        let failures = self.failed.len() as u64;
        let requests = self.answered.len() as u64 + failures;
        let latency = percentiles(&mut self.answered);
        self.failed.append(&mut self.answered);
        let latency_all = percentiles(&mut self.failed);
        let attempts: u64 = self.targets.iter().map(|target| target.attempts).sum();
        let charged = self.targets.iter().map(|target| target.charged).sum();
        let share = |target: &Target| Share {
            target: target.label.clone(),
            attempts: target.attempts,
            answers: target.answers,
            share: ratio(target.answers, requests),
            cost: money(target.charged),
        };
        let step = self.step;
        let point = |(at, mut point): (u32, Step)| Point {
            at: step * at,
            requests: point.requests,
            failures: point.failures,
            p95: (!point.answered.is_empty()).then(|| percentiles(&mut point.answered).p95),
            attempts: point.attempts,
        };
        Figures {
            requests,
            failures,
            error_rate: ratio(failures, requests),
            kinds: self.failures.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect(),
            latency,
            latency_all,
            attempts,
            attempts_per_request: ratio(attempts, requests),
            hedges: self.hedges,
            checks: self.checks,
            cost: money(charged),
            targets: self.targets.iter().map(share).collect(),
            series: (0..).zip(self.points).map(point).collect(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "no run has that many requests")]
fn ratio(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

fn money(charged: u128) -> Money {
    Money { nano_usd: i64::try_from(charged.div_ceil(MILLION)).unwrap_or(i64::MAX) }
}

/// Each the smallest time that this share of all does not exceed.
fn percentiles(times: &mut [u64]) -> Percentiles {
    times.sort_unstable();
    let at = |permille: usize| {
        let rank = (times.len() * permille).div_ceil(1000).max(1);
        times.get(rank - 1).copied().map_or(Duration::ZERO, Duration::from_nanos)
    };
    Percentiles { p50: at(500), p95: at(950), p99: at(990), p999: at(999) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_occurred() {
        let mut times: Vec<u64> = (1..=1000).rev().collect();
        let Percentiles { p50, p95, p99, p999 } = percentiles(&mut times);
        assert_eq!([p50, p95, p99, p999].map(|time| time.as_nanos()), [500, 950, 990, 999]);
        assert_eq!(percentiles(&mut [7]).p999, Duration::from_nanos(7));
        assert_eq!(percentiles(&mut []), Percentiles::default());
    }

    #[test]
    fn money_is_rounded_up_once() {
        let labels = ["a".to_owned()];
        let mut tally = Tally::new(Duration::from_secs(3600), labels.iter());
        for _ in 0..3 {
            tally.charged(0, 500_000);
        }
        assert_eq!(tally.figures().cost.nano_usd, 2);
        assert_eq!(step(Duration::from_secs(3600)), Duration::from_secs(10));
        assert_eq!(step(Duration::from_secs(300)), Duration::from_secs(1));
    }
}
