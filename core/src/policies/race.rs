//! Hedging: an attempt that takes long gets a second one beside it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use tokio::sync::SetOnce;

use super::hedge::Hedges;
use super::round::{Launch, Round};
use crate::model::{AttemptRecord, Why};
use crate::policy::Reply;
use crate::world::Tick;

impl Round<'_> {
    /// The attempt against a second one, which starts where the first has not been answered for so long since it was sent.
    /// The first good answer counts; an error only ends its own attempt. The loser is dropped, which closes its connection.
    pub(super) async fn race(&mut self, mut first: Launch, delay: Duration) -> Option<Reply> {
        let sent = Arc::<SetOnce<Tick>>::default();
        let attempt = self.serve(first, Arc::clone(&sent));
        let world = Arc::clone(&self.call.world);
        let late = pin!(async move {
            let began = *sent.wait().await;
            world.sleep(began + delay).await;
            began
        });
        // Most attempts are not late, and need no more than the timer beside them.
        let running = match select(attempt, late).await {
            // What fails before it is late is followed by the plan, not by a hedge.
            Either::Left(((launch, outcome), _)) => return self.settle(launch, outcome),
            Either::Right((began, running)) => {
                first.began = began;
                running
            }
        };
        let mut running = FuturesUnordered::from_iter([running]);
        let hedge = self.hedge(first);
        running.extend(hedge.map(|hedge| self.serve(hedge, Arc::default())));
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
        Hedges::delay(policy, habits.times(request.stream), now)
    }

    /// Takes note of a race that was won by `winner`.
    fn lost(&self, first: Launch, hedge: Launch, winner: Launch, alone: bool) {
        let now = self.now();
        let mut habits = self.route.lock();
        habits.hedges.ended(winner.id == hedge.id, now);
        if winner.id == hedge.id && !alone {
            habits.times(self.call.request.stream).dropped(now - first.began, now);
        }
        drop(habits);
        self.call.log.lost(self.call.request.rough_tokens(), now);
    }
}
