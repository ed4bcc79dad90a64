//! In which order the targets of a route are tried: a pure machine. Time, chance and what is known of the targets are
//! passed in.

use std::cmp::Reverse;
use std::time::Duration;

use crate::model::Why;
use crate::sim::Chance;
use crate::world::Tick;

/// One request in so many goes to a target that would not be chosen by its latency, so that one that has become better is
/// found out: 3 %.
const EXPLORED: usize = 32;

/// A target whose cost is more than this times that of the best is tried only to explore it. Less may be chance: the p95 of a
/// few hundred samples is a tenth off, and a bucket of the sketch is a tenth wide.
const COMPARABLE: f64 = 1.5;

/// How a route spreads its requests over its targets. Whatever it chooses, the other targets follow for failover.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Balance {
    /// As they are listed.
    #[default]
    Ordered,
    /// By chance, each with the share of its weight.
    Weighted,
    /// The one with the fewest calls under way; among equals, by chance.
    LeastInFlight,
    /// The one that answers soonest.
    ///
    /// A target costs its latency, or the median of the others' where it is not known, and more where it fails. Among the
    /// targets that cost up to 1.5 times as much as the best, two are picked by chance, and the one whose cost times
    /// (calls under way + 1) is lower is chosen. The others, and with them what a target that has recovered can do, are explored
    /// with 3 % of the requests.
    Latency {
        /// Of how long answers took, from 0 to 1: 0.95 is the p95.
        quantile: f64,
    },
    /// The one with the lowest price; unknown prices come last.
    Cheapest,
    /// The same one for all requests that have the same value of a label, by weight (rendezvous hashing: when one of n targets goes,
    /// only its own 1/n of the values move). Requests without the label are spread as with [`Balance::Weighted`].
    Sticky {
        /// The label's name.
        label: String,
    },
    /// The one that has this request's prefix in its cache of prompts; where that is none, the one that rendezvous hashing of
    /// the prefix gives, so that all processes warm the same one.
    PromptCache,
}

/// What is known of a target when a request is to be placed.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// A hash of its name, which must be the same in all processes that are to agree.
    pub name_hash: u64,
    /// Its share among the weights of all. With 0 it is tried only when all others failed. Counts where the balance is weighted,
    /// sticky or by prompt cache.
    pub weight: u32,
    /// The calls under way.
    pub in_flight: u32,
    /// The quantile of how long its answers took; `None` where too few are known. Failures must not make it lower: they count
    /// as slow or not at all.
    pub latency: Option<Duration>,
    /// The share of its recent calls that failed, from 0 to 1.
    pub failure_rate: f64,
    /// What the request costs there, in any unit.
    pub price: Option<u64>,
    /// Until when it has the request's prefix in its cache of prompts.
    pub warm_until: Option<Tick>,
}

/// The order in which to try the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// All candidates by their index, the preferred one first.
    pub places: Vec<usize>,
    /// Why that one.
    pub why: Why,
}

/// The order in which to try the targets. `key` is a hash of what is to stay at one target: of the sticky label's value or of
/// the prompt's prefix. `random` gives uniform numbers.
pub fn order(
    balance: &Balance,
    candidates: &[Candidate],
    key: Option<u64>,
    random: &mut dyn FnMut() -> u64,
    now: Tick,
) -> Order {
    let (places, why) = match (balance, key) {
        (Balance::Ordered, _) => ((0..candidates.len()).collect(), Why::First),
        (Balance::LeastInFlight, _) => (sorted(candidates, |it| (it.in_flight, random())), Why::LeastInFlight),
        (Balance::Cheapest, _) => (sorted(candidates, |it| (it.price.is_none(), it.price)), Why::Price),
        (Balance::Latency { .. }, _) => fastest(candidates, random),
        (Balance::Sticky { .. }, Some(key)) => (sorted(candidates, |it| turn(it, key)), Why::Sticky),
        (Balance::PromptCache, Some(key)) => {
            let warm = |it: &Candidate| it.warm_until.filter(|until| *until > now);
            let why = if candidates.iter().any(|it| warm(it).is_some()) { Why::PromptCache } else { Why::Sticky };
            // The one that stays warm longest was used last.
            (sorted(candidates, |it| (Reverse(warm(it)), turn(it, key))), why)
        }
        (Balance::Weighted | Balance::Sticky { .. } | Balance::PromptCache, _) => {
            (drawn(candidates, random), Why::Weight)
        }
    };
    Order { places, why }
}

