//! A limit of concurrency that follows its target: a pure machine.
//!
//! Latency is the time to the first content, of a plain answer to the answer. What it is while the target is not busy (at
//! most half of the limit under way) is the baseline; what it is otherwise is compared with it, over averages that decay:
//!
//! ```text
//! gradient = clamp(1.5 * baseline / busy, 0.5, 1)          1.5: noise is no congestion
//! limit    = 0.8 * limit + 0.2 * (limit * gradient + sqrt(limit))
//! ```
//!
//! A refusal for too much load (429, 503, 529, a timeout) takes 30 % off, once for all that were under way together. So
//! that a baseline is known where the target is always busy, each 1024 answers the limit is halved for as many answers
//! as it counts. Sources: "Performance Under Load", Netflix (Gradient2); BBR's probes of the round-trip time; AIMD.

use std::time::Duration;

use crate::config::ConcurrencyLimit;
use crate::world::Tick;

/// How much slower than the baseline is still no congestion.
const TOLERANCE: f64 = 1.5;
/// How much of the limit each answer decides anew.
const SMOOTHING: f64 = 0.2;
/// What is left of the limit after a refusal.
const CUT: f64 = 0.7;
/// After how many answers the baseline is looked at.
const LOOK: u32 = 1024;

/// The limit of one target as it was found so far.
#[derive(Debug, Default)]
pub(crate) struct Gradient {
    /// `None` until the first answer or refusal.
    limit: Option<f64>,
    /// Plain answers take the time of all their tokens, so each form is compared with its own kind.
    plain: Latency,
    streamed: Latency,
    answers: u32,
    /// When the limit was cut last.
    cut: Option<Tick>,
}

/// Averages, in seconds.
#[derive(Debug, Default)]
struct Latency {
    baseline: Average,
    busy: Average,
}

/// An average that decays.
#[derive(Debug, Default)]
struct Average {
    count: u32,
    mean: f64,
}

impl Average {
    /// Takes a value in, over about the last `window` of them.
    fn add(&mut self, value: f64, window: u32) {
        self.count = self.count.saturating_add(1).min(window);
        self.mean += (value - self.mean) / f64::from(self.count);
    }

    fn get(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }
}

impl Gradient {
    /// How many may be under way.
    pub(crate) fn limit(&self, settings: &ConcurrencyLimit) -> u32 {
        let limit = whole(self.exact(settings));
        match settings.adaptive {
            Some(bounds) if self.looks(limit) => (limit / 2).max(bounds.min),
            _ => limit,
        }
    }

    /// An answer has begun to come after `latency`, while `inside` were under way, itself among them.
    pub(crate) fn answered(&mut self, settings: &ConcurrencyLimit, inside: u32, latency: Duration, streamed: bool) {
        let Some(bounds) = settings.adaptive else { return };
        let limit = self.exact(settings);
        let light = inside <= (whole(limit) / 2).max(bounds.min);
        self.answers = self.answers.wrapping_add(1);
        let seen = if streamed { &mut self.streamed } else { &mut self.plain };
        let latency = latency.as_secs_f64();
        if light || seen.baseline.get().is_none() {
            seen.baseline.add(latency, 64);
        }
        // A target that is not busy says nothing of how much it can take.
        if light {
            return;
        }
        seen.busy.add(latency, 8);
        let (Some(baseline), Some(busy)) = (seen.baseline.get(), seen.busy.get()) else { return };
        let gradient = if busy > 0.0 { (TOLERANCE * baseline / busy).clamp(0.5, 1.0) } else { 1.0 };
        self.limit = Some((1.0 - SMOOTHING) * limit + SMOOTHING * (limit * gradient + limit.sqrt()));
    }

    /// The target refused for too much load what began at `began`.
    pub(crate) fn refused(&mut self, settings: &ConcurrencyLimit, began: Tick, now: Tick) {
        // Those that were under way together are refused together: that is one refusal.
        if settings.adaptive.is_none() || self.cut.is_some_and(|cut| began < cut) {
            return;
        }
        self.limit = Some(self.exact(settings) * CUT);
        self.cut = Some(now);
    }

    /// The limit before it is rounded, within the bounds of the settings as they are now.
    fn exact(&self, settings: &ConcurrencyLimit) -> f64 {
        let max = f64::from(settings.max);
        let Some(bounds) = settings.adaptive else { return max };
        self.limit.unwrap_or(f64::from(bounds.initial)).clamp(f64::from(bounds.min).min(max), max)
    }

