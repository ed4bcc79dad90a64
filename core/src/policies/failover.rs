//! The hinge between a call and its attempts: the only code that tries again.

use std::sync::Arc;

use super::plan::{Plan, Step};
use crate::error::{Error, Kind, Result, Retry};
use crate::model::AttemptRecord;
use crate::policy::{Attempt, Call, Reply, Ring, Serve};
use crate::world::BoxFuture;

/// Tries the targets of a route, by the plan, until one answers.
pub(crate) struct Failover {
    attempts: Ring<Attempt>,
}

impl Failover {
    pub(crate) fn new(attempts: Ring<Attempt>) -> Self {
        Failover { attempts }
    }

    async fn run(&self, call: Call) -> Result<Reply> {
        let mut plan = Plan::new(call.route.retry, call.route.targets.len());
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
                    plan.failed(index, error.kind(), error.scope(), now, call.world.random());
                    last = Some(error);
                }
            }
        }
        let error =
            last.unwrap_or_else(|| Error::new(Kind::Config, format!("route '{}' has no targets", call.route.name)));
        Err(summary(error, &call.log.records(call.world.now())))
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
