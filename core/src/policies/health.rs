//! Takes the breakers' permission for an attempt, and takes note of how it went.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;

use super::breaker::{Breaker, BreakerPolicy};
use super::fleet::{Fleet, RegionState, TargetState};
use super::permit::{Gate, Permit};
use crate::error::{Error, Kind, Origin, Result, Retry};
use crate::model::{Event, Skipped};
use crate::policy::{Attempt, Next, Policy, Reply};
use crate::target::Target;
use crate::world::{BoxFuture, BoxStream, Tick, World};

/// Lets an attempt through where neither its target nor its region is known to be down.
pub(crate) struct Health {
    fleet: Arc<Fleet>,
}

impl Health {
    pub(crate) fn new(fleet: Arc<Fleet>) -> Self {
        Health { fleet }
    }
}

impl Policy<Attempt> for Health {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        Box::pin(async move {
            let streams = attempt.call.request.stream;
            let visit = Visit::begin(&self.fleet, &attempt)?;
            match next.run(attempt).await {
                Ok(mut reply) if streams => {
                    let first_content = reply.head.first_content - visit.began;
                    reply.events = Box::pin(Watched { events: reply.events, visit: Some(visit), first_content });
                    Ok(reply)
                }
                // All of a plain answer is there.
                Ok(reply) => {
                    let first_content = reply.head.first_content - visit.began;
                    visit.succeeded(first_content);
                    Ok(reply)
                }
                Err(error) => {
                    visit.failed(&error);
                    Err(error)
                }
            }
        })
    }
}

/// Why nothing is sent to a target whose breaker is open, or whose region's is.
pub(crate) fn refused(whom: &str, until: Tick, now: Tick, last: Option<&Error>) -> Error {
    let rest = until - now;
    let shown = humantime::format_duration(Duration::from_millis(u64::try_from(rest.as_millis()).unwrap_or(u64::MAX)));
    let (kind, said) = match last {
        Some(error) => (error.kind(), format!(": {error}")),
        None => (Kind::Overloaded, String::new()),
    };
    Error::new(kind, format!("{whom} is left alone for another {shown} since it failed, nothing was sent{said}"))
        .context("breaker", "open")
        .retry(Retry::After(rest))
        .skip(Skipped::Breaker)
}

/// Whether a failure is the target's. Not what the caller did, nor what it would do to others too: a refused key, a rate
/// limit, a content filter. Nor what this process lacks.
fn is_targets(error: &Error) -> bool {
    error.skipped().is_none()
        && error.fault() != Origin::Gateway
        && matches!(
            error.kind(),
            Kind::Server
                | Kind::Overloaded
                | Kind::Timeout
                | Kind::Connection
                | Kind::Tls
                | Kind::Protocol
                | Kind::StreamIncomplete
                | Kind::NotFound
        )
}

/// Whether a failure is the region's: what answers at all is there.
fn is_regions(error: &Error) -> bool {
    error.fault() != Origin::Gateway
        && (matches!(error.kind(), Kind::Connection | Kind::Tls) || error.get("timeout") == Some("connect"))
}

/// The breaker of a target.
struct TargetGate(Arc<TargetState>, Arc<dyn World>);

impl Gate for TargetGate {
    fn now(&self) -> Tick {
        self.1.now()
    }
    fn breaker<T>(&self, act: impl FnOnce(&mut Breaker) -> T) -> T {
        act(&mut self.0.lock().breaker)
    }
}

/// The breaker of a region.
struct RegionGate(Arc<RegionState>, Arc<dyn World>);

impl Gate for RegionGate {
    fn now(&self) -> Tick {
        self.1.now()
    }
    fn breaker<T>(&self, act: impl FnOnce(&mut Breaker) -> T) -> T {
        act(&mut self.0.lock().breaker)
    }
}

/// What the breakers admitted.
struct Permits {
    policy: BreakerPolicy,
    region: Permit<RegionGate>,
    target: Permit<TargetGate>,
}

/// An attempt under way. One that is dropped was cancelled, and says nothing of its target, unless it was the call's
/// deadline that ended it.
struct Visit {
    fleet: Arc<Fleet>,
    whom: Arc<Target>,
    target: Arc<TargetState>,
    /// `None` where there is no breaker.
    permits: Option<Permits>,
    /// The request's fingerprint.
    request: u64,
    /// Whether it is one more try of a call that has failed here: one call alone must not open a breaker.
    again: bool,
    began: Tick,
    deadline: Tick,
    world: Arc<dyn World>,
    open: bool,
}

