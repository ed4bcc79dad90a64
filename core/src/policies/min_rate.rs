//! Streams whose content comes too slowly: while nothing is shown yet another target may answer, later it is an error.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};

use crate::error::{Error, Kind, Result, Retry};
use crate::model::Event;
use crate::policy::{Attempt, Next, Policy, Reply};
use crate::target::Target;
use crate::world::{BoxFuture, BoxStream, Tick, World};

/// How fast the content of a stream has to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinRate {
    /// So many characters a second,
    pub chars_per_second: NonZeroU32,
    /// judged over such a time.
    pub window: Duration,
}

impl MinRate {
    /// How long so many characters may take.
    fn time(&self, chars: u64) -> Duration {
        let seconds = chars / u64::from(self.chars_per_second.get());
        let rest = chars % u64::from(self.chars_per_second.get());
        let nanos = rest * NANOS / u64::from(self.chars_per_second.get());
        Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos))
    }
}

/// The nanoseconds of a second.
const NANOS: u64 = 1_000_000_000;

/// Whether a stream keeps up with its least rate, from its first content on.
///
/// The first window decides alone: its characters have to come within it. After that each character buys the time that it may
/// take, and no more than a window is saved up: whoever is late now and then may be, and a stall of a window is too long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    rate: MinRate,
    until: Tick,
    /// What is left of the first window: the time that its characters may take.
    first: Duration,
}

impl Pace {
    pub(crate) fn new(rate: MinRate, now: Tick) -> Self {
        Pace { rate, until: now + rate.window, first: rate.window }
    }

    /// So many characters came. `None` is content of another kind, whose rate is nobody's concern.
    pub(crate) fn shows(&mut self, chars: Option<u64>, now: Tick) {
        let bought = chars.map_or(self.rate.window, |chars| self.rate.time(chars));
        let latest = now + self.rate.window;
        if self.first.is_zero() {
            self.until = (self.until + bought.min(self.rate.window)).min(latest);
            return;
        }
        self.first = self.first.saturating_sub(bought);
        if self.first.is_zero() {
            self.until = latest;
        }
    }

    /// Whether the characters of the first window have come.
    pub(crate) fn has_begun(&self) -> bool {
        self.first.is_zero()
    }

    /// When it is too slow, if nothing comes until then.
    pub(crate) fn until(&self) -> Tick {
        self.until
    }
}

/// Holds a stream to the least rate of its route.
pub(crate) struct HoldToRate;

impl Policy<Attempt> for HoldToRate {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        match attempt.call.route.min_rate {
            Some(rate) if attempt.call.request.stream => Box::pin(async move {
                let (world, target) = (Arc::clone(&attempt.call.world), Arc::clone(&attempt.target));
                let Reply { head, events } = next.run(attempt).await?;
                let now = world.now();
                let timer = world.sleep(now + rate.window);
                let held = Held { events, pace: Pace::new(rate, now), timer, world, target, over: false };
                Ok(Reply { head, events: held.begin().await? })
            }),
            _ => next.run(attempt),
        }
    }
}

/// A stream of events that fails when its content comes too slowly.
struct Held {
    events: BoxStream<'static, Result<Event>>,
    pace: Pace,
    /// It is not reset with each content, only looked at when it fires.
    timer: BoxFuture<'static, ()>,
    world: Arc<dyn World>,
    target: Arc<Target>,
    over: bool,
}

impl Held {
    /// Keeps the events to itself until the characters of the first window have come, or all there is: until then an error is
    /// the attempt's, and may be tried again elsewhere.
    async fn begin(mut self) -> Result<BoxStream<'static, Result<Event>>> {
        let mut early = Vec::new();
        while !self.pace.has_begun() {
            match self.next().await {
                Some(event) => early.push(Ok(event?)),
                None => break,
            }
        }
        Ok(Box::pin(stream::iter(early).chain(self)))
    }

    #[cold]
    fn too_slow(&self) -> Error {
        let MinRate { chars_per_second, window } = self.pace.rate;
        let window = humantime::format_duration(window);
        let label = &self.target.label;
        let message =
            format!("fewer than {chars_per_second} characters a second from {label} within {window} (stream.min_rate)");
        let error = Error::new(Kind::Timeout, message).context("timeout", "min_rate");
        error.retry(Retry::After(Duration::ZERO)).provider(self.target.provider())
    }
}

