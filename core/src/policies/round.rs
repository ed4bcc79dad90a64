//! One call on its way through its targets: what is tried next, what pays for it, and what is learnt of it.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::SetOnce;

use super::balance::Balance;
use super::choice::{Choosing, choose};
use super::failover::Failover;
use super::fleet::RouteState;
use super::plan::{Place, Plan, Step, concerns_key};
use crate::error::{Error, Kind, Result, Retry};
use crate::model::{AttemptRecord, Skipped, Why};
use crate::policy::{Attempt, Call, Reply, Serve};
use crate::target::Target;
use crate::world::{BoxFuture, Tick};

/// One call on its way through its targets.
pub(super) struct Round<'a> {
    pub(super) failover: &'a Failover,
    pub(super) call: &'a Call,
    pub(super) route: Arc<RouteState>,
    pub(super) plan: Plan,
    /// Why the first target is the first.
    pub(super) why: Why,
    last: Option<Error>,
    /// What paid for the attempt that comes next.
    paid: Option<Purse>,
}

/// What pays for a further attempt.
#[derive(Clone, Copy)]
enum Purse {
    Target,
    Route,
}

/// An attempt that is about to be made, or under way.
#[derive(Clone, Copy)]
pub(super) struct Launch {
    pub(super) place: Place,
    why: Why,
    /// Its place in the log.
    pub(super) id: usize,
    pub(super) began: Tick,
}

impl<'a> Round<'a> {
    pub(super) fn begin(failover: &'a Failover, call: &'a Call) -> Self {
        let now = call.world.now();
        let route = failover.fleet.route(&call.route);
        let Choosing { targets, why } = choose(&failover.fleet, &route, call, now);
        let why = if call.resumes { Why::Resume } else { why };
        let random = call.world.random();
        let places = targets.into_iter().flat_map(|index| places(call, index, random));
        let ready = places.map(|(place, target)| (place, failover.ready(target, place.key, now)));
        let plan = Plan::new(call.route.retry, ready, now);
        Round { failover, call, route, plan, why, last: None, paid: None }
    }

    pub(super) async fn run(mut self) -> Result<Reply> {
        self.name_resting();
        while let Some(step) = self.next() {
            if let Some(reply) = self.attempt(step).await {
                return Ok(reply);
            }
        }
        Err(self.give_up())
    }

    /// Names the targets that rest for longer than this call may wait.
    fn name_resting(&self) {
        for place in self.plan.resting() {
            let now = self.now();
            if let Some(target) = self.target(place)
                && let Some(error) = self.failover.rests(target, place.key, now)
            {
                self.call.log.passed(AttemptRecord::new(&*target.label, self.why), Skipped::Cooldown, &error);
            }
        }
    }

    pub(super) fn now(&self) -> Tick {
        self.call.world.now()
    }

