//! Calls under way: waited for by a thread, or awaited as a coroutine that needs no Python frame.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::Mutex;

use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use tidegate::{BoxFuture, Result};

use crate::convert::raise;
use crate::objects::Response;
use crate::process::lock;
use crate::running::Running;

/// A call that can be started.
pub(crate) type Call = BoxFuture<'static, Answer>;
type Answer = Result<tidegate::Response>;

fn answer(py: Python<'_>, message: Option<Answer>) -> PyResult<Response> {
    let answer = message.ok_or_else(|| PyRuntimeError::new_err("the call ended without an answer"))?;
    answer.map(Response).map_err(|error| raise(py, &error))
}

pub(crate) fn wait(py: Python<'_>, call: PyResult<Call>) -> PyResult<Response> {
    answer(py, Running::one(py, call?)?.wait(py)?)
}

pub(crate) fn later(_: Python<'_>, call: PyResult<Call>) -> Coroutine {
    Coroutine(Mutex::new(State::Fresh(call)))
}

/// A call that can be awaited once, or handed to `asyncio.create_task`, `wait_for` and `gather`.
///
/// It starts when it is first awaited. Cancelling the task that awaits it closes the upstream connection.
#[pyclass(frozen, module = "tidegate._native", name = "_Coroutine")]
pub(crate) struct Coroutine(Mutex<State>);

enum State {
    /// A call that has not begun.
    Fresh(PyResult<Call>),
    Running(Running<Answer>),
    /// Something that is known without waiting.
    Known(Py<PyAny>),
    Over,
}

impl Coroutine {
    pub(crate) fn known<T>(value: Py<T>) -> Self {
        Coroutine(Mutex::new(State::Known(value.into_any())))
    }

    /// The lock is not held while Python code runs, which what is dropped may do.
    fn replace(&self, state: State) -> State {
        std::mem::replace(&mut *lock(&self.0), state)
    }
}

#[pymethods]
impl Coroutine {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// What the awaiting task gets: a future to wait for, or the end as `StopIteration` or the call's error.
    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let running = match self.replace(State::Over) {
            State::Fresh(call) => Running::one(py, call?)?,
            State::Running(running) => running,
            State::Known(value) => return Err(PyStopIteration::new_err((value,))),
            State::Over => return Err(PyRuntimeError::new_err("this call was awaited before: a call is awaited once")),
        };
        let waits = match running.step(py) {
            Ok(Break(message)) => return Err(PyStopIteration::new_err((answer(py, message)?,))),
            Ok(Continue(future)) => Ok(future),
            Err(error) => Err(error),
        };
        self.replace(State::Running(running));
        waits
    }

    /// Goes on; the value is not used.
    fn send(&self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)
    }

    /// Aborts the call and raises the exception: an instance, or as before Python 3.12 a class and perhaps an instance.
    #[pyo3(signature = (kind, *rest))]
    fn throw(&self, kind: Bound<'_, PyAny>, rest: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        self.close();
        let instance = rest.get_item(0).ok().filter(|value| !value.is_none());
        Err(PyErr::from_value(instance.unwrap_or(kind)))
    }

    /// Aborts the call.
    fn close(&self) {
        self.replace(State::Over);
    }

    #[getter]
    fn __qualname__(_slf: Py<Self>) -> &'static str {
        "tidegate.AsyncGateway.call"
    }
}
