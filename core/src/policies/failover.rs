//! The hinge between a call and its attempts: the only code that tries again.

use std::sync::Arc;

use super::cooldown::Cooldowns;
use super::plan::{Plan, Step};
use crate::error::{Error, Kind, Result, Retry};
use crate::model::AttemptRecord;
use crate::policy::{Attempt, Call, Reply, Ring, Serve};
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
        let ready = call.route.targets.iter().map(|target| self.cooldowns.ready(&target.label, now));
        let mut plan = Plan::new(call.route.retry, ready, now);
        let mut last: Option<Error> = None;
        let mut number = 0;
        while let Step::Try { target: index, at } = plan.next(call.world.now()) {
            let Some(target) = call.route.targets.get(index) else { break };
            if at > call.world.now() {
                // A wait that ends after the deadline would only turn a clear error into a timeout.
                if at >= call.deadline {
                    break;
                }
                call.world.sleep(at).await;
            }
            number += 1;
            let began = call.world.now();
            call.log.begin(&target.label, began);
            let attempt = Attempt { call: call.clone(), target: Arc::clone(target), number };
            match self.attempts.serve(attempt).await {
                Ok(reply) => {
                    call.log.end(None, Some(reply.head.status), None, call.world.now());
                    return Ok(reply);
                }
                Err(error) => {
                    let now = call.world.now();
                    call.log.end(Some(error.kind()), error.http_status(), Some(error.to_string()), now);
                    self.cooldowns.failed(&target.label, &error, now);
                    plan.failed(index, error.kind(), error.scope(), now, call.world.random());
                    last = Some(error);
                }
            }
        }
        let error = last.unwrap_or_else(|| self.nothing_tried(&call));
        Err(summary(error, &call.log.records(call.world.now())))
    }

    /// Every target asked to be left alone for longer than this call may wait: the error of the one that waits least.
    fn nothing_tried(&self, call: &Call) -> Error {
        let now = call.world.now();
        let cooling = call.route.targets.iter().filter_map(|target| self.cooldowns.error(&target.label, now));
        cooling
            .min_by_key(Error::wait)
            .unwrap_or_else(|| Error::new(Kind::Config, format!("route '{}' has no targets", call.route.name)))
    }
}

impl Serve<Call> for Failover {
    fn serve(&self, call: Call) -> BoxFuture<'_, Result<Reply>> {
        Box::pin(self.run(call))
    }
}

/// The last error, its message saying what each attempt met.
fn summary(error: Error, attempts: &[AttemptRecord]) -> Error {
    if attempts.len() < 2 || error.scope() == Retry::Never {
        return error;
    }
    let list: Vec<String> = attempts.iter().map(ToString::to_string).collect();
    let message = format!("all {} attempts failed: {}; the last: {error}", attempts.len(), list.join("; "));
    error.message(message)
}
