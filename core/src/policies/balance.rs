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
    /// The quantile of how long its answers took; `None` where too few are known (below [`WARM`](super::latency::WARM)).
    /// Failures must not make it lower: they count as slow or not at all.
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
fn below(most: u64, random: u64) -> u64 {
    ((u128::from(most) * u128::from(random)) >> 64) as u64
}

/// An index into `len` places.
#[expect(clippy::cast_possible_truncation, reason = "less than `len`")]
fn index(len: usize, random: u64) -> usize {
    below(len as u64, random) as usize
}

#[cfg(test)]
mod tests;