    pub(super) fn target(&self, place: Place) -> Option<&'a Arc<Target>> {
        self.call.route.targets.get(place.target)
    }

    /// The next step that is allowed. Targets that are not are passed over.
    fn next(&mut self) -> Option<Step> {
        loop {
            let now = self.now();
            let step = self.plan.next(now)?;
            // A wait that ends after the deadline would only turn a clear error into a timeout.
            if step.at > now && step.at >= self.call.deadline {
                return None;
            }
            let target = self.target(step.place)?;
            let (why, error) = match self.allow(step, target, now) {
                Ok(paid) => {
                    self.paid = paid;
                    return Some(step);
                }
                Err(refused) => refused,
            };
            self.plan.pass(step.place.target);
            self.call.log.passed(AttemptRecord::new(&*target.label, self.reason(step)), why, &error);
            if self.last.is_none() {
                self.last = Some(error);
            }
        }
    }

    /// Whether a step may be taken: its target is not known to be down, and a further attempt is paid for.
    fn allow(&self, step: Step, target: &Target, now: Tick) -> Result<Option<Purse>, (Skipped, Error)> {
        let state = self.failover.fleet.target(target);
        if let Some(error) = self.failover.fleet.refuses(target, &state, self.call, now) {
            return Err((Skipped::Breaker, error));
        }
        let policy = &self.call.route.retry.budget;
        let first = self.plan.attempts() == 0;
        if first && self.call.request.retry_attempt == 0 {
            state.lock().budget.deposit(policy, now);
            self.route.lock().budget.deposit(policy, now);
            return Ok(None);
        }
        // To go on to a target that is well is free: it is what keeps callers from noticing.
        if (first || !step.again) && !state.lock().is_failing() {
            return Ok(None);
        }
        let purse = if self.failover.fleet.all_fail(&self.call.route) { Purse::Route } else { Purse::Target };
        let paid = match purse {
            Purse::Route => self.route.lock().budget.withdraw(policy, now),
            // Whoever asks again after a failure gets to a target that is well, if there is one.
            Purse::Target if first => return Ok(None),
            Purse::Target => state.lock().budget.withdraw(policy, now),
        };
        if paid {
            return Ok(Some(purse));
        }
        let label = &target.label;
        let message = format!("no further attempt at {label}: the calls before used up the budget (retry.budget)");
        let error = self.last.clone().unwrap_or_else(|| Error::new(Kind::Overloaded, "its targets fail"));
        let message = format!("{message}; {error}");
        Err((Skipped::RetryBudget, error.message(message).skip(Skipped::RetryBudget)))
    }

    fn reason(&self, step: Step) -> Why {
        match (self.plan.attempts(), step.again) {
            (0, _) if self.last.is_none() => self.why,
            (_, true) => Why::Retry,
            (_, false) => Why::Failover,
        }
    }

    /// Takes a step: waits, and tries, with a second attempt beside it where it takes long. `None` where all failed.
    async fn attempt(&mut self, step: Step) -> Option<Reply> {
        let why = self.reason(step);
        let before = self.now();
        if step.at > before {
            self.call.world.sleep(step.at).await;
        }
        let mut record = AttemptRecord::new(&*self.target(step.place)?.label, why);
        record.waited = self.now() - before;
        record.waited_for = (!record.waited.is_zero()).then_some(step.wait);
        let first = self.launch(step.place, record)?;
        match self.hedge_delay() {
            None => {
                let (first, outcome) = self.serve(first, Arc::default()).await;
                self.settle(first, outcome)
            }
            Some(delay) => self.race(first, delay).await,
        }
    }

    pub(super) fn launch(&mut self, place: Place, record: AttemptRecord) -> Option<Launch> {
        let (now, why) = (self.now(), record.why);
        self.target(place)?;
        self.plan.begin();
        let id = self.call.log.begin(record, now);
        Some(Launch { place, why, id, began: now })
    }

    /// The attempt itself, which says when it was sent. What comes back began at that moment.
    pub(super) fn serve(&self, launch: Launch, sent: Arc<SetOnce<Tick>>) -> BoxFuture<'a, (Launch, Result<Reply>)> {
        let Some(target) = self.target(launch.place) else {
            let error = Error::new(Kind::Config, "a target is missing");
            return Box::pin(async move { (launch, Err(error)) });
        };
        let retries = self.call.request.retry_attempt.saturating_add(self.plan.attempts().saturating_sub(1));
        let attempt = Attempt {
            call: self.call.clone(),
            target: Arc::clone(target),
            key: launch.place.key,
            retries,
            again: self.plan.failures(launch.place) > 0,
            sent: Arc::clone(&sent),
        };
        Box::pin(self.failover.attempts().serve(attempt).map(move |outcome| {
            let began = sent.get().copied().unwrap_or(launch.began);
            (Launch { began, ..launch }, outcome)
        }))
    }

    /// Takes note of how an attempt ended.
    pub(super) fn settle(&mut self, launch: Launch, outcome: Result<Reply>) -> Option<Reply> {
        let now = self.now();
        let Launch { place, id, .. } = launch;
        match outcome {
            Ok(reply) => {
                self.call.log.answered(id, reply.head.status, now);
                self.remember(launch, now);
                Some(reply)
            }
            Err(error) => {
                self.call.log.failed(id, &error, now);
                if let Some(target) = self.target(place) {
                    let keys = if concerns_key(error.kind()) { place.key..place.key + 1 } else { 0..keys(target) };
                    match error.skipped() {
                        None => self.failover.cooldowns.failed(&target.label, keys, &error, now),
                        Some(_) => self.refund(launch, target, now),
                    }
                    self.plan.failed(place, &error, now, self.call.world.random());
                    // It fails twice where others succeed: the request is at fault.
                    let again = self.plan.failures(place) > 1 && error.kind() == Kind::Server;
                    if again && self.failover.fleet.target(target).lock().is_well(now) {
                        self.plan.pass(place.target);
                    }
                    if error.kind() == Kind::ContextTooLong {
                        self.pass_no_larger(target);
                    }
                }
                if error.skipped().is_none() || self.last.is_none() {
                    self.last = Some(error);
                }
                None
            }
        }
    }

    /// What has no room in one model's context window has none in a window that is known to be no larger.
    fn pass_no_larger(&mut self, than: &Target) {
        let Some(full) = than.family() else { return };
        for (index, target) in self.call.route.targets.iter().enumerate() {
            if target.family().is_some_and(|family| family.context <= full.context) {
                self.plan.pass(index);
            }
        }
    }

    /// Nothing was sent: whatever paid for the attempt gets it back.
    fn refund(&mut self, launch: Launch, target: &Target, now: Tick) {
        let policy = &self.call.route.retry.budget;
        match self.paid.take() {
            _ if launch.why == Why::Hedge => self.route.lock().hedges.give_back(),
            Some(Purse::Route) => self.route.lock().budget.refund(policy, now),
            Some(Purse::Target) => self.failover.fleet.target(target).lock().budget.refund(policy, now),
            None => {}
        }
    }

    /// Takes note of an answer: how long it took, and where the prompt's beginning is cached now.
    fn remember(&self, launch: Launch, now: Tick) {
        let hedges = self.call.route.hedge.is_some();
        let warms = self.call.route.balance == Balance::PromptCache;
        if !hedges && !warms {
            return;
        }
        let mut habits = self.route.lock();
        if hedges {
            let (times, time) = (habits.times(self.call.request.stream), now - launch.began);
            match launch.why {
                Why::Hedge => times.hedge_answered(time, now),
                _ => times.answered(time, now),
            }
        }
        if let (true, Some(target)) = (warms, self.target(launch.place)) {
            habits.warmed(&self.call.request, &target.label, now);
        }
    }

    /// The error of a call that has nothing left to try.
    fn give_up(self) -> Error {
        let now = self.now();
        let targets = &self.call.route.targets;
        let error = self.last.unwrap_or_else(|| {
            // Every target asked to be left alone for longer than this call may wait: the one that waits least says so.
            let failover = self.failover;
            let cooling = (0..targets.len()).flat_map(|index| places(self.call, index, 0));
            cooling
                .filter_map(|(place, target)| failover.rests(target, place.key, now))
                .min_by_key(Error::wait)
                .unwrap_or_else(|| Error::new(Kind::Config, format!("route '{}' has no targets", self.call.route.name)))
        });
        let untried: Vec<_> = self.plan.untried().into_iter().filter_map(|at| targets.get(at)).collect();
        summary(error, &self.call.log.records(now), &untried)
    }
}

