//! `Gateway` and `AsyncGateway`.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};
use serde_json::Value;
use tidegate::{Config, Request, Result};

use crate::coroutine::Coroutine;
use crate::error::raise;
use crate::mailbox::Running;
use crate::objects::Response;
use crate::process::Local;
use crate::stream::{AsyncStream, Stream};
use crate::{read, stream};

/// The JSON Schema of the configuration, as JSON text.
#[pyfunction(name = "_config_schema")]
pub(crate) fn config_schema() -> String {
    format!("{:#}", Config::schema())
}

/// What both gateways are: a configuration, and the core's gateway made of it, anew in every process.
///
/// The lock is only held while the GIL is and while no Python code runs: no child inherits it locked.
struct Shared {
    config: Config,
    gateway: Mutex<Open>,
}

enum Open {
    Yes(Local<tidegate::Gateway>),
    Closed,
}

impl Shared {
    fn new(py: Python<'_>, config: Result<Config>) -> PyResult<Self> {
        let gateway = |config: Config| Ok((Local::new(tidegate::Gateway::new(&config)?), config));
        let (gateway, config) = config.and_then(gateway).map_err(|error| raise(py, &error))?;
        Ok(Shared { config, gateway: Mutex::new(Open::Yes(gateway)) })
    }

    fn from_dict(py: Python<'_>, config: Option<&Bound<'_, PyAny>>, from_env: bool) -> PyResult<Self> {
        let mut map = read::config(config)?;
        if from_env {
            map.insert("from_env".to_owned(), Value::Bool(true));
        }
        let config = if map.is_empty() { Ok(Config::default()) } else { Config::from_value(Value::Object(map)) };
        Shared::new(py, config)
    }

    fn gateway(&self, py: Python<'_>) -> PyResult<tidegate::Gateway> {
        let mut open = self.gateway.lock().unwrap_or_else(PoisonError::into_inner);
        let Open::Yes(local) = &mut *open else {
            return Err(PyRuntimeError::new_err("the gateway is closed: make a new one"));
        };
        if let Some(gateway) = local.get() {
            return Ok(gateway.clone());
        }
        let gateway = tidegate::Gateway::new(&self.config).map_err(|error| raise(py, &error))?;
        *local = Local::new(gateway.clone());
        Ok(gateway)
    }

    fn close(&self) {
        *self.gateway.lock().unwrap_or_else(PoisonError::into_inner) = Open::Closed;
    }

    fn start(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
        what: What,
    ) -> PyResult<Start> {
        Ok(Start { gateway: self.gateway(py)?, request: read::request(py, request, fields)?, what })
    }
}

/// A call that can be started.
pub(crate) struct Start {
    gateway: tidegate::Gateway,
    request: Request,
    what: What,
}

/// What is asked for.
#[derive(Clone, Copy)]
enum What {
    Chat,
    Embed,
}

impl Start {
    pub(crate) fn spawn(self, py: Python<'_>) -> PyResult<Running<Result<Box<tidegate::Response>>>> {
        let Start { gateway, request, what } = self;
        // Boxed: the runtime moves a task several times, and this one is large.
        let call = Box::pin(async move {
            match what {
                What::Chat => gateway.chat(request).await,
                What::Embed => gateway.embed(request).await,
            }
        });
        Running::start(py, |writer| async move {
            writer.put([call.await.map(Box::new)], true);
        })
    }

    fn stream(self, py: Python<'_>) -> PyResult<stream::Source> {
        stream::Source::start(py, self.gateway, self.request)
    }

    fn wait(self, py: Python<'_>) -> PyResult<Response> {
        match self.spawn(py)?.wait(py)? {
            Some(outcome) => outcome.map(|response| Response(*response)).map_err(|error| raise(py, &error)),
            None => Err(PyRuntimeError::new_err("the call ended without an answer")),
        }
    }
}

/// An LLM gateway inside this process, for threads: calls wait for their answer and let other threads run meanwhile.
///
/// `config` has the keys of the configuration file. Without one, every built-in provider is there, as `provider/model`;
/// `from_env=True` takes their keys from the environment. Safe to share between threads, and works in forked children.
#[pyclass(frozen, weakref, module = "tidegate")]
pub(crate) struct Gateway(Shared);

#[pymethods]
impl Gateway {
    #[new]
    #[pyo3(signature = (config=None, *, from_env=false))]
    fn new(py: Python<'_>, config: Option<&Bound<'_, PyAny>>, from_env: bool) -> PyResult<Self> {
        Shared::from_dict(py, config, from_env).map(Gateway)
    }

    /// A gateway for a TOML file.
    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn from_file(_cls: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Shared::new(py, Config::from_file(path)).map(Gateway)
    }

