//! Which target comes next, and with which of its keys: a pure machine. Time and chance are passed in.

use std::time::Duration;

use crate::config::RetryPolicy;
use crate::error::{Kind, Retry};
use crate::world::Tick;

/// The plan of one call.
pub(crate) struct Plan {
    policy: RetryPolicy,
    attempts: u32,
    slots: Vec<Slot>,
}

/// A target, and one of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) target: usize,
    pub(crate) key: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    place: Place,
    failures: u32,
    /// Not to be tried before; `None` where it is out for this call.
    ready: Option<Tick>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Try this target with this key, not before this moment.
    Try { place: Place, at: Tick },
    /// Nothing is left to try.
    Stop,
}

impl Plan {
    /// A plan for places of which each is not to be tried before its moment. One that comes only after the longest wait
    /// that the policy allows is not tried at all.
    pub(crate) fn new(policy: RetryPolicy, ready: impl Iterator<Item = (Place, Tick)>, now: Tick) -> Self {
        let slot = |(place, at)| Slot { place, failures: 0, ready: (at - now <= policy.max_delay).then_some(at) };
        Plan { slots: ready.map(slot).collect(), policy, attempts: 0 }
    }

    /// The first place in order that may be tried now, one that was not tried yet before one that failed; where all have
    /// to wait, the one that waits least.
    pub(crate) fn next(&mut self, now: Tick) -> Step {
        if self.attempts >= self.policy.max_attempts {
            return Step::Stop;
        }
        let ready = |slot: &Slot| slot.ready.map(|at| (slot.place, slot.failures, at.max(now)));
        match self.slots.iter().filter_map(ready).min_by_key(|(_, failures, at)| (*at, *failures)) {
            Some((place, _, at)) => {
                self.attempts += 1;
                Step::Try { place, at }
            }
            None => Step::Stop,
        }
    }

    /// The targets that could have been tried if more attempts were allowed.
    pub(crate) fn untried(&self) -> Vec<usize> {
        let spent = self.attempts >= self.policy.max_attempts;
        let fresh = |slot: &&Slot| spent && slot.failures == 0 && slot.ready.is_some();
        let mut targets: Vec<_> = self.slots.iter().filter(fresh).map(|slot| slot.place.target).collect();
        targets.dedup();
        targets.retain(|target| !self.slots.iter().any(|slot| slot.place.target == *target && slot.failures > 0));
        targets
    }

    /// Takes note of a failure. `random` is uniform.
    pub(crate) fn failed(&mut self, place: Place, kind: Kind, scope: Retry, now: Tick, random: u64) {
        if scope == Retry::Never {
            self.slots.clear();
            return;
        }
        // Nothing was sent.
        if kind == Kind::Unsupported {
            self.attempts -= 1;
        }
        let shared =
            |slot: &&mut Slot| slot.place == place || (slot.place.target == place.target && !concerns_key(kind));
        for slot in self.slots.iter_mut().filter(shared) {
            slot.failures += 1;
            slot.ready = match scope {
                // A malformed answer is worth one more try at the same target; a second one is how it is.
                Retry::After(_) if kind == Kind::Protocol && slot.failures > 1 => None,
                // What is asked for is never shortened: a longer wait than allowed takes the target out.
                Retry::After(asked) if asked > self.policy.max_delay => None,
                Retry::After(asked) => Some(now + asked.max(backoff(&self.policy, slot.failures, random))),
                Retry::Elsewhere | Retry::Never => None,
            };
        }
    }
}

/// Whether a failure is the key's and not the target's: another key may do.
pub(crate) fn concerns_key(kind: Kind) -> bool {
    matches!(kind, Kind::Unauthenticated | Kind::PermissionDenied | Kind::QuotaExhausted | Kind::RateLimited)
}