    /// Whether the baseline is looked at.
    fn looks(&self, limit: u32) -> bool {
        self.answers >= LOOK && self.answers % LOOK < limit
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the u32 that is the most")]
fn whole(limit: f64) -> u32 {
    limit as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Adaptive;

    const SETTINGS: ConcurrencyLimit = ConcurrencyLimit {
        max: 200,
        adaptive: Some(Adaptive { min: 2, initial: 20 }),
        queue: 0,
        queue_timeout: Duration::ZERO,
    };

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    /// A target that is asked as much as it may be, and slows down in proportion to what is above its capacity.
    fn run(gradient: &mut Gradient, capacity: u32, answers: u32, base: f64) -> Vec<u32> {
        let answer = |_| {
            let inside = gradient.limit(&SETTINGS);
            let latency = base * (f64::from(inside) / f64::from(capacity)).max(1.0);
            gradient.answered(&SETTINGS, inside, Duration::from_secs_f64(latency), true);
            inside
        };
        (0..answers).map(answer).collect()
    }

    #[test]
    fn it_finds_the_capacity_and_stays_there() {
        for capacity in [10, 40, 100] {
            let mut gradient = Gradient::default();
            let mut seen = run(&mut gradient, capacity, 20_000, 0.5).split_off(500);
            seen.sort_unstable();
            let (low, middle, high) = (seen[seen.len() / 100], seen[seen.len() / 2], seen[seen.len() - 1]);
            assert!(low >= capacity / 2, "{capacity}: {low}");
            assert!((capacity..=3 * capacity).contains(&middle), "{capacity}: {middle}");
            assert!(high <= 4 * capacity, "{capacity}: {high}");
        }
    }

    #[test]
    fn it_grows_to_the_most_where_nothing_slows_down() {
        let mut gradient = Gradient::default();
        run(&mut gradient, 10_000, 500, 1.0);
        assert_eq!(gradient.limit(&SETTINGS), 200);
    }

    #[test]
    fn it_falls_while_a_target_is_slow_and_grows_again() {
        let mut gradient = Gradient::default();
        run(&mut gradient, 100, 500, 1.0);
        let before = gradient.limit(&SETTINGS);
        run(&mut gradient, 5, 300, 1.0);
        let slow = gradient.limit(&SETTINGS);
        assert!(slow <= 30 && slow < before / 2, "{before} {slow}");
        run(&mut gradient, 100, 500, 1.0);
        assert!(gradient.limit(&SETTINGS) >= 80, "{}", gradient.limit(&SETTINGS));
    }

    #[test]
    fn what_is_slower_for_good_becomes_the_baseline() {
        let mut gradient = Gradient::default();
        run(&mut gradient, 100, 2000, 1.0);
        run(&mut gradient, 100, 12_000, 4.0);
        assert!(gradient.limit(&SETTINGS) >= 60, "{}", gradient.limit(&SETTINGS));
    }

    #[test]
    fn a_target_that_is_not_busy_changes_nothing() {
        let mut gradient = Gradient::default();
        for latency in [1, 50, 3000] {
            gradient.answered(&SETTINGS, 10, Duration::from_millis(latency), true);
        }
        assert_eq!(gradient.limit(&SETTINGS), 20);
    }

    #[test]
    fn those_that_are_refused_together_cut_once() {
        let mut gradient = Gradient::default();
        for n in 0..20 {
            gradient.refused(&SETTINGS, at(n), at(100 + n));
        }
        assert_eq!(gradient.limit(&SETTINGS), 14);
        gradient.refused(&SETTINGS, at(100), at(200));
        assert_eq!(gradient.limit(&SETTINGS), 9);
        for n in 0..99 {
            gradient.refused(&SETTINGS, at(1000 * n + 1000), at(1000 * n + 1001));
        }
        assert_eq!(gradient.limit(&SETTINGS), 2);
    }

    #[test]
    fn settings_are_those_of_now() {
        let mut gradient = Gradient::default();
        run(&mut gradient, 10_000, 500, 1.0);
        let lower = ConcurrencyLimit { max: 50, ..SETTINGS };
        assert_eq!(gradient.limit(&lower), 50);
        let fixed = ConcurrencyLimit { max: 7, adaptive: None, ..SETTINGS };
        gradient.refused(&fixed, at(1), at(2));
        assert_eq!(gradient.limit(&fixed), 7);
    }
}