    /// A gateway for TOML text.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_toml(_cls: &Bound<'_, PyType>, py: Python<'_>, text: &str) -> PyResult<Self> {
        Shared::new(py, Config::from_toml(text)).map(Gateway)
    }

    /// Answers a chat with the whole response. Ctrl-C interrupts it and closes the connection.
    ///
    /// Fields, as keywords or in one dict: `model` (a route, or `provider/model`) and `messages` (OpenAI's, as they
    /// are); `tools`, `tool_choice`, `parallel_tool_calls`, `response_format`, `temperature`, `top_p`, `top_k`,
    /// `max_tokens`, `stop`, `seed`, `frequency_penalty`, `presence_penalty`, `logprobs`, `top_logprobs`,
    /// `reasoning` (`"low"`, or its parts); `tenant`, `team`, `feature`, `labels` (who asks, for reports);
    /// `timeout` (seconds, for everything); `extra` (a dict for the provider, sent as it is).
    /// `tidegate.types.ChatRequest` has their types.
    #[pyo3(signature = (request=None, /, **fields))]
    fn chat(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Response> {
        self.0.start(py, request, fields, What::Chat)?.wait(py)
    }

    /// Answers a chat event by event. Leaving the loop, closing the stream or dropping it closes the connection.
    ///
    /// The fields are those of `chat`. It begins at once, whether it is read or not.
    #[pyo3(signature = (request=None, /, **fields))]
    fn stream(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Stream> {
        self.0.start(py, request, fields, What::Chat)?.stream(py).map(Stream::new)
    }

    /// Turns texts into vectors: the response's `vectors`, one a text of `input`.
    ///
    /// Fields: `model`, `input` (a text or a list of them), `dimensions`, and those of `chat` that say who asks.
    #[pyo3(signature = (request=None, /, **fields))]
    fn embed(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Response> {
        self.0.start(py, request, fields, What::Embed)?.wait(py)
    }

    /// Closes idle connections. Running calls go on; new ones are refused.
    fn close(&self) {
        self.0.close();
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {
        self.0.close();
    }
}

/// An LLM gateway inside this process, for asyncio: calls are awaited, and cancelling a task closes its connection.
///
/// Made like `Gateway`. It belongs to no event loop: one gateway serves any number of them.
#[pyclass(frozen, weakref, module = "tidegate")]
pub(crate) struct AsyncGateway(Shared);

#[pymethods]
impl AsyncGateway {
    #[new]
    #[pyo3(signature = (config=None, *, from_env=false))]
    fn new(py: Python<'_>, config: Option<&Bound<'_, PyAny>>, from_env: bool) -> PyResult<Self> {
        Shared::from_dict(py, config, from_env).map(AsyncGateway)
    }

    /// A gateway for a TOML file.
    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn from_file(_cls: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Shared::new(py, Config::from_file(path)).map(AsyncGateway)
    }

    /// A gateway for TOML text.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_toml(_cls: &Bound<'_, PyType>, py: Python<'_>, text: &str) -> PyResult<Self> {
        Shared::new(py, Config::from_toml(text)).map(AsyncGateway)
    }

    /// Answers a chat with the whole response, when awaited.
    ///
    /// Fields, as keywords or in one dict: `model` (a route, or `provider/model`) and `messages` (OpenAI's, as they
    /// are); `tools`, `tool_choice`, `parallel_tool_calls`, `response_format`, `temperature`, `top_p`, `top_k`,
    /// `max_tokens`, `stop`, `seed`, `frequency_penalty`, `presence_penalty`, `logprobs`, `top_logprobs`,
    /// `reasoning` (`"low"`, or its parts); `tenant`, `team`, `feature`, `labels` (who asks, for reports);
    /// `timeout` (seconds, for everything); `extra` (a dict for the provider, sent as it is).
    /// `tidegate.types.ChatRequest` has their types.
    #[pyo3(signature = (request=None, /, **fields))]
    fn chat(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        Coroutine::call(self.0.start(py, request, fields, What::Chat))
    }

    /// Answers a chat event by event, for `async for`. Leaving the loop closes the connection.
    ///
    /// The fields are those of `chat`. It begins at once, whether it is read or not.
    #[pyo3(signature = (request=None, /, **fields))]
    fn stream(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<AsyncStream> {
        self.0.start(py, request, fields, What::Chat)?.stream(py).map(AsyncStream::new)
    }

    /// Turns texts into vectors, when awaited: the response's `vectors`, one a text of `input`.
    ///
    /// Fields: `model`, `input` (a text or a list of them), `dimensions`, and those of `chat` that say who asks.
    #[pyo3(signature = (request=None, /, **fields))]
    fn embed(
        &self,
        py: Python<'_>,
        request: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        Coroutine::call(self.0.start(py, request, fields, What::Embed))
    }

    /// Closes idle connections. Running calls go on; new ones are refused.
    fn aclose(&self, py: Python<'_>) -> Coroutine {
        self.0.close();
        Coroutine::known(py.None())
    }

    fn __aenter__(slf: Py<Self>) -> Coroutine {
        Coroutine::known(slf.into_any())
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> Coroutine {
        self.aclose(py)
    }
}
