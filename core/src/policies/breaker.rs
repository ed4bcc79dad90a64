//! A circuit breaker: it stops calling what fails, asks with one probe at a time whether that has passed, and lets the traffic
//! back gradually.
//!
//! ```text
//! Closed --failures--> Open --its time is over--> Probing --success--> Ramping --its time is over--> Closed
//!                       ^  <------failure----------'                      |
//!                       '--failures---------------------------------------'
//! ```
//!
//! A pure machine: the time and the chance are passed in, and so is the policy, since what is known of a target outlives a
//! reload of the configuration. Memory and the time of each operation are constant.

use std::fmt;
use std::time::Duration;

use crate::world::Tick;

/// When a breaker opens, and how it closes again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerPolicy {
    /// So many failures in a row open it. Default 5.
    pub failures: u32,
    /// This share of failures among the attempts of the window opens it, from 0 to 1. Default 0.25.
    pub failure_rate: f64,
    /// How far back the share of failures looks, and for how long a success of another request tells that a request which
    /// fails again and again is itself to blame. Default 10 s.
    pub window: Duration,
    /// With fewer attempts than this in the window, their share of failures says nothing. Default 50.
    pub min_samples: u32,
    /// For how long it opens first. Doubles with each failed probe, and each time that it opens again before it has let calls
    /// pass for the time of a ramp and of the last opening. Jittered by a fifth either way. Default 1 s.
    pub open: Duration,
    /// The longest that it is open without a probe. Default 30 s.
    pub max_open: Duration,
    /// After a good probe, the share of calls that pass grows from a tenth to all of them in this time, or in the time that
    /// it was open before where that was shorter: so all traffic is back within twice that. Default 5 s.
    pub ramp: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        BreakerPolicy {
            failures: 5,
            failure_rate: 0.25,
            window: Duration::from_secs(10),
            min_samples: 50,
            open: Duration::from_secs(1),
            max_open: Duration::from_secs(30),
            ramp: Duration::from_secs(5),
        }
    }
}

/// What the breaker says to one attempt. The result of the attempt comes back with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Go ahead.
    Pass,
    /// Go ahead; all others wait for what this one finds. Its end must be told, or no other ever passes.
    Probe,
    /// Not now.
    Refused {
        /// When to ask again; always later than now.
        until: Tick,
    },
}

/// What a breaker does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// All pass.
    #[default]
    Closed,
    /// None pass. Once its time is over, the next one to ask is the probe.
    Open,
    /// One is on its way to see, none pass.
    Probing,
    /// A growing share passes.
    Ramping,
}

/// What opened a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// So many failures in a row.
    Failures(u32),
    /// Too many failures in the window.
    Rate {
        /// The failures that counted.
        failures: u32,
        /// The attempts that counted.
        samples: u32,
    },
    /// It was open, and the probe failed.
    Probe,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Failures(1) => f.write_str("a failure"),
            Why::Failures(failures) => write!(f, "{failures} failures in a row"),
            Why::Rate { failures, samples } => write!(f, "{failures} of {samples} attempts failed"),
            Why::Probe => f.write_str("the probe failed too"),
        }
    }
}

/// A breaker as others see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// What it does.
    pub state: State,
    /// Since when. A failed probe goes on with what it found: an open breaker is open since it last let calls pass.
    pub since: Tick,
    /// What opened it last; `None` once it is closed again.
    pub why: Option<Why>,
    /// When the next probe may go, or when all pass again; `None` where no such moment is ahead.
    pub until: Option<Tick>,
}

/// The breaker of one destination.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    state: State,
    since: Tick,
    /// The end of `Open` and of `Ramping`.
    until: Tick,
    why: Option<Why>,
    /// How often it has opened.
    opened: u64,
    /// How often it has opened since the destination last proved itself: how long the next time is.
    growth: u32,
    /// How long it was open last.
    wait: Duration,
    /// When the destination has proved itself, so that the next opening is short again: not with the end of the ramp, but
    /// the time later that it was open. What comes and goes is asked less and less often.
    proven: Tick,
    recent: Recent,
}

