//! `Gateway`, its calls, and the world for tests.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tokio::task::{AbortHandle, JoinHandle};

use crate::error::{TidegateError, cancelled, guarded};
use crate::hooks::{self, Check, HealthObserver, ReloadObserver, Subscription};
use crate::json::{self, Json};
use crate::records::{ChatRequest, EmbedRequest, Explanation, RerankRequest, Response, TargetHealth};
use crate::runtime::spawn;
use crate::stream::EventStream;

/// An LLM gateway inside this process. Safe to share; any number of calls can be under way at the same time.
#[derive(uniffi::Object)]
pub struct Gateway(tidegate::Gateway);

#[uniffi::export]
impl Gateway {
    /// A gateway for a configuration as JSON text, with the keys of the configuration file. Opens no connection.
    ///
    /// Without one, every built-in provider is there, as `provider/model`, without keys.
    #[uniffi::constructor(default(config = None))]
    pub fn new(config: Option<Json>) -> Result<Self, TidegateError> {
        let config = config.map_or_else(|| Value::Object(serde_json::Map::new()), |config| config.value());
        Ok(Gateway(tidegate::Gateway::from_value(config)?))
    }

    /// A gateway for a TOML file.
    #[uniffi::constructor]
    pub fn from_file(path: &str) -> Result<Self, TidegateError> {
        Ok(Gateway(tidegate::Gateway::from_file(path)?))
    }

    /// A gateway for TOML text.
    #[uniffi::constructor]
    pub fn from_toml(text: &str) -> Result<Self, TidegateError> {
        Ok(Gateway(tidegate::Gateway::from_toml(text)?))
    }

    /// The same gateway in a simulated world: what an application's own tests run on, without keys and network.
    #[must_use]
    pub fn with_sim(&self, sim: &Sim) -> Self {
        Gateway(self.0.with_world(sim.0.clone()))
    }

    /// The same gateway with one more function that judges answers, for routes whose `reject.check` has this name.
    ///
    /// It is called on a thread of its own, and the deadline of the call holds for it too.
    #[must_use]
    pub fn with_check(&self, name: &str, check: Box<dyn Check>) -> Self {
        let judge = move |response: &_| json::convert(response).and_then(|response| check.judge(response));
        Gateway(hooks::with_check(&self.0, name, move |response| judge(response).ok().flatten()))
    }

    /// Takes another configuration from now on, as JSON text with the keys of the configuration file.
    ///
    /// Calls under way end as they began, and what is known of targets stays: breakers, latencies, waits that were asked
    /// for. A configuration that is wrong changes nothing, and the error says why.
    pub fn reload(&self, config: &Json) -> Result<(), TidegateError> {
        Ok(self.0.reload(&tidegate::Config::from_value(config.value())?)?)
    }

    /// Reads the file of the configuration again, and takes what it says now, as `reload` does.
    pub fn reload_file(&self) -> Result<(), TidegateError> {
        self.0.reload_file()?;
        Ok(())
    }

    /// Looks every so many seconds whether the file of the configuration has changed, and takes what it says then, as
    /// `reload_file` does. The observer is told of each change, on a thread of its own.
    pub fn watch(&self, every: f64, observer: Option<Box<dyn ReloadObserver>>) -> Result<Subscription, TidegateError> {
        let tell = move |outcome: tidegate::Result<_>| {
            // What it throws is its own affair.
            let _ = observer.as_ref().map(|observer| observer.reloaded(outcome.err().map(TidegateError::from)));
        };
        Ok(hooks::watch(&self.0, every, tell)?.into())
    }

    /// What would become of a chat at this moment: its targets in order, and why each would be tried or passed over. Nothing
    /// is sent, and nothing counts.
    pub fn explain(&self, request: &ChatRequest) -> Result<Explanation, TidegateError> {
        json::convert(&self.0.explain(json::request(request)?)?)
    }

    /// How the targets are that this gateway has called, by their names.
    pub fn health(&self) -> Result<Vec<TargetHealth>, TidegateError> {
        json::convert(&self.0.health())
    }