/// Full jitter: uniform between zero and the doubled delay, so that callers that failed together come back apart.
/// Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
fn backoff(policy: &RetryPolicy, failures: u32, random: u64) -> Duration {
    let ceiling = policy.base_delay.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(policy.max_delay);
    #[expect(clippy::cast_precision_loss, reason = "a fraction needs no more than 53 bits")]
    let fraction = random as f64 / u64::MAX as f64;
    ceiling.mul_f64(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy =
        RetryPolicy { max_attempts: 4, base_delay: Duration::from_millis(100), max_delay: Duration::from_secs(10) };

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    fn fresh(targets: usize) -> Plan {
        Plan::new(POLICY, (0..targets).map(|target| (place(target), at(0))), at(0))
    }

    fn place(target: usize) -> Place {
        Place { target, key: 0 }
    }

    #[test]
    fn a_refused_key_leaves_the_other_keys_of_its_target() {
        let keys = [0, 1].map(|key| (Place { target: 0, key }, at(0)));
        let step = |key| Step::Try { place: Place { target: 0, key }, at: at(0) };
        let mut plan = Plan::new(POLICY, keys.into_iter(), at(0));
        assert_eq!(plan.next(at(0)), step(0));
        plan.failed(Place { target: 0, key: 0 }, Kind::Unauthenticated, Retry::Elsewhere, at(0), 0);
        assert_eq!(plan.next(at(0)), step(1));
        let mut plan = Plan::new(POLICY, keys.into_iter(), at(0));
        assert_eq!(plan.next(at(0)), step(0));
        plan.failed(Place { target: 0, key: 0 }, Kind::NotFound, Retry::Elsewhere, at(0), 0);
        assert_eq!(plan.next(at(0)), Step::Stop);
    }

    #[test]
    fn a_target_that_cools_down_comes_later_or_not_at_all() {
        let mut plan = Plan::new(
            POLICY,
            [at(7000), at(0), at(60_000)].into_iter().enumerate().map(|(n, at)| (place(n), at)),
            at(0),
        );
        assert_eq!(plan.next(at(0)), Step::Try { place: place(1), at: at(0) });
        plan.failed(place(1), Kind::Server, Retry::Elsewhere, at(0), 0);
        assert_eq!(plan.next(at(0)), Step::Try { place: place(0), at: at(7000) });
        plan.failed(place(0), Kind::Server, Retry::Elsewhere, at(7000), 0);
        assert_eq!(plan.next(at(7000)), Step::Stop);
    }

    #[test]
    fn goes_on_to_the_next_target_at_once_and_comes_back_after_the_backoff() {
        let mut plan = fresh(2);
        assert_eq!(plan.next(at(0)), Step::Try { place: place(0), at: at(0) });
        plan.failed(place(0), Kind::Overloaded, Retry::After(Duration::ZERO), at(5), u64::MAX);
        assert_eq!(plan.next(at(5)), Step::Try { place: place(1), at: at(5) });
        plan.failed(place(1), Kind::Overloaded, Retry::After(Duration::from_secs(7)), at(9), u64::MAX);
        assert_eq!(plan.next(at(9)), Step::Try { place: place(0), at: at(105) });
        plan.failed(place(0), Kind::Overloaded, Retry::After(Duration::ZERO), at(110), u64::MAX);
        assert_eq!(plan.next(at(110)), Step::Try { place: place(0), at: at(310) });
        plan.failed(place(0), Kind::Overloaded, Retry::After(Duration::ZERO), at(320), 0);
        assert_eq!(plan.next(at(320)), Step::Stop);
    }

    #[test]
    fn a_target_that_was_not_tried_comes_before_one_whose_backoff_is_over() {
        let mut plan = fresh(3);
        for target in 0..3 {
            assert_eq!(plan.next(at(5)), Step::Try { place: place(target), at: at(5) });
            plan.failed(place(target), Kind::Overloaded, Retry::After(Duration::ZERO), at(5), 0);
        }
        assert_eq!(plan.next(at(5)), Step::Try { place: place(0), at: at(5) });
    }

    #[test]
    fn a_wait_that_is_too_long_takes_the_target_out_and_never_is_shortened() {
        let mut plan = fresh(1);
        plan.next(at(0));
        plan.failed(place(0), Kind::RateLimited, Retry::After(Duration::from_secs(86400)), at(0), 0);
        assert_eq!(plan.next(at(0)), Step::Stop);
    }

    #[test]
    fn an_invalid_request_goes_nowhere_else() {
        let mut plan = fresh(3);
        plan.next(at(0));
        plan.failed(place(0), Kind::InvalidRequest, Retry::Never, at(0), 0);
        assert_eq!(plan.next(at(0)), Step::Stop);
    }

    #[test]
    fn a_target_that_cannot_do_it_costs_no_attempt() {
        let mut plan = fresh(POLICY.max_attempts as usize + 1);
        for target in 0..=POLICY.max_attempts as usize {
            assert_eq!(plan.next(at(0)), Step::Try { place: place(target), at: at(0) });
            plan.failed(place(target), Kind::Unsupported, Retry::Elsewhere, at(0), 0);
        }
        assert_eq!(plan.next(at(0)), Step::Stop);
    }

    #[test]
    fn a_malformed_answer_is_tried_once_more() {
        let mut plan = fresh(1);
        for more in [true, false] {
            plan.next(at(0));
            plan.failed(place(0), Kind::Protocol, Retry::After(Duration::ZERO), at(0), 0);
            assert_eq!(plan.next(at(0)) != Step::Stop, more);
        }
    }

    #[test]
    fn jitter_is_spread_over_the_whole_delay() {
        let mut buckets = [0; 10];
        for step in 0..1000_u64 {
            let wait = backoff(&POLICY, 1, step * (u64::MAX / 1000));
            buckets[(wait.as_millis() / 10).min(9) as usize] += 1;
        }
        assert!(buckets.iter().all(|count| (90..=110).contains(count)), "{buckets:?}");
    }
}
