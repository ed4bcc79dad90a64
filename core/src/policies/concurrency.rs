//! Limits the attempts under way at a target, and lets others wait for a place.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use futures_util::future::{Either, select};
use tokio::sync::oneshot;

use super::gate::{Gate, Ticket};
use crate::config::ConcurrencyLimit;
use crate::error::{Error, Kind, Result, Retry};
use crate::model::{Event, Skipped};
use crate::policy::{Attempt, Next, Policy, Reply};
use crate::world::{BoxFuture, BoxStream, Tick};

/// How long an idle target is remembered.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Lets an attempt in when its target has a place for it. Costs nothing where the route sets no limit.
///
/// The state is kept by the target's label and outlives a reload of the configuration; the settings are those of the
/// route of each call.
#[derive(Default)]
pub(crate) struct Concurrency(Mutex<HashMap<String, Arc<Shared>>>);

/// The gate of one target.
#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    gate: Gate<oneshot::Sender<Permit>>,
    used: Tick,
}

impl Policy<Attempt> for Concurrency {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        match attempt.call.route.concurrency {
            None => next.run(attempt),
            Some(limit) => Box::pin(run(self.shared(&attempt), limit, attempt, next)),
        }
    }
}

impl Concurrency {
    fn shared(&self, attempt: &Attempt) -> Arc<Shared> {
        let label = &attempt.target.label;
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = gates.get(label) {
            return Arc::clone(shared);
        }
        // Labels come from callers: what nobody uses any more is forgotten, so that they cannot fill the memory.
        let now = attempt.call.world.now();
        gates.retain(|_, shared| Arc::strong_count(shared) > 1 || now - shared.lock().used < REMEMBERED);
        Arc::clone(gates.entry(label.clone()).or_default())
    }
}

async fn run(shared: Arc<Shared>, limit: ConcurrencyLimit, attempt: Attempt, next: Next<'_, Attempt>) -> Result<Reply> {
    let world = Arc::clone(&attempt.call.world);
    let permit = enter(&shared, limit, &attempt).await?;
    let began = world.now();
    let streamed = attempt.call.request.stream;
    let reply = next.run(attempt).await;
    {
        let mut state = shared.lock();
        state.used = world.now();
        let (gradient, inside) = state.gate.gradient();
        match &reply {
            Ok(Reply { head, .. }) => gradient.answered(&limit, inside, head.first_content - began, streamed),
            Err(error) if is_load(error.kind()) => gradient.refused(&limit, began, world.now()),
            Err(_) => {}
        }
    }
    match reply {
        Ok(Reply { head, events }) if streamed => {
            shared.admit();
            Ok(Reply { head, events: Box::pin(Inside { events, permit: Some(permit) }) })
        }
        // All of a plain answer is there, and its place is free.
        reply => reply,
    }
}

/// Whether a failure says that the target has too much to do.
fn is_load(kind: Kind) -> bool {
    matches!(kind, Kind::RateLimited | Kind::Overloaded | Kind::Timeout)
}

/// Takes a place inside, and waits for it if need be.
async fn enter(shared: &Arc<Shared>, limit: ConcurrencyLimit, attempt: &Attempt) -> Result<Permit> {
    let label = &attempt.target.label;
    let (queued, places) = {
        let mut state = shared.lock();
        if state.gate.enter(&limit) {
            return Ok(Permit(Arc::clone(shared)));
        }
        let (wake, woken) = oneshot::channel();
        let queued = state.gate.wait(&limit, attempt.call.request.priority, wake);
        (queued.map(|(ticket, displaced)| (ticket, displaced, woken)), state.gate.limit(&limit))
    };
    let full = || {
        let queue = limit.queue;
        let message = format!(
            "all {places} places of {label} are taken (concurrency.max) and all {queue} of its queue \
             (concurrency.queue), nothing was sent"
        );
        refusal(message, "queue_full", attempt)
    };
    let Some((ticket, displaced, woken)) = queued else { return Err(full()) };
    // Wakes the one whose place it was.
    drop(displaced);
    let place = Waiting { shared, ticket };
    let world = &attempt.call.world;
    let until = (world.now() + limit.queue_timeout).min(attempt.call.deadline);
    let outcome = select(woken, world.sleep(until)).await;
    drop(place);
    match outcome {
        Either::Left((Ok(permit), _)) => Ok(permit),
        Either::Left((Err(_), _)) => Err(full()),
        Either::Right(((), mut woken)) => {
            // It may have been let in at this very moment.
            if let Ok(permit) = woken.try_recv() {
                return Ok(permit);
            }
            let waited = humantime::format_duration(limit.queue_timeout);
            let message = if until < attempt.call.deadline {
                format!(
                    "all {places} places of {label} (concurrency.max) stayed taken for {waited} \
                     (concurrency.queue_timeout), nothing was sent"
                )
            } else {
                format!(
                    "all {places} places of {label} (concurrency.max) stayed taken until the call's deadline, nothing was sent"
                )
            };
            let error = refusal(message, "queue_timeout", attempt);
            // Elsewhere is no time left either.
            Err(if until < attempt.call.deadline { error } else { error.retry(Retry::Never) })
        }
    }
}

#[cold]
fn refusal(message: String, reason: &'static str, attempt: &Attempt) -> Error {
    let error = Error::new(Kind::Throttled, message).context("reason", reason);
    error.provider(attempt.target.provider()).retry(Retry::Elsewhere).skip(Skipped::Concurrency)
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held leaves the gate as it was: it stays good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets in who may come.
    fn admit(self: &Arc<Self>) {
        loop {
            // Nobody is woken under the lock.
            let next = self.lock().gate.admit();
            let Some(wake) = next else { return };
            // One that has just gone hands the permit back, which is dropped, and so given up.
            drop(wake.send(Permit(Arc::clone(self))));
        }
    }
}

/// A place inside, until it is dropped.
struct Permit(Arc<Shared>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.lock().gate.leave();
        self.0.admit();
    }
}

/// A place in the queue, until it is dropped.
struct Waiting<'a> {
    shared: &'a Shared,
    ticket: Ticket,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let wake = self.shared.lock().gate.give_up(self.ticket);
        drop(wake);
    }
}

/// A stream of events that gives its place up as soon as it has ended.
struct Inside {
    events: BoxStream<'static, Result<Event>>,
    permit: Option<Permit>,
}

impl Stream for Inside {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = self.events.as_mut().poll_next(cx);
        if matches!(item, Poll::Ready(None | Some(Err(_) | Ok(Event::End(_))))) {
            self.permit = None;
        }
        item
    }
}
