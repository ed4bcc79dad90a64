//! The hinge between a call and its attempts: the only code that tries again.

use std::sync::Arc;

use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use super::choice::{Choosing, choose};
use super::cooldown::Cooldowns;
use super::fleet::{Fleet, RouteState};
use super::key_pool::{KeyPools, PoolKey};
use super::plan::{Place, Plan, Step, concerns_key};
use super::vendor_limits::VendorLimits;
use crate::capabilities::fit;
use crate::error::{Error, Kind, Result, Retry};
use crate::model::{AttemptRecord, Candidate, Explanation, Skipped, Why};
use crate::policy::{Attempt, Call, Reply, Ring, Serve};
use crate::target::Target;
use crate::world::{BoxFuture, Tick};

/// Tries the targets of a route, by the plan, until one answers.
pub(crate) struct Failover {
    attempts: Ring<Attempt>,
    cooldowns: Cooldowns,
    keys: Arc<KeyPools>,
    limits: Arc<VendorLimits>,
    fleet: Arc<Fleet>,
}

impl Failover {
    pub(crate) fn new(
        attempts: Ring<Attempt>,
        keys: Arc<KeyPools>,
        limits: Arc<VendorLimits>,
        fleet: Arc<Fleet>,
    ) -> Self {
        Failover { attempts, cooldowns: Cooldowns::default(), keys, limits, fleet }
    }

    /// When a place may be tried: when it has cooled down, its key does not rest, and the vendor's limits leave room.
    fn ready(&self, target: &Target, key: usize, now: Tick) -> Tick {
        let cool = self.cooldowns.ready(&target.label, key, now);
        let open = self.limits.ready(&target.label, key, now);
        cool.max(open).max(self.keys.ready(PoolKey::of(target, key), now))
    }

    /// Why a place may not be tried.
    fn rests(&self, target: &Target, key: usize, now: Tick) -> Option<Error> {
        let cool = || self.cooldowns.error(&target.label, key, now);
        let open = || self.limits.error(&target.label, key, now);
        self.keys.error(PoolKey::of(target, key), now).or_else(cool).or_else(open)
    }

    /// What an attempt goes through.
    pub(super) fn attempts(&self) -> &Ring<Attempt> {
        &self.attempts
    }

    /// What would become of a call now. Nothing is sent, and nothing counts.
    pub(crate) fn explain(&self, call: &Call) -> Explanation {
        let round = Round::begin(self, call);
        let now = round.now();
        let policy = call.route.hedge.filter(|_| call.request.hedge);
        let delay = policy.and_then(|policy| {
            let habits = round.route.lock();
            habits.hedges.delay(&policy, habits.sketch(call.request.stream), now)
        });
        Explanation {
            route: call.route.name.clone(),
            candidates: round.plan.order(now).into_iter().filter_map(|step| round.candidate(step, now)).collect(),
            max_attempts: call.route.retry.max_attempts,
            hedge_after: delay.map(|delay| delay.as_secs_f64()),
            timeout: call.deadline - call.started,
        }
    }
}

impl Serve<Call> for Arc<Failover> {
    fn serve(&self, call: Call) -> BoxFuture<'_, Result<Reply>> {
        Box::pin(async move { Round::begin(self, &call).run().await })
    }
}

/// One call on its way through its targets.
struct Round<'a> {
    failover: &'a Failover,
    call: &'a Call,
    route: Arc<RouteState>,
    plan: Plan,
    /// Why the first target is the first.
    why: Why,
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
struct Launch {
    place: Place,
    why: Why,
    /// Its place in the log.
    id: usize,
    began: Tick,
}

impl<'a> Round<'a> {
    fn begin(failover: &'a Failover, call: &'a Call) -> Self {
        let now = call.world.now();
        let route = failover.fleet.route(&call.route);
        let Choosing { targets, why } = choose(&failover.fleet, &route, call, now);
        let random = call.world.random();
        let places = targets.into_iter().flat_map(|index| places(call, index, random));
        let ready = places.map(|(place, target)| (place, failover.ready(target, place.key, now)));
        let plan = Plan::new(call.route.retry, ready, now);
        Round { failover, call, route, plan, why, last: None, paid: None }
    }

    async fn run(mut self) -> Result<Reply> {
        while let Some(step) = self.next() {
            if let Some(reply) = self.attempt(step).await {
                return Ok(reply);
            }
        }
        Err(self.give_up())
    }

    fn now(&self) -> Tick {
        self.call.world.now()
    }