impl Breaker {
    /// Asks for one attempt. `random` decides which calls are the share that passes during a ramp.
    pub fn admit(&mut self, policy: &BreakerPolicy, now: Tick, random: u64) -> Admission {
        self.end_ramp(now);
        match self.state {
            State::Closed => Admission::Pass,
            State::Open if now < self.until => Admission::Refused { until: self.until },
            State::Open => {
                self.state = State::Probing;
                Admission::Probe
            }
            State::Probing => Admission::Refused { until: after_probe(policy, now) },
            State::Ramping => match self.turn(random) {
                turn if now < turn => Admission::Refused { until: turn },
                _ => Admission::Pass,
            },
        }
    }

    /// Whether it refuses everything, and until when: a look that takes no probe's slot.
    pub fn refuses(&self, policy: &BreakerPolicy, now: Tick) -> Option<Tick> {
        match self.state {
            State::Open if now < self.until => Some(self.until),
            State::Probing => Some(after_probe(policy, now)),
            _ => None,
        }
    }

    /// An attempt was good. `request` is a fingerprint of the request's body.
    pub fn succeeded(&mut self, policy: &BreakerPolicy, admission: Admission, request: u64, now: Tick) {
        self.end_ramp(now);
        match (self.state, admission) {
            (State::Closed | State::Ramping, Admission::Pass) => self.recent.succeeded(policy, request, now),
            (State::Probing, Admission::Probe) => {
                self.state = State::Ramping;
                self.since = now;
                self.until = now + policy.ramp.min(self.wait);
                self.proven = now + policy.ramp + self.wait;
                self.recent.forget_failures();
                self.recent.succeeded(policy, request, now);
            }
            // Sent before it opened: it says nothing of now.
            _ => {}
        }
    }

    /// An attempt failed, and the destination is to blame. `random` is the jitter, should it open.
    pub fn failed(&mut self, policy: &BreakerPolicy, admission: Admission, request: u64, now: Tick, random: u64) {
        self.end_ramp(now);
        match (self.state, admission) {
            (State::Closed | State::Ramping, Admission::Pass) => {
                if let Some(why) = self.recent.failed(policy, request, now) {
                    self.open(policy, why, now, random);
                }
            }
            (State::Probing, Admission::Probe) => self.open(policy, Why::Probe, now, random),
            _ => {}
        }
    }

    /// An attempt came to no result: it was cancelled, or failed by the caller's own error. A probe's slot is free again.
    pub fn abandoned(&mut self, admission: Admission, now: Tick) {
        if (self.state, admission) == (State::Probing, Admission::Probe) {
            self.state = State::Open;
            self.until = self.until.min(now);
        }
    }

    /// What it does now, since when and why.
    pub fn view(&self, now: Tick) -> View {
        let mut then = Breaker { recent: Recent::default(), ..*self };
        then.end_ramp(now);
        let ahead = matches!(then.state, State::Open | State::Ramping) && now < then.until;
        View { state: then.state, since: then.since, why: then.why, until: ahead.then_some(then.until) }
    }

    /// How often it has opened. What was sent before the last time says nothing of now.
    pub fn opened(&self) -> u64 {
        self.opened
    }

    fn open(&mut self, policy: &BreakerPolicy, why: Why, now: Tick, random: u64) {
        if self.state == State::Closed && now >= self.proven {
            self.growth = 0;
        }
        if self.state != State::Probing {
            self.since = now;
        }
        self.wait = open_time(policy, self.growth, random);
        self.growth = self.growth.saturating_add(1);
        self.opened = self.opened.wrapping_add(1);
        self.state = State::Open;
        self.until = now + self.wait;
        self.why = Some(why);
    }

    fn end_ramp(&mut self, now: Tick) {
        if self.state == State::Ramping && now >= self.until {
            self.state = State::Closed;
            self.since = self.until;
            self.why = None;
        }
    }

    /// The moment of the ramp at which the share that passes takes in this draw. Those who wait for it come back one after
    /// the other.
    fn turn(&self, random: u64) -> Tick {
        let above_first_tenth = draw(random, 1000).saturating_sub(100);
        self.since + (self.until - self.since).saturating_mul(above_first_tenth) / 900
    }
}

/// A number below `bound`.
fn draw(random: u64, bound: u32) -> u32 {
    u32::try_from(random % u64::from(bound)).unwrap_or(0)
}

/// No wait is shorter, whatever the policy: callers who come back at the moment they were told must not spin.
const SHORTEST: Duration = Duration::from_millis(1);

