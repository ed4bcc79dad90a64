//! How long answers take: quantiles of recent times, in a fixed room.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::world::Tick;

/// The time in which a sample loses half of its weight. With ten seconds a p95 would take longer than that to tell that a tenth
/// of the answers is slow.
pub const HALF_LIFE: Duration = Duration::from_secs(6);

/// A sketch whose weight is less is cold: its quantiles say little.
pub const WARM: f64 = 10.0;

/// A longer time between two samples ages the shape no more than this: some thirty samples always count, so that the
/// quantiles of a service with few requests are not those of its last one or two.
const LONGEST_GAP: Duration = Duration::from_millis(300);

/// Each bucket reaches a tenth further than the one before it, which bounds the error of a quantile by 5 %.
const GROWTH: f64 = 1.1;
/// The natural logarithm of `GROWTH`.
const LN_GROWTH: f64 = 0.095_310_179_804_324_86;
/// From a millisecond to a thousand seconds. What is outside counts in the first and in the last.
const BUCKETS: usize = 146;

/// After so many half-lives the weights are scaled down again: far from what an `f32` holds.
const LONGEST_AGE: f64 = 20.0;

/// A decaying sketch of how long answers took.
///
/// The weights of samples grow with time instead of those of older samples falling (forward decay), so recording touches one
/// bucket. Where no samples come the quantiles stay as they were; only [`Sketch::weight`] falls.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// The first holds all below a millisecond, each other one all below `GROWTH` times the end of the one before it.
    buckets: [f32; BUCKETS],
    /// No bucket before this one has a sample.
    first: usize,
    /// The sum of the buckets.
    total: f64,
    /// The half-lives that the samples aged since the weights were last scaled.
    age: f64,
    /// When the last sample came.
    last: Tick,
}

impl Default for Sketch {
    fn default() -> Self {
        Sketch::new()
    }
}

impl Sketch {
    /// One without samples.
    pub fn new() -> Self {
        Sketch { buckets: [0.0; BUCKETS], first: BUCKETS, total: 0.0, age: 0.0, last: Tick::default() }
    }

    /// Takes note of a sample.
    pub fn record(&mut self, sample: Duration, now: Tick) {
        self.age += (now - self.last).min(LONGEST_GAP).div_duration_f64(HALF_LIFE);
        self.last = self.last.max(now);
        if self.age > LONGEST_AGE {
            self.scale();
        }
        self.add(sample, self.age.exp2());
    }

    fn add(&mut self, sample: Duration, weight: f64) {
        let at = bucket(sample);
        if let Some(bucket) = self.buckets.get_mut(at) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the precision of f32 suffices, and it is in its range"
            )]
            let weight = weight as f32;
            *bucket += weight;
        }
        self.first = self.first.min(at);
        self.total += weight;
    }

    /// Makes the weight of a sample that comes now one again.
    #[cold]
    fn scale(&mut self) {
        #[expect(clippy::cast_possible_truncation, reason = "it is in the range of f32")]
        let factor = (-self.age).exp2() as f32;
        for bucket in &mut self.buckets {
            *bucket *= factor;
        }
        self.total = self.buckets.iter().copied().map(f64::from).sum();
        self.age = 0.0;
    }

    /// The time that a share `q` of the answers did not exceed; `None` where there are no samples.
    pub fn quantile(&self, q: f64, _now: Tick) -> Option<Duration> {
        let rank = q * self.total;
        let mut sum = 0.0;
        let mut found = None;
        let buckets = self.buckets.get(self.first..).unwrap_or_default();
        for (at, weight) in (self.first..).zip(buckets).filter(|(_, weight)| **weight > 0.0) {
            found = Some(at);
            sum += f64::from(*weight);
            if sum >= rank {
                break;
            }
        }
        found.map(middle)
    }

    /// The same, with what the calls under way show already: those that take longer than the quantile count with their age, so
    /// that answers ten times as slow are known before they are there, and a target that hangs is found out at all.
    pub fn quantile_with(&self, q: f64, underway: &Underway, now: Tick) -> Option<Duration> {
        let ended = self.quantile(q, now)?;
        let mut late = underway.longer_than(ended, now).peekable();
        if late.peek().is_none() {
            return Some(ended);
        }
        let (mut all, weight) = (self.clone(), self.age.exp2());
        late.for_each(|(age, count)| all.add(age, weight * f64::from(count)));
        all.quantile(q, now)
    }

    /// How many samples the quantiles rest on: each counts less with its age, and all of them half with each [`HALF_LIFE`]
    /// without a new one.
    pub fn weight(&self, now: Tick) -> f64 {
        self.total * (-self.age - (now - self.last).div_duration_f64(HALF_LIFE)).exp2()
    }
}

