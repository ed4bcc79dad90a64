//! Takes the breakers' permission for an attempt, and takes note of how it went.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;

use super::breaker::{Admission, BreakerPolicy};
use super::fleet::{Fleet, RegionState, TargetState};
use crate::error::{Error, Kind, Result, Retry};
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
pub(crate) fn refused(whom: &str, until: Tick, now: Tick, last: Option<Error>) -> Error {
    let rest = until - now;
    let shown = humantime::format_duration(Duration::from_millis(u64::try_from(rest.as_millis()).unwrap_or(u64::MAX)));
    let (kind, said) = match &last {
        Some(error) => (error.kind(), format!(": {error}")),
        None => (Kind::Overloaded, String::new()),
    };
    Error::new(kind, format!("{whom} is left alone for another {shown} since it failed, nothing was sent{said}"))
        .context("breaker", "open")
        .retry(Retry::After(rest))
        .skip(Skipped::Breaker)
}

/// Whether a failure is the target's. Not what the caller did, nor what it would do to others too: a refused key, a rate
/// limit, a content filter.
fn is_targets(error: &Error) -> bool {
    error.skipped().is_none()
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
    matches!(error.kind(), Kind::Connection | Kind::Tls) || error.get("timeout") == Some("connect")
}

/// An attempt under way. One that is dropped was cancelled, and says nothing of its target, unless it was the call's
/// deadline that ended it.
struct Visit {
    target: Arc<TargetState>,
    region: Arc<RegionState>,
    breaker: Option<BreakerPolicy>,
    admitted: [Admission; 2],
    request: u64,
    began: Tick,
    deadline: Tick,
    world: Arc<dyn World>,
    open: bool,
}

impl Visit {
    fn begin(fleet: &Fleet, attempt: &Attempt) -> Result<Self> {
        let Attempt { call, target, .. } = attempt;
        let began = call.world.now();
        let mut visit = Visit {
            target: fleet.target(target),
            region: fleet.region(target),
            breaker: call.route.breaker,
            admitted: [Admission::Pass; 2],
            request: 0,
            began,
            deadline: call.deadline,
            world: Arc::clone(&call.world),
            open: true,
        };
        if let Some(policy) = visit.breaker {
            visit.request = call.request.fingerprint();
            if let Err(error) = visit.admit(&policy, target) {
                visit.open = false;
                return Err(error.provider(target.provider()));
            }
        }
        visit.target.lock().underway.begin(began);
        Ok(visit)
    }

    fn admit(&mut self, policy: &BreakerPolicy, target: &Target) -> Result<()> {
        let (now, random) = (self.began, self.world.random());
        let mut region = self.region.lock();
        let of_region = region.breaker.admit(policy, now, random);
        if let Admission::Refused { until } = of_region {
            return Err(refused(target.endpoint.origin(), until, now, region.last_error.clone()));
        }
        drop(region);
        let mut vitals = self.target.lock();
        let of_target = vitals.breaker.admit(policy, now, random);
        if let Admission::Refused { until } = of_target {
            let error = refused(&target.label, until, now, vitals.last_error().cloned());
            drop(vitals);
            self.region.lock().breaker.abandoned(of_region, now);
            return Err(error);
        }
        self.admitted = [of_region, of_target];
        Ok(())
    }

    fn succeeded(mut self, first_content: Duration) {
        let now = self.world.now();
        self.open = false;
        let [of_region, of_target] = self.admitted;
        if let Some(policy) = &self.breaker {
            self.region.lock().breaker.succeeded(policy, of_region, self.request, now);
        }
        let mut vitals = self.target.lock();
        vitals.succeeded(first_content, now - self.began, now);
        if let Some(policy) = &self.breaker {
            vitals.breaker.succeeded(policy, of_target, self.request, now);
        }
        vitals.underway.end(self.began);
    }

    fn failed(mut self, error: &Error) {
        let now = self.world.now();
        self.end(Some(error), is_targets(error), is_regions(error), now);
    }

    /// The end of an attempt that was not good.
    fn end(&mut self, error: Option<&Error>, targets: bool, regions: bool, now: Tick) {
        self.open = false;
        let [of_region, of_target] = self.admitted;
        if let Some(policy) = &self.breaker {
            let mut region = self.region.lock();
            if regions {
                region.last_error = error.cloned();
                region.breaker.failed(policy, of_region, self.request, now, self.world.random());
            } else if error.is_some_and(|error| error.http_status().is_some()) {
                region.breaker.succeeded(policy, of_region, self.request, now);
            } else {
                region.breaker.abandoned(of_region, now);
            }
        }
        let mut vitals = self.target.lock();
        if targets {
            vitals.failed(error, now);
        }
        match &self.breaker {
            Some(policy) if targets => {
                vitals.breaker.failed(policy, of_target, self.request, now, self.world.random());
            }
            Some(_) => vitals.breaker.abandoned(of_target, now),
            None => {}
        }
        vitals.underway.end(self.began);
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if self.open {
            let now = self.world.now();
            self.end(None, now >= self.deadline, false, now);
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
