//! Streams: the runtime decodes events and leaves them in batches; iterators hand out what is there without waiting.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::Stream as _;
use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use tidegate::{Error, Request, ResponseStream};

use crate::coroutine::Coroutine;
use crate::error::raise;
use crate::mailbox::{Next, Running, Writer};
use crate::objects::{Event, Response};

/// What travels from the runtime to an iterator.
enum Item {
    Event(tidegate::Event),
    /// The last event, with what all of them made.
    End(tidegate::Event, Box<tidegate::Response>),
    Failed(Error),
}

/// A stream under way, shared by the object that the caller holds and its iterator.
pub(crate) struct Source {
    running: Running<Item>,
    response: Mutex<Option<tidegate::Response>>,
    /// Its last event, or its error, was handed out.
    ended: AtomicBool,
    /// It was closed by whoever holds it.
    closed: AtomicBool,
}

impl Source {
    pub(crate) fn start(py: Python<'_>, gateway: tidegate::Gateway, request: Request) -> PyResult<Self> {
        let running = Running::start(py, |writer| async move {
            match gateway.stream(request).await {
                Ok(mut events) => poll_fn(|cx| pump(&mut events, &writer, cx)).await,
                Err(error) => writer.put([Item::Failed(error)], true),
            }
        })?;
        Ok(Source {
            running,
            response: Mutex::new(None),
            ended: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        })
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.running.close();
    }

    /// Refuses to begin anew what was closed in the middle: the rest would look like an empty answer.
    fn check(&self) -> PyResult<()> {
        if self.closed.load(Ordering::Relaxed) && !self.ended.load(Ordering::Relaxed) {
            return Err(PyRuntimeError::new_err(
                "this stream was closed before its end, as leaving a loop over it does: start a new one \
                 (to look at some events before a loop, take them with next())",
            ));
        }
        Ok(())
    }

    /// Waits for the next event.
    fn next(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        self.running.wait(py)?.map(|item| self.event(py, item)).transpose()
    }

    fn event(&self, py: Python<'_>, item: Item) -> PyResult<Event> {
        match item {
            Item::Event(event) => Ok(Event(event)),
            Item::End(event, response) => {
                self.ended.store(true, Ordering::Relaxed);
                *self.response.lock().unwrap_or_else(PoisonError::into_inner) = Some(*response);
                Ok(Event(event))
            }
            Item::Failed(error) => {
                self.ended.store(true, Ordering::Relaxed);
                Err(raise(py, &error))
            }
        }
    }

    fn response(&self) -> PyResult<Response> {
        let response = self.response.lock().unwrap_or_else(PoisonError::into_inner);
        let early = || {
            PyRuntimeError::new_err("the stream has not come to its end: the response is there after the last event")
        };
        response.clone().map(Response).ok_or_else(early)
    }
}

/// Moves all events that are there, then wakes the reader once.
fn pump(events: &mut ResponseStream, writer: &Writer<Item>, cx: &mut Context<'_>) -> Poll<()> {
    let mut batch = Vec::new();
    loop {
        if batch.is_empty() && writer.poll_room(cx).is_pending() {
            return Poll::Pending;
        }
        match Pin::new(&mut *events).poll_next(cx) {
            Poll::Ready(Some(Ok(event))) => match events.response() {
                Some(response) => {
                    batch.push(Item::End(event, Box::new(response.clone())));
                    // The stream is polled on, to its very end: that gives the connection back to the pool.
                    writer.put(batch.drain(..), true);
                }
                None => batch.push(Item::Event(event)),
            },
            Poll::Ready(Some(Err(error))) => {
                batch.push(Item::Failed(error));
                writer.put(batch, true);
                return Poll::Ready(());
            }
            Poll::Ready(None) => {
                writer.put(batch, true);
                return Poll::Ready(());
            }
            Poll::Pending => {
                if !batch.is_empty() {
                    writer.put(batch, false);
                }
                return Poll::Pending;
            }
        }
    }
}

/// The events of an answer as they arrive: iterate over it once.
///
/// Leaving the loop closes the connection, and so do `close()`, the end of a `with` block and dropping the stream.
/// To look at some events first, take them with `next(stream)`.
#[pyclass(frozen, weakref, module = "tidegate")]
pub(crate) struct Stream(Arc<Source>);

impl Stream {
    pub(crate) fn new(source: Source) -> Self {
        Stream(Arc::new(source))
    }
}

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
        self.0.check()?;
        Ok(Events(Arc::clone(&self.0)))
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        self.0.check()?;
        self.0.next(py)
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {
        self.close();
    }
}

/// The iterator of a `Stream`. A loop that is left drops it, and with it the connection.
#[pyclass(frozen, module = "tidegate._native", name = "_Events")]
pub(crate) struct Events(Arc<Source>);

#[pymethods]
impl Events {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        self.0.next(py)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The events of an answer as they arrive: iterate over it once, with `async for`.
///
/// Leaving the loop closes the connection, and so do `aclose()`, the end of an `async with` block, cancelling the task
/// and dropping the stream. To look at some events first, take them with `await anext(stream)`.
#[pyclass(frozen, weakref, module = "tidegate")]
pub(crate) struct AsyncStream(Arc<Source>);

impl AsyncStream {
    pub(crate) fn new(source: Source) -> Self {
        AsyncStream(Arc::new(source))
    }
}

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

    fn __aiter__(&self) -> PyResult<AsyncEvents> {
        self.0.check()?;
        Ok(AsyncEvents { source: Arc::clone(&self.0), closes: true })
    }

    fn __anext__(&self) -> PyResult<AsyncEvents> {
        self.0.check()?;
        Ok(AsyncEvents { source: Arc::clone(&self.0), closes: false })
    }

    /// The stream itself: `await` is not needed, and does no harm.
    fn __await__(slf: Py<Self>) -> Coroutine {
        Coroutine::known(slf.into_any())
    }

    fn __aenter__(slf: Py<Self>) -> Coroutine {
        Coroutine::known(slf.into_any())
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> Coroutine {
        self.aclose(py)
    }
}

/// The iterator of an `AsyncStream`. A loop that is left drops it, and with it the connection.
///
/// It is its own awaitable: an event that is there already costs neither a future nor a turn of the event loop.
#[pyclass(frozen, module = "tidegate._native", name = "_AsyncEvents")]
pub(crate) struct AsyncEvents {
    source: Arc<Source>,
    /// Whether it is a loop's, which closes the connection when it is left, and not one event's.
    closes: bool,
}

#[pymethods]
impl AsyncEvents {
    /// What `asyncio.wait_for` and `gather` need of an awaitable before Python 3.12.
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __aiter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __anext__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __await__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let running = &self.source.running;
        loop {
            match running.ready()? {
                Next::Item(item) => {
                    return Err(PyStopIteration::new_err((Py::new(py, self.source.event(py, item)?)?,)));
                }
                Next::Over => return Err(PyStopAsyncIteration::new_err(())),
                Next::Empty => {
                    if running.is_awaited(py)? {
                        return Err(PyRuntimeError::new_err(
                            "another task is waiting for the next event of this stream",
                        ));
                    }
                    if let Some(future) = running.future(py)? {
                        future.setattr(py, intern!(py, "_asyncio_future_blocking"), true)?;
                        return Ok(future);
                    }
                }
            }
        }
    }
}

impl Drop for AsyncEvents {
    fn drop(&mut self) {
        if self.closes {
            self.source.close();
        }
    }
}
