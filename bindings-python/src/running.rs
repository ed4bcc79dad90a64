//! A task on the runtime, and how a Python thread or an asyncio task waits for what it sends. The runtime's own thread never
//! takes the GIL.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::thread::{self, Thread};
use std::vec::IntoIter;

use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{AbortHandle, JoinHandle};

use crate::asyncio;
use crate::process::{Local, TICK, lock, runtime};

/// How many messages are taken out of a channel at once.
const BATCH: usize = 64;
/// A task on the runtime. Dropping it aborts the task, which closes its connection.
pub(crate) struct Running<T>(Local<Inner<T>>);

struct Inner<T> {
    /// `None` once it is closed.
    messages: Mutex<Option<Messages<T>>>,
    /// What an asyncio task waits for.
    future: Mutex<Option<Py<PyAny>>>,
}

enum Messages<T> {
    /// What the task returns.
    One(JoinHandle<T>),
    /// What the task sends, what was taken out of that, and the task.
    Many(Receiver<T>, IntoIter<T>, AbortHandle),
}

impl<T> Inner<T> {
    /// The next message, or `None` at the end. If neither is there, `waker` is woken when it is.
    fn poll(&self, waker: &Waker) -> Poll<Option<T>> {
        let mut messages = lock(&self.messages);
        let cx = &mut Context::from_waker(waker);
        match &mut *messages {
            None => Poll::Ready(None),
            Some(Messages::One(task)) => {
                let outcome = ready!(Pin::new(task).poll(cx));
                *messages = None;
                Poll::Ready(outcome.ok())
            }
            Some(Messages::Many(channel, batch, _)) => {
                if let Some(message) = batch.next() {
                    return Poll::Ready(Some(message));
                }
                let mut arrived = Vec::new();
                ready!(channel.poll_recv_many(cx, &mut arrived, BATCH));
                *batch = arrived.into_iter();
                Poll::Ready(batch.next())
            }
        }
    }

    fn close(&self) {
        let messages = lock(&self.messages).take();
        match messages {
            Some(Messages::One(task)) => task.abort(),
            // A task that has said its last word may still be giving its connection back to the pool.
            Some(Messages::Many(channel, _, task)) if !channel.is_closed() => task.abort(),
            _ => {}
        }
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<T: Send + 'static> Running<T> {
    fn new(messages: Messages<T>) -> Self {
        Running(Local::new(Inner { messages: Mutex::new(Some(messages)), future: Mutex::default() }))
    }

    /// Starts `work`, whose output is the only message.
    pub(crate) fn one(py: Python<'_>, work: impl Future<Output = T> + Send + 'static) -> PyResult<Self> {
        Ok(Self::new(Messages::One(runtime(py)?.spawn(work))))
    }

    /// Starts `work`, which sends messages. It waits while `room` of them have not been read.
    pub(crate) fn many<F>(py: Python<'_>, room: usize, work: impl FnOnce(Sender<T>) -> F) -> PyResult<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, channel) = channel(room);
        let task = runtime(py)?.spawn(work(sender)).abort_handle();
        Ok(Self::new(Messages::Many(channel, IntoIter::default(), task)))
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
        let one = matches!(&*lock(&inner.messages), Some(Messages::One(_)));
        let waker = Waker::from(Arc::new(Unpark(thread::current(), one)));
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

/// A thread that waits, and whether it waits for one message only.
struct Unpark(Thread, bool);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        if self.1 { self.0.unpark() } else { soon(move || self.0.unpark()) }
    }
}

/// Wakes behind everything that the runtime has at hand now, so that all of it shares the wake-up: a quarter less work under
/// load, and no thread that takes turns with the runtime message by message.
pub(crate) fn soon(wake: impl FnOnce() + Send + 'static) {
    match Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn(async move {
            tokio::task::yield_now().await;
            wake();
        })),
        Err(_) => wake(),
    }
}
