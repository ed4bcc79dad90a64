//! How many requests take how many times as long as usual, and after how long a hedge is worth most: pure machines.
//!
//! Times are counted in medians of the last seconds. So a day in which all is slow teaches nothing wrong, and the few requests
//! that take long can be remembered for much longer than the times themselves: where two in a hundred are slow, the last
//! seconds hold no more than a handful of them.

use std::time::Duration;

use super::latency::{Sketch, WARM};
use crate::world::Tick;

/// The requests after which one counts half. Of the slowest hundredth it still holds some three hundred.
const HALF_LIFE: f64 = 20_000.0;
/// After so many half-lives the weights are scaled down again: far from what an `f64` holds.
const LONGEST_AGE: f64 = 100.0;

/// The shortest time that is told from shorter ones, in medians.
const SHORTEST: f64 = 0.05;
/// Each bucket reaches a twentieth further than the one before it.
const GROWTH: f64 = 1.05;
/// Up to 46 medians. What takes longer counts in the last.
const BUCKETS: usize = 140;

/// A hedge is taken to win where the request takes longer by this quantile of the times: nine in ten hedges are answered by then.
const HEDGE: f64 = 0.9;
/// No hedge is sent while more than so many times `share` of the requests are unanswered: too many would be refused one.
const MOST: f64 = 1.5;
/// Nor once fewer are than this: too much of the share would be left unused.
const LEAST: f64 = 0.5;

/// The best moment is looked for again after so many times, or after a tenth of all while few are known: it takes far longer than
/// to remember it, and hardly moves.
const LOOKED_FOR: u64 = 100;

/// How long a route's requests take.
#[derive(Clone, Debug, Default)]
pub struct Times {
    recent: Sketch,
    tail: Tail,
    known: u64,
    best: Option<Best>,
}

/// The best moment for hedges, in medians, and for what it was looked for.
#[derive(Clone, Copy, Debug)]
struct Best {
    q: f64,
    share: f64,
    medians: f64,
    /// It holds while no more times are known.
    until: u64,
}

impl Times {
    /// A request was answered after so long.
    pub fn answered(&mut self, time: Duration, now: Tick) {
        if let Some(medians) = self.in_medians(time, now) {
            self.tail.answered(medians);
        }
        self.recent.record(time, now);
    }

    /// A hedge was answered so long after it was sent. It says how long answers take, and nothing of how many requests are
    /// slow: it is no request.
    pub fn hedge_answered(&mut self, time: Duration, now: Tick) {
        self.recent.record(time, now);
    }

    /// A request was dropped after so long since its hedge was answered. It would have taken longer: without it, the route
    /// would look faster than it is.
    pub fn dropped(&mut self, time: Duration, now: Tick) {
        if let Some(medians) = self.in_medians(time, now) {
            self.tail.dropped(medians);
        }
        self.recent.record(time, now);
    }

    fn in_medians(&mut self, time: Duration, now: Tick) -> Option<f64> {
        self.known += 1;
        (self.recent.weight(now) >= WARM).then(|| Some(time.div_duration_f64(self.recent.quantile(0.5, now)?)))?
    }

    /// After how long to hedge a request, where `share` of them may be and none before the quantile `q`. `None` while too few
    /// are known.
    pub fn hedge_after(&mut self, q: f64, share: f64, now: Tick) -> Option<Duration> {
        if self.recent.weight(now) < WARM {
            return None;
        }
        let soonest = self.recent.quantile(q, now)?;
        // No sketch knows a time so long that this could overflow.
        let best = self.recent.quantile(0.5, now)?.mul_f64(self.best(q, share));
        Some(soonest.max(best))
    }

    #[expect(clippy::float_cmp, reason = "they are settings, and stay as they are")]
    fn best(&mut self, q: f64, share: f64) -> f64 {
        let holds = |best: &Best| best.q == q && best.share == share && self.known < best.until;
        if let Some(best) = self.best.filter(holds) {
            return best.medians;
        }
        let medians = self.tail.best(q, share).unwrap_or(0.0);
        let until = self.known + (self.known / 10).clamp(1, LOOKED_FOR);
        self.best = Some(Best { q, share, medians, until });
        medians
    }
}

