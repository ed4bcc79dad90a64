//! When a second request is worth sending beside a slow one, and how many may be: a pure machine. Time is passed in.

use std::time::Duration;

use super::tail::Times;
use crate::world::Tick;

/// Shares are counted in millionths, so that the cap holds exactly.
const MILLION: u64 = 1_000_000;

/// So many hedges can be saved up for when more requests are slow than usual. With fewer, slow ones would go without where as
/// many are slow as may be hedged: with n it is about one in 2n of them.
const SAVED: u64 = 50;

/// The last hedges that are judged.
const JUDGED: u32 = 50;
/// Of those, fewer that won mean that hedging does not help: everything is slow, not a few requests.
const FEWEST_WON: u32 = 5;
/// For how long hedging rests then.
const REST: Duration = Duration::from_secs(10);

/// When to send a second request beside one that is slow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgePolicy {
    /// After how long.
    pub after: After,
    /// The most hedges for each request, from 0 to 1.
    pub max_share: f64,
    /// Never sooner than this.
    pub min_delay: Duration,
}

impl Default for HedgePolicy {
    /// After the p95, at most 5 %, never before 50 ms.
    fn default() -> Self {
        HedgePolicy { after: After::Quantile(0.95), max_share: 0.05, min_delay: Duration::from_millis(50) }
    }
}

/// After how long a request counts as slow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum After {
    /// After this quantile, from 0 to 1, of what requests of the route take now, or later: where hardly more than `max_share` of
    /// the requests take that long, since else those that are refused a hedge might be the slowest, and most hedges win.
    Quantile(f64),
    /// After this time.
    Fixed(Duration),
}

/// The hedges of one route.
///
/// Requests are counted by [`Hedges::request`], and each that is still unanswered after its [`Hedges::delay`] asks
/// [`Hedges::take`] once.
#[derive(Clone, Debug, Default)]
pub struct Hedges {
    requests: u64,
    taken: u64,
    /// In millionths of a hedge. It starts with none, so that the share holds from the first request on.
    credit: u64,
    /// Whether the last hedges won, the last one in the lowest bit.
    won: u64,
    ended: u32,
    /// No hedge before.
    rests_until: Tick,
}

impl Hedges {
    /// A request that may be hedged begins: it earns `max_share` of a hedge.
    pub fn request(&mut self, policy: &HedgePolicy, _now: Tick) {
        self.requests += 1;
        self.credit = (self.credit + millionths(policy.max_share)).min(SAVED * MILLION);
    }

    /// A request reached its delay: whether its hedge may be sent, which is then counted.
    pub fn take(&mut self, policy: &HedgePolicy, now: Tick) -> bool {
        let may = now >= self.rests_until && self.credit >= MILLION && millionths(policy.max_share) > 0;
        if may {
            self.credit -= MILLION;
            self.taken += 1;
        }
        may
    }

    /// A hedge that was taken was not sent.
    pub fn give_back(&mut self) {
        if self.taken > 0 {
            self.taken -= 1;
            self.credit = (self.credit + MILLION).min(SAVED * MILLION);
        }
    }

    /// A hedge ended: it won if its answer was the one that was used. Where fewer than one in ten of the last fifty won,
    /// hedging rests for ten seconds after each one that does not.
    pub fn ended(&mut self, won: bool, now: Tick) {
        self.won = (self.won << 1 | u64::from(won)) & ((1 << JUDGED) - 1);
        self.ended = self.ended.saturating_add(1).min(JUDGED);
        if !won && self.ended == JUDGED && self.won.count_ones() < FEWEST_WON {
            self.rests_until = now + REST;
        }
    }

    /// The requests that could have been hedged, and the hedges that were sent.
    #[cfg(test)]
    pub fn counts(&self) -> (u64, u64) {
        (self.requests, self.taken)
    }

    /// After how long to hedge a request, where requests of the route take such times. `None` while too few are known.
    pub fn delay(policy: &HedgePolicy, times: &mut Times, now: Tick) -> Option<Duration> {
        let delay = match policy.after {
            After::Fixed(delay) => delay,
            After::Quantile(q) => times.hedge_after(q, policy.max_share, now)?,
        };
        Some(delay.max(policy.min_delay))
    }
}

