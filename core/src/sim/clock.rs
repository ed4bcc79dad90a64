//! The virtual clock: it moves when nothing else does, to the next moment that somebody waits for.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::world::Tick;

pub(super) struct Clock(Mutex<State>);

struct State {
    now: Tick,
    /// What the wall clock shows when `now` is zero.
    wall: Duration,
    /// Who waits, by moment and then in the order in which they began to.
    timers: BTreeMap<(Tick, u64), Waker>,
    next_timer: u64,
    /// Whether time passes by itself.
    runs: bool,
}

impl Clock {
    pub(super) fn new(wall: Duration) -> Self {
        let timers = BTreeMap::new();
        Clock(Mutex::new(State { now: Tick::default(), wall, timers, next_timer: 0, runs: false }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Tick {
        self.lock().now
    }

    pub(super) fn wall(&self) -> Duration {
        let state = self.lock();
        state.wall.saturating_add(state.now.since_start())
    }

    /// Lets time pass by itself, whenever a sleeper finds that nothing else happened.
    pub(super) fn let_run(&self) {
        self.lock().runs = true;
    }

    pub(super) fn set_wall(&self, wall: Duration) {
        let mut state = self.lock();
        state.wall = wall.saturating_sub(state.now.since_start());
    }

    /// Moves to the next moment that somebody waits for, and wakes them. False where nobody waits.
    pub(super) fn skip(&self) -> bool {
        let next = self.lock().timers.first_key_value().map(|((until, _), _)| *until);
        next.map(|until| self.move_to(until)).is_some()
    }

    /// Moves on to `until`, and wakes who waits for it or for any moment before.
    pub(super) fn move_to(&self, until: Tick) {
        let mut state = self.lock();
        state.now = state.now.max(until);
        let mut due = Vec::new();
        while let Some(timer) = state.timers.first_entry().filter(|timer| timer.key().0 <= until) {
            due.push(timer.remove());
        }
        // A waker may run anything, a clock's own methods included.
        drop(state);
        due.into_iter().for_each(Waker::wake);
    }
}

/// Completes at `until`.
pub(super) struct Sleep {
    clock: Arc<Clock>,
    until: Tick,
    timer: Option<u64>,
    /// When it was last found asleep.
    seen: Option<Tick>,
}

impl Sleep {
    pub(super) fn new(clock: Arc<Clock>, until: Tick) -> Self {
        Sleep { clock, until, timer: None, seen: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.clock.lock();
        if state.now >= this.until {
            return Poll::Ready(());
        }
        let timer = *this.timer.get_or_insert_with(|| {
            state.next_timer += 1;
            state.next_timer
        });
        let now = state.now;
        state.timers.insert((this.until, timer), cx.waker().clone());
        if state.runs {
            drop(state);
            // Polled again at the same moment: everything else on this executor had its turn in between, so time may
            // pass. It may be somebody else's moment that comes, so whoever moved the clock goes on looking at it.
            if this.seen.replace(now) == Some(now) {
                this.clock.skip();
            }
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(timer) = self.timer {
            self.clock.lock().timers.remove(&(self.until, timer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_clock_that_runs_wakes_all_sleepers_in_any_order() {
        let clock = Arc::new(Clock::new(Duration::ZERO));
        clock.let_run();
        let after = |seconds| Sleep::new(Arc::clone(&clock), Tick::default() + Duration::from_secs(seconds));
        #[allow(clippy::disallowed_methods, reason = "the tasks are what is tested")]
        let tasks = [100, 50, 75].map(|seconds| tokio::spawn(after(seconds)));
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(clock.now(), Tick::default() + Duration::from_secs(100));
    }
}