/// Of moments whose hedges are worth hardly less than the most, the soonest is taken: chance decides between them otherwise, and
/// all of the slow requests wait for it.
const HARDLY_LESS: f64 = 0.98;

/// The times of a route's requests, in medians.
#[derive(Clone, Debug)]
pub struct Tail {
    /// Those that were answered, and those that were dropped unanswered since their hedge was answered first.
    answered: [f64; BUCKETS],
    dropped: [f64; BUCKETS],
    age: f64,
}

impl Default for Tail {
    fn default() -> Self {
        Tail { answered: [0.0; BUCKETS], dropped: [0.0; BUCKETS], age: 0.0 }
    }
}

impl Tail {
    /// A request was answered after so many medians.
    pub fn answered(&mut self, medians: f64) {
        let weight = self.next();
        add(&mut self.answered, medians, weight);
    }

    /// A request was dropped after so many medians: it would have taken longer.
    pub fn dropped(&mut self, medians: f64) {
        let weight = self.next();
        add(&mut self.dropped, medians, weight);
    }

    /// The weight of the next request. Those of older ones stay as they are (forward decay).
    fn next(&mut self) -> f64 {
        self.age += 1.0 / HALF_LIFE;
        if self.age > LONGEST_AGE {
            let factor = (-self.age).exp2();
            self.answered.iter_mut().chain(&mut self.dropped).for_each(|weight| *weight *= factor);
            self.age = 0.0;
        }
        self.age.exp2()
    }

    /// The shares of requests that are unanswered when each bucket begins, which take into account that those which were
    /// dropped would have been answered later (Kaplan and Meier).
    fn unanswered(&self) -> [f64; BUCKETS] {
        let mut left: f64 = self.answered.iter().chain(&self.dropped).sum();
        let mut share = 1.0;
        let mut shares = [0.0; BUCKETS];
        for ((slot, answered), dropped) in shares.iter_mut().zip(&self.answered).zip(&self.dropped) {
            *slot = share;
            if left > 0.0 {
                share *= 1.0 - (answered / left).clamp(0.0, 1.0);
            }
            left -= answered + dropped;
        }
        shares
    }

    /// After how many medians to send hedges, of which there may be `share` of the requests: where those that win are the most,
    /// less those that do not, or else after the quantile `q`. `None` while nothing is known.
    pub fn best(&self, q: f64, share: f64) -> Option<f64> {
        let unanswered = self.unanswered();
        let first = |most: f64| unanswered.iter().position(|share| *share <= most);
        let hedge = time(first(1.0 - HEDGE)?);
        let worth = |at: usize| {
            let (asks, outlasts) = (unanswered.get(at)?, unanswered.get(bucket(time(at) + hedge))?);
            // Those that win, and those that do not: the others. A share of all, as far as they may be sent.
            Some((2.0 * outlasts - asks) * (share / asks).min(1.0))
        };
        let bounds = LEAST * share..=MOST * share;
        let candidates = unanswered.iter().enumerate().filter(|(_, asks)| bounds.contains(*asks));
        let mut worthy = candidates.filter_map(|(at, _)| Some((worth(at)?, at))).filter(|(worth, _)| *worth > 0.0);
        let most = worthy.clone().map(|(worth, _)| worth).fold(0.0, f64::max);
        let soonest = worthy.find(|(worth, _)| *worth >= HARDLY_LESS * most);
        soonest.map(|(_, at)| at).or_else(|| first((1.0 - q).min(share))).map(time)
    }
}

fn add(buckets: &mut [f64; BUCKETS], medians: f64, weight: f64) {
    if let Some(bucket) = buckets.get_mut(bucket(medians)) {
        *bucket += weight;
    }
}

/// The bucket of a time.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "clamped")]
fn bucket(medians: f64) -> usize {
    ((medians / SHORTEST).ln() / GROWTH.ln()).clamp(0.0, (BUCKETS - 1) as f64) as usize
}

