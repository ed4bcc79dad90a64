//! What callers hold: a gateway.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt};

use crate::attempt_log::AttemptLog;
use crate::checks::Checks;
use crate::config::{Config, Route, Settings};
use crate::error::{Error, Kind, Result};
use crate::estimate::broken_off;
use crate::json_schema::mark_calls;
use crate::live::Live;
use crate::model::{AttemptRecord, Collector, Event, Explanation, Latency, Request, Response, TargetHealth};
use crate::policies::failover::Failover;
use crate::policies::fleet::Fleet;
use crate::policies::health_check::{self, Checked};
use crate::policy::{Call, Head, Reply, Ring, Serve};
use crate::stack::stack;
use crate::subscription::Subscription;
use crate::target::StandIn;
use crate::watch;
use crate::world::{BoxFuture, Tick, World};

/// An LLM gateway inside this process: cheap to clone, safe to share. Clones are one gateway: what one reloads, all have.
///
/// ```
/// use tidegate::{Gateway, Message, Request, Sim};
/// let world = Sim::new(1);
/// let gateway = Gateway::builtin()?.with_world(world.clone());
/// let reply = world.run(gateway.chat(Request::chat("sim/hello", vec![Message::user("hi")])))?;
/// assert!(!reply.text().is_empty());
/// # Ok::<(), tidegate::Error>(())
/// ```
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    /// Replaced whole when the configuration is loaded anew: calls under way keep what they began with.
    settings: RwLock<Arc<Settings>>,
    /// The file that the configuration came from, if it did.
    file: Option<PathBuf>,
    /// What is known of targets, regions and routes. It belongs to a world, whose moments mean nothing in another.
    fleet: Arc<Fleet>,
    stack: Ring<Call>,
    failover: Arc<Failover>,
    /// The functions of the caller's that judge answers.
    judges: Arc<Checks>,
    world: Arc<dyn World>,
    /// Whether health checks are under way.
    checks: AtomicBool,
}

impl Gateway {
    /// A gateway for a configuration. Opens no connection.
    pub fn new(config: &Config) -> Result<Self> {
        let settings = Arc::new(Settings::resolve(config)?);
        Ok(Gateway::assemble(settings, config.file(), Arc::new(Live::new()?), Arc::default()))
    }

    fn assemble(settings: Arc<Settings>, file: Option<PathBuf>, world: Arc<dyn World>, judges: Arc<Checks>) -> Self {
        let fleet = Arc::new(Fleet::default());
        let (stack, failover) = stack(&fleet);
        let (settings, checks) = (RwLock::new(settings), AtomicBool::new(false));
        Gateway { inner: Arc::new(Inner { settings, file, fleet, stack, failover, judges, world, checks }) }
    }

    /// A gateway in a simulated world, for whose providers `stand_in` answers.
    pub(crate) fn simulated(config: &Config, stand_in: Arc<dyn StandIn>, world: impl World + 'static) -> Result<Self> {
        let settings = Arc::new(Settings::simulated(config, stand_in)?);
        Ok(Gateway::assemble(settings, None, Arc::new(world), Arc::default()))
    }

    /// A gateway without configuration: every built-in provider, no keys, targets as `provider/model`.
    pub fn builtin() -> Result<Self> {
        Gateway::new(&Config::default())
    }

    /// A gateway for a TOML file.
    pub fn from_file(path: impl AsRef<std::path::Path>) -> Result<Self> {
        Gateway::new(&Config::from_file(path)?)
    }

    /// A gateway for TOML text.
    pub fn from_toml(text: &str) -> Result<Self> {
        Gateway::new(&Config::from_toml(text)?)
    }

