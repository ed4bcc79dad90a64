//! Which target comes next, and with which of its keys: a pure machine. Time and chance are passed in.

use std::time::Duration;

use crate::config::RetryPolicy;
use crate::error::{Error, Kind, Retry};
use crate::model::WaitReason;
use crate::world::{Tick, fraction};

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
    /// Whose wish that is.
    wait: WaitReason,
    /// What was wished for when the call began.
    asked: Tick,
}

/// What to do next: try this target with this key, not before this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) place: Place,
    pub(crate) at: Tick,
    /// What there is to wait for, where `at` has not come yet.
    pub(crate) wait: WaitReason,
    /// Whether the target has failed in this call.
    pub(crate) again: bool,
}

impl Plan {
    /// A plan for places of which each is not to be tried before its moment. One that comes only after the longest wait
    /// that the policy allows is not tried at all.
    pub(crate) fn new(policy: RetryPolicy, ready: impl Iterator<Item = (Place, Tick)>, now: Tick) -> Self {
        let slot = |(place, at)| Slot {
            place,
            failures: 0,
            ready: (at - now <= policy.max_delay).then_some(at),
            wait: WaitReason::RetryAfter,
            asked: at,
        };
        Plan { slots: ready.map(slot).collect(), policy, attempts: 0 }
    }

    /// The first place in order that may be tried now, one that was not tried yet before one that failed; where all have
    /// to wait, the one that waits least. `None` where nothing is left.
    pub(crate) fn next(&self, now: Tick) -> Option<Step> {
        self.best(now, |slot| (slot.ready.map(|at| at.max(now)), slot.failures))
    }

    /// The targets in the order in which they would be tried if each failed at once; `again` for all but the first.
    pub(crate) fn order(&self, now: Tick) -> Vec<Step> {
        let mut seen = Vec::new();
        let mut slots: Vec<_> = self.slots.iter().collect();
        slots.sort_by_key(|slot| (slot.ready.is_none(), slot.asked.max(now)));
        slots.retain(|slot| {
            !seen.contains(&slot.place.target) && {
                seen.push(slot.place.target);
                true
            }
        });
        let step = |(turn, slot): (usize, &&Slot)| Step {
            place: slot.place,
            at: slot.asked.max(now),
            wait: slot.wait,
            again: turn > 0,
        };
        slots.iter().enumerate().map(step).collect()
    }

    /// A place of each target of which no place can be waited for.
    pub(crate) fn resting(&self) -> Vec<Place> {
        let mut found: Vec<Place> = Vec::new();
        for Slot { place, .. } in &self.slots {
            let mut own = self.slots.iter().filter(|slot| slot.place.target == place.target);
            if own.all(|slot| slot.ready.is_none()) && found.iter().all(|known| known.target != place.target) {
                found.push(*place);
            }
        }
        found
    }

    /// A place for a second attempt beside one that is under way: another target if there is one, and none that has failed
    /// or would have to be waited for.
    pub(crate) fn beside(&self, running: Place, now: Tick) -> Option<Step> {
        let step =
            self.best(now, |slot| (slot.failures > 0, slot.place.target == running.target, slot.ready > Some(now)))?;
        (step.at <= now && !step.again).then_some(step)
    }

    fn best<K: Ord>(&self, now: Tick, key: impl Fn(&Slot) -> K) -> Option<Step> {
        if self.attempts >= self.policy.max_attempts {
            return None;
        }
        let slot = self.slots.iter().filter(|slot| slot.ready.is_some()).min_by_key(|slot| key(slot))?;
        let Slot { place, failures, wait, ready, .. } = *slot;
        Some(Step { place, at: ready?.max(now), wait, again: failures > 0 })
    }

    /// An attempt is made.
    pub(crate) fn begin(&mut self) {
        self.attempts += 1;
    }

    /// How many attempts were made.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How often the target has failed in this call.
    pub(crate) fn failures(&self, place: Place) -> u32 {
        self.slots.iter().find(|slot| slot.place == place).map_or(0, |slot| slot.failures)
    }

