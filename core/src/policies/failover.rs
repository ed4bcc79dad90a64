//! The hinge between a call and its attempts: the only code that tries again.

use std::sync::Arc;

use super::cooldown::Cooldowns;
use super::plan::{Place, Plan, Step, concerns_key};
use crate::capabilities;
use crate::error::{Error, Kind, Result, Retry};
use crate::model::AttemptRecord;
use crate::policy::{Attempt, Call, Reply, Ring, Serve};
use crate::target::Target;
use crate::world::BoxFuture;

/// Tries the targets of a route, by the plan, until one answers.
pub(crate) struct Failover {
    attempts: Ring<Attempt>,
    cooldowns: Cooldowns,
}

impl Failover {
    pub(crate) fn new(attempts: Ring<Attempt>) -> Self {
        Failover { attempts, cooldowns: Cooldowns::default() }
    }

    async fn run(&self, call: Call) -> Result<Reply> {
        let now = call.world.now();
        let places = in_order(&call);
        let ready = places.map(|(place, target)| (place, self.cooldowns.ready(&target.label, place.key, now)));
        let mut plan = Plan::new(call.route.retry, ready, now);
        let mut last: Option<Error> = None;
        while let Step::Try { place, at } = plan.next(call.world.now()) {
            let Some(target) = call.route.targets.get(place.target) else { break };
            if at > call.world.now() {
                // A wait that ends after the deadline would only turn a clear error into a timeout.
                if at >= call.deadline {
                    break;
                }
                call.world.sleep(at).await;
            }
            let began = call.world.now();
            call.log.begin(&target.label, began);
            let attempt = Attempt { call: call.clone(), target: Arc::clone(target), key: place.key };
            match self.attempts.serve(attempt).await {
                Ok(reply) => {
                    call.log.end(None, Some(reply.head.status), None, call.world.now());
                    return Ok(reply);
                }
                Err(error) => {
                    let now = call.world.now();
                    call.log.end(Some(error.kind()), error.http_status(), Some(error.to_string()), now);
                    let keys = if concerns_key(error.kind()) { place.key..place.key + 1 } else { 0..keys(target) };
                    self.cooldowns.failed(&target.label, keys, &error, now);
                    plan.failed(place, error.kind(), error.scope(), now, call.world.random());
                    last = Some(error);
                }
            }
        }
        let error = last.unwrap_or_else(|| self.nothing_tried(&call));
        let untried: Vec<_> = plan.untried().into_iter().filter_map(|at| call.route.targets.get(at)).collect();
        Err(summary(error, &call.log.records(call.world.now()), &untried))
    }

    /// Every target asked to be left alone for longer than this call may wait: the error of the one that waits least.
    fn nothing_tried(&self, call: &Call) -> Error {
        let now = call.world.now();
        let cooling = places(&call.route.targets, 0);
        cooling
            .filter_map(|(place, target)| self.cooldowns.error(&target.label, place.key, now))
            .min_by_key(Error::wait)
            .unwrap_or_else(|| Error::new(Kind::Config, format!("route '{}' has no targets", call.route.name)))
    }
}

/// The targets in order, those last whose context window the prompt would overflow.
fn in_order(call: &Call) -> impl Iterator<Item = (Place, &Target)> {
    let mut places: Vec<_> = places(&call.route.targets, call.world.random()).collect();
    if call.route.targets.len() > 1 {
        places.sort_by_cached_key(|(_, target)| !capabilities::holds(&call.request, target));
    }
    places.into_iter()
}

/// The targets as they are listed, each with its keys in turn. Calls begin at any of them, so that all bear the load.
fn places(targets: &[Arc<Target>], random: u64) -> impl Iterator<Item = (Place, &Target)> {
    targets.iter().enumerate().flat_map(move |(index, target)| {
        let count = keys(target);
        let first = usize::try_from(random % count as u64).unwrap_or(0);
        (0..count).map(move |turn| (Place { target: index, key: (first + turn) % count }, &**target))
    })
}

/// How many keys a target has; one that needs none counts as one.
fn keys(target: &Target) -> usize {
    target.endpoint.credentials.count().max(1)
}

impl Serve<Call> for Failover {
    fn serve(&self, call: Call) -> BoxFuture<'_, Result<Reply>> {
        Box::pin(self.run(call))
    }
}

/// The last error, its message saying what each attempt met, and which targets no attempt was left for.
fn summary(error: Error, attempts: &[AttemptRecord], untried: &[&Arc<Target>]) -> Error {
    if error.scope() == Retry::Never {
        return error;
    }
    let mut message = error.to_string();
    if attempts.len() > 1 {
        let list: Vec<String> = attempts.iter().map(ToString::to_string).collect();
        message = format!("all {} attempts failed: {}; the last: {message}", attempts.len(), list.join("; "));
    }
    if !untried.is_empty() {
        let labels: Vec<&str> = untried.iter().map(|target| &*target.label).collect();
        message = format!("{message} (no attempt was left for {}: raise retry.max_attempts)", labels.join(", "));
    }
    error.message(message)
}
