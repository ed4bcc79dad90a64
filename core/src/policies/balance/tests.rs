use std::collections::BinaryHeap;

use super::*;
use crate::policies::latency::{Sketch, Underway, WARM};

const FASTEST: Balance = Balance::Latency { quantile: 0.95 };

fn at(ms: u64) -> Tick {
    Tick::new(Duration::from_millis(ms))
}

/// A latency that is known.
#[expect(clippy::unnecessary_wraps, reason = "beside those that are not known")]
fn ms(ms: u64) -> Option<Duration> {
    Some(Duration::from_millis(ms))
}

fn sticky() -> Balance {
    Balance::Sticky { label: "tenant".to_owned() }
}

fn weighted(weights: &[u32]) -> Vec<Candidate> {
    let candidate = |(name_hash, weight): (u64, &u32)| Candidate { name_hash, weight: *weight, ..Candidate::default() };
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
        let mut few = |most: usize| index(most, chance.next());
        let candidates: Vec<_> = (0..few(7))
            .map(|_| Candidate {
                name_hash: few(3) as u64,
                weight: [0, 1, 50, u32::MAX][few(4)],
                in_flight: [0, 1, 9, u32::MAX][few(4)],
                latency: [None, ms(0), ms(500), Some(Duration::MAX)][few(4)],
                failure_rate: [0.0, 0.4, 1.0, f64::NAN, -1.0, f64::INFINITY][few(6)],
                price: [None, Some(0), Some(u64::MAX)][few(3)],
                warm_until: [None, Some(at(1)), Some(at(9))][few(3)],
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
        let key = (few(3) > 0).then(|| few(9) as u64);
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
        Service { chance: Chance::new(seed), now: 0, sketches, underway: Default::default(), calls: BinaryHeap::new() }
    }

    /// Runs, with a share of the first target's answers ten times slow. Returns the first one's share of the requests,
    /// and the p95 in ms.
    fn run(&mut self, seconds: u64, slow: f64) -> (f64, u64) {
        let (mut first, mut times) = (0_u32, Vec::new());
        let until = self.now + seconds * 1000;
        while self.now < until {
            self.now += 20;
            while let Some(Reverse((end, target, time))) = self.calls.peek().copied().filter(|it| it.0.0 <= self.now) {
                self.calls.pop();
                self.underway[target].end(at(end - time));
                self.sketches[target].record(Duration::from_millis(time), at(end));
            }
            let now = at(self.now);
            let candidate = |(sketch, underway): (&Sketch, &Underway)| {
                let latency = sketch.quantile_with(0.95, underway, now).filter(|_| sketch.weight(now) >= WARM);
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
        let all = u32::try_from(times.len()).unwrap();
        (f64::from(first) / f64::from(all), times[times.len() * 95 / 100])
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
    for seed in 0..5 {
        let mut service = Service::new(seed);
        let (even, _) = service.run(60, 0.0);
        assert!((0.45..0.55).contains(&even), "{seed}: {even} before");
        service.run(10, 0.1);
        for _ in 0..5 {
            let (share, p95) = service.run(10, 0.1);
            assert!(share <= 0.06 && p95 <= 2000, "{seed}: {share} of the requests, {p95} ms");
        }
        let (share, _) = service.run(60, 0.1);
        assert!(share <= 0.05, "{seed}: {share} at last");
        service.run(45, 0.0);
        let (even, _) = service.run(30, 0.0);
        assert!((0.45..0.55).contains(&even), "{seed}: {even} after");
    }
}