    fn target(&self, place: Place) -> Option<&'a Arc<Target>> {
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

    /// What would become of a target.
    fn candidate(&self, step: Step, now: Tick) -> Option<Candidate> {
        let target = self.target(step.place)?;
        let fits = fit(Arc::clone(&self.call.request), target, self.call.route.on_unsupported);
        let down = self.failover.fleet.refuses(target, self.call, now);
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

    /// Whether a step may be taken: its target is not known to be down, and a further attempt is paid for.
    fn allow(&self, step: Step, target: &Target, now: Tick) -> Result<Option<Purse>, (Skipped, Error)> {
        if let Some(error) = self.failover.fleet.refuses(target, self.call, now) {
            return Err((Skipped::Breaker, error));
        }
        let policy = &self.call.route.retry.budget;
        let state = self.failover.fleet.target(target);
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
                let outcome = self.serve(first).await.1;
                self.settle(first, outcome)
            }
            Some(delay) => self.race(first, first.began + delay).await,
        }
    }

    /// The attempt against a second one, which starts when the first takes long. The first good answer counts; an error
    /// only ends its own attempt. The loser is dropped, which closes its connection.
    async fn race(&mut self, first: Launch, late: Tick) -> Option<Reply> {
        let mut running = FuturesUnordered::new();
        running.push(self.serve(first));
        let mut timer = Some(self.call.world.sleep(late));
        let mut hedge: Option<Launch> = None;
        loop {
            let ended = match timer.take() {
                Some(waiting) => match select(running.next(), waiting).await {
                    Either::Left((ended, waiting)) => {
                        timer = Some(waiting);
                        ended
                    }
                    Either::Right(((), _)) => {
                        hedge = self.hedge(first);
                        running.extend(hedge.map(|hedge| self.serve(hedge)));
                        continue;
                    }
                },
                None => running.next().await,
            };
            let (launch, outcome) = ended?;
            if let Some(reply) = self.settle(launch, outcome) {
                if let Some(hedge) = hedge {
                    self.lost(first, hedge, launch, running.is_empty());
                }
                return Some(reply);
            }
            // What failed before it was late is followed by the plan, not by a hedge.
            if running.is_empty() {
                return None;
            }
        }
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
        if fleet.refuses(target, self.call, now).is_some() || fleet.target(target).lock().is_failing() {
            return None;
        }
        if self.route.lock().budget.credits(&self.call.route.retry.budget, now) < 1.0 {
            return None;
        }
        self.launch(step.place, AttemptRecord::new(&*target.label, Why::Hedge))
    }

    /// After which time to hedge this call; `None` for not at all.
    fn hedge_delay(&self) -> Option<std::time::Duration> {
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

    fn launch(&mut self, place: Place, record: AttemptRecord) -> Option<Launch> {
        let (now, why) = (self.now(), record.why);
        self.target(place)?;
        self.plan.begin();
        let id = self.call.log.begin(record, now);
        Some(Launch { place, why, id, began: now })
    }

    /// The attempt itself.
    fn serve(&self, launch: Launch) -> BoxFuture<'a, (Launch, Result<Reply>)> {
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
        };
        Box::pin(self.failover.attempts.serve(attempt).map(move |outcome| (launch, outcome)))
    }

    /// Takes note of how an attempt ended.
    fn settle(&mut self, launch: Launch, outcome: Result<Reply>) -> Option<Reply> {
        let now = self.now();
        let Launch { place, id, began, .. } = launch;
        match outcome {
            Ok(reply) => {
                self.call.log.answered(id, reply.head.status, now);
                self.remember(place, began, now);
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
                }
                if error.skipped().is_none() || self.last.is_none() {
                    self.last = Some(error);
                }
                None
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
    fn remember(&self, place: Place, began: Tick, now: Tick) {
        let hedges = self.call.route.hedge.is_some();
        let warms = self.call.route.balance == super::balance::Balance::PromptCache;
        if !hedges && !warms {
            return;
        }
        let mut habits = self.route.lock();
        if hedges {
            habits.took(self.call.request.stream, now - began, now);
        }
        if let (true, Some(target)) = (warms, self.target(place)) {
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
            _ => format!("all {sent} attempts failed: {}; the last: {message}", list.join("; ")),
        };
    }
    if !untried.is_empty() {
        let labels: Vec<&str> = untried.iter().map(|target| &*target.label).collect();
        message = format!("{message} (no attempt was left for {}: raise retry.max_attempts)", labels.join(", "));
    }
    error.message(message)
}
