//! Where the runtime leaves what a Python thread or an asyncio task waits for. The runtime never takes the GIL.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::task::JoinHandle;

use crate::asyncio::{self, Bridge};
use crate::process::{Local, runtime};

/// How often a waiting thread looks for signals, so that Ctrl-C is heard.
const TICK: Duration = Duration::from_millis(50);
/// How many items may wait before the runtime stops reading from the network.
const FULL: usize = 1024;

/// Items on their way from the runtime to one reader.
pub(crate) struct Mailbox<T>(Mutex<State<T>>);

struct State<T> {
    items: VecDeque<T>,
    /// Nothing will come any more.
    over: bool,
    reader: Option<Reader>,
    /// The runtime's task, while the mailbox is full.
    writer: Option<Waker>,
}

/// Who waits.
enum Reader {
    Thread(Thread),
    Task(Arc<Bridge>, Py<PyAny>),
}

impl Reader {
    fn wake(self) {
        match self {
            Reader::Thread(thread) => thread.unpark(),
            Reader::Task(bridge, future) => bridge.complete(future),
        }
    }
}

/// What a reader finds.
pub(crate) enum Next<T> {
    Item(T),
    Empty,
    Over,
}

impl<T> Mailbox<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // No code of others runs while the lock is held: a panic cannot leave the state broken.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Next<T> {
        let mut state = self.lock();
        match state.items.pop_front() {
            Some(item) => {
                let writer = if state.items.len() < FULL / 2 { state.writer.take() } else { None };
                drop(state);
                if let Some(writer) = writer {
                    writer.wake();
                }
                Next::Item(item)
            }
            None if state.over => Next::Over,
            None => Next::Empty,
        }
    }

    /// Leaves items, and whether they are the last.
    fn put(&self, items: impl IntoIterator<Item = T>, over: bool) {
        let mut state = self.lock();
        state.items.extend(items);
        state.over |= over;
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Registers a reader, unless there is something to read already.
    fn register(&self, reader: Reader) -> bool {
        let mut state = self.lock();
        if !state.items.is_empty() || state.over {
            return false;
        }
        let former = state.reader.replace(reader);
        // A reader may be the last owner of a future, and dropping that runs the code of others.
        drop(state);
        drop(former);
        true
    }

    /// Ends it and forgets what was not read. True where nothing had ended it yet.
    fn close(&self) -> bool {
        let mut state = self.lock();
        let open = !std::mem::replace(&mut state.over, true);
        let unread = std::mem::take(&mut state.items);
        let reader = state.reader.take();
        drop(state);
        drop(unread);
        if let Some(reader) = reader {
            reader.wake();
        }
        open
    }
}

/// The runtime's end of a mailbox. Dropping it, whatever the reason, ends what the reader waits for.
pub(crate) struct Writer<T>(Arc<Mailbox<T>>);

impl<T> Writer<T> {
    pub(crate) fn put(&self, items: impl IntoIterator<Item = T>, over: bool) {
        self.0.put(items, over);
    }

    /// Whether there is room; if not, `cx` is woken when there is.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if state.items.len() < FULL {
            return Poll::Ready(());
        }
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<T> Drop for Writer<T> {
    fn drop(&mut self) {
        self.0.put(std::iter::empty(), true);
    }
}

/// A task on the runtime and the mailbox it writes to. Dropping it aborts the task, which closes its connection.
pub(crate) struct Running<T>(Local<Inner<T>>);

struct Inner<T> {
    mailbox: Arc<Mailbox<T>>,
    task: JoinHandle<()>,
}

impl<T> Inner<T> {
    fn close(&self) {
        // A task that has said its last word may still be giving its connection back to the pool.
        if self.mailbox.close() {
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
    /// Starts `work` on the runtime.
    pub(crate) fn start<F>(py: Python<'_>, work: impl FnOnce(Writer<T>) -> F) -> PyResult<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let state = State { items: VecDeque::new(), over: false, reader: None, writer: None };
        let mailbox = Arc::new(Mailbox(Mutex::new(state)));
        let task = runtime(py)?.spawn(work(Writer(Arc::clone(&mailbox))));
        Ok(Running(Local::new(Inner { mailbox, task })))
    }

    /// The mailbox; an error in a forked child, where its task does not run.
    fn inner(&self) -> PyResult<&Inner<T>> {
        self.0.get().ok_or_else(|| {
            PyRuntimeError::new_err("this call was started before the process forked: start a new one in the child")
        })
    }

    /// Reads without waiting.
    pub(crate) fn ready(&self) -> PyResult<Next<T>> {
        Ok(self.inner()?.mailbox.next())
    }

    /// Waits for the next item with the GIL released. `None` is the end. Signals are handled while it waits.
    pub(crate) fn wait(&self, py: Python<'_>) -> PyResult<Option<T>> {
        let mailbox = &self.inner()?.mailbox;
        loop {
            match mailbox.next() {
                Next::Item(item) => return Ok(Some(item)),
                Next::Over => return Ok(None),
                Next::Empty => {
                    if mailbox.register(Reader::Thread(thread::current())) {
                        py.detach(|| thread::park_timeout(TICK));
                        py.check_signals()?;
                    }
                }
            }
        }
    }

    /// A future of the running event loop that completes when there is something to read; `None` if there already is.
    pub(crate) fn future(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let mailbox = &self.inner()?.mailbox;
        let (bridge, future) = asyncio::future(py)?;
        Ok(mailbox.register(Reader::Task(bridge, future.clone_ref(py))).then_some(future))
    }

    /// Whether an asyncio task waits already.
    pub(crate) fn is_awaited(&self, py: Python<'_>) -> PyResult<bool> {
        let state = self.inner()?.mailbox.lock();
        let Some(Reader::Task(_, future)) = &state.reader else { return Ok(false) };
        let future = future.clone_ref(py);
        drop(state);
        Ok(!asyncio::is_done(future.bind(py))?)
    }

    /// Aborts the task: its connection is closed and readers find the end.
    pub(crate) fn close(&self) {
        if let Some(inner) = self.0.get() {
            inner.close();
        }
    }
}
