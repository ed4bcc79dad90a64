//! The timeouts of one attempt: to its first content, and between contents. (`connect` is the world's, `total` the
//! deadline's.)

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use futures_util::future::{Either, select};

use crate::error::{Error, Kind, Result, Retry};
use crate::model::Event;
use crate::policy::{Attempt, Next, Policy, Reply};
use crate::world::{BoxFuture, BoxStream, Tick, World};

/// The error of a timeout that passed. `name` is the key under `timeout` that sets it.
#[cold]
pub(crate) fn timed_out(name: &'static str, limit: Duration, whom: &str) -> Error {
    let what = match name {
        "connect" => "no connection to",
        "first_content" => "no content from",
        "idle" => "no further content from",
        _ => "no complete answer from",
    };
    let limit = humantime::format_duration(limit);
    let retry = if name == "total" { Retry::Never } else { Retry::After(Duration::ZERO) };
    Error::new(Kind::Timeout, format!("{what} {whom} within {limit} (timeout.{name})"))
        .context("timeout", name)
        .retry(retry)
}

/// Ends an attempt that shows no content in time.
pub(crate) struct Timeout;

impl Policy<Attempt> for Timeout {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        Box::pin(async move {
            let world = Arc::clone(&attempt.call.world);
            let target = Arc::clone(&attempt.target);
            let limits = attempt.call.route.timeout;
            let streams = attempt.call.request.stream;
            let timer = world.sleep(world.now() + limits.first_content);
            let mut reply = match select(next.run(attempt), timer).await {
                Either::Left((reply, _)) => reply?,
                Either::Right(((), _)) => {
                    return Err(
                        timed_out("first_content", limits.first_content, &target.label).provider(target.provider())
                    );
                }
            };
            if streams {
                let last = world.now();
                let timer = world.sleep(last + limits.idle);
                let label = target.label.clone();
                reply.events =
                    Box::pin(Idle { events: reply.events, world, limit: limits.idle, last, timer, label, over: false });
            }
            Ok(reply)
        })
    }
}

/// A stream of events that fails when no content comes for `limit`. Pings and comments are not content.
struct Idle {
    events: BoxStream<'static, Result<Event>>,
    world: Arc<dyn World>,
    limit: Duration,
    /// When the last content came. The timer is not reset for each, only looked at when it fires.
    last: Tick,
    timer: BoxFuture<'static, ()>,
    label: String,
    over: bool,
}

impl Stream for Idle {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        match self.events.as_mut().poll_next(cx) {
            Poll::Ready(item) => {
                match &item {
                    Some(Ok(event)) if event.is_content() => self.last = self.world.now(),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => self.over = true,
                }
                Poll::Ready(item)
            }
            Poll::Pending => {
                while self.timer.as_mut().poll(cx).is_ready() {
                    let until = self.last + self.limit;
                    if self.world.now() >= until {
                        self.over = true;
                        return Poll::Ready(Some(Err(timed_out("idle", self.limit, &self.label))));
                    }
                    self.timer = self.world.sleep(until);
                }
                Poll::Pending
            }
        }
    }
}
