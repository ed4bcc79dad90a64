//! What `AsyncGateway.chat` returns: a coroutine that needs no Python frame.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyBaseException, PyRuntimeError, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use tidegate::{Response, Result};

use crate::error::raise;
use crate::gateway::Start;
use crate::mailbox::{Next, Running};
use crate::objects;

/// A call that can be awaited once, or handed to `asyncio.create_task`, `wait_for` and `gather`.
///
/// It starts when it is first awaited. Cancelling the task that awaits it closes the upstream connection.
#[pyclass(frozen, module = "tidegate._native", name = "_Coroutine")]
pub(crate) struct Coroutine(Mutex<State>);

enum State {
    /// A call that has not begun.
    Fresh(PyResult<Start>),
    Running(Running<Result<Box<Response>>>),
    /// Something that is known without waiting.
    Known(Py<PyAny>),
    Over,
}

impl Coroutine {
    pub(crate) fn call(start: PyResult<Start>) -> Self {
        Coroutine(Mutex::new(State::Fresh(start)))
    }

    pub(crate) fn known(value: Py<PyAny>) -> Self {
        Coroutine(Mutex::new(State::Known(value)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the awaiting task gets: a future to wait for, or the end as `StopIteration` or the call's error.
    fn step(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        // The lock is not held while Python code runs: dropping a future may run anything.
        let state = std::mem::replace(&mut *self.state(), State::Over);
        let running = match state {
            State::Fresh(start) => start?.spawn(py)?,
            State::Running(running) => running,
            State::Known(value) => return Err(PyStopIteration::new_err((value,))),
            State::Over => return Err(PyRuntimeError::new_err("this call was awaited before: a call is awaited once")),
        };
        loop {
            match running.ready()? {
                Next::Item(Ok(response)) => {
                    return Err(PyStopIteration::new_err((Py::new(py, objects::Response(*response))?,)));
                }
                Next::Item(Err(error)) => return Err(raise(py, &error)),
                Next::Over => return Err(PyRuntimeError::new_err("the call ended without an answer")),
                Next::Empty => {
                    if let Some(future) = running.future(py)? {
                        *self.state() = State::Running(running);
                        // What `Future.__await__` does before it yields itself to the task.
                        future.setattr(py, intern!(py, "_asyncio_future_blocking"), true)?;
                        return Ok(future);
                    }
                }
            }
        }
    }
}

#[pymethods]
impl Coroutine {
    fn __await__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.step(py)
    }

    /// Goes on; the value is not used.
    fn send(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let _ = value;
        self.step(py)
    }

    /// Aborts the call and raises the exception.
    #[pyo3(signature = (kind, value=None, traceback=None))]
    fn throw(
        &self,
        kind: Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let _ = traceback;
        self.close();
        Err(match value {
            Some(value) if value.is_instance_of::<PyBaseException>() => PyErr::from_value(value),
            Some(value) => PyErr::from_value(kind.call1((value,))?),
            None => PyErr::from_value(kind),
        })
    }

    /// Aborts the call.
    fn close(&self) {
        let state = std::mem::replace(&mut *self.state(), State::Over);
        drop(state);
    }

    #[getter]
    fn __name__(_slf: PyRef<'_, Self>) -> &'static str {
        "call"
    }

    #[getter]
    fn __qualname__(_slf: PyRef<'_, Self>) -> &'static str {
        "tidegate.AsyncGateway.call"
    }
}