/// A share in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; what is no number becomes zero")]
fn millionths(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 1e6) as u64
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;
    use crate::sim::Chance;

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    fn policy(max_share: f64) -> HedgePolicy {
        HedgePolicy { max_share, ..HedgePolicy::default() }
    }

    #[test]
    fn hedges_never_exceed_their_share() {
        for (seed, share) in (0..).zip([0.0, 0.001, 0.02, 0.05, 0.3, 1.0, 7.0, -1.0, f64::NAN]) {
            let policy = policy(share);
            let mut chance = Chance::new(seed);
            let mut hedges = Hedges::default();
            for n in 0..20_000 {
                hedges.request(&policy, at(n));
                let greed = if n / 1000 % 2 == 0 { 0.01 } else { 0.9 };
                while chance.share() < greed {
                    if hedges.take(&policy, at(n)) && chance.share() < 0.1 {
                        hedges.give_back();
                    }
                }
                let (requests, sent) = hedges.counts();
                assert!(sent * MILLION <= millionths(share) * requests, "{share}: {sent} of {requests}");
            }
            let (_, sent) = hedges.counts();
            assert_eq!(sent > 0, share > 0.0, "{share}: {sent}");
        }
    }

    #[test]
    fn only_so_many_are_saved_up() {
        let policy = policy(0.5);
        let mut hedges = Hedges::default();
        assert!(!hedges.take(&policy, at(0)));
        for _ in 0..10_000 {
            hedges.request(&policy, at(0));
        }
        let taken = (0..10_000).filter(|_| hedges.take(&policy, at(0))).count();
        assert_eq!(taken as u64, SAVED);
    }

    #[test]
    fn hedging_rests_while_hedges_do_not_win() {
        let policy = policy(1.0);
        let mut hedges = Hedges::default();
        for _ in 0..1000 {
            hedges.request(&policy, at(0));
        }
        for n in 0..50 {
            assert!(hedges.take(&policy, at(0)), "{n}");
            hedges.ended(n % 13 == 0, at(0));
        }
        assert!(!hedges.take(&policy, at(9_999)));
        // One tries whether it has become better; it has not.
        hedges.request(&policy, at(10_000));
        assert!(hedges.take(&policy, at(10_000)));
        hedges.ended(false, at(10_000));
        hedges.request(&policy, at(10_001));
        assert!(!hedges.take(&policy, at(10_001)));
        // It has: the first hedges that win end the rests.
        for n in 2..4 {
            hedges.ended(true, at(n * 10_000));
        }
        hedges.ended(false, at(40_000));
        hedges.request(&policy, at(40_000));
        assert!(hedges.take(&policy, at(40_000)));
    }

    #[test]
    fn a_delay_is_known_once_enough_times_are() {
        let mut times = Times::default();
        let fixed = HedgePolicy { after: After::Fixed(Duration::from_millis(200)), ..policy(0.05) };
        assert_eq!(Hedges::delay(&fixed, &mut times, at(0)), Some(Duration::from_millis(200)));
        for n in 0..10 {
            assert_eq!(Hedges::delay(&policy(0.05), &mut times, at(0)), None, "{n}");
            times.answered(Duration::from_millis(10), at(0));
        }
        assert_eq!(
            Hedges::delay(&policy(0.05), &mut times, at(0)),
            Some(Duration::from_millis(50)),
            "the least there is"
        );
    }

    /// A route under 50 requests a second with two targets, each answering within lognormal times.
    struct Route {
        policy: HedgePolicy,
        chance: Chance,
        hedges: Hedges,
        route_times: Times,
        now: u64,
        events: BinaryHeap<Reverse<(u64, Happens)>>,
        /// The times of the requests as they are, and as they would be without hedges.
        times: Vec<u64>,
        unhedged: Vec<u64>,
    }

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Happens {
        Delayed {
            time: u64,
            delay: u64,
        },
        /// The time of a request, and that of its hedge where it had one.
        Ended {
            time: u64,
            hedge: Option<u64>,
            delay: u64,
        },
    }

    impl Route {
        fn new(seed: u64, max_share: f64) -> Self {
            Route {
                policy: policy(max_share),
                chance: Chance::new(seed),
                hedges: Hedges::default(),
                route_times: Times::default(),
                now: 0,
                events: BinaryHeap::new(),
                times: Vec::new(),
                unhedged: Vec::new(),
            }
        }

        /// A time with a median of 900 ms and a p95 of 1470 ms.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
        fn fresh(&mut self, factor: f64) -> u64 {
            let angle = std::f64::consts::TAU * self.chance.share();
            let normal = (-2.0 * (1.0 - self.chance.share()).ln()).sqrt() * angle.cos();
            (900.0 * factor * (0.3 * normal).exp()) as u64
        }

        /// Runs for so many requests, of which exactly one in fifty is ten times as slow, at random places.
        fn run(&mut self, requests: u64, factor: f64) {
            let mut left = (0, 0);
            for _ in 0..requests {
                self.now += 20;
                self.happen(factor);
                if left.0 == 0 {
                    left = (5000, 100);
                }
                let is_slow = self.chance.next() % left.0 < left.1;
                left = (left.0 - 1, left.1 - u64::from(is_slow));
                let time = self.fresh(if is_slow { 10.0 } else { 1.0 } * factor);
                self.unhedged.push(time);
                self.hedges.request(&self.policy, at(self.now));
                let delay = Hedges::delay(&self.policy, &mut self.route_times, at(self.now));
                let delay = delay.map_or(u64::MAX, |delay| u64::try_from(delay.as_millis()).unwrap());
                let event = if delay < time {
                    (self.now + delay, Happens::Delayed { time, delay })
                } else {
                    (self.now + time, Happens::Ended { time, hedge: None, delay: 0 })
                };
                self.events.push(Reverse(event));
            }
        }

        /// A quantile of the times over what it would be without hedges.
        fn ratio(&mut self, thousandths: usize) -> f64 {
            let [with, without] = [&mut self.times, &mut self.unhedged].map(|times| {
                times.sort_unstable();
                Duration::from_millis(times[times.len() * thousandths / 1000])
            });
            with.div_duration_f64(without)
        }

        fn happen(&mut self, factor: f64) {
            while let Some(Reverse((now, event))) = self.events.peek().copied().filter(|it| it.0.0 <= self.now) {
                self.events.pop();
                match event {
                    Happens::Delayed { time, delay } => {
                        let hedge = self.hedges.take(&self.policy, at(now)).then(|| {
                            let slow = self.chance.next().is_multiple_of(50);
                            self.fresh(if slow { 10.0 } else { 1.0 } * factor)
                        });
                        let end = hedge.map_or(time, |hedge| time.min(delay + hedge));
                        self.events.push(Reverse((now - delay + end, Happens::Ended { time, hedge, delay })));
                    }
                    Happens::Ended { time, hedge, delay } => {
                        let won = hedge.filter(|hedge| delay + hedge < time);
                        if hedge.is_some() {
                            self.hedges.ended(won.is_some(), at(now));
                        }
                        let took = won.map_or(time, |hedge| delay + hedge);
                        self.times.push(took);
                        let ms = Duration::from_millis;
                        match won {
                            Some(hedge) => {
                                self.route_times.hedge_answered(ms(hedge), at(now));
                                self.route_times.dropped(ms(took), at(now));
                            }
                            None => self.route_times.answered(ms(took), at(now)),
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn two_percent_of_slow_requests_are_made_up_for_with_two_percent_of_hedges() {
        for seed in 0..3 {
            let mut route = Route::new(seed, 0.02);
            route.run(100_000, 1.0);
            let (requests, sent) = route.hedges.counts();
            assert!(sent * 50 <= requests, "{seed}: {sent} hedges");
            let (p99, p999) = (route.ratio(990), route.ratio(999));
            assert!(p99 <= 0.5 && p999 <= 0.35, "{seed}: p99 {p99} and p99.9 {p999} of unhedged");
        }
    }

    #[test]
    fn when_everything_is_slow_hedges_cost_no_more_than_their_share() {
        let mut route = Route::new(3, 0.05);
        for factor in [1.0, 5.0, 1.0] {
            let (before, _) = route.hedges.counts();
            route.run(10_000, factor);
            let (requests, sent) = route.hedges.counts();
            assert!(requests - before == 10_000 && sent * 20 <= requests, "{factor}: {sent} of {requests}");
        }
        // It has found back.
        let delay = Hedges::delay(&route.policy, &mut route.route_times, at(route.now)).unwrap();
        assert!(delay < Duration::from_millis(2500), "{delay:?}");
    }
}