impl Stream for Held {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        match self.events.as_mut().poll_next(cx) {
            Poll::Ready(item) => {
                match &item {
                    Some(Ok(event)) if event.is_content() => {
                        let now = self.world.now();
                        self.pace.shows(event.written().map(|text| text.chars().count() as u64), now);
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => self.over = true,
                }
                Poll::Ready(item)
            }
            // Only once all that came is read: a caller who reads slowly does not make the target slow.
            Poll::Pending => {
                while self.timer.as_mut().poll(cx).is_ready() {
                    let until = self.pace.until();
                    if self.world.now() >= until {
                        self.over = true;
                        return Poll::Ready(Some(Err(self.too_slow())));
                    }
                    self.timer = self.world.sleep(until);
                }
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: u64) -> Tick {
        Tick::new(Duration::from_millis(ms))
    }

    fn rate(chars_per_second: u32, window: u64) -> MinRate {
        let chars_per_second = NonZeroU32::new(chars_per_second).unwrap();
        MinRate { chars_per_second, window: Duration::from_millis(window) }
    }

    /// When a stream is too slow that shows so many characters after each of these waits, in milliseconds, and whether it has
    /// begun by then.
    fn too_slow(rate: MinRate, pieces: impl IntoIterator<Item = (u64, u64)>) -> Option<(Tick, bool)> {
        let (mut now, mut pace) = (0, Pace::new(rate, at(0)));
        for (wait, chars) in pieces {
            now += wait;
            if pace.until() <= at(now) {
                return Some((pace.until(), pace.has_begun()));
            }
            pace.shows(Some(chars), at(now));
        }
        None
    }

    #[test]
    fn the_first_window_decides_alone() {
        let slow = |chars| std::iter::repeat_n((1000, chars), 100);
        assert_eq!(too_slow(rate(10, 5000), slow(10)), Some((at(5000), false)), "the fifth second is not over in time");
        assert_eq!(too_slow(rate(10, 5000), slow(13)), None);
        assert_eq!(too_slow(rate(10, 5000), slow(9)), Some((at(5000), false)));
        let stalls = [(10, 200), (4000, 1), (6000, 1)];
        assert_eq!(too_slow(rate(10, 5000), stalls), Some((at(5010) + Duration::from_millis(100), true)));
    }

    #[test]
    fn what_cannot_be_counted_is_fast_enough() {
        let mut pace = Pace::new(rate(10, 5000), at(0));
        pace.shows(None, at(4000));
        assert!(pace.has_begun() && pace.until() == at(9000));
        pace.shows(None, at(8000));
        assert_eq!(pace.until(), at(13_000));
    }

    proptest! {
        #[test]
        fn a_stream_that_keeps_up_is_never_too_slow(
            chars_per_second in 1..500_u32,
            window in 500..20_000_u64,
            waits in proptest::collection::vec(1..450_u64, 1..200),
        ) {
            // As many characters as its waits are long, and those of its first window at once.
            let rate = rate(chars_per_second, window);
            let chars = |wait: u64| (wait * u64::from(chars_per_second)).div_ceil(1000);
            let pieces = std::iter::once((0, chars(window))).chain(waits.into_iter().map(|wait| (wait, chars(wait))));
            prop_assert_eq!(too_slow(rate, pieces), None);
        }

        #[test]
        fn a_stream_at_half_the_rate_is_found_within_three_windows(
            chars_per_second in 2..500_u32,
            window in 500..20_000_u64,
            burst in 0..10_000_u64,
        ) {
            let rate = rate(chars_per_second, window);
            let slow = std::iter::repeat((100, u64::from(chars_per_second) / 20));
            let found = too_slow(rate, std::iter::once((0, burst)).chain(slow.take(10_000)));
            let (found, _) = found.unwrap();
            prop_assert!(found <= at(3 * window + 200), "{:?}", found);
        }

        #[test]
        fn nothing_buys_more_than_a_window(
            pieces in proptest::collection::vec((0..5000_u64, proptest::option::of(proptest::num::u64::ANY)), 0..100),
        ) {
            let (rate, mut now) = (rate(7, 3000), 0);
            let mut pace = Pace::new(rate, at(0));
            for (wait, chars) in pieces {
                now += wait;
                let before = pace.until();
                pace.shows(chars, at(now));
                prop_assert!(before <= pace.until() && pace.until() <= at(now + 3000));
            }
        }
    }
}