    /// Tells of each target whose state changes, such as one whose breaker opens: for logs and alerts. It is told one change
    /// after the other, on a thread of its own.
    pub fn observe_health(&self, observer: Box<dyn HealthObserver>) -> Result<Subscription, TidegateError> {
        let tell = move |health| {
            // What it throws is its own affair.
            let _ = json::convert(&health).and_then(|health| observer.changed(health));
        };
        Ok(hooks::observe(&self.0, tell)?.into())
    }

    /// Answers a chat with the whole response. Cancelling the coroutine closes the connection.
    pub async fn chat(&self, request: ChatRequest) -> Result<Response, TidegateError> {
        self.start_chat(&request)?.response().await
    }

    /// Turns texts into vectors: the response's `vectors`, one a text. Cancelling the coroutine closes the connection.
    pub async fn embed(&self, request: EmbedRequest) -> Result<Response, TidegateError> {
        self.start_embed(&request)?.response().await
    }

    /// Ranks documents by how much they say to a query: the response's `rankings`, the best first. Cancelling the coroutine
    /// closes the connection.
    pub async fn rerank(&self, request: RerankRequest) -> Result<Response, TidegateError> {
        self.start_rerank(&request)?.response().await
    }

    /// Starts a chat, for languages whose tasks do not drop what they wait for.
    pub fn start_chat(&self, request: &ChatRequest) -> Result<Call, TidegateError> {
        let (gateway, request) = (self.0.clone(), json::request(request)?);
        Call::start(async move { gateway.chat(request).await })
    }

    /// Starts an embedding, likewise.
    pub fn start_embed(&self, request: &EmbedRequest) -> Result<Call, TidegateError> {
        let (gateway, request) = (self.0.clone(), json::request(request)?);
        Call::start(async move { gateway.embed(request).await })
    }

    /// Starts a ranking, likewise.
    pub fn start_rerank(&self, request: &RerankRequest) -> Result<Call, TidegateError> {
        let (gateway, request) = (self.0.clone(), json::request(request)?);
        Call::start(async move { gateway.rerank(request).await })
    }

    /// Starts a chat that is answered event by event, at once, whether it is read or not.
    ///
    /// Its connection closes with its end, or where it is cancelled, closed (Kotlin, Java) or let go of (Swift).
    pub fn open_stream(&self, request: &ChatRequest) -> Result<EventStream, TidegateError> {
        EventStream::start(self.0.clone(), json::request(request)?)
    }
}

/// A call under way. Dropping it cancels it.
#[derive(uniffi::Object)]
pub struct Call {
    task: Mutex<Option<JoinHandle<tidegate::Result<tidegate::Response>>>>,
    abort: AbortHandle,
}

impl Call {
    fn start(
        call: impl Future<Output = tidegate::Result<tidegate::Response>> + Send + 'static,
    ) -> Result<Self, TidegateError> {
        // Boxed: the runtime moves a task several times, and this one is large.
        let task = spawn(Box::pin(guarded(call)))?;
        Ok(Call { abort: task.abort_handle(), task: Mutex::new(Some(task)) })
    }
}

#[uniffi::export]
impl Call {
    /// Waits for the answer, which is handed out once.
    pub async fn response(&self) -> Result<Response, TidegateError> {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        match task.ok_or_else(cancelled)?.await {
            Ok(outcome) => json::convert(&outcome?),
            Err(_) => Err(cancelled()),
        }
    }

    /// Closes the connection; who waits for the answer gets an error of the kind `cancelled`.
    pub fn cancel(&self) {
        self.abort.abort();
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// A simulated world: scripted upstreams, seeded chance, virtual time. The same seed gives the same run.
#[derive(uniffi::Object)]
pub struct Sim(tidegate::Sim);

#[uniffi::export]
impl Sim {
    /// A world from JSON text: `{"seed": 1, "clock": "runs", "upstreams": {"api.test": {…}}}`.
    ///
    /// With the clock `runs` time passes by itself; with `stopped` whoever waits goes on waiting.
    #[uniffi::constructor]
    pub fn from_json(text: &str) -> Result<Self, TidegateError> {
        Ok(Sim(tidegate::Sim::from_json(text)?))
    }

    /// What the upstreams saw, in order: each a JSON text, with keys as `***`.
    pub fn requests(&self) -> Vec<Json> {
        let seen = self.0.exchanges();
        seen.iter().map(|exchange| Json(serde_json::to_string(exchange).unwrap_or_default())).collect()
    }
}