/// A target with its keys in turn. Calls begin at any of them, so that all bear the load.
fn places(call: &Call, index: usize, random: u64) -> impl Iterator<Item = (Place, &Target)> {
    call.route.targets.get(index).into_iter().flat_map(move |target| {
        let count = keys(target);
        let first = usize::try_from(random % count as u64).unwrap_or(0);
        (0..count).map(move |turn| (Place { target: index, key: (first + turn) % count }, &**target))
    })
}

/// How many keys a target has; one that needs none counts as one.
fn keys(target: &Target) -> usize {
    target.endpoint.credentials.count().max(1)
}

/// The last error, its message saying what each attempt met, and which targets no attempt was left for.
fn summary(error: Error, attempts: &[AttemptRecord], untried: &[&Arc<Target>]) -> Error {
    if error.scope() == Retry::Never {
        return error;
    }
    let mut message = error.to_string();
    if attempts.len() > 1 {
        let list: Vec<String> = attempts.iter().map(ToString::to_string).collect();
        let sent = attempts.iter().filter(|attempt| attempt.was_sent()).count();
        message = match sent {
            0 => format!("no target may be called: {}; the last: {message}", list.join("; ")),
            1 => format!("the only attempt failed: {}; the last: {message}", list.join("; ")),
            _ => format!("all {sent} attempts failed: {}; the last: {message}", list.join("; ")),
        };
    }
    if !untried.is_empty() {
        let labels: Vec<&str> = untried.iter().map(|target| &*target.label).collect();
        message = format!("{message} (no attempt was left for {}: raise retry.max_attempts)", labels.join(", "));
    }
    error.message(message)
}
