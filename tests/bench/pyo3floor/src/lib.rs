//! The least that an in-process client behind PyO3 can cost: bare hyper, typed serde_json, answers that stay Rust objects,
//! one wake-up of the event loop for many completions. No TLS, no policy, no care for errors.

mod bridge;
mod stream;

use std::sync::{Arc, OnceLock};

use bare::Http;
use bridge::Bridge;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use stream::Stream;
use tokio::runtime::Runtime;
use typed::{Answer, Ask, Message};

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_io().build().expect("a runtime")
    })
}

#[pyclass(frozen)]
struct Reply(Answer);

#[pymethods]
impl Reply {
    #[getter]
    fn text(&self) -> Option<&str> {
        self.0.text()
    }

    #[getter]
    fn total_tokens(&self) -> u32 {
        self.0.total_tokens()
    }
}

#[pyclass(frozen)]
struct Client {
    http: Arc<Http>,
    bridge: Arc<Bridge>,
}

fn ask(model: String, messages: &Bound<'_, PyList>, stream: bool) -> PyResult<Ask> {
    let field = |dict: &Bound<'_, PyDict>, name: &str| dict.as_any().get_item(name)?.extract();
    let message = |item: Bound<'_, PyAny>| {
        let dict = item.cast::<PyDict>()?;
        Ok(Message { role: field(dict, "role")?, content: field(dict, "content")? })
    };
    Ok(Ask::new(model, messages.iter().map(message).collect::<PyResult<_>>()?, stream))
}

async fn fetch(http: &Http, ask: Ask) -> Result<Answer, String> {
    let body = http.whole(ask.body()).await?;
    serde_json::from_slice(&body).map_err(|error| error.to_string())
}

#[pymethods]
impl Client {
    #[new]
    fn new(base: &str) -> Self {
        Client { http: Arc::new(Http::new(base)), bridge: Arc::new(Bridge::new()) }
    }

    /// Waits with the GIL released.
    fn chat(&self, py: Python<'_>, model: String, messages: &Bound<'_, PyList>) -> PyResult<Reply> {
        let ask = ask(model, messages, false)?;
        let answer = py.detach(|| runtime().block_on(fetch(&self.http, ask)));
        answer.map(Reply).map_err(PyRuntimeError::new_err)
    }

    /// An asyncio future.
    fn chat_async(&self, py: Python<'_>, model: String, messages: &Bound<'_, PyList>) -> PyResult<Py<PyAny>> {
        let ask = ask(model, messages, false)?;
        let future = self.bridge.future(py)?;
        let (http, bridge, done) = (self.http.clone(), self.bridge.clone(), future.clone_ref(py));
        runtime().spawn(async move {
            let answer = fetch(&http, ask).await;
            bridge.push(
                done,
                Box::new(|py| {
                    let reply = answer.map(Reply).map_err(PyRuntimeError::new_err)?;
                    Ok(Py::new(py, reply)?.into_any())
                }),
            );
        });
        Ok(future)
    }

    /// An asynchronous iterator.
    fn stream(&self, model: String, messages: &Bound<'_, PyList>) -> PyResult<Stream> {
        Ok(Stream::start(self.http.clone(), self.bridge.clone(), ask(model, messages, true)?))
    }
}

#[pymodule]
fn pyo3floor(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Client>()
}
