//! A simulated world: a virtual clock, seeded chance, and a network that does what a script says.

mod chance;
mod clock;
mod network;
mod piece;
mod play;
mod script;
mod written;

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use bytes::Bytes;

pub(crate) use self::chance::Chance;
use self::clock::{Clock, Sleep};
use self::network::Network;
pub use self::network::{Closed, Exchange};
pub use self::piece::Piece;
pub(crate) use self::play::play;
pub use self::script::{Answer, Beat, Connection, End, Framing, Upstream};
use crate::error::{Error, Kind, Result};
use crate::world::{BoxFuture, ByteStream, Tick, World};

/// 2026-01-01, in seconds since 1970: what the wall clock of a new simulation shows.
const START: u64 = 1_767_225_600;

/// A simulated [`World`]: an hour of outage takes no time, and the same seed gives the same run.
///
/// Time is virtual and starts at zero. [`Sim::run`] drives a future; whenever nothing is ready, the clock jumps to the
/// next moment that somebody waits for. Hosts answer as [`Sim::on`] scripts them, and no other host exists. Clones share
/// everything.
///
/// ```
/// use std::time::Duration;
/// use tidegate::sim::{Answer, Sim};
/// use tidegate::{Kind, World};
///
/// let sim = Sim::new(1);
/// sim.on("api.test", Answer::json(200, &serde_json::json!({"ok": true})).after(Duration::from_secs(3600)));
/// let request = http::Request::post("https://api.test/v1").body("hi".into()).unwrap();
/// let response = sim.run(sim.fetch(request))?;
/// assert_eq!(response.status(), 200);
/// assert_eq!(sim.now().since_start(), Duration::from_secs(3600));
/// assert_eq!(sim.exchanges()[0].body, "hi");
///
/// let elsewhere = http::Request::get("https://other.test/").body("".into()).unwrap();
/// assert_eq!(sim.run(sim.fetch(elsewhere)).err().map(|error| error.kind()), Some(Kind::Connection));
/// # Ok::<(), tidegate::Error>(())
/// ```
#[derive(Clone)]
pub struct Sim {
    clock: Arc<Clock>,
    chance: Arc<Mutex<Chance>>,
    network: Arc<Network>,
    tasks: Arc<Mutex<Vec<BoxFuture<'static, ()>>>>,
}

impl Sim {
    /// A world with this chance, at time zero, on 2026-01-01 UTC, with an empty network.
    pub fn new(seed: u64) -> Self {
        Sim {
            clock: Arc::new(Clock::new(Duration::from_secs(START))),
            chance: Arc::new(Mutex::new(Chance::new(seed))),
            network: Arc::default(),
            tasks: Arc::default(),
        }
    }

    /// A world from JSON text, as tests in every language write it:
    /// `{"seed": 1, "clock": "runs", "upstreams": {"api.test": {"then": {"body": [{"json": {}}]}}}}`.
    ///
    /// `upstreams` are scripts by host, each an [`Upstream`]. The `clock` either `runs` (the default): time passes by
    /// itself, as soon as all that is under way only waits, on any executor; or it is `stopped`, and whoever waits goes
    /// on waiting. Calls that are made at the same time share the clock: one that starts a moment later may find that
    /// time has passed. Unknown keys are errors of the kind [`Kind::Config`].
    ///
    /// ```
    /// use tidegate::{Gateway, Message, Request, Sim};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> tidegate::Result<()> {
    /// let sim = Sim::from_json(r#"{"upstreams": {"api.test": {"then": {"status": 503, "delay": 60000}}}}"#)?;
    /// let gateway = Gateway::from_toml(
    ///     r#"
    ///     providers.a = { protocol = "openai-chat", base_url = "http://api.test/v1" }
    ///     routes.support = { targets = ["a/m", "sim/backup"] }
    ///     "#,
    /// )?
    /// .with_world(sim.clone());
    /// let reply = gateway.chat(Request::chat("support", vec![Message::user("hi")])).await?;
    /// assert_eq!(reply.target, "sim/backup");
    /// assert_eq!(sim.exchanges().len(), 1);
    /// # Ok(()) }
    /// ```
    pub fn from_json(text: &str) -> Result<Self> {
        written::read(text)
    }