/// The candidates by a key, equal ones as they are listed.
fn sorted<K: Ord>(candidates: &[Candidate], key: impl FnMut(&Candidate) -> K) -> Vec<usize> {
    let mut keyed: Vec<_> = candidates.iter().map(key).zip(0..).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, place)| place).collect()
}

/// Draws all candidates by weight, one after the other; those without weight follow as they are listed.
fn drawn(candidates: &[Candidate], random: &mut dyn FnMut() -> u64) -> Vec<usize> {
    let all = candidates.iter().map(|it| u64::from(it.weight)).zip(0..);
    let (mut left, rest): (Vec<(u64, usize)>, Vec<_>) = all.partition(|(weight, _)| *weight > 0);
    let mut places = Vec::with_capacity(candidates.len());
    while !left.is_empty() {
        let mut point = below(left.iter().map(|(weight, _)| weight).sum(), random());
        let hit = left.iter().position(|(weight, _)| {
            let hit = point < *weight;
            point = point.saturating_sub(*weight);
            hit
        });
        places.push(left.remove(hit.unwrap_or_default()).1);
    }
    places.extend(rest.into_iter().map(|(_, place)| place));
    places
}

/// When a candidate's turn comes in the race for a key: exponentially distributed with its weight as the rate, so that each is
/// first with the share of its weight, and none's time depends on who else takes part.
fn turn(candidate: &Candidate, key: u64) -> u64 {
    let seed = Chance::new(key).next() ^ candidate.name_hash;
    let time = (1.0 - Chance::new(seed).share()).ln().abs() / f64::from(candidate.weight);
    // The bits of floats that are not negative are ordered as they are.
    time.to_bits()
}

/// Power of two choices by what targets cost.
fn fastest(candidates: &[Candidate], random: &mut dyn FnMut() -> u64) -> (Vec<usize>, Why) {
    let unknown = median(candidates);
    let cost = |it: &Candidate| cost(it.latency.unwrap_or(unknown), it.failure_rate);
    let mut ranked: Vec<_> = candidates.iter().map(|it| (cost(it), it.in_flight)).zip(0..).collect();
    ranked.sort_unstable();
    let most = ranked.first().map_or(Duration::ZERO, |((best, _), _)| scaled(*best, COMPARABLE));
    let comparable = ranked.partition_point(|((cost, _), _)| *cost <= most);
    let (first, why) = if ranked.len() > 1 && index(EXPLORED, random()) == 0 {
        (1 + index(ranked.len() - 1, random()), Why::Exploration)
    } else {
        let one = index(comparable, random());
        // Any but the one.
        let other = (one + 1 + index(comparable.saturating_sub(1), random())) % comparable.max(1);
        let loaded = |rank: usize| {
            ranked.get(rank).map(|((cost, in_flight), _)| cost.saturating_mul(in_flight.saturating_add(1)))
        };
        (if loaded(other) < loaded(one) { other } else { one }, Why::Latency)
    };
    let mut places: Vec<_> = ranked.into_iter().map(|(_, place)| place).collect();
    if let Some(until_first) = places.get_mut(..=first) {
        until_first.rotate_right(1);
    }
    (places, why)
}

/// What a call is expected to cost in time: the latency for each try that a success takes. The share of successes counts
/// twice, since what fails at once is not under way for long and would make a target look idle.
fn cost(latency: Duration, failure_rate: f64) -> Duration {
    let success = 1.0 - failure_rate.clamp(0.0, 0.99);
    scaled(latency, 1.0 / (success * success))
}

/// The lower median of the latencies that are known. Any will do where none is.
fn median(candidates: &[Candidate]) -> Duration {
    let mut known: Vec<_> = candidates.iter().filter_map(|it| it.latency).collect();
    known.sort_unstable();
    known.get(known.len().saturating_sub(1) / 2).copied().unwrap_or(Duration::from_secs(1))
}

