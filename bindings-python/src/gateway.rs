//! `Gateway` and `AsyncGateway`, and the simulated world that they can be in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};
use serde_json::Value;
use tidegate::{Config, Gateway as Core, Request, Result};

use crate::call::{Call, Coroutine, later, wait};
use crate::check::Checks;
use crate::convert::{plain, raise};
use crate::hooks::{self, Subscription};
use crate::objects::{Explanation, Response, TargetHealth};
use crate::process::{PerProcess, lock, per_process};
use crate::read::{self, Dict, Object};
use crate::stream::{AsyncStream, Source, Stream};

/// What both gateways are: a configuration, and the core's gateway made of it, anew in every process.
struct Shared {
    config: Config,
    /// What was loaded since, for processes that are forked later.
    reloaded: Arc<Mutex<Option<Config>>>,
    sim: Option<Py<Sim>>,
    checks: Checks,
    gateway: PerProcess<Core>,
    closed: AtomicBool,
}

impl Shared {
    fn new(py: Python<'_>, config: Result<Config>, checks: Checks) -> PyResult<Self> {
        Shared::with(py, config.map_err(|error| raise(py, &error))?, None, None, checks)
    }

    fn with(
        py: Python<'_>,
        config: Config,
        reloaded: Option<Config>,
        sim: Option<Py<Sim>>,
        checks: Checks,
    ) -> PyResult<Self> {
        let (reloaded, gateway, closed) =
            (Arc::new(Mutex::new(reloaded)), PerProcess::default(), AtomicBool::new(false));
        let shared = Shared { config, reloaded, sim, checks, gateway, closed };
        shared.gateway(py)?;
        Ok(shared)
    }

    fn from_dict(py: Python<'_>, dict: Option<Object<'_>>, from_env: bool, checks: Checks) -> PyResult<Self> {
        Shared::new(py, config(dict, from_env, "Gateway.from_file(path)")?, checks)
    }

    fn with_sim(&self, py: Python<'_>, sim: Py<Sim>) -> PyResult<Self> {
        let reloaded = lock(&self.reloaded).clone();
        Shared::with(py, self.config.clone(), reloaded, Some(sim), self.checks.clone())
    }

    fn reload(&self, py: Python<'_>, load: impl FnOnce(&Core) -> Result<Config>) -> PyResult<()> {
        let loaded = load(&self.gateway(py)?).map_err(|error| raise(py, &error))?;
        *lock(&self.reloaded) = Some(loaded);
        Ok(())
    }

    fn gateway(&self, py: Python<'_>) -> PyResult<Core> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(PyRuntimeError::new_err("the gateway is closed: make a new one"));
        }
        let make = || {
            let gateway = self.checks.give(Core::new(&self.config)?);
            if let Some(config) = &*lock(&self.reloaded) {
                gateway.reload(config)?;
            }
            Ok(match &self.sim {
                Some(sim) => gateway.with_world(sim.get().world(py)?),
                None => gateway,
            })
        };
        per_process(&self.gateway, py, make).map_err(|error| raise(py, &error))
    }

    fn ask(&self, py: Python<'_>, request: Option<Object<'_>>, fields: Option<Dict<'_>>) -> PyResult<(Core, Request)> {
        Ok((self.gateway(py)?, read::request(py, request, fields)?))
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        *lock(&self.gateway) = None;
    }
}

/// Functions by name.
type Functions = BTreeMap<String, Py<PyAny>>;

/// The configuration of a dict; `file` is how one of a file is read instead.
fn config(dict: Option<Object<'_>>, from_env: bool, file: &str) -> PyResult<Result<Config>> {
    let mut map = read::fields(dict, None, &format!("a configuration is a dict (of a file: {file})"))?;
    if from_env {
        map.insert("from_env".to_owned(), true.into());
    }
    Ok(Config::from_value(map.into()))
}