    /// A target is passed over in this call.
    pub(crate) fn pass(&mut self, target: usize) {
        self.slots.iter_mut().filter(|slot| slot.place.target == target).for_each(|slot| slot.ready = None);
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
    pub(crate) fn failed(&mut self, place: Place, error: &Error, now: Tick, random: u64) {
        let (kind, scope) = (error.kind(), error.scope());
        if scope == Retry::Never {
            self.slots.clear();
            return;
        }
        if error.skipped().is_some() {
            // Nothing was sent.
            self.attempts = self.attempts.saturating_sub(1);
            // A key that rests is passed over alone.
            let shared =
                |slot: &&mut Slot| slot.place == place || (slot.place.target == place.target && !concerns_key(kind));
            self.slots.iter_mut().filter(shared).for_each(|slot| slot.ready = None);
            return;
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
                Retry::After(asked) => {
                    let own = backoff(&self.policy, slot.failures, random);
                    slot.wait = if asked > own { WaitReason::RetryAfter } else { WaitReason::Backoff };
                    Some(now + asked.max(own))
                }
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
    ceiling.mul_f64(fraction(random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Skipped;

    fn policy() -> RetryPolicy {
        let (base_delay, max_delay) = (Duration::from_millis(100), Duration::from_secs(10));
        RetryPolicy { max_attempts: 4, base_delay, max_delay, ..RetryPolicy::default() }
    }

    /// The next place, and when; it counts as tried.
    fn next(plan: &mut Plan, now: Tick) -> Option<(Place, Tick)> {
        let step = plan.next(now)?;
        plan.begin();
        Some((step.place, step.at))
    }

    fn failed(plan: &mut Plan, place: Place, kind: Kind, scope: Retry, now: Tick, random: u64) {
        let error = Error::new(kind, "failed").retry(scope);
        let error = if kind == Kind::Unsupported { error.skip(Skipped::Unsupported) } else { error };
        plan.failed(place, &error, now, random);
    }

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    fn fresh(targets: usize) -> Plan {
        Plan::new(policy(), (0..targets).map(|target| (place(target), at(0))), at(0))
    }

    fn place(target: usize) -> Place {
        Place { target, key: 0 }
    }

    #[test]
    fn a_refused_key_leaves_the_other_keys_of_its_target() {
        let keys = [0, 1].map(|key| (Place { target: 0, key }, at(0)));
        let step = |key| Some((Place { target: 0, key }, at(0)));
        let mut plan = Plan::new(policy(), keys.into_iter(), at(0));
        assert_eq!(next(&mut plan, at(0)), step(0));
        failed(&mut plan, Place { target: 0, key: 0 }, Kind::Unauthenticated, Retry::Elsewhere, at(0), 0);
        assert_eq!(next(&mut plan, at(0)), step(1));
        let mut plan = Plan::new(policy(), keys.into_iter(), at(0));
        assert_eq!(next(&mut plan, at(0)), step(0));
        failed(&mut plan, Place { target: 0, key: 0 }, Kind::NotFound, Retry::Elsewhere, at(0), 0);
        assert_eq!(next(&mut plan, at(0)), None);
    }

    #[test]
    fn a_target_that_cools_down_comes_later_or_not_at_all() {
        let mut plan = Plan::new(
            policy(),
            [at(7000), at(0), at(60_000)].into_iter().enumerate().map(|(n, at)| (place(n), at)),
            at(0),
        );
        assert_eq!(next(&mut plan, at(0)), Some((place(1), at(0))));
        failed(&mut plan, place(1), Kind::Server, Retry::Elsewhere, at(0), 0);
        assert_eq!(next(&mut plan, at(0)), Some((place(0), at(7000))));
        failed(&mut plan, place(0), Kind::Server, Retry::Elsewhere, at(7000), 0);
        assert_eq!(next(&mut plan, at(7000)), None);
    }

    #[test]
    fn goes_on_to_the_next_target_at_once_and_comes_back_after_the_backoff() {
        let mut plan = fresh(2);
        assert_eq!(next(&mut plan, at(0)), Some((place(0), at(0))));
        failed(&mut plan, place(0), Kind::Overloaded, Retry::After(Duration::ZERO), at(5), u64::MAX);
        assert_eq!(next(&mut plan, at(5)), Some((place(1), at(5))));
        failed(&mut plan, place(1), Kind::Overloaded, Retry::After(Duration::from_secs(7)), at(9), u64::MAX);
        assert_eq!(next(&mut plan, at(9)), Some((place(0), at(105))));
        failed(&mut plan, place(0), Kind::Overloaded, Retry::After(Duration::ZERO), at(110), u64::MAX);
        assert_eq!(next(&mut plan, at(110)), Some((place(0), at(310))));
        failed(&mut plan, place(0), Kind::Overloaded, Retry::After(Duration::ZERO), at(320), 0);
        assert_eq!(next(&mut plan, at(320)), None);
    }

    #[test]
    fn a_target_that_was_not_tried_comes_before_one_whose_backoff_is_over() {
        let mut plan = fresh(3);
        for target in 0..3 {
            assert_eq!(next(&mut plan, at(5)), Some((place(target), at(5))));
            failed(&mut plan, place(target), Kind::Overloaded, Retry::After(Duration::ZERO), at(5), 0);
        }
        assert_eq!(next(&mut plan, at(5)), Some((place(0), at(5))));
    }

    #[test]
    fn a_wait_that_is_too_long_takes_the_target_out_and_never_is_shortened() {
        let mut plan = fresh(1);
        next(&mut plan, at(0));
        failed(&mut plan, place(0), Kind::RateLimited, Retry::After(Duration::from_secs(86400)), at(0), 0);
        assert_eq!(next(&mut plan, at(0)), None);
    }

    #[test]
    fn an_invalid_request_goes_nowhere_else() {
        let mut plan = fresh(3);
        next(&mut plan, at(0));
        failed(&mut plan, place(0), Kind::InvalidRequest, Retry::Never, at(0), 0);
        assert_eq!(next(&mut plan, at(0)), None);
    }

    #[test]
    fn a_target_that_cannot_do_it_costs_no_attempt() {
        let mut plan = fresh(policy().max_attempts as usize + 1);
        for target in 0..=policy().max_attempts as usize {
            assert_eq!(next(&mut plan, at(0)), Some((place(target), at(0))));
            failed(&mut plan, place(target), Kind::Unsupported, Retry::Elsewhere, at(0), 0);
        }
        assert_eq!(next(&mut plan, at(0)), None);
    }

    #[test]
    fn a_malformed_answer_is_tried_once_more() {
        let mut plan = fresh(1);
        for more in [true, false] {
            next(&mut plan, at(0));
            failed(&mut plan, place(0), Kind::Protocol, Retry::After(Duration::ZERO), at(0), 0);
            assert_eq!(next(&mut plan, at(0)).is_some(), more);
        }
    }

    #[test]
    fn jitter_is_spread_over_the_whole_delay() {
        let mut buckets = [0; 10];
        for step in 0..1000_u64 {
            let wait = backoff(&policy(), 1, step * (u64::MAX / 1000));
            buckets[(wait.as_millis() / 10).min(9) as usize] += 1;
        }
        assert!(buckets.iter().all(|count| (90..=110).contains(count)), "{buckets:?}");
    }
}
