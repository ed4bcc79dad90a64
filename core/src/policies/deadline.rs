//! One deadline over everything: attempts, the waits between them, and the whole stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use futures_util::future::{Either, select};

use super::timeout::timed_out;
use crate::error::Result;
use crate::model::Event;
use crate::policy::{Call, Next, Policy, Reply};
use crate::world::{BoxFuture, BoxStream};

/// Ends the call at its deadline, wherever it stands.
pub(crate) struct Deadline;

impl Policy<Call> for Deadline {
    fn apply<'a>(&'a self, call: Call, next: Next<'a, Call>) -> BoxFuture<'a, Result<Reply>> {
        Box::pin(async move {
            let timer = call.world.sleep(call.deadline);
            let total = call.deadline - call.started;
            let name = call.route.name.clone();
            let run = next.run(call);
            match select(run, timer).await {
                Either::Left((reply, timer)) => {
                    let mut reply = reply?;
                    reply.events = Box::pin(Until { events: reply.events, timer, total, name, over: false });
                    Ok(reply)
                }
                Either::Right(((), _)) => Err(timed_out("total", total, &name)),
            }
        })
    }
}

/// A stream of events that ends with an error when the timer fires.
struct Until {
    events: BoxStream<'static, Result<Event>>,
    timer: BoxFuture<'static, ()>,
    total: std::time::Duration,
    name: String,
    over: bool,
}

impl Stream for Until {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        match self.events.as_mut().poll_next(cx) {
            Poll::Ready(None) => {
                self.over = true;
                Poll::Ready(None)
            }
            Poll::Ready(item) => Poll::Ready(item),
            Poll::Pending if self.timer.as_mut().poll(cx).is_ready() => {
                self.over = true;
                Poll::Ready(Some(Err(timed_out("total", self.total, &self.name))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