/// When to ask again while a probe is out. How long it takes nobody knows; what it finds is worth a short wait.
fn after_probe(policy: &BreakerPolicy, now: Tick) -> Tick {
    now + policy.open.min(policy.max_open).max(SHORTEST)
}

/// Doubled so many times, jittered, and never over the longest: gateways that opened together must not probe together, not
/// even at the longest.
fn open_time(policy: &BreakerPolicy, doublings: u32, random: u64) -> Duration {
    let longest = policy.max_open.saturating_mul(5) / 6;
    let grown = policy.open.saturating_mul(1 << doublings.min(31)).min(longest);
    (grown.saturating_mul(800 + draw(random, 401)) / 1000).max(SHORTEST)
}

/// How many pieces the window moves by.
const PIECES: usize = 10;
/// How many of the requests that failed last are told apart.
const KNOWN: usize = 8;

/// The results of late, and the two signals.
#[derive(Clone, Debug, Default)]
struct Recent {
    /// The pieces of the window, the latest first.
    pieces: [Tally; PIECES],
    /// When the latest piece began.
    began: Tick,
    /// The failures since the last success.
    streak: Tally,
    /// How many streaks there were.
    streaks: u64,
    /// The requests that failed last, the latest first.
    failing: [Option<Failing>; KNOWN],
    /// The last success, and the last one of any other request.
    successes: [Option<(u64, Tick)>; 2],
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    successes: u32,
    failures: u32,
    /// Those of the failures that were the same request again.
    repeats: u32,
}

#[derive(Clone, Copy, Debug)]
struct Failing {
    request: u64,
    /// When it last counted in the window as more than a repeat.
    counted: Tick,
    /// The streak that it was last in.
    streak: u64,
}

impl Recent {
    fn succeeded(&mut self, policy: &BreakerPolicy, request: u64, now: Tick) {
        let [last, other] = &mut self.successes;
        if last.is_some_and(|(known, _)| known != request) {
            *other = *last;
        }
        *last = Some((request, now));
        self.streak = Tally::default();
        self.streaks = self.streaks.wrapping_add(1);
        let piece = self.piece(policy.window, now);
        piece.successes = piece.successes.saturating_add(1);
    }

    /// Takes note of a failure; says why to open where it is one too many.
    fn failed(&mut self, policy: &BreakerPolicy, request: u64, now: Tick) -> Option<Why> {
        let (again_in_window, again_in_streak) = self.seen(request, policy.window, now);
        self.piece(policy.window, now).fail(again_in_window);
        self.streak.fail(again_in_streak);

        // A request that fails again and again while others succeed says something of itself, not of the destination.
        let once = self.other_succeeded(request, policy.window, now);
        let failures = self.streak.failures(once);
        if failures >= policy.failures {
            return Some(Why::Failures(failures));
        }
        let failures = self.sum(|piece| piece.failures(once));
        let samples = failures.saturating_add(self.sum(|piece| piece.successes));
        let bad = f64::from(failures) >= policy.failure_rate * f64::from(samples);
        (bad && samples >= policy.min_samples).then_some(Why::Rate { failures, samples })
    }

    /// Whether the request has failed already, in the window and in this streak.
    fn seen(&mut self, request: u64, window: Duration, now: Tick) -> (bool, bool) {
        let place = self.failing.iter().position(|known| known.is_some_and(|known| known.request == request));
        let known = place.and_then(|place| self.failing.get(place).copied().flatten());
        let again_in_window = known.filter(|known| now - known.counted < window);
        let again_in_streak = known.is_some_and(|known| known.streak == self.streaks);
        let counted = again_in_window.map_or(now, |known| known.counted);
        // To the front; the one that has not failed for longest makes room.
        if let Some(before) = self.failing.get_mut(..=place.unwrap_or(KNOWN - 1)) {
            before.rotate_right(1);
        }
        let [first, ..] = &mut self.failing;
        *first = Some(Failing { request, counted, streak: self.streaks });
        (again_in_window.is_some(), again_in_streak)
    }

    fn other_succeeded(&self, request: u64, window: Duration, now: Tick) -> bool {
        let mut others = self.successes.iter().flatten().filter(|(other, _)| *other != request);
        others.any(|(_, at)| now - *at < window)
    }

