//! How many extra attempts a destination is given: a share of the first ones, so that retries cannot make an outage worse.
//!
//! Each first attempt earns a part of a credit; each extra one costs a whole credit. Few are saved up, and these come of two
//! purses:
//!
//! * **The floor** is there from the start, so that a process that has just begun, or calls seldom, may try again too. What is
//!   spent of it comes back after quiet only: one credit for each `ttl` in which nobody asked for an extra attempt. So in an
//!   outage it is spent once.
//! * **What was earned** fills the place that the floor has left, and is lost where there is no first attempt for a `ttl`.
//!
//! So in any time as long as `ttl`, extra attempts are at most `floor` (or 1, where that is 0) and `ratio` of the first ones;
//! and where they are asked for again and again, `ratio` of the first ones alone once the floor is spent.
//!
//! A pure machine: the time and the policy are passed in. It counts in thousandths of a credit.

use std::time::Duration;

use crate::world::Tick;

/// How many extra attempts a destination is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudgetPolicy {
    /// What a first attempt earns, in credits; counted in thousandths. Default 0.09: with the edges of any window, a tenth.
    pub ratio: f64,
    /// How many credits there are at the start, and may be saved up. Default 10.
    pub floor: u32,
    /// How long credits that were earned outlast the last first attempt, and how long it takes a credit of the floor to come
    /// back. Default 10 s.
    pub ttl: Duration,
}

impl Default for RetryBudgetPolicy {
    fn default() -> Self {
        RetryBudgetPolicy { ratio: 0.09, floor: 10, ttl: Duration::from_secs(10) }
    }
}

impl RetryBudgetPolicy {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and NaN earns nothing"
    )]
    fn earns(&self) -> u64 {
        (self.ratio * 1000.0).round() as u64
    }

    fn floor(&self) -> u64 {
        u64::from(self.floor) * CREDIT
    }
}

/// One credit.
const CREDIT: u64 = 1000;

/// The credits of one destination.
#[derive(Clone, Copy, Debug, Default)]
pub struct RetryBudget {
    earned: u64,
    /// What is spent of the floor. Not what is left: the policy may be another tomorrow.
    spent: u64,
    /// When the last first attempt was.
    deposited: Tick,
    /// When an extra attempt was last asked for, or a credit of the floor came back.
    quiet_since: Tick,
}

impl RetryBudget {
    /// A first attempt is made: it earns `ratio` of a credit.
    pub fn deposit(&mut self, policy: &RetryBudgetPolicy, now: Tick) {
        self.pass(policy, now);
        self.deposited = self.deposited.max(now);
        self.earned = self.earned.saturating_add(policy.earns());
        self.cap(policy);
    }

    /// Asks for one extra attempt; `false` where less than a whole credit is left.
    pub fn withdraw(&mut self, policy: &RetryBudgetPolicy, now: Tick) -> bool {
        self.pass(policy, now);
        self.quiet_since = self.quiet_since.max(now);
        if self.left(policy) < CREDIT {
            return false;
        }
        // What expires goes first.
        let earned = self.earned.min(CREDIT);
        self.earned -= earned;
        self.spent += CREDIT - earned;
        true
    }

    /// The extra attempt that was asked for was not made after all: its credit comes back.
    pub fn refund(&mut self, policy: &RetryBudgetPolicy, now: Tick) {
        self.pass(policy, now);
        let to_floor = self.spent.min(CREDIT);
        self.spent -= to_floor;
        self.earned += CREDIT - to_floor;
        self.cap(policy);
    }

    /// What is left, in credits.
    pub fn credits(&self, policy: &RetryBudgetPolicy, now: Tick) -> f64 {
        Duration::from_millis(self.thousandths(policy, now)).as_secs_f64()
    }

    fn thousandths(&self, policy: &RetryBudgetPolicy, now: Tick) -> u64 {
        let mut then = *self;
        then.pass(policy, now);
        then.left(policy)
    }

    fn left(&self, policy: &RetryBudgetPolicy) -> u64 {
        self.earned + policy.floor().saturating_sub(self.spent)
    }

