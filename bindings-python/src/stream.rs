//! Streams: the runtime runs ahead and leaves events in a channel; iterators hand out what is there without waiting.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::StreamExt;
use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use tidegate::{Gateway, Request, Result};

use crate::call::Coroutine;
use crate::convert::raise;
use crate::objects::{Event, Response};
use crate::running::Running;

/// How many events may wait before the runtime stops reading from the network.
const ROOM: usize = 1024;

/// An event; the last one comes with what all of them made.
type Item = Result<(tidegate::Event, Option<Box<tidegate::Response>>)>;

/// A stream under way, shared by the object that the caller holds and its iterator.
pub(crate) struct Source {
    running: Running<Item>,
    /// Once its last event was handed out, or its error, which makes no response.
    end: OnceLock<Option<Box<tidegate::Response>>>,
    /// It was closed by whoever holds it.
    closed: AtomicBool,
}

impl Source {
    pub(crate) fn start(py: Python<'_>, gateway: Gateway, request: Request) -> PyResult<Arc<Self>> {
        // Sending fails where nobody reads any more, and then the task is being aborted.
        let running = Running::many(py, ROOM, |sender| async move {
            let mut events = match gateway.stream(request).await {
                Ok(events) => events,
                Err(error) => return drop(sender.send(Err(error)).await),
            };
            while let Some(event) = events.next().await {
                let response = events.response().cloned().map(Box::new);
                let last = response.is_some();
                let _ = sender.send(event.map(|event| (event, response))).await;
                if last {
                    drop(sender);
                    // Reading on to the very end gives the connection back to the pool.
                    while events.next().await.is_some() {}
                    return;
                }
            }
        })?;
        Ok(Arc::new(Source { running, end: OnceLock::new(), closed: AtomicBool::new(false) }))
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.running.close();
    }

    /// Refuses to begin anew what was closed in the middle: the rest would look like an empty answer.
    fn begin(self: &Arc<Self>, waits: bool, closes: bool) -> PyResult<Events> {
        if self.closed.load(Ordering::Relaxed) && self.end.get().is_none() {
            return Err(PyRuntimeError::new_err(
                "this stream was closed before its end, as leaving a loop over it does: start a new one \
                 (to look at some events before a loop, take them with next())",
            ));
        }
        Ok(Events { source: Arc::clone(self), waits, closes })
    }

    /// Waits for the next event.
    fn next(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        self.running.wait(py)?.map(|item| self.event(py, item)).transpose()
    }

    fn event(&self, py: Python<'_>, item: Item) -> PyResult<Event> {
        let (event, end) = match item {
            Ok((event, None)) => return Ok(Event(event)),
            Ok((event, end)) => (Ok(Event(event)), end),
            Err(error) => (Err(raise(py, &error)), None),
        };
        let _ = self.end.set(end);
        event
    }

    fn response(&self) -> PyResult<Response> {
        let early = "the stream has not come to its end: the response is there after the last event";
        let response = self.end.get().and_then(Option::as_deref).cloned();
        response.map(Response).ok_or_else(|| PyRuntimeError::new_err(early))
    }
}

/// The events of an answer as they arrive: iterate over it once.
///
/// Leaving the loop closes the connection, and so do `close()`, the end of a `with` block and dropping the stream.
/// To look at some events first, take them with `next(stream)`.
#[pyclass(frozen, weakref, module = "tidegate")]
pub(crate) struct Stream(pub(crate) Arc<Source>);

#[pymethods]
impl Stream {
    /// The whole response, once the last event has been read. Before that, `RuntimeError`.
    #[getter]
    fn response(&self) -> PyResult<Response> {
        self.0.response()
    }

    /// Stops the answer and closes its connection.
    fn close(&self) {
        self.0.close();
    }

    fn __iter__(&self) -> PyResult<Events> {
        self.0.begin(true, true)
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        self.0.begin(true, false)?.source.next(py)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {
        self.close();
    }
}

/// The events of an answer as they arrive: iterate over it once, with `async for`.
///
/// Leaving the loop closes the connection, and so do `aclose()`, the end of an `async with` block, cancelling the task
/// and dropping the stream. To look at some events first, take them with `await anext(stream)`.
#[pyclass(frozen, weakref, module = "tidegate")]
pub(crate) struct AsyncStream(pub(crate) Arc<Source>);

#[pymethods]
impl AsyncStream {
    /// The whole response, once the last event has been read. Before that, `RuntimeError`.
    #[getter]
    fn response(&self) -> PyResult<Response> {
        self.0.response()
    }

    /// Stops the answer and closes its connection.
    fn aclose(&self, py: Python<'_>) -> Coroutine {
        self.0.close();
        Coroutine::known(py.None())
    }

    fn __aiter__(&self) -> PyResult<Events> {
        self.0.begin(false, true)
    }

    fn __anext__(&self) -> PyResult<Events> {
        self.0.begin(false, false)
    }

    /// The stream itself: `await` is not needed, and does no harm.
    fn __await__(slf: Py<Self>) -> Coroutine {
        Coroutine::known(slf)
    }

    fn __aenter__(slf: Py<Self>) -> Coroutine {
        Coroutine::known(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> Coroutine {
        self.aclose(py)
    }
}

/// The iterator of a stream. A loop that is left drops it, and with it the connection.
///
/// For asyncio it is its own awaitable: an event that is there already costs neither a future nor a turn of the event loop.
#[pyclass(frozen, module = "tidegate._native", name = "_Events")]
pub(crate) struct Events {
    source: Arc<Source>,
    /// Whether `next()` waits, or gives asyncio what to wait for.
    waits: bool,
    /// Whether it is a loop's, which closes the connection when it is left, and not one event's.
    closes: bool,
}

#[pymethods]
impl Events {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        if self.waits {
            return self.source.next(py)?.map(|event| Ok(Py::new(py, event)?.into_any())).transpose();
        }
        match self.source.running.step(py)? {
            Break(Some(item)) => Err(PyStopIteration::new_err((Py::new(py, self.source.event(py, item)?)?,))),
            Break(None) => Err(PyStopAsyncIteration::new_err(())),
            Continue(future) => Ok(Some(future)),
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if self.closes {
            self.source.close();
        }
    }
}
