//! A task on the runtime, and how a Python thread or an asyncio task waits for what it sends. The runtime never takes the
//! GIL.

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::thread::{self, Thread};
use std::time::Duration;
use std::vec::IntoIter;

use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::AbortHandle;

use crate::asyncio;
use crate::process::{Local, lock, runtime};

/// How often a waiting thread looks for signals, so that Ctrl-C is heard.
const TICK: Duration = Duration::from_millis(50);
/// How many messages are taken out of the channel at once.
const BATCH: usize = 64;

/// A task on the runtime. Dropping it aborts the task, which closes its connection.
pub(crate) struct Running<T>(Local<Inner<T>>);

struct Inner<T> {
    /// The channel, and what was taken out of it; `None` once it is closed.
    messages: Mutex<Option<(Receiver<T>, IntoIter<T>)>>,
    /// What an asyncio task waits for.
    future: Mutex<Option<Py<PyAny>>>,
    task: AbortHandle,
}

impl<T> Inner<T> {
    /// The next message, or `None` at the end. If neither is there, `waker` is woken when it is.
    fn poll(&self, waker: &Waker) -> Poll<Option<T>> {
        let mut messages = lock(&self.messages);
        let Some((channel, batch)) = &mut *messages else { return Poll::Ready(None) };
        if let Some(message) = batch.next() {
            return Poll::Ready(Some(message));
        }
        let mut arrived = Vec::new();
        ready!(channel.poll_recv_many(&mut Context::from_waker(waker), &mut arrived, BATCH));
        *batch = arrived.into_iter();
        Poll::Ready(batch.next())
    }

    fn close(&self) {
        let messages = lock(&self.messages).take();
        // A task that has said its last word may still be giving its connection back to the pool.
        if messages.is_some_and(|(channel, _)| !channel.is_closed()) {
            self.task.abort();
        }
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<T: Send + 'static> Running<T> {
    /// Starts `work` on the runtime. It waits while `room` messages have not been read.
    pub(crate) fn start<F>(py: Python<'_>, room: usize, work: impl FnOnce(Sender<T>) -> F) -> PyResult<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, channel) = channel(room);
        let task = runtime(py)?.spawn(work(sender)).abort_handle();
        let messages = Mutex::new(Some((channel, IntoIter::default())));
        Ok(Running(Local::new(Inner { messages, future: Mutex::new(None), task })))
    }

    /// An error in a forked child, where the task does not run.
    fn inner(&self) -> PyResult<&Inner<T>> {
        self.0.get().ok_or_else(|| {
            PyRuntimeError::new_err("this call was started before the process forked: start a new one in the child")
        })
    }

    /// Waits for the next message with the GIL released. `None` is the end. Signals are handled while it waits.
    pub(crate) fn wait(&self, py: Python<'_>) -> PyResult<Option<T>> {
        let inner = self.inner()?;
        if let Poll::Ready(message) = inner.poll(Waker::noop()) {
            return Ok(message);
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        loop {
            if let Poll::Ready(message) = inner.poll(&waker) {
                return Ok(message);
            }
            py.detach(|| thread::park_timeout(TICK));
            py.check_signals()?;
        }
    }

    /// The next message (`None` is the end), or a future of the running event loop to wait for first.
    pub(crate) fn step(&self, py: Python<'_>) -> PyResult<ControlFlow<Option<T>, Py<PyAny>>> {
        let inner = self.inner()?;
        if let Poll::Ready(message) = inner.poll(Waker::noop()) {
            return Ok(ControlFlow::Break(message));
        }
        // A future that is done was that of a task which has been cancelled.
        let other = lock(&inner.future).take();
        if let Some(future) = other
            && !future.call_method0(py, intern!(py, "done"))?.is_truthy(py)?
        {
            *lock(&inner.future) = Some(future);
            return Err(PyRuntimeError::new_err("another task is waiting for this already"));
        }
        let (future, waker) = asyncio::future(py)?;
        if let Poll::Ready(message) = inner.poll(&waker) {
            return Ok(ControlFlow::Break(message));
        }
        *lock(&inner.future) = Some(future.clone_ref(py));
        Ok(ControlFlow::Continue(future))
    }

    /// Aborts the task: its connection is closed and readers find the end.
    pub(crate) fn close(&self) {
        if let Some(inner) = self.0.get() {
            inner.close();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