    /// A gateway for the same keys as a plain value.
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        Gateway::new(&Config::from_value(value)?)
    }

    /// The same gateway in another world: a simulated one in tests.
    #[must_use]
    pub fn with_world(&self, world: impl World + 'static) -> Self {
        let judges = Arc::clone(&self.inner.judges);
        Gateway::assemble(self.settings(), self.inner.file.clone(), Arc::new(world), judges)
    }

    /// What its configuration became.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        // A panic while the lock is held leaves the one settings or the other, both whole.
        Arc::clone(&self.inner.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes another configuration from now on, for this gateway and all its clones.
    ///
    /// Calls under way end as they began. What is known of targets stays: breakers, latencies, waits that were asked for.
    /// A configuration that is wrong changes nothing, and the error says why.
    ///
    /// ```
    /// use tidegate::{Config, Gateway, Message, Request, Sim};
    /// let sim = Sim::new(1);
    /// let gateway = Gateway::from_toml("routes.support.targets = ['sim/small']")?.with_world(sim.clone());
    /// gateway.reload(&Config::from_toml("routes.support.targets = ['sim/large']")?)?;
    /// let reply = sim.run(gateway.chat(Request::chat("support", vec![Message::user("hi")])))?;
    /// assert_eq!(reply.target, "sim/large");
    /// # Ok::<(), tidegate::Error>(())
    /// ```
    pub fn reload(&self, config: &Config) -> Result<()> {
        let settings = Arc::new(Settings::resolve(config)?);
        *self.inner.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        Ok(())
    }

    /// Reads the file of the configuration again, and takes what it says now, which it returns: [`Gateway::reload`].
    pub fn reload_file(&self) -> Result<Config> {
        let Some(file) = &self.inner.file else { return Err(not_of_a_file()) };
        let config = Config::from_file(file)?;
        self.reload(&config)?;
        Ok(config)
    }

    /// The same gateway with a function that judges answers, for routes whose `reject.check` has this name: it returns the
    /// reason to reject an answer, or `None`. It runs on the threads of the runtime and has to be quick; one that panics
    /// rejects nothing.
    ///
    /// ```
    /// # use tidegate::{Gateway, Message, Request, Sim};
    /// let world = Sim::new(1);
    /// let gateway = Gateway::from_toml(
    ///     r#"routes.faq = { targets = ["sim/small", "sim/large"], reject = { check = "polite" } }"#,
    /// )?
    /// .with_check("polite", |response| (response.target == "sim/small").then(|| "no greeting".to_owned()))
    /// .with_world(world.clone());
    /// let reply = world.run(gateway.chat(Request::chat("faq", vec![Message::user("hi")])))?;
    /// assert_eq!(reply.target, "sim/large");
    /// # Ok::<(), tidegate::Error>(())
    /// ```
    #[must_use]
    pub fn with_check(
        &self,
        name: impl Into<String>,
        check: impl Fn(&Response) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.with_async_check(name, move |response| Box::pin(std::future::ready(check(&response))))
    }

    /// The same with a function that takes its time: the deadline of the call holds for it too.
    #[must_use]
    pub fn with_async_check(
        &self,
        name: impl Into<String>,
        check: impl Fn(Arc<Response>) -> BoxFuture<'static, Option<String>> + Send + Sync + 'static,
    ) -> Self {
        let judges = Arc::new(self.inner.judges.with(name.into(), Arc::new(check)));
        Gateway::assemble(self.settings(), self.inner.file.clone(), Arc::clone(&self.inner.world), judges)
    }

    /// Answers a chat with the whole response. Dropping the future cancels it and closes the connection.
    pub async fn chat(&self, request: Request) -> Result<Response> {
        request.expect_chat()?;
        self.start(request).await?.collect().await
    }

    /// Answers a chat event by event. Completes when the first content is there; dropping the stream cancels.
    pub async fn stream(&self, mut request: Request) -> Result<ResponseStream> {
        request.expect_chat()?;
        request.stream = true;
        self.start(request).await
    }

    /// Turns texts into vectors: the response's `vectors`, one a text.
    pub async fn embed(&self, request: Request) -> Result<Response> {
        request.expect_embed()?;
        self.start(request).await?.collect().await
    }

    /// Ranks documents by how much they say to a query: the response's `rankings`, the best first.
    pub async fn rerank(&self, request: Request) -> Result<Response> {
        request.expect_rerank()?;
        self.start(request).await?.collect().await
    }

    /// Looks every so often whether the file of the configuration has changed, and takes what it says then:
    /// [`Gateway::reload_file`]. `seen` is told of each change: what was taken, or why it was not.
    ///
    /// It goes on for as long as what this returns, and as the gateway or a clone of it is there. Needs a running tokio runtime
    /// in the real world.
    pub fn watch(
        &self,
        every: Duration,
        seen: impl Fn(Result<Config>) + Send + Sync + 'static,
    ) -> Result<Subscription> {
        let Some(file) = self.inner.file.clone() else { return Err(not_of_a_file()) };
        if every.is_zero() {
            let problem = "watch() needs the time from one look at the file to the next: 'every' must be above zero";
            return Err(Error::new(Kind::Config, problem).context("field", "every"));
        }
        let seen = Arc::new(seen);
        let inner = Arc::downgrade(&self.inner);
        let gateway = move || inner.upgrade().map(|inner| Gateway { inner });
        let watch = watch::run(file, gateway, move |gateway| gateway.sleep(every), Arc::downgrade(&seen));
        if self.inner.world.spawn(Box::pin(watch)) {
            return Ok(Subscription::new(seen));
        }
        Err(Error::new(Kind::Config, "watch() needs a running tokio runtime: call it from within one"))
    }

    /// Lets so much time of its world pass. The future holds nothing of the gateway.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let world = &self.inner.world;
        world.sleep(world.now() + time)
    }

    /// Begins with the health checks, if the configuration asks for any.
    fn check_health(&self, settings: &Settings) {
        if settings.checked().next().is_none() || self.inner.checks.swap(true, Ordering::Relaxed) {
            return;
        }
        let inner = Arc::downgrade(&self.inner);
        let checked = move || {
            let gateway = Gateway { inner: inner.upgrade()? };
            let routes: Vec<_> = gateway.settings().checked().cloned().collect();
            if routes.is_empty() {
                gateway.inner.checks.store(false, Ordering::Relaxed);
                return None;
            }
            let Inner { fleet, failover, world, .. } = &*gateway.inner;
            let (failover, fleet, world) = (Arc::clone(failover), Arc::clone(fleet), Arc::clone(world));
            Some(Checked { routes, failover, fleet, world })
        };
        self.inner.world.spawn(Box::pin(health_check::run(checked)));
    }

    /// What would become of a request: its targets in order, and why each would be tried or passed over. Nothing is sent,
    /// and nothing counts.
    pub fn explain(&self, request: Request) -> Result<Explanation> {
        Ok(self.inner.failover.explain(&self.call(request)?))
    }

    /// How the targets are that this gateway has called, by their names.
    pub fn health(&self) -> Vec<TargetHealth> {
        self.inner.fleet.health(self.inner.world.now())
    }

    /// Tells `observer` of each target whose state changes, such as one whose breaker opens: for logs and alerts.
    ///
    /// It is called on the thread of the call that found out, and should be quick; where it panics, that call goes on. It
    /// stays for as long as what this returns.
    ///
    /// ```
    /// # use tidegate::{Gateway, HealthState, Message, Request, Sim, TargetHealth};
    /// let world = Sim::new(1);
    /// let gateway = Gateway::from_toml("[providers.a]\nprotocol = 'ollama'\nbase_url = 'http://down.test'\n\n[defaults]\nbreaker.failures = 1")?
    ///     .with_world(world.clone());
    /// let (sender, seen) = std::sync::mpsc::channel();
    /// let alerts = gateway.observe_health(move |health: &TargetHealth| sender.send(health.state).unwrap());
    /// world.run(gateway.chat(Request::chat("a/m", vec![Message::user("hi")]))).unwrap_err();
    /// assert_eq!(seen.recv(), Ok(HealthState::Open));
    /// drop(alerts);
    /// assert!(seen.recv().is_err(), "it is gone");
    /// # Ok::<(), tidegate::Error>(())
    /// ```
    pub fn observe_health(&self, observer: impl Fn(&TargetHealth) + Send + Sync + 'static) -> Subscription {
        let observer = Arc::new(observer);
        let weak = Arc::downgrade(&observer);
        self.inner.fleet.observe(weak);
        Subscription::new(observer)
    }

    fn call(&self, request: Request) -> Result<Call> {
        let world = &self.inner.world;
        let route = self.settings().route(&request.model)?;
        let started = world.now();
        let deadline = started + request.timeout.unwrap_or(route.timeout.total);
        let call = Call::new(request, route, started, deadline, Arc::clone(world));
        Ok(Call { checks: Arc::clone(&self.inner.judges), ..call })
    }

    async fn start(&self, request: Request) -> Result<ResponseStream> {
        let call = self.call(request)?;
        self.check_health(&self.settings());
        let Call { request, route, started, world, log, .. } = call.clone();
        match self.inner.stack.serve(call).await {
            Ok(Reply { head, events }) => Ok(ResponseStream {
                events,
                collector: Collector::default(),
                facts: Facts { head, request, route, log, started, world },
                finished: None,
            }),
            Err(error) => Err(whole(error, &route.name, log.records(world.now()))),
        }
    }
}