/// A time times a factor; the longest where that is no number.
fn scaled(time: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// A number below `most`, of a uniformly random one.
#[expect(clippy::cast_possible_truncation, reason = "less than `most`")]
fn below(most: u64, random: u64) -> u64 {
    ((u128::from(most) * u128::from(random)) >> 64) as u64
}

/// An index into `len` places.
#[expect(clippy::cast_possible_truncation, reason = "less than `len`")]
fn index(len: usize, random: u64) -> usize {
    below(len as u64, random) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BinaryHeap;

    use super::*;
    use crate::policies::latency::{Sketch, Underway};

    const FASTEST: Balance = Balance::Latency { quantile: 0.95 };

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    fn ms(ms: u64) -> Option<Duration> {
        Some(Duration::from_millis(ms))
    }

    fn sticky() -> Balance {
        Balance::Sticky { label: "tenant".to_owned() }
    }

    fn weighted(weights: &[u32]) -> Vec<Candidate> {
        let candidate =
            |(name_hash, weight): (u64, &u32)| Candidate { name_hash, weight: *weight, ..Candidate::default() };
        (1..).zip(weights).map(candidate).collect()
    }

    /// How many of 10,000 requests prefer each candidate.
    fn split(balance: &Balance, candidates: &[Candidate]) -> Vec<u32> {
        let mut chance = Chance::new(7);
        let mut counts = vec![0; candidates.len()];
        for key in 0..10_000 {
            counts[order(balance, candidates, Some(key), &mut || chance.next(), at(0)).places[0]] += 1;
        }
        counts
    }

    fn places(balance: &Balance, candidates: &[Candidate], key: Option<u64>) -> Vec<usize> {
        order(balance, candidates, key, &mut || 1 << 60, at(1000)).places
    }

    #[test]
    fn the_places_are_always_a_permutation() {
        let mut chance = Chance::new(1);
        for case in 0..20_000 {
            let mut few = |most: u64| below(most, chance.next());
            let candidates: Vec<_> = (0..few(7))
                .map(|_| Candidate {
                    name_hash: few(3),
                    weight: [0, 1, 50, u32::MAX][few(4) as usize],
                    in_flight: [0, 1, 9, u32::MAX][few(4) as usize],
                    latency: [None, ms(0), ms(500), Some(Duration::MAX)][few(4) as usize],
                    failure_rate: [0.0, 0.4, 1.0, f64::NAN, -1.0, f64::INFINITY][few(6) as usize],
                    price: [None, Some(0), Some(u64::MAX)][few(3) as usize],
                    warm_until: [None, Some(at(1)), Some(at(9))][few(3) as usize],
                })
                .collect();
            let balance = match few(7) {
                0 => Balance::Ordered,
                1 => Balance::Weighted,
                2 => Balance::LeastInFlight,
                3 => FASTEST,
                4 => Balance::Cheapest,
                5 => sticky(),
                _ => Balance::PromptCache,
            };
            let key = (few(3) > 0).then(|| few(9));
            let mut found = order(&balance, &candidates, key, &mut || chance.next(), at(5)).places;
            found.sort_unstable();
            assert!(found.into_iter().eq(0..candidates.len()), "case {case}: {balance:?} {candidates:?}");
        }
    }

    #[test]
    fn percentages_are_kept_and_what_has_no_weight_is_only_for_failover() {
        let candidates = weighted(&[0, 80, 20, 0]);
        for balance in [Balance::Weighted, sticky(), Balance::PromptCache] {
            let counts = split(&balance, &candidates);
            assert!(counts[1].abs_diff(8000) < 150 && counts[1] + counts[2] == 10_000, "{balance:?} {counts:?}");
            assert_eq!(places(&balance, &candidates, Some(3))[2..], [0, 3]);
        }
    }

    #[test]
    fn failover_follows_the_weights_too() {
        let mut chance = Chance::new(2);
        let candidates = weighted(&[100, 60, 40]);
        let (mut first, mut second) = (0, 0);
        for _ in 0..10_000 {
            let places = order(&Balance::Weighted, &candidates, None, &mut || chance.next(), at(0)).places;
            if places[0] == 0 {
                first += 1;
                second += u32::from(places[1] == 1);
            }
        }
        assert!(5000_u32.abs_diff(first) < 150, "{first}");
        assert!((first * 3 / 5).abs_diff(second) < 150, "{second} of {first}");
    }

    #[test]
    fn the_fewest_calls_under_way_come_first_and_ties_are_broken_by_chance() {
        let candidates = [3, 1, 1].map(|in_flight| Candidate { in_flight, ..Candidate::default() });
        let counts = split(&Balance::LeastInFlight, &candidates);
        assert!(counts[0] == 0 && counts[1].abs_diff(5000) < 150, "{counts:?}");
    }

    #[test]
    fn the_cheapest_comes_first_and_an_unknown_price_last() {
        let candidates = [None, Some(7), Some(3), Some(7)].map(|price| Candidate { price, ..Candidate::default() });
        assert_eq!(places(&Balance::Cheapest, &candidates, None), [2, 1, 3, 0]);
    }

    #[test]
    fn when_one_goes_only_its_own_keys_move() {
        let all = weighted(&[1; 10]);
        let (gone, left) = all.split_last().unwrap();
        let mut moved = 0;
        for key in 0..10_000 {
            let (before, after) = (places(&sticky(), &all, Some(key)), places(&sticky(), left, Some(key)));
            if all[before[0]].name_hash == gone.name_hash {
                moved += 1;
                assert_eq!(before[1], after[0], "the next in the order takes over");
            } else {
                assert_eq!(before[0], after[0]);
            }
        }
        assert!(1000_u32.abs_diff(moved) < 100, "{moved}");
    }

    #[test]
    fn a_prefix_goes_where_it_is_warm_and_else_where_its_hash_says() {
        let mut candidates = weighted(&[1; 4]);
        let cold = places(&Balance::PromptCache, &candidates, Some(5));
        assert_eq!(cold, places(&sticky(), &candidates, Some(5)));
        let last = cold[3];
        candidates[last].warm_until = Some(at(2000));
        candidates[cold[2]].warm_until = Some(at(1000));
        let found = order(&Balance::PromptCache, &candidates, Some(5), &mut || 0, at(1000));
        assert_eq!((found.places[0], found.why), (last, Why::PromptCache));
        assert_eq!(found.places[1..], cold[..3]);
    }

    fn timed(latencies: &[Option<Duration>]) -> Vec<Candidate> {
        latencies.iter().map(|latency| Candidate { latency: *latency, ..Candidate::default() }).collect()
    }

    #[test]
    fn slow_targets_are_only_explored_however_many_they_are() {
        let counts = split(&FASTEST, &timed(&[ms(3000), ms(1000), ms(4000), ms(9000)]));
        assert!(counts[1] > 9600, "{counts:?}");
        assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
    }

    #[test]
    fn a_cold_target_has_its_share_and_no_more() {
        let counts = split(&FASTEST, &timed(&[ms(1000), None, ms(1100)]));
        assert!((2000..5000).contains(&counts[1]), "{counts:?}");
        let mut candidates = timed(&[ms(1000), None]);
        candidates[1].in_flight = 1;
        assert!(split(&FASTEST, &candidates)[1] < 500, "its own calls under way hold it back");
        let counts = split(&FASTEST, &timed(&[None, None]));
        assert!(counts[0].abs_diff(5000) < 200, "{counts:?}");
    }

    #[test]
    fn the_more_a_target_fails_the_less_it_is_tried() {
        let mut last = 10_000;
        for failure_rate in [0.0, 0.1, 0.2, 0.5, 1.0] {
            // Failures that come at once leave fewer calls under way.
            let mut shares = 0;
            for in_flight in 0..40_u32 {
                let mut candidates = timed(&[ms(1000), ms(1000)]);
                candidates[0] = Candidate { in_flight: 40 - in_flight, failure_rate, ..candidates[0].clone() };
                candidates[1].in_flight = in_flight;
                shares += u32::from(places(&FASTEST, &candidates, None)[0] == 0);
            }
            assert!(shares <= last, "{failure_rate}: {shares} after {last}");
            last = shares;
        }
        assert_eq!(last, 0);
    }

    /// Two targets under 50 requests a second, balanced by the p95 of their sketches.
    struct Service {
        chance: Chance,
        now: u64,
        sketches: [Sketch; 2],
        underway: [Underway; 2],
        /// The calls under way: their end, their target and their time.
        calls: BinaryHeap<Reverse<(u64, usize, u64)>>,
    }

    impl Service {
        fn new(seed: u64) -> Self {
            let sketches = [Sketch::new(), Sketch::new()];
            Service {
                chance: Chance::new(seed),
                now: 0,
                sketches,
                underway: Default::default(),
                calls: BinaryHeap::new(),
            }
        }

        /// Runs, with a share of the first target's answers ten times slow. Returns the first one's share of the requests,
        /// and the p95 in ms.
        fn run(&mut self, seconds: u64, slow: f64) -> (f64, u64) {
            let (mut first, mut times) = (0, Vec::new());
            let until = self.now + seconds * 1000;
            while self.now < until {
                self.now += 20;
                while let Some(Reverse((end, target, time))) =
                    self.calls.peek().copied().filter(|it| it.0.0 <= self.now)
                {
                    self.calls.pop();
                    self.underway[target].end(at(end - time));
                    self.sketches[target].record(Duration::from_millis(time), at(end));
                }
                let now = at(self.now);
                let candidate = |(sketch, underway): (&Sketch, &Underway)| {
                    let latency = sketch.quantile_with(0.95, underway, now).filter(|_| sketch.weight(now) >= 10.0);
                    Candidate { latency, in_flight: underway.count(), ..Candidate::default() }
                };
                let candidates: Vec<_> = self.sketches.iter().zip(&self.underway).map(candidate).collect();
                let target = order(&FASTEST, &candidates, None, &mut || self.chance.next(), now).places[0];
                let mut time = lognormal(&mut self.chance);
                if target == 0 && self.chance.share() < slow {
                    time *= 10.0;
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
                let time = (time * 1000.0) as u64;
                self.underway[target].begin(now);
                self.calls.push(Reverse((self.now + time, target, time)));
                first += u32::from(target == 0);
                times.push(time);
            }
            times.sort_unstable();
            (f64::from(first) / times.len() as f64, times[times.len() * 95 / 100])
        }
    }

    /// A time in seconds, with a median of 0.8 and a p95 of 1.47.
    fn lognormal(chance: &mut Chance) -> f64 {
        let angle = std::f64::consts::TAU * chance.share();
        let normal = (-2.0 * (1.0 - chance.share()).ln()).sqrt() * angle.cos();
        0.8 * (0.37 * normal).exp()
    }

    #[test]
    fn a_brownout_is_left_within_ten_seconds_and_its_end_is_found_out() {
        let mut v = vec![];
        for seed in 0..20 {
            let mut service = Service::new(seed);
            let even = service.run(60, 0.0);
            service.run(10, 0.1);
            let (share, p95) = service.run(10, 0.1);
            let late = service.run(100, 0.1);
            service.run(30, 0.0);
            let x = service.run(15, 0.0);
            let y = service.run(30, 0.0);
            v.push((share, p95, late.0, late.1, even.0, x.0, y.0));
        }
        let col = |f: &dyn Fn(&(f64, u64, f64, u64, f64, f64, f64)) -> f64| {
            let mut c: Vec<f64> = v.iter().map(f).collect();
            c.sort_by(f64::total_cmp);
            format!("{:.3}..{:.3} mean {:.3}; ", c[0], c[19], c.iter().sum::<f64>() / 20.0)
        };
        println!(
            "ZZ {}{}{}{}{}{}{}",
            col(&|r| r.0),
            col(&|r| r.1 as f64),
            col(&|r| r.2),
            col(&|r| r.3 as f64),
            col(&|r| r.4),
            col(&|r| r.5),
            col(&|r| r.6)
        );
    }
}