    /// Lets the time until now pass.
    fn pass(&mut self, policy: &RetryBudgetPolicy, now: Tick) {
        if now - self.deposited >= policy.ttl {
            self.earned = 0;
        }
        self.spent = self.spent.min(policy.floor());
        let quiet = now - self.quiet_since;
        if quiet >= policy.ttl {
            let times = quiet.as_nanos().checked_div(policy.ttl.as_nanos()).unwrap_or(0);
            let back = u64::try_from(times).unwrap_or(u64::MAX).saturating_mul(CREDIT);
            self.spent = self.spent.saturating_sub(back);
            self.quiet_since = now;
        }
        self.cap(policy);
    }

    /// Holds what was earned to the place that the floor has left.
    fn cap(&mut self, policy: &RetryBudgetPolicy) {
        let most = policy.floor().max(CREDIT);
        self.earned = self.earned.min(most.saturating_sub(policy.floor().saturating_sub(self.spent)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: RetryBudgetPolicy = RetryBudgetPolicy { ratio: 0.1, floor: 10, ttl: Duration::from_secs(10) };

    fn at(millis: u64) -> Tick {
        Tick::new(Duration::from_millis(millis))
    }

    /// Plays first attempts at these moments, each of which asks for as many extra ones as the second number says.
    fn play(policy: &RetryBudgetPolicy, asks: impl IntoIterator<Item = (u64, u32)>) -> (Vec<u64>, Vec<u64>) {
        let (mut budget, mut first, mut extra) = (RetryBudget::default(), Vec::new(), Vec::new());
        for (millis, wanted) in asks {
            budget.deposit(policy, at(millis));
            first.push(millis);
            extra.extend((0..wanted).filter(|_| budget.withdraw(policy, at(millis))).map(|_| millis));
        }
        (first, extra)
    }

    fn within(moments: &[u64], from: u64, length: u64) -> u64 {
        let count = moments.partition_point(|at| *at < from + length) - moments.partition_point(|at| *at < from);
        count as u64
    }

    #[test]
    fn an_outage_at_fifty_requests_a_second_costs_a_tenth_more() {
        let (first, extra) = play(&POLICY, (0..300 * 50).map(|n| (n * 20, 3)));
        for from in (1000..290_000).step_by(10) {
            let (first, extra) = (within(&first, from, 10_000), within(&extra, from, 10_000));
            assert!(extra * 10 <= first + 10, "{extra} extra attempts beside {first} from {from} ms on");
        }
        // All that is earned is given but what the first attempt earned beside a full floor; and the floor once.
        assert_eq!(extra.len(), 10 + (15_000 - 1) / 10);
    }

    #[test]
    fn little_is_saved_up_while_nothing_fails() {
        let healthy = (0..100 * 50).map(|n| (n * 20, 0));
        let (_, extra) = play(&POLICY, healthy.chain((5000..6000).map(|n| (n * 20, 9))));
        assert_eq!(within(&extra, 100_000, 1000), 10 + 4);
        assert_eq!(within(&extra, 101_000, 10_000), 50);
    }

    #[test]
    fn the_floor_comes_back_after_quiet_one_credit_a_ttl() {
        let mut budget = RetryBudget::default();
        assert_eq!((0..20).filter(|_| budget.withdraw(&POLICY, at(0))).count(), 10);
        // Whoever goes on asking waits in vain.
        assert!((1..100).all(|seconds| !budget.withdraw(&POLICY, at(seconds * 1000))));
        assert_eq!(budget.thousandths(&POLICY, at(108_999)), 0);
        assert_eq!(budget.thousandths(&POLICY, at(109_000)), 1_000);
        assert_eq!(budget.thousandths(&POLICY, at(139_000)), 4_000);
        assert_eq!(budget.thousandths(&POLICY, at(1_000_000)), 10_000);
    }

    #[test]
    fn what_was_earned_expires() {
        let policy = RetryBudgetPolicy { floor: 0, ..POLICY };
        let mut budget = RetryBudget::default();
        assert!(!budget.withdraw(&policy, at(0)));
        for _ in 0..50 {
            budget.deposit(&policy, at(0));
        }
        // One credit can be saved even where the floor is nothing, or there would never be a whole one.
        assert_eq!(budget.thousandths(&policy, at(9_999)), 1_000);
        assert!(!budget.withdraw(&policy, at(10_000)));
    }

    #[test]
    fn a_credit_that_was_not_used_can_be_used() {
        let mut budget = RetryBudget::default();
        for _ in 0..100 {
            assert!(budget.withdraw(&POLICY, at(5)));
            budget.refund(&POLICY, at(5));
        }
        assert_eq!(budget.thousandths(&POLICY, at(5)), 10_000);
        budget.refund(&POLICY, at(5));
        assert_eq!(budget.thousandths(&POLICY, at(5)), 10_000, "no more than is saved up");
    }

    #[test]
    fn the_policy_may_change_under_way() {
        let mut budget = RetryBudget::default();
        for _ in 0..10 {
            assert!(budget.withdraw(&POLICY, at(0)));
        }
        let other = RetryBudgetPolicy { floor: 12, ratio: 1.0, ..POLICY };
        assert_eq!((0..20).filter(|_| budget.withdraw(&other, at(0))).count(), 2);
        budget.deposit(&other, at(0));
        assert!(budget.withdraw(&other, at(0)));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Wait(u64),
        Deposit,
        Withdraw,
        Refund,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            2 => (0_u64..3000).prop_map(Step::Wait),
            1 => (9_000_u64..50_000).prop_map(Step::Wait),
            20 => Just(Step::Deposit),
            20 => Just(Step::Withdraw),
            3 => Just(Step::Refund),
        ];
        prop::collection::vec(step, 0..200)
    }

    proptest! {
        #[test]
        fn no_ttl_has_more_extra_attempts_than_the_floor_and_its_share(
            steps in steps(), floor in 0_u32..12, ratio in 0_u64..=500,
        ) {
            #[expect(clippy::cast_precision_loss, reason = "the number is small")]
            let policy = RetryBudgetPolicy { ratio: ratio as f64 / 1000.0, floor, ..POLICY };
            let (mut budget, mut millis) = (RetryBudget::default(), 0);
            let (mut first, mut extra) = (Vec::new(), Vec::new());
            let most = policy.floor().max(CREDIT);
            for step in steps {
                match step {
                    Step::Wait(time) => millis += time,
                    Step::Deposit => {
                        budget.deposit(&policy, at(millis));
                        first.push(millis);
                    }
                    Step::Withdraw => {
                        let before = budget.credits(&policy, at(millis));
                        let given = budget.withdraw(&policy, at(millis));
                        prop_assert_eq!(given, before >= 1.0);
                        if given {
                            extra.push(millis);
                        }
                    }
                    // Only what was taken just now comes back, as it does when a call finds that its deadline is too near.
                    Step::Refund => if extra.pop_if(|taken| *taken == millis).is_some() {
                        budget.refund(&policy, at(millis));
                    },
                }
                prop_assert!(budget.left(&policy) <= most);
            }
            for from in &extra {
                let (first, extra) = (within(&first, *from, 10_000), within(&extra, *from, 10_000));
                prop_assert!(extra * CREDIT <= most + first * ratio, "{extra} beside {first} from {from} ms on");
            }
        }

        #[test]
        fn no_policy_is_too_odd(steps in steps(), ratio: f64, floor: u32, ttl: u64) {
            let policy = RetryBudgetPolicy { ratio, floor, ttl: Duration::from_nanos(ttl) };
            let (mut budget, mut millis) = (RetryBudget::default(), 0);
            for step in steps {
                match step {
                    Step::Wait(time) => millis += time,
                    Step::Deposit => budget.deposit(&policy, at(millis)),
                    Step::Withdraw => {
                        budget.withdraw(&policy, at(millis));
                    }
                    Step::Refund => budget.refund(&policy, at(millis)),
                }
                prop_assert!(budget.credits(&policy, at(millis)) <= f64::from(floor.max(1)));
            }
        }
    }
}