    /// Sets the wall clock to this time since 1970. The monotonic clock, and who sleeps by it, notice nothing.
    pub fn set_unix_time(&self, time: Duration) {
        self.clock.set_wall(time);
    }

    /// Lets time pass. Who waits is woken, and goes on with the next [`Sim::run`].
    pub fn advance(&self, time: Duration) {
        self.clock.move_to(self.now() + time);
    }

    /// Says what a host does: one [`Answer`] for ever, a list of them, or a whole [`Upstream`]. `address` is a host, with
    /// or without a port, or a base URL, of which scheme and path say nothing. What was scripted for it before is
    /// forgotten.
    pub fn on(&self, address: &str, script: impl Into<Upstream>) {
        self.network.script(address, script.into());
    }

    /// Answers the requests to a host by a function, which sees each as it comes: [`Exchange::at`] says when.
    pub fn handle(&self, address: &str, handler: impl Fn(&Exchange) -> Answer + Send + Sync + 'static) {
        self.network.handle(address, Arc::new(handler));
    }

    /// All requests that reached a host, in order.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.network.exchanges()
    }

    /// Drives a future to its end on this thread. Where it waits and nobody sleeps, this thread waits too, for another one
    /// to wake it: [`Sim::try_run`] gives up instead.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let Ok(output) = self.drive(future, |signal| {
            signal.wait();
            Ok::<(), Infallible>(())
        });
        output
    }

    /// Drives a future to its end on this thread. Fails with [`Kind::Timeout`] where it waits for what never comes: a
    /// server that hangs, without a timeout.
    pub fn try_run<F: Future>(&self, future: F) -> Result<F::Output> {
        self.drive(future, |_| {
            Err(Error::new(Kind::Timeout, "the future waits for ever: nobody sleeps who could wake it"))
        })
    }

    /// `stuck` is called when the future waits and nobody sleeps.
    fn drive<F: Future, E>(&self, future: F, stuck: impl Fn(&Signal) -> Result<(), E>) -> Result<F::Output, E> {
        let mut future = pin!(future);
        let signal = Arc::new(Signal { woken: AtomicBool::new(false), thread: thread::current() });
        let waker = Waker::from(Arc::clone(&signal));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Ok(output);
            }
            self.poll_tasks(&mut context);
            while !signal.take() {
                if !self.clock.skip() {
                    stuck(&signal)?;
                }
            }
        }
    }
}

impl Sim {
    /// Lets the tasks that were spawned go on. Those of other executors' time stand still: a sleeper among them would let it
    /// pass for ever.
    fn poll_tasks(&self, context: &mut Context<'_>) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.retain_mut(|task| task.as_mut().poll(context).is_pending());
        // A task may have spawned others.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).extend(tasks);
    }
}

impl World for Sim {
    fn now(&self) -> Tick {
        self.clock.now()
    }

    fn unix_time(&self) -> Duration {
        self.clock.wall()
    }

    fn random(&self) -> u64 {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    fn sleep(&self, until: Tick) -> BoxFuture<'static, ()> {
        Box::pin(Sleep::new(Arc::clone(&self.clock), until))
    }

    fn fetch(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<ByteStream>>> {
        Box::pin(network::fetch(Arc::clone(&self.network), Arc::new(self.clone()), request))
    }

    /// It goes on whenever [`Sim::run`] drives something.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> bool {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        true
    }
}

/// Remembers that the future was woken.
struct Signal {
    woken: AtomicBool,
    thread: Thread,
}

impl Signal {
    fn take(&self) -> bool {
        self.woken.swap(false, Ordering::AcqRel)
    }

    fn wait(&self) {
        while !self.woken.load(Ordering::Acquire) {
            thread::park();
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