/// How exactly [`Underway`] knows when calls began, in milliseconds.
const GRAIN: u64 = 100;

/// The calls under way at a target.
#[derive(Clone, Debug, Default)]
pub struct Underway {
    /// How many began in which grain of time.
    began: BTreeMap<u64, u32>,
    count: u32,
}

impl Underway {
    /// A call begins.
    pub fn begin(&mut self, now: Tick) {
        *self.began.entry(grain(now.since_start())).or_default() += 1;
        self.count += 1;
    }

    /// A call ends, however it does, that began at `began`.
    pub fn end(&mut self, began: Tick) {
        let grain = grain(began.since_start());
        let Some(calls) = self.began.get_mut(&grain) else { return };
        *calls -= 1;
        if *calls == 0 {
            self.began.remove(&grain);
        }
        self.count -= 1;
    }

    /// How many calls are under way.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The ages of the calls that are older than `time`, and how many have each.
    fn longer_than(&self, time: Duration, now: Tick) -> impl Iterator<Item = (Duration, u32)> {
        let now = grain(now.since_start());
        let old = self.began.range(..now.saturating_sub(grain(time)));
        old.map(move |(began, count)| (Duration::from_millis((now - began) * GRAIN), *count))
    }
}

/// A time in grains.
fn grain(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX) / GRAIN
}

/// The bucket of a sample.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "clamped")]
fn bucket(sample: Duration) -> usize {
    let at = (sample.as_secs_f64() * 1000.0).ln() / LN_GROWTH;
    (at + 1.0).clamp(0.0, (BUCKETS - 1) as f64) as usize
}