macro_rules! gateway {
    ($(#[doc = $doc:literal])* $name:ident, $stream:ident, $wait:path => $answer:ty { $($members:tt)* }) => {
        $(#[doc = $doc])*
        #[pyclass(frozen, weakref, module = "tidegate")]
        pub(crate) struct $name(Shared);

        #[pymethods]
        impl $name {
            #[new]
            #[pyo3(signature = (config=None, *, from_env=false, checks=None))]
            fn new(
                py: Python<'_>,
                config: Option<Object<'_>>,
                from_env: bool,
                checks: Option<Functions>,
            ) -> PyResult<Self> {
                Shared::from_dict(py, config, from_env, Checks::new(py, checks)?).map($name)
            }

            /// A gateway for a TOML file.
            #[classmethod]
            #[pyo3(signature = (path, /, *, checks=None))]
            fn from_file(
                _cls: &Bound<'_, PyType>,
                py: Python<'_>,
                path: PathBuf,
                checks: Option<Functions>,
            ) -> PyResult<Self> {
                Shared::new(py, Config::from_file(path), Checks::new(py, checks)?).map($name)
            }

            /// A gateway for TOML text.
            #[classmethod]
            #[pyo3(signature = (text, /, *, checks=None))]
            fn from_toml(
                _cls: &Bound<'_, PyType>,
                py: Python<'_>,
                text: &str,
                checks: Option<Functions>,
            ) -> PyResult<Self> {
                Shared::new(py, Config::from_toml(text), Checks::new(py, checks)?).map($name)
            }

            /// The same gateway in a simulated world: a new one, for tests.
            #[pyo3(signature = (sim, /))]
            fn with_sim(&self, py: Python<'_>, sim: Py<Sim>) -> PyResult<Self> {
                self.0.with_sim(py, sim).map($name)
            }

            /// Takes another configuration from now on, with the keys of the configuration file.
            ///
            /// Calls under way end as they began, and what is known of targets stays: breakers, latencies, waits that were
            /// asked for. A configuration that is wrong changes nothing, and the error says why.
            #[pyo3(signature = (config, *, from_env=false))]
            fn reload(&self, py: Python<'_>, config: &Bound<'_, PyAny>, from_env: bool) -> PyResult<()> {
                let config = self::config(Some(config), from_env, "reload_file()")?;
                self.0.reload(py, |gateway| {
                    let config = config?;
                    gateway.reload(&config)?;
                    Ok(config)
                })
            }

            /// Reads the file of the configuration again, and takes what it says now, as `reload` does.
            fn reload_file(&self, py: Python<'_>) -> PyResult<()> {
                self.0.reload(py, Core::reload_file)
            }

            /// Looks every so many seconds whether the file of the configuration has changed, and takes what it says then,
            /// as `reload_file` does.
            ///
            /// `callback` is told of each change, on a thread of its own: `None` if it was taken, or the error that says why
            /// it was not. One that raises is warned of. It goes on until what this returns is closed or let go of.
            #[pyo3(signature = (every, callback=None))]
            fn watch(&self, py: Python<'_>, every: f64, callback: Option<Py<PyAny>>) -> PyResult<Subscription> {
                hooks::watch(py, &self.0.gateway(py)?, every, callback, &self.0.reloaded)
            }

            /// Answers a chat with the whole response.
            ///
            /// Fields, as keywords or in one dict: `model` (a route, or `provider/model`), `messages` (OpenAI's, as they
            /// are), and what else `tidegate.types.ChatRequest` has, which says what each means.
            #[pyo3(signature = (request=None, /, **fields))]
            fn chat(&self, py: Python<'_>, request: Option<Object<'_>>, fields: Option<Dict<'_>>) -> $answer {
                let call = |(gateway, it): (Core, _)| Box::pin(async move { gateway.chat(it).await }) as Call;
                $wait(py, self.0.ask(py, request, fields).map(call))
            }

            /// Turns texts into vectors: the response's `vectors`, one a text of `input`.
            ///
            /// Fields: `model`, `input` (a text or a list of them), and what else `tidegate.types.EmbedRequest` has.
            #[pyo3(signature = (request=None, /, **fields))]
            fn embed(&self, py: Python<'_>, request: Option<Object<'_>>, fields: Option<Dict<'_>>) -> $answer {
                let call = |(gateway, it): (Core, _)| Box::pin(async move { gateway.embed(it).await }) as Call;
                $wait(py, self.0.ask(py, request, fields).map(call))
            }

            /// Ranks documents by how much they say to a query: the response's `rankings`, the best first.
            ///
            /// Fields: `model`, `query`, `documents`, and what else `tidegate.types.RerankRequest` has.
            #[pyo3(signature = (request=None, /, **fields))]
            fn rerank(&self, py: Python<'_>, request: Option<Object<'_>>, fields: Option<Dict<'_>>) -> $answer {
                let call = |(gateway, it): (Core, _)| Box::pin(async move { gateway.rerank(it).await }) as Call;
                $wait(py, self.0.ask(py, request, fields).map(call))
            }

            /// Answers a chat event by event. Leaving the loop, closing the stream or dropping it closes the connection.
            ///
            /// The fields are those of `chat`. It begins at once, whether it is read or not.
            #[pyo3(signature = (request=None, /, **fields))]
            fn stream(&self, py: Python<'_>, request: Option<Object<'_>>, fields: Option<Dict<'_>>) -> PyResult<$stream> {
                let (gateway, request) = self.0.ask(py, request, fields)?;
                Source::start(py, gateway, request).map($stream)
            }

            /// What would become of a request at this moment: its targets in order, and why each would be tried or passed
            /// over. Nothing is sent, and nothing counts.
            ///
            /// The fields are those of `chat`, or in one dict those of `embed` or `rerank`.
            #[pyo3(signature = (request=None, /, **fields))]
            fn explain(&self, py: Python<'_>, request: Option<Object<'_>>, fields: Option<Dict<'_>>) -> PyResult<Explanation> {
                let (gateway, request) = self.0.ask(py, request, fields)?;
                gateway.explain(request).map(Explanation).map_err(|error| raise(py, &error))
            }

            /// How the targets are that this gateway has called, by their names.
            fn health(&self, py: Python<'_>) -> PyResult<Vec<TargetHealth>> {
                Ok(self.0.gateway(py)?.health().into_iter().map(TargetHealth).collect())
            }

            /// Tells `callback` of each target whose state changes, such as one whose breaker opens: for logs and alerts.
            ///
            /// It is given the `TargetHealth`, one change after the other, on a thread of its own. One that raises is warned
            /// of. It goes on until what this returns is closed or let go of.
            #[pyo3(signature = (callback, /))]
            fn observe_health(&self, py: Python<'_>, callback: Py<PyAny>) -> PyResult<Subscription> {
                hooks::observe(py, &self.0.gateway(py)?, callback)
            }

            $($members)*
        }
    };
}

gateway! {
    /// An LLM gateway inside this process, for threads: calls wait for their answer and let other threads run meanwhile.
    ///
    /// `config` has the keys of the configuration file. Without one, every built-in provider is there, as
    /// `provider/model`; `from_env=True` takes their keys from the environment. Safe to share between threads, and works
    /// in forked children. Ctrl-C interrupts a call and closes its connection.
    ///
    /// `checks` are functions by name, for routes whose `reject.check` names one: it is given the `Response` and returns
    /// the reason to reject it, or `None`. It runs on a thread of its own. One that raises rejects nothing, and is
    /// warned of.
    Gateway, Stream, wait => PyResult<Response> {
        /// Closes idle connections. Running calls go on; new ones are refused.
        fn close(&self) {
            self.0.close();
        }

        fn __enter__(slf: Py<Self>) -> Py<Self> {
            slf
        }

        #[pyo3(signature = (*_exception))]
        fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {
            self.close();
        }
    }
}

gateway! {
    /// An LLM gateway inside this process, for asyncio: calls are awaited, and cancelling a task closes its connection.
    ///
    /// Made like `Gateway`. It belongs to no event loop: one gateway serves any number of them.
    AsyncGateway, AsyncStream, later => Coroutine {
        /// Closes idle connections. Running calls go on; new ones are refused.
        fn aclose(&self, py: Python<'_>) -> Coroutine {
            self.0.close();
            Coroutine::known(py.None())
        }

        fn __aenter__(slf: Py<Self>) -> Coroutine {
            Coroutine::known(slf)
        }

        #[pyo3(signature = (*_exception))]
        fn __aexit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> Coroutine {
            self.aclose(py)
        }
    }
}

/// A simulated world, for tests without a network: scripted upstreams, virtual time and seeded chance.
///
/// `world` is a dict or JSON text; its keys can be given as keywords too. `upstreams` are scripts by host, `seed` is
/// where chance begins. The `clock` either `"runs"` (the default): nobody waits in real time; or it is `"stopped"`: who
/// waits goes on waiting until the call is cancelled. `Gateway.with_sim` takes it. A forked child has it anew.
#[pyclass(frozen, module = "tidegate")]
pub(crate) struct Sim {
    text: String,
    world: PerProcess<tidegate::Sim>,
}

impl Sim {
    pub(crate) fn world(&self, py: Python<'_>) -> Result<tidegate::Sim> {
        per_process(&self.world, py, || tidegate::Sim::from_json(&self.text))
    }
}

#[pymethods]
impl Sim {
    #[new]
    #[pyo3(signature = (world=None, /, **fields))]
    fn new(py: Python<'_>, world: Option<Object<'_>>, fields: Option<Dict<'_>>) -> PyResult<Self> {
        let text = match (world.and_then(|world| world.cast::<PyString>().ok()), fields) {
            (Some(text), None) => text.to_string(),
            _ => Value::from(read::fields(world, fields, "a simulation is a dict, or JSON text alone")?).to_string(),
        };
        let sim = Sim { text, world: PerProcess::default() };
        sim.world(py).map_err(|error| raise(py, &error))?;
        Ok(sim)
    }

    /// What upstreams were sent, in order: dicts of `at` (seconds since the beginning), `method`, `url`, `headers`
    /// (keys are shown as `***`), `body` and `closed_by` (`"upstream"`, `"client"`, or `None` while it is open).
    #[getter]
    fn requests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let world = self.world(py).map_err(|error| raise(py, &error))?;
        plain(py, &world.exchanges())
    }
}
