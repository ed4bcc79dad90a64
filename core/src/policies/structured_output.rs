//! Holds an answer to the JSON Schema that its request gives.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{TryStreamExt, stream};

use super::held::{Held, Verdict};
use crate::config::OnInvalidOutput;
use crate::error::{Error, Kind, Result, Retry};
use crate::json_schema::{Mismatch, check_answer, check_calls, mark_calls, of_answer};
use crate::model::{Collector, Event, Response, Tool};
use crate::policy::{Attempt, Next, Policy, Reply};
use crate::target::Target;
use crate::validator::Validator;
use crate::world::BoxFuture;

/// Ends an attempt whose answer is not what the request asks for.
pub(crate) struct StructuredOutput;

impl Policy<Attempt> for StructuredOutput {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        match Demands::of(&attempt) {
            None => next.run(attempt),
            Some(demands) => Box::pin(held(demands, attempt.call.request.stream, next.run(attempt))),
        }
    }
}

async fn held(demands: Demands, streams: bool, reply: BoxFuture<'_, Result<Reply>>) -> Result<Reply> {
    let Reply { head, events } = reply.await?;
    if streams {
        let judge = move |collector, end| -> Verdict {
            let outcome = demands.check(collector);
            Box::pin(std::future::ready(outcome.map(|()| end)))
        };
        return Ok(Reply { head, events: Box::pin(Held::new(events, judge)) });
    }
    // All of a plain answer is there already.
    let events: Vec<Event> = events.try_collect().await?;
    let mut collector = Collector::default();
    for event in &events {
        collector.observe(event);
    }
    demands.check(collector).map_err(|error| error.status(head.status).request_id(head.request_id.clone()))?;
    Ok(Reply { head, events: Box::pin(stream::iter(events.into_iter().map(Ok))) })
}

/// What an answer is held to.
struct Demands {
    schema: Option<Validator>,
    /// The tools whose arguments count.
    tools: Vec<Tool>,
    target: Arc<Target>,
    retry: Retry,
}

impl Demands {
    /// What the request and its route demand; `None` where that is nothing.
    fn of(attempt: &Attempt) -> Option<Self> {
        let chat = attempt.call.request.as_chat()?;
        let (retry, with_tools) = match attempt.call.route.on_invalid_output {
            OnInvalidOutput::Accept => return None,
            OnInvalidOutput::Fail => (Retry::Never, false),
            OnInvalidOutput::Retry => (Retry::After(Duration::ZERO), true),
            OnInvalidOutput::Failover => (Retry::Elsewhere, true),
        };
        let tools = if with_tools { chat.tools.clone() } else { Vec::new() };
        let schema = of_answer(chat).and_then(Validator::new);
        let none = schema.is_none() && tools.is_empty();
        (!none).then(|| Demands { schema, tools, target: Arc::clone(&attempt.target), retry })
    }

    /// The error of an answer that is not what was demanded, with the answer.
    fn check(&self, collector: Collector) -> Result<()> {
        let mut response = collector.into_response();
        mark_calls(&mut response, &self.tools);
        let calls = check_calls(&response, &self.tools);
        let answer = self.schema.as_ref().map_or(Ok(()), |schema| check_answer(&response, schema));
        calls.and(answer).map_err(|mismatch| self.error(mismatch, response))
    }

    fn error(&self, Mismatch { what, at }: Mismatch, mut response: Response) -> Error {
        let place = at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
        let error = Error::new(Kind::InvalidOutput, format!("{what}{place} ({})", self.target.label));
        response.target.clone_from(&self.target.label);
        if response.model.is_empty() {
            response.model.clone_from(&self.target.model);
        }
        let error = error.provider(self.target.provider()).retry(self.retry).partial(response);
        match at {
            Some(at) => error.context("schema_path", at),
            None => error,
        }
    }
}