impl Visit {
    fn begin(fleet: &Arc<Fleet>, attempt: &Attempt) -> Result<Self> {
        let Attempt { call, target, .. } = attempt;
        let (began, world) = (call.world.now(), Arc::clone(&call.world));
        let state = fleet.target(target);
        let permits = match call.route.breaker {
            Some(policy) => Some(Permits::take(fleet, &state, policy, attempt)?),
            None => None,
        };
        state.lock().underway.begin(began);
        fleet.notice(&target.label, &state, began);
        Ok(Visit {
            fleet: Arc::clone(fleet),
            whom: Arc::clone(target),
            target: state,
            permits,
            request: call.request.fingerprint(),
            again: attempt.again,
            began,
            deadline: call.deadline,
            world,
            open: true,
        })
    }

    fn succeeded(mut self, first_content: Duration) {
        self.open = false;
        let now = self.world.now();
        if let Some(Permits { policy, region, target }) = self.permits.take() {
            region.succeeded(&policy, self.request);
            target.succeeded(&policy, self.request);
        }
        let mut vitals = self.target.lock();
        vitals.underway.end(self.began);
        vitals.succeeded(self.request, first_content, now - self.began, now);
        drop(vitals);
        self.fleet.notice(&self.whom.label, &self.target, now);
    }

    /// The end of an attempt that was not good.
    fn failed(mut self, error: &Error) {
        self.end(Some(error), is_targets(error));
    }

    fn end(&mut self, error: Option<&Error>, blames_target: bool) {
        self.open = false;
        let now = self.world.now();
        let mut vitals = self.target.lock();
        vitals.underway.end(self.began);
        if blames_target && !self.again {
            vitals.failed(self.request, error, now);
        }
        drop(vitals);
        if let Some(permits) = self.permits.take() {
            self.settle(permits, error, blames_target);
        }
        self.fleet.notice(&self.whom.label, &self.target, now);
    }

    /// Tells the breakers. A permit that is told nothing gives back what it took.
    fn settle(&self, permits: Permits, error: Option<&Error>, blames_target: bool) {
        let Permits { policy, region, target } = permits;
        match error {
            Some(error) if is_regions(error) && (!self.again || region.probes()) => {
                region.gate().0.lock().last_error = Some(error.clone());
                region.failed(&policy, self.request, self.world.random());
            }
            Some(error) if error.http_status().is_some() => region.succeeded(&policy, self.request),
            _ => {}
        }
        if blames_target && (!self.again || target.probes()) {
            target.failed(&policy, self.request, self.world.random());
        }
    }
}

impl Permits {
    fn take(fleet: &Fleet, state: &Arc<TargetState>, policy: BreakerPolicy, attempt: &Attempt) -> Result<Self> {
        let Attempt { call, target, .. } = attempt;
        let world = &call.world;
        let refused =
            |whom: &str, until, last| Err(refused(whom, until, world.now(), last).provider(target.provider()));
        let of_region = fleet.region(target);
        let gate = RegionGate(Arc::clone(&of_region), Arc::clone(world));
        let random = world.random();
        let region = match Permit::take(gate, &policy, random) {
            Ok(permit) => permit,
            Err(until) => return refused(target.endpoint.origin(), until, of_region.lock().last_error.as_ref()),
        };
        let gate = TargetGate(Arc::clone(state), Arc::clone(world));
        match Permit::take(gate, &policy, random) {
            Ok(target) => Ok(Permits { policy, region, target }),
            Err(until) => refused(&target.label, until, state.lock().last_error()),
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if self.open {
            let late = self.world.now() >= self.deadline;
            self.end(None, late);
        }
    }
}

/// The events of a stream, of which the last says how it went.
struct Watched {
    events: BoxStream<'static, Result<Event>>,
    /// `None` once that is known.
    visit: Option<Visit>,
    first_content: Duration,
}

impl Stream for Watched {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let item = this.events.as_mut().poll_next(cx);
        let visit = match &item {
            Poll::Ready(Some(Ok(Event::End(_)) | Err(_)) | None) => this.visit.take(),
            _ => None,
        };
        match (visit, &item) {
            (Some(visit), Poll::Ready(Some(Err(error)))) => visit.failed(error),
            (Some(visit), _) => visit.succeeded(this.first_content),
            (None, _) => {}
        }
        item
    }
}