    /// The piece of the window that `now` is in.
    fn piece(&mut self, window: Duration, now: Tick) -> &mut Tally {
        let length = (window / 10).max(Duration::from_nanos(1));
        if now - self.began >= window {
            self.pieces = [Tally::default(); PIECES];
            self.began = now;
        }
        while now - self.began >= length {
            self.pieces.rotate_right(1);
            let [latest, ..] = &mut self.pieces;
            *latest = Tally::default();
            self.began = self.began + length;
        }
        let [latest, ..] = &mut self.pieces;
        latest
    }

    fn sum(&self, count: impl Fn(&Tally) -> u32) -> u32 {
        self.pieces.iter().fold(0, |sum, piece| sum.saturating_add(count(piece)))
    }

    /// What failed before a good probe is over. What succeeded still tells a poison request.
    fn forget_failures(&mut self) {
        *self = Recent { successes: self.successes, ..Recent::default() };
    }
}

impl Tally {
    fn fail(&mut self, again: bool) {
        self.failures = self.failures.saturating_add(1);
        self.repeats = self.repeats.saturating_add(u32::from(again));
    }

    /// The failures, each request `once` or each time.
    fn failures(&self, once: bool) -> u32 {
        self.failures.saturating_sub(if once { self.repeats } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    /// Fifty requests a second.
    const SPACING: Duration = Duration::from_millis(20);

    fn at(millis: u64) -> Tick {
        Tick::new(Duration::from_millis(millis))
    }

    /// Seeded, by the generator that is known as `SplitMix64`.
    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        }

        fn per_mille(&mut self, share: u64) -> bool {
            self.next() % 1000 < share
        }
    }

    /// A destination behind a breaker, and the requests that come to it, each another one.
    struct Drill {
        breaker: Breaker,
        policy: BreakerPolicy,
        chance: Chance,
        now: Tick,
        requests: u64,
        probes: u64,
    }

    impl Drill {
        fn new(seed: u64) -> Self {
            Drill {
                breaker: Breaker::default(),
                policy: BreakerPolicy::default(),
                chance: Chance(seed),
                now: at(0),
                requests: 0,
                probes: 0,
            }
        }

        fn admit(&mut self) -> Admission {
            let admission = self.breaker.admit(&self.policy, self.now, self.chance.next());
            self.probes += u64::from(admission == Admission::Probe);
            admission
        }

        fn tell(&mut self, admission: Admission, request: u64, good: bool) {
            let random = self.chance.next();
            if good {
                self.breaker.succeeded(&self.policy, admission, request, self.now);
            } else {
                self.breaker.failed(&self.policy, admission, request, self.now, random);
            }
        }

        /// One request, answered at once.
        fn call(&mut self, good: bool) -> Admission {
            let admission = self.admit();
            self.requests += 1;
            self.tell(admission, self.requests, good);
            admission
        }

        /// Requests at fifty a second until then.
        fn run(&mut self, until: Tick, mut good: impl FnMut(&mut Chance, Tick) -> bool) {
            while self.now < until {
                let good = good(&mut self.chance, self.now);
                self.call(good);
                self.now = self.now + SPACING;
            }
        }

        fn state(&self) -> State {
            self.breaker.view(self.now).state
        }

        /// Fails until it opens.
        fn fell(mut self) -> Self {
            while self.state() == State::Closed {
                self.call(false);
            }
            self
        }

        /// To the moment of the next probe.
        fn wait(&mut self) {
            self.now = self.breaker.view(self.now).until.unwrap();
        }
    }

    #[test]
    fn a_hard_outage_opens_it_after_exactly_five_failures() {
        let mut drill = Drill::new(1);
        drill.run(at(60_000), |chance, _| !chance.per_mille(10));
        drill.call(true);
        for _ in 0..4 {
            drill.call(false);
            assert_eq!(drill.state(), State::Closed);
        }
        drill.call(false);
        let view = drill.breaker.view(drill.now);
        assert_eq!((view.state, view.why, view.since), (State::Open, Some(Why::Failures(5)), drill.now));
        let until = view.until.unwrap();
        assert!(drill.now + SECOND * 4 / 5 <= until && until <= drill.now + SECOND * 6 / 5);
        assert_eq!(drill.call(true), Admission::Refused { until });
        assert_eq!(drill.breaker.refuses(&drill.policy, drill.now), Some(until));
        assert_eq!(drill.breaker.refuses(&drill.policy, until), None);
    }