fn not_of_a_file() -> Error {
    Error::new(Kind::Config, "this gateway was not made of a file: give reload() a configuration")
}

/// Adds to an error what was tried, and to the answer that it may have.
fn whole(error: Error, route: &str, attempts: Vec<AttemptRecord>) -> Error {
    let error = match error.partial_response().cloned() {
        Some(mut partial) => {
            route.clone_into(&mut partial.route);
            partial.attempts.clone_from(&attempts);
            error.partial(partial)
        }
        None => error,
    };
    error.attempts(attempts)
}

/// What the gateway knows of a reply beside its events.
struct Facts {
    head: Head,
    request: Arc<Request>,
    route: Arc<Route>,
    log: Arc<AttemptLog>,
    started: Tick,
    world: Arc<dyn World>,
}

impl Facts {
    fn response(&self, collector: Collector) -> Response {
        self.complete(collector.into_response())
    }

    /// Adds what the gateway knows.
    fn complete(&self, mut response: Response) -> Response {
        let now = self.world.now();
        let successor = self.successor();
        let head = successor.as_ref().unwrap_or(&self.head);
        if let Some(chat) = self.request.as_chat() {
            mark_calls(&mut response, &chat.tools);
        }
        if let Some(target) = head.target.as_ref().filter(|_| response.model.is_empty()) {
            response.model.clone_from(&target.model);
        }
        response.route.clone_from(&self.route.name);
        head.label().clone_into(&mut response.target);
        response.request_id.clone_from(&head.request_id);
        response.dropped.clone_from(&head.dropped);
        response.attempts = self.log.records(now);
        response.latency = Latency { first_content: head.first_content - self.started, total: now - self.started };
        response
    }

