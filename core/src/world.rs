//! Time, chance and network, as one trait, so that an hour of outage is a millisecond of test.

use std::fmt;
use std::future::Future;
use std::ops::{Add, Sub};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;

use crate::error::Result;

/// A boxed future, as [`World`] and the policies hand them around.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A boxed stream.
pub type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;
/// The decoded (decompressed) bytes of an answer as they arrive. Dropping it closes the connection.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// A moment on the world's monotonic clock; only differences mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(Duration);

impl Tick {
    /// The moment `since_start` after the world began.
    pub const fn new(since_start: Duration) -> Self {
        Tick(since_start)
    }
    /// The time since the world began.
    pub const fn since_start(self) -> Duration {
        self.0
    }
}

impl Add<Duration> for Tick {
    type Output = Tick;
    fn add(self, time: Duration) -> Tick {
        Tick(self.0.saturating_add(time))
    }
}

impl Sub for Tick {
    type Output = Duration;
    /// The time between two moments; zero where `earlier` is later.
    fn sub(self, earlier: Tick) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// How long a connection may take; travels in the extensions of the request to [`World::fetch`] where it is not the default
/// of 5 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectTimeout(pub Duration);

impl Default for ConnectTimeout {
    fn default() -> Self {
        ConnectTimeout(Duration::from_secs(5))
    }
}

/// Everything outside: two implementations, [`Live`](crate::Live) and [`Sim`](crate::Sim).
pub trait World: Send + Sync {
    /// The monotonic clock.
    fn now(&self) -> Tick;
    /// The wall clock, since 1970.
    fn unix_time(&self) -> Duration;
    /// A uniformly random number.
    fn random(&self) -> u64;
    /// Completes at `until`.
    fn sleep(&self, until: Tick) -> BoxFuture<'static, ()>;
    /// Sends a request and completes with the head of the answer. Redirects are not followed. Dropping the future or the
    /// body closes the connection.
    fn fetch(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<ByteStream>>>;
    /// Runs a task beside the calls, such as health checks. False where nothing could drive it, and it was dropped.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> bool;
}

/// A uniformly random number as a fraction, from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a fraction needs no more than 53 bits")]
pub(crate) fn fraction(random: u64) -> f64 {
    random as f64 / u64::MAX as f64
}

impl fmt::Debug for dyn World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}