    #[test]
    fn an_outage_with_a_single_prompt_opens_it_too() {
        let mut drill = Drill::new(1);
        for good in [true, true, false, false, false, false] {
            drill.tell(Admission::Pass, 7, good);
        }
        assert_eq!(drill.state(), State::Closed);
        drill.tell(Admission::Pass, 7, false);
        assert_eq!(drill.state(), State::Open);
        // Another one that succeeded exonerates the destination, for as long as the window.
        let mut drill = Drill::new(1);
        drill.tell(Admission::Pass, 8, true);
        for millis in (0..10_000).step_by(20) {
            drill.now = at(millis);
            drill.tell(Admission::Pass, 7, false);
        }
        assert_eq!(drill.state(), State::Closed);
        drill.now = at(10_000);
        drill.tell(Admission::Pass, 7, false);
        assert_eq!(drill.state(), State::Open);
    }

    #[test]
    fn thirty_per_cent_of_failures_open_it_within_ten_seconds() {
        let mut took: Vec<Duration> = (0..201)
            .map(|seed| {
                let mut drill = Drill::new(seed);
                drill.run(at(60_000), |chance, _| !chance.per_mille(10));
                while drill.state() == State::Closed {
                    let good = !drill.chance.per_mille(300);
                    drill.call(good);
                    drill.now = drill.now + SPACING;
                }
                drill.now - at(60_000)
            })
            .collect();
        took.sort_unstable();
        assert!(took[100] <= SECOND * 10, "{:?}", took[100]);
    }

    #[test]
    fn noise_does_not_open_it() {
        for (share, requests) in [(10, 1_000_000), (50, 100_000)] {
            let mut drill = Drill::new(3);
            drill.run(at(0) + SPACING * requests, |chance, _| !chance.per_mille(share));
            assert_eq!(drill.breaker.opened(), 0, "{share} per mille");
        }
    }

    #[test]
    fn one_probe_at_a_time_and_what_was_sent_before_counts_no_more() {
        let mut drill = Drill::new(1).fell();
        let opened = drill.breaker.view(drill.now);
        for good in [false, true] {
            drill.tell(Admission::Pass, 99, good);
        }
        assert_eq!(drill.breaker.view(drill.now), opened);
        drill.wait();
        assert_eq!(drill.admit(), Admission::Probe);
        for _ in 0..1000 {
            assert!(matches!(drill.admit(), Admission::Refused { until } if until > drill.now));
        }
        assert!(drill.breaker.refuses(&drill.policy, drill.now).is_some());
        drill.tell(Admission::Pass, 99, true);
        assert_eq!(drill.state(), State::Probing);
        drill.tell(Admission::Probe, 99, true);
        assert_eq!(drill.state(), State::Ramping);
    }

    #[test]
    fn an_abandoned_probe_gives_its_slot_back() {
        let mut drill = Drill::new(1).fell();
        drill.wait();
        assert_eq!(drill.admit(), Admission::Probe);
        drill.breaker.abandoned(Admission::Pass, drill.now);
        assert_eq!(drill.state(), State::Probing);
        drill.breaker.abandoned(Admission::Probe, drill.now);
        assert_eq!(drill.state(), State::Open);
        assert_eq!(drill.admit(), Admission::Probe);
    }

    #[test]
    fn the_traffic_comes_back_from_a_tenth_to_all() {
        let mut drill = Drill::new(5).fell();
        for _ in 0..4 {
            drill.wait();
            drill.call(false);
        }
        drill.wait();
        drill.call(true);
        let good = drill.now;
        // Longer open than the ramp takes, so that the ramp takes the time that the policy says.
        assert_eq!(drill.breaker.view(good).until, Some(good + SECOND * 5));
        for (tenths, share) in [(0, 100), (10, 280), (25, 550), (40, 820), (49, 982), (50, 1000)] {
            drill.now = good + SECOND * tenths / 10;
            let passed = (0..10_000).filter(|_| drill.admit() == Admission::Pass).count();
            assert!(passed.abs_diff(share * 10) <= 200, "{passed} of 10,000 after {tenths} tenths of a second");
        }
        let view = drill.breaker.view(drill.now);
        assert_eq!((view.state, view.why), (State::Closed, None));
    }