    /// The head of the target that took over, if one did.
    fn successor(&self) -> Option<Head> {
        self.head.successor.as_ref()?.get()
    }

    /// Adds to an error of a running stream what had arrived and what was tried.
    fn failed(&self, error: Error, collector: Collector) -> Error {
        self.log.broke(&error);
        let successor = self.successor();
        let head = successor.as_ref().unwrap_or(&self.head);
        let error = match &head.target {
            Some(target) if error.provider_name().is_none() => error.provider(target.provider()),
            _ => error,
        };
        let error = error.request_id(head.request_id.clone()).attempts(self.log.records(self.world.now()));
        let collected = error.partial_response().cloned().unwrap_or_else(|| collector.into_response());
        let mut partial = self.complete(collected);
        partial.attempts = error.attempt_records().to_vec();
        partial.usage = partial.usage.or_else(|| broken_off(&self.request, &partial.parts));
        error.partial(partial)
    }
}

/// The events of an answer as they arrive: `start content* end`, then the collected [`Response`].
///
/// An error ends the stream; it carries what had arrived as its partial response.
pub struct ResponseStream {
    events: crate::world::BoxStream<'static, Result<Event>>,
    collector: Collector,
    facts: Facts,
    /// Boxed, since it is there only at the end, and a stream is moved before.
    finished: Option<Box<Response>>,
}

impl ResponseStream {
    /// The whole response, once the stream has ended well.
    pub fn response(&self) -> Option<&Response> {
        self.finished.as_deref()
    }

    /// The target that begins to answer: `provider/model`. Events `restart` and `continued` name those that take over.
    pub fn target(&self) -> &str {
        self.facts.head.label()
    }

    /// Reads to the end.
    pub async fn collect(mut self) -> Result<Response> {
        while let Some(event) = self.events.next().await {
            match event {
                Ok(event) => self.collector.push(event),
                Err(error) => return Err(self.facts.failed(error, self.collector)),
            }
        }
        self.finished.take().map_or_else(|| complete(self.collector, &self.facts), |response| Ok(*response))
    }
}

fn complete(collector: Collector, facts: &Facts) -> Result<Response> {
    if collector.is_complete() {
        return Ok(facts.response(collector));
    }
    let error = Error::new(Kind::StreamIncomplete, "the answer ended without its end");
    Err(facts.failed(error, collector))
}

impl Stream for ResponseStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        match this.events.as_mut().poll_next(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                if this.finished.is_none() && this.collector.is_complete() {
                    this.finished = Some(Box::new(this.facts.response(std::mem::take(&mut this.collector))));
                }
                Poll::Ready(None)
            }
            Poll::Ready(Some(Ok(event))) => {
                this.collector.observe(&event);
                // The response is there as soon as the last event is, for those who stop reading at it.
                if matches!(event, Event::End(_)) {
                    this.finished = Some(Box::new(this.facts.response(this.collector.clone())));
                }
                Poll::Ready(Some(Ok(event)))
            }
            Poll::Ready(Some(Err(error))) => {
                Poll::Ready(Some(Err(this.facts.failed(error, std::mem::take(&mut this.collector)))))
            }
        }
    }
}
