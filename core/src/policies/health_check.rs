//! Asks targets now and then how they are. When that is due is a pure machine; the answers go the way of all attempts, so
//! that breakers and latencies learn of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use super::failover::Failover;
use super::fleet::Fleet;
use crate::config::{HealthCheck, Route};
use crate::model::{Message, Request};
use crate::policy::{Attempt, Call, Reply, Ring, Serve};
use crate::target::Target;
use crate::world::{BoxFuture, Tick, World, fraction};

/// No round comes sooner after the one before.
const SHORTEST: Duration = Duration::from_millis(100);
/// What a check may be answered with. Some vendors refuse less.
const MAX_TOKENS: u32 = 16;

/// When each target is to be asked next.
#[derive(Default)]
struct Schedule(HashMap<String, Due>);

struct Due {
    at: Tick,
    /// How many calls it had answered well when that was set.
    answered: u64,
}

impl Schedule {
    /// Whether a target is to be asked now, and when it is the next time. One that has answered a caller since is not.
    /// `random` is uniform.
    fn is_due(&mut self, label: &str, check: HealthCheck, answered: u64, now: Tick, random: u64) -> bool {
        let next = now + jittered(check.interval, random);
        let Some(due) = self.0.get_mut(label) else {
            // A fleet that starts together must not ask together.
            self.0.insert(label.to_owned(), Due { at: now + check.interval.mul_f64(fraction(random)), answered });
            return false;
        };
        if due.at > now {
            return false;
        }
        let asks = due.answered == answered;
        *due = Due { at: next, answered };
        asks
    }

    /// A target was asked: its own answer is none to a caller.
    fn asked(&mut self, label: &str, answered: u64) {
        if let Some(due) = self.0.get_mut(label) {
            due.answered = answered;
        }
    }

    /// When the next is due. Targets that are no longer asked for are forgotten.
    fn next(&mut self, asked: &[&str], now: Tick) -> Tick {
        self.0.retain(|label, _| asked.contains(&label.as_str()));
        let next = self.0.values().map(|due| due.at).min().unwrap_or(now);
        next.max(now + SHORTEST)
    }
}

/// Up to a tenth sooner or later.
fn jittered(interval: Duration, random: u64) -> Duration {
    interval.mul_f64(0.9 + 0.2 * fraction(random))
}

/// What is checked, and in which world. Held for one round only, so that nothing outlives its gateway.
pub(crate) struct Checked {
    pub(crate) routes: Vec<Arc<Route>>,
    pub(crate) failover: Arc<Failover>,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) world: Arc<dyn World>,
}

/// Checks for as long as there is something to check: `None` ends it.
pub(crate) async fn run(checked: impl Fn() -> Option<Checked> + Send) {
    let mut schedule = Schedule::default();
    while let Some(checked) = checked() {
        checked.round(&mut schedule).await.await;
    }
}

impl Checked {
    /// Asks those that are due. What it returns is the wait until the next round.
    async fn round(self, schedule: &mut Schedule) -> BoxFuture<'static, ()> {
        let Checked { routes, failover, fleet, world } = self;
        let now = world.now();
        let answered = |target: &Target| {
            let (requests, failures) = fleet.target(target).lock().counts();
            requests - failures
        };
        let all = || {
            let checks = routes.iter().filter_map(|route| Some((route, route.health_check?)));
            checks.flat_map(|(route, check)| route.targets.iter().map(move |target| (route, target, check)))
        };
        let mut due: Vec<_> = all().collect();
        due.retain(|(_, target, check)| schedule.is_due(&target.label, *check, answered(target), now, world.random()));
        let asks = due.iter().map(|(route, target, check)| ask(failover.attempts(), route, target, *check, &world));
        futures_util::future::join_all(asks).await;
        for (_, target, _) in due {
            schedule.asked(&target.label, answered(target));
        }
        let labels: Vec<_> = all().map(|(_, target, _)| target.label.as_str()).collect();
        world.sleep(schedule.next(&labels, now))
    }
}

/// Asks one target. What comes of it is noted by the policies on the way.
fn ask<'a>(
    attempts: &'a Ring<Attempt>,
    route: &Arc<Route>,
    target: &Arc<Target>,
    check: HealthCheck,
    world: &Arc<dyn World>,
) -> BoxFuture<'a, ()> {
    let request =
        Request::chat(&*target.label, vec![Message::user("ping")]).with(|chat| chat.max_tokens = Some(MAX_TOKENS));
    let mut route = Route::clone(route);
    route.timeout.first_content = check.timeout;
    // What is said does not matter, and no function of the caller's is to be asked about it.
    route.reject = None;
    let started = world.now();
    let call = Call::new(request, Arc::new(route), started, started + check.timeout, Arc::clone(world));
    let attempt = Attempt { call, target: Arc::clone(target), key: 0, retries: 0, again: false, sent: Arc::default() };
    Box::pin(async move {
        if let Ok(Reply { mut events, .. }) = attempts.serve(attempt).await {
            while events.next().await.is_some() {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Tick {
        Tick::new(Duration::from_secs(seconds))
    }

    #[test]
    fn a_target_is_asked_in_its_turn_unless_it_answered_a_caller() {
        let check = HealthCheck { interval: Duration::from_secs(10), timeout: Duration::from_secs(1) };
        let mut schedule = Schedule::default();
        let half = u64::MAX / 2;
        assert!(!schedule.is_due("a/m", check, 0, at(0), half), "the first is spread over the interval");
        assert!(!schedule.is_due("a/m", check, 0, at(4), half));
        assert!(schedule.is_due("a/m", check, 0, at(5), half));
        assert!(!schedule.is_due("a/m", check, 7, at(15), half), "it answered seven calls since");
        assert!(schedule.is_due("a/m", check, 7, at(25), half));
        schedule.asked("a/m", 8);
        assert!(schedule.is_due("a/m", check, 8, at(35), half), "only the check was answered");
        assert_eq!(schedule.next(&["a/m"], at(35)), at(45));
        assert_eq!(schedule.next(&[], at(25)), at(25) + SHORTEST);
    }
}