    #[test]
    fn failures_during_the_ramp_open_it_again_for_longer() {
        for rate in [false, true] {
            let mut drill = Drill::new(6).fell();
            drill.wait();
            drill.call(true);
            if rate {
                drill.policy.failures = 1000;
            }
            let mut calls = 0;
            while drill.state() == State::Ramping {
                if drill.call(rate && calls % 2 == 0) == Admission::Pass {
                    calls += 1;
                }
                drill.now = drill.now + Duration::from_millis(1);
            }
            let view = drill.breaker.view(drill.now);
            assert_eq!((view.state, calls), (State::Open, if rate { 50 } else { 5 }));
            assert!(view.until.unwrap() - view.since >= SECOND * 8 / 5);
        }
    }

    #[test]
    fn the_open_time_grows_to_the_longest_and_is_forgotten_some_time_after_the_ramp() {
        let mut drill = Drill::new(7).fell();
        let mut wait = drill.breaker.view(drill.now).until.unwrap() - drill.now;
        for doublings in 1..10 {
            drill.wait();
            drill.call(false);
            let longer = drill.breaker.view(drill.now).until.unwrap() - drill.now;
            let least = SECOND * (1 << doublings) * 4 / 5;
            assert!(longer >= least.min(SECOND * 20) && longer <= SECOND * 30, "{longer:?}");
            assert!(longer > wait || longer >= SECOND * 20);
            wait = longer;
        }
        drill.wait();
        drill.call(true);
        for (later, longest) in [(SECOND * 5, SECOND * 30), (SECOND * 35, SECOND * 6 / 5)] {
            let mut drill = Drill { breaker: drill.breaker.clone(), now: drill.now + later, ..Drill::new(7) };
            assert_eq!(drill.state(), State::Closed);
            drill = drill.fell();
            let view = drill.breaker.view(drill.now);
            let wait = view.until.unwrap() - view.since;
            assert!(longest * 2 / 3 <= wait && wait <= longest, "{wait:?} after {later:?}");
        }
    }

    #[test]
    fn what_comes_and_goes_is_asked_less_and_less_often() {
        for seed in 0..50 {
            let mut drill = Drill::new(seed);
            let up = |now: Tick| now.since_start().as_secs() % 10 >= 5;
            let (mut waits, mut opened) = (Vec::new(), 0);
            while drill.now < at(300_000) {
                let good = up(drill.now);
                drill.call(good);
                if drill.breaker.opened() > opened {
                    opened = drill.breaker.opened();
                    waits.push(drill.breaker.wait);
                    assert!(drill.probes < opened, "more than one probe in an open period");
                }
                drill.now = drill.now + SPACING;
            }
            for pair in waits.windows(2) {
                assert!(pair[1] > pair[0] || pair[1] >= SECOND * 20, "seed {seed}: {waits:?}");
            }
            assert!(waits.len() <= 18, "seed {seed}: {waits:?}");
        }
    }

    #[test]
    fn all_traffic_is_back_within_twice_the_last_open_time() {
        for seed in 0..200 {
            let mut drill = Drill::new(seed);
            let over = at(1000 + drill.chance.next() % 180_000);
            drill.run(over, |_, _| false);
            let wait = drill.breaker.wait;
            while drill.state() != State::Closed {
                drill.call(true);
                drill.now = drill.now + SPACING;
            }
            assert!(drill.now - over <= wait * 2 + SPACING * 2, "seed {seed}: {:?} after {wait:?}", drill.now - over);
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Wait(u64),
        Admit,
        /// The oldest attempt, or the one before the latest, ends: well, badly, or not at all.
        End(bool, Option<bool>),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (0_u64..400).prop_map(Step::Wait),
            1 => (0_u64..40_000).prop_map(Step::Wait),
            6 => Just(Step::Admit),
            6 => (any::<bool>(), prop_oneof![6 => Just(Some(false)), 2 => Just(Some(true)), 1 => Just(None)])
                .prop_map(|(oldest, end)| Step::End(oldest, end)),
        ];
        prop::collection::vec(step, 0..200)
    }

