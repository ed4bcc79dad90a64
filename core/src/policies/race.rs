//! Hedging: an attempt that takes long gets a second one beside it.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;

use super::round::{Launch, Round};
use crate::model::{AttemptRecord, Why};
use crate::policy::Reply;
use crate::world::Tick;

impl Round<'_> {
    /// The attempt against a second one, which starts when the first takes long. The first good answer counts; an error
    /// only ends its own attempt. The loser is dropped, which closes its connection.
    pub(super) async fn race(&mut self, first: Launch, late: Tick) -> Option<Reply> {
        // Most attempts are not late, and need no more than the timer beside them.
        let running = match select(self.serve(first), self.call.world.sleep(late)).await {
            // What fails before it is late is followed by the plan, not by a hedge.
            Either::Left(((launch, outcome), _)) => return self.settle(launch, outcome),
            Either::Right(((), running)) => running,
        };
        let mut running = FuturesUnordered::from_iter([running]);
        let hedge = self.hedge(first);
        running.extend(hedge.map(|hedge| self.serve(hedge)));
        while let Some((launch, outcome)) = running.next().await {
            if let Some(reply) = self.settle(launch, outcome) {
                if let Some(hedge) = hedge {
                    self.lost(first, hedge, launch, running.is_empty());
                }
                return Some(reply);
            }
        }
        None
    }

    /// Starts a second attempt, if one is allowed now.
    fn hedge(&mut self, first: Launch) -> Option<Launch> {
        let now = self.now();
        let policy = self.call.route.hedge.as_ref()?;
        // Asked even where none can be sent: it learns from all that take long.
        if !self.route.lock().hedges.take(policy, now) {
            return None;
        }
        let launch = self.beside(first, now);
        if launch.is_none() {
            self.route.lock().hedges.give_back();
        }
        launch
    }

    /// A second attempt at a target that is well, where the route's calls are not all tried again anyway.
    fn beside(&mut self, first: Launch, now: Tick) -> Option<Launch> {
        let step = self.plan.beside(first.place, now)?;
        let target = self.target(step.place)?;
        let fleet = &self.failover.fleet;
        let state = fleet.target(target);
        if fleet.refuses(target, &state, self.call, now).is_some() || state.lock().is_failing() {
            return None;
        }
        if self.route.lock().budget.credits(&self.call.route.retry.budget, now) < 1.0 {
            return None;
        }
        self.launch(step.place, AttemptRecord::new(&*target.label, Why::Hedge))
    }

    /// After which time to hedge this call; `None` for not at all.
    pub(super) fn hedge_delay(&self) -> Option<Duration> {
        let policy = self.call.route.hedge.as_ref()?;
        let request = &self.call.request;
        if !request.hedge || self.plan.attempts() != 1 {
            return None;
        }
        let now = self.now();
        let mut habits = self.route.lock();
        habits.hedges.request(policy, now);
        habits.hedges.delay(policy, habits.sketch(request.stream), now)
    }

    /// Takes note of a race that was won by `winner`.
    fn lost(&self, first: Launch, hedge: Launch, winner: Launch, alone: bool) {
        let now = self.now();
        let mut habits = self.route.lock();
        habits.hedges.ended(winner.id == hedge.id, now);
        if winner.id == hedge.id && !alone {
            // The first would have taken longer than this: without it, the route would look faster than it is.
            habits.took(self.call.request.stream, now - first.began, now);
        }
        drop(habits);
        self.call.log.lost(self.call.request.rough_tokens(), now);
    }
}
