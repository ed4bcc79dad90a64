//! Answers that are judged once they are whole.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;

use crate::error::{Error, Result, Retry};
use crate::model::{Collector, End, Event};
use crate::world::{BoxFuture, BoxStream};

/// The end that the answer gets, or its error.
pub(crate) type Verdict = BoxFuture<'static, Result<Box<End>>>;

/// The events of a stream, whose end is an error where the whole is not what it should be.
pub(crate) struct Held<J> {
    events: BoxStream<'static, Result<Event>>,
    collector: Collector,
    /// Judges the whole. `None` once it does.
    judge: Option<J>,
    judging: Option<Verdict>,
    failed: Option<Error>,
}

impl<J: FnOnce(Collector, Box<End>) -> Verdict> Held<J> {
    pub(crate) fn new(events: BoxStream<'static, Result<Event>>, judge: J) -> Self {
        Held { events, collector: Collector::default(), judge: Some(judge), judging: None, failed: None }
    }
}

impl<J: FnOnce(Collector, Box<End>) -> Verdict + Unpin> Stream for Held<J> {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(judging) = &mut this.judging {
                let verdict = ready!(judging.as_mut().poll(cx));
                this.judging = None;
                match verdict {
                    Ok(end) => return Poll::Ready(Some(Ok(Event::End(end)))),
                    // What callers have seen cannot be taken back. The body is read to its end all the same: that gives
                    // the connection back.
                    Err(error) => this.failed = Some(error.retry(Retry::Never)),
                }
            }
            let event = match ready!(this.events.as_mut().poll_next(cx)) {
                Some(Ok(event)) => event,
                Some(Err(error)) => return Poll::Ready(Some(Err(this.failed.take().unwrap_or(error)))),
                None => return Poll::Ready(this.failed.take().map(Err)),
            };
            this.collector.observe(&event);
            match (event, this.judge.take()) {
                (Event::End(end), Some(judge)) => {
                    this.judging = Some(judge(std::mem::take(&mut this.collector), end));
                }
                (event, judge) => {
                    this.judge = judge;
                    return Poll::Ready(Some(Ok(event)));
                }
            }
        }
    }
}