    fn policies() -> impl Strategy<Value = BreakerPolicy> {
        let time = || prop_oneof![Just(0), 1_u64..60_000_000_000, any::<u64>()].prop_map(Duration::from_nanos);
        let count = || prop_oneof![0_u32..8, any::<u32>()];
        let odd = (count(), any::<f64>(), time(), count(), time(), time(), time()).prop_map(
            |(failures, failure_rate, window, min_samples, open, max_open, ramp)| BreakerPolicy {
                failures,
                failure_rate,
                window,
                min_samples,
                open,
                max_open,
                ramp,
            },
        );
        prop_oneof![Just(BreakerPolicy::default()), odd]
    }

    proptest! {
        #[test]
        fn whatever_happens_one_probe_is_out_at_most(
            steps in steps(), policies in prop::collection::vec(policies(), 1..3), seed: u64,
        ) {
            let (mut breaker, mut chance, mut now) = (Breaker::default(), Chance(seed), at(0));
            let (mut out, mut out_probes, mut probes): (Vec<Admission>, u64, u64) = (Vec::new(), 0, 0);
            for (step, policy) in steps.into_iter().zip(policies.iter().cycle()) {
                let before = breaker.view(now);
                match step {
                    Step::Wait(time) => now = now + Duration::from_millis(time),
                    Step::Admit => {
                        let refuses = breaker.refuses(policy, now);
                        let admission = breaker.admit(policy, now, chance.next());
                        match admission {
                            Admission::Refused { until } => {
                                prop_assert!(until > now);
                                prop_assert!(refuses.is_none_or(|moment| moment == until));
                                prop_assert!(refuses.is_some() || before.state == State::Ramping);
                            }
                            Admission::Pass => prop_assert!(matches!(before.state, State::Closed | State::Ramping)),
                            Admission::Probe => {
                                prop_assert_eq!((before.state, before.until, refuses), (State::Open, None, None));
                                (out_probes, probes) = (out_probes + 1, probes + 1);
                                prop_assert!(probes <= breaker.opened(), "more than one probe in an open period");
                            }
                        }
                        if !matches!(admission, Admission::Refused { .. }) {
                            out.push(admission);
                        }
                    }
                    Step::End(oldest, end) => {
                        let place = if oldest { 0 } else { out.len().saturating_sub(2) };
                        if place < out.len() {
                            let admission = out.remove(place);
                            let (request, random) = (chance.next() % 4, chance.next());
                            match end {
                                Some(true) => breaker.succeeded(policy, admission, request, now),
                                Some(false) => breaker.failed(policy, admission, request, now, random),
                                None => breaker.abandoned(admission, now),
                            }
                            if admission == Admission::Probe {
                                out_probes -= 1;
                                probes -= u64::from(end.is_none());
                            } else if matches!(before.state, State::Open | State::Probing) {
                                prop_assert_eq!(breaker.view(now), before);
                            }
                        }
                    }
                }
                prop_assert!(out_probes <= 1);
                prop_assert_eq!(breaker.view(now).state == State::Probing, out_probes == 1);
            }
        }

        #[test]
        fn a_poison_request_alone_never_opens_it(
            steps in prop::collection::vec((0_u64..3000, 1_u64..40, 1_u64..6), 1..60), poison: u64,
        ) {
            let mut drill = Drill::new(poison);
            drill.tell(Admission::Pass, poison.wrapping_add(1), true);
            for (millis, failures, other) in steps {
                drill.now = drill.now + Duration::from_millis(millis);
                for _ in 0..failures {
                    let admission = drill.admit();
                    drill.tell(admission, poison, false);
                }
                drill.tell(Admission::Pass, poison.wrapping_add(other), true);
            }
            prop_assert_eq!(drill.breaker.opened(), 0);
        }

        #[test]
        fn a_poison_request_adds_one_failure_to_those_of_others(
            poison in prop::collection::vec(any::<bool>(), 0..60),
        ) {
            let mut drill = Drill::new(1);
            drill.call(true);
            drill.call(true);
            let (mut seen, mut others) = (false, 0);
            for poison in poison {
                if drill.state() != State::Closed {
                    break;
                }
                if poison {
                    drill.tell(Admission::Pass, u64::MAX, false);
                    seen = true;
                } else {
                    drill.call(false);
                    others += 1;
                }
                prop_assert_eq!(drill.state() == State::Open, others + u32::from(seen) == 5);
            }
        }
    }
}