/// When a bucket begins.
#[expect(clippy::cast_precision_loss, reason = "buckets are few")]
fn time(bucket: usize) -> f64 {
    SHORTEST * (bucket as f64 * GROWTH.ln()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Chance;

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    /// A time with a median of one and a p95 of 1.64.
    fn usual(chance: &mut Chance) -> f64 {
        let angle = std::f64::consts::TAU * chance.share();
        (0.3 * (-2.0 * (1.0 - chance.share()).ln()).sqrt() * angle.cos()).exp()
    }

    /// Requests of which a share takes ten times as long, each dropped where its hedge is answered first: they are sent after
    /// so many medians.
    fn tail(seed: u64, requests: u32, slow: f64, hedged_after: f64) -> Tail {
        let (mut chance, mut tail) = (Chance::new(seed), Tail::default());
        for _ in 0..requests {
            let time = if chance.share() < slow { 10.0 } else { 1.0 } * usual(&mut chance);
            let hedge = hedged_after + usual(&mut chance);
            if hedge < time { tail.dropped(hedge) } else { tail.answered(time) }
        }
        tail
    }

    #[test]
    fn a_hedge_is_worth_most_between_what_is_usual_and_what_is_slow() {
        for seed in 0..20 {
            for (slow, share) in [(0.02, 0.02), (0.017, 0.02), (0.023, 0.02), (0.05, 0.05), (0.01, 0.05)] {
                // Below three few of a thousand usual requests are left; above five the first slow ones are over.
                let best = tail(seed, 20_000, slow, 3.0).best(0.95, share).unwrap();
                let soonest = if slow < share / 2.0 { 1.5 } else { 2.0 };
                assert!(
                    (soonest..5.0).contains(&best),
                    "{seed}: {best} where {slow} are slow and {share} may be hedged"
                );
            }
        }
    }

    #[test]
    fn what_was_dropped_counts_as_longer() {
        for seed in 0..5 {
            let unanswered = |after| tail(seed, 50_000, 0.02, after).unanswered()[bucket(5.0)];
            let (seen, hedged) = (unanswered(1e3), unanswered(4.0));
            assert!((0.9..1.1).contains(&(hedged / seen)), "{seed}: {hedged} instead of {seen}");
        }
    }

    #[test]
    fn where_no_request_is_slow_a_hedge_is_sent_after_the_quantile_or_the_share() {
        let tail = tail(1, 50_000, 0.0, 1e3);
        for (q, share, expected) in [(0.95, 0.05, 1.64), (0.9, 0.2, 1.47), (0.95, 0.01, 2.01), (0.99, 0.05, 2.01)] {
            let best = tail.best(q, share).unwrap();
            assert!((0.94..1.06).contains(&(best / expected)), "{q} and {share}: {best}");
        }
    }

    #[test]
    fn a_time_in_which_all_is_slow_is_not_remembered() {
        let (mut times, mut chance) = (Times::default(), Chance::new(1));
        let mut run = |from: u64, factor: f64| {
            for n in 0..20_000 {
                times.answered(Duration::from_secs_f64(usual(&mut chance) * factor), at((from + n) * 20));
            }
            times.hedge_after(0.95, 0.02, at((from + 20_000) * 20)).unwrap().as_secs_f64() / factor
        };
        for (from, factor) in [(0, 1.0), (20_000, 5.0), (40_000, 1.0)] {
            let after = run(from, factor);
            assert!((1.64..2.3).contains(&after), "{after} times the median, {factor}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_times_lead_to_a_delay_that_is_none(
            times in proptest::collection::vec((0.0..1e9_f64, proptest::bool::ANY), 0..200),
            q in 0.0..1.0_f64,
            share in 0.0..1.0_f64,
        ) {
            let mut tail = Tail::default();
            for (time, answered) in times {
                if answered { tail.answered(time) } else { tail.dropped(time) }
                if let Some(best) = tail.best(q, share) {
                    proptest::prop_assert!((SHORTEST..50.0).contains(&best), "{}", best);
                }
            }
        }
    }

    #[test]
    fn a_long_life_neither_overflows_nor_loses_weight() {
        let mut tail = Tail { age: LONGEST_AGE - 0.01, ..Tail::default() };
        for _ in 0..2 * 20_000 {
            tail.answered(1.0);
        }
        let weight: f64 = tail.answered.iter().sum::<f64>() / tail.age.exp2();
        // So many a half-life, over ln 2, of which a quarter has not come yet.
        assert!((21_000.0..22_000.0).contains(&weight), "{weight}");
    }
}
