//! What would become of a call: the same choice and the same looks as for one that is made, and nothing sent.

use std::sync::Arc;

use super::failover::Failover;
use super::hedge::Hedges;
use super::plan::Step;
use super::round::Round;
use crate::capabilities::fit;
use crate::model::{Candidate, Explanation, Skipped, Why};
use crate::policy::Call;
use crate::world::Tick;

impl Failover {
    /// What would become of a call now. Nothing is sent, and nothing counts.
    pub(crate) fn explain(&self, call: &Call) -> Explanation {
        let round = Round::begin(self, call);
        let now = round.now();
        let policy = call.route.hedge.filter(|_| call.request.hedge);
        let delay =
            policy.and_then(|policy| Hedges::delay(&policy, round.route.lock().times(call.request.stream), now));
        Explanation {
            route: call.route.name.clone(),
            candidates: round.plan.order(now).into_iter().filter_map(|step| round.candidate(step, now)).collect(),
            max_attempts: call.route.retry.max_attempts,
            hedge_after: delay.map(|delay| delay.as_secs_f64()),
            timeout: call.deadline - call.started,
        }
    }
}

impl Round<'_> {
    /// What would become of a target.
    fn candidate(&self, step: Step, now: Tick) -> Option<Candidate> {
        let target = self.target(step.place)?;
        let fits = fit(Arc::clone(&self.call.request), target, self.call.route.on_unsupported);
        let fleet = &self.failover.fleet;
        let down = fleet.refuses(target, &fleet.target(target), self.call, now);
        let cools = || self.failover.rests(target, step.place.key, now);
        let late = step.at - now > self.call.route.retry.max_delay || step.at >= self.call.deadline;
        let (skipped, error) = match (fits, down) {
            (Err(error), _) => (Some(Skipped::Unsupported), Some(error)),
            (_, Some(error)) => (Some(Skipped::Breaker), Some(error)),
            (_, None) if late => (Some(Skipped::Cooldown), cools()),
            _ => (None, None),
        };
        Some(Candidate {
            target: target.label.clone(),
            why: if step.again { Why::Failover } else { self.why },
            skipped,
            message: error.map(|error| error.to_string()),
            wait: step.at - now,
            wait_for: (step.at > now).then_some(step.wait),
        })
    }
}