/// The time in a bucket from which both of its ends are equally far, relative to them.
#[expect(clippy::cast_precision_loss, reason = "there are few buckets")]
fn middle(bucket: usize) -> Duration {
    Duration::from_secs_f64((bucket as f64 * LN_GROWTH).exp() * 2.0 / (GROWTH + 1.0) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Chance;

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn assert_near(found: Option<Duration>, expected: Duration) {
        let ratio = found.unwrap().div_duration_f64(expected);
        assert!((0.95..=1.05).contains(&ratio), "{found:?} is not within 5 % of {expected:?}");
    }

    #[test]
    fn an_empty_sketch_knows_nothing() {
        assert_eq!(Sketch::new().quantile(0.5, at(0)), None);
        assert!(Sketch::new().weight(at(5)).abs() < f64::EPSILON);
    }

    #[test]
    fn every_single_sample_is_found_within_five_percent() {
        let mut sample = 1.0;
        while sample < 1e6 {
            let sample_time = Duration::from_secs_f64(sample / 1000.0);
            let mut sketch = Sketch::new();
            sketch.record(sample_time, at(0));
            for q in [0.0, 0.5, 1.0] {
                assert_near(sketch.quantile(q, at(0)), sample_time);
            }
            sample *= 1.003;
        }
    }

    #[test]
    fn samples_out_of_range_count_at_the_ends() {
        let mut sketch = Sketch::new();
        sketch.record(Duration::ZERO, at(0));
        assert_near(sketch.quantile(0.5, at(0)), ms(1));
        sketch.record(Duration::MAX, at(0));
        assert_near(sketch.quantile(1.0, at(0)), Duration::from_secs(1000));
    }

    #[test]
    fn quantiles_agree_with_sorted_samples() {
        for seed in 0..20 {
            let mut chance = Chance::new(seed);
            let mut sketch = Sketch::new();
            let mut samples: Vec<_> =
                (0..1000).map(|_| Duration::from_secs_f64(0.01 / (1.0 - chance.share()))).collect();
            for sample in &samples {
                sketch.record(*sample, at(0));
            }
            samples.sort();
            for (q, rank) in [(0.0, 0), (0.5, 499), (0.95, 949), (0.99, 989), (1.0, 999)] {
                assert_near(sketch.quantile(q, at(0)), samples[rank]);
            }
        }
    }

    #[test]
    fn old_samples_give_way_with_the_half_life() {
        let mut sketch = Sketch::new();
        let half_life = u64::try_from(HALF_LIFE.as_millis()).unwrap();
        let mut record = |from: u64, sample| {
            for step in 0..half_life / 10 {
                sketch.record(sample, at(from + step * 10));
            }
            sketch.quantile(0.49, at(from)).unwrap() < ms(500)
        };
        assert!(record(0, ms(100)));
        // Half of the weight of the old ones is gone, and more than that has come.
        assert!(!record(half_life, ms(1000)));
    }

    #[test]
    fn without_samples_the_shape_stays_and_only_the_weight_falls() {
        let mut sketch = Sketch::new();
        for n in 1..=100 {
            sketch.record(ms(n * 10), at(0));
        }
        assert!((sketch.weight(at(0)) - 100.0).abs() < 1e-3);
        assert!((sketch.weight(at(0) + HALF_LIFE) - 50.0).abs() < 1e-3);
        let later = at(1_000_000_000);
        assert!(sketch.weight(later) < 1e-3);
        assert_near(sketch.quantile(0.95, later), ms(950));
    }

    #[test]
    fn few_requests_keep_their_quantiles() {
        let mut sketch = Sketch::new();
        for n in 0..200 {
            sketch.record(if n % 10 == 0 { ms(3000) } else { ms(300) }, at(n * 60_000));
        }
        let now = at(199 * 60_000);
        assert!((25.0..35.0).contains(&sketch.weight(now)), "{}", sketch.weight(now));
        assert_near(sketch.quantile(0.5, now), ms(300));
        assert_near(sketch.quantile(0.95, now), ms(3000));
    }

    #[test]
    fn a_long_life_neither_overflows_nor_loses_weight() {
        let mut sketch = Sketch::new();
        for n in 0..400_000 {
            sketch.record(ms(200), at(n * 20));
        }
        // So many samples a half-life, over ln 2.
        let expected = HALF_LIFE.as_secs_f64() * 50.0 / std::f64::consts::LN_2;
        let ratio = sketch.weight(at(400_000 * 20)) / expected;
        assert!((0.99..1.01).contains(&ratio), "{ratio}");
        assert_near(sketch.quantile(0.99, at(0)), ms(200));
    }

    #[test]
    fn calls_under_way_show_slowness_before_they_end() {
        let (mut sketch, mut underway) = (Sketch::new(), Underway::default());
        for _ in 0..100 {
            sketch.record(ms(1000), at(0));
        }
        let p95 = |underway: &Underway, now| sketch.quantile_with(0.95, underway, at(now));
        for n in 0..10 {
            underway.begin(at(n));
        }
        assert_near(p95(&underway, 900), ms(1000));
        assert_near(p95(&underway, 5000), ms(5000));
        for n in 0..6 {
            underway.end(at(n));
        }
        assert_eq!(underway.count(), 4);
        assert_near(p95(&underway, 5000), ms(1000));
        assert_eq!(Sketch::new().quantile_with(0.95, &underway, at(9000)), None);
    }

    #[test]
    fn every_call_under_way_is_counted_until_it_ends() {
        let mut chance = Chance::new(3);
        let (mut underway, mut began) = (Underway::default(), Vec::new());
        for now in 0..5000 {
            if chance.share() < 0.5 {
                underway.begin(at(now));
                began.push(now);
            } else if !began.is_empty() {
                let one = usize::try_from(chance.next() % began.len() as u64).unwrap();
                underway.end(at(began.swap_remove(one)));
            }
            assert_eq!(underway.count() as usize, began.len());
            let old: u32 = underway.longer_than(ms(400), at(now)).map(|(_, count)| count).sum();
            let expected = began.iter().filter(|began| now / 100 - **began / 100 > 4).count();
            assert_eq!(old as usize, expected);
        }
        for began in began {
            underway.end(at(began));
        }
        underway.end(at(0));
        assert!(underway.began.is_empty() && underway.count() == 0);
    }

    #[test]
    fn a_clock_that_steps_back_is_harmless() {
        let mut sketch = Sketch::new();
        sketch.record(ms(100), at(5000));
        sketch.record(ms(100), at(10));
        assert!((sketch.weight(at(5000)) - 2.0).abs() < 1e-3);
    }
}
