//! How the runtime wakes asyncio tasks: one wake-up of the event loop completes all futures that are due.
//!
//! The runtime puts futures into a queue and, once it has nothing else at hand, writes a byte into a pipe that the event
//! loop watches. The loop's own thread completes them. So the runtime never waits for the GIL, and under load one wake-up
//! serves many.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Wake, Waker};

use pyo3::exceptions::PyNotImplementedError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::process::lock;
use crate::running::soon;

/// The runtime's way into one event loop.
struct Bridge {
    due: Mutex<Vec<Py<PyAny>>>,
    /// Watched by the loop.
    pipe: (PipeReader, PipeWriter),
    /// For loops that watch no file descriptors (Windows): `loop.call_soon_threadsafe`, and what to call.
    call_soon: OnceLock<(Py<PyAny>, Py<Loop>)>,
}

impl Bridge {
    /// A loop that can no longer be woken is closed, and nobody waits on it.
    fn wake(&self) {
        let _ = match self.call_soon.get() {
            Some((call_soon, entry)) => Python::attach(|py| call_soon.call1(py, (entry,))).is_ok(),
            None => (&self.pipe.1).write(&[1]).is_ok(),
        };
    }
}

/// What a task waits for. It is completed when this is woken, or dropped: so its last owner is always the loop's thread.
struct Waiting(Arc<Bridge>, Mutex<Option<Py<PyAny>>>);

impl Waiting {
    fn complete(&self) {
        let Some(future) = lock(&self.1).take() else { return };
        let mut due = lock(&self.0.due);
        due.push(future);
        let first = due.len() == 1;
        drop(due);
        if first {
            let bridge = Arc::clone(&self.0);
            soon(move || bridge.wake());
        }
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.complete();
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.complete();
    }
}

/// An event loop that has been seen, with the way into it. The loop calls it when futures are due.
#[pyclass(frozen, module = "tidegate._native", name = "_Loop")]
struct Loop {
    create_future: Py<PyAny>,
    bridge: Arc<Bridge>,
}

#[pymethods]
impl Loop {
    fn __call__(&self, py: Python<'_>) {
        if self.bridge.call_soon.get().is_none() {
            let _ = (&self.bridge.pipe.0).read(&mut [0; 8]);
        }
        let due = std::mem::take(&mut *lock(&self.bridge.due));
        for future in due {
            // A future that was cancelled meanwhile refuses, and nobody waits for it any more.
            let _ = future.call_method1(py, intern!(py, "set_result"), (py.None(),));
        }
    }
}

/// A new future of the running event loop, as a task may yield it, and what completes it.
pub(crate) fn future(py: Python<'_>) -> PyResult<(Py<PyAny>, Waker)> {
    static GET_RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static LOOPS: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let event_loop = GET_RUNNING_LOOP.import(py, "asyncio", "get_running_loop")?.call0()?;
    let loops = LOOPS.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
    let known = match loops.get_item(&event_loop)? {
        Some(known) => known.cast_into::<Loop>()?,
        None => open(loops, &event_loop)?,
    };
    let Loop { create_future, bridge } = known.get();
    let future = create_future.call0(py)?;
    // What `Future.__await__` does before it yields itself to the task.
    future.setattr(py, intern!(py, "_asyncio_future_blocking"), true)?;
    let waker = Waker::from(Arc::new(Waiting(Arc::clone(bridge), Mutex::new(Some(future.clone_ref(py))))));
    Ok((future, waker))
}

/// Builds the bridge of a loop seen for the first time, and forgets loops that were closed.
fn open<'py>(loops: &Bound<'py, PyDict>, event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Loop>> {
    let py = event_loop.py();
    let create_future = event_loop.getattr(intern!(py, "create_future"))?.unbind();
    let bridge = Arc::new(Bridge { due: Mutex::default(), pipe: io::pipe()?, call_soon: OnceLock::new() });
    let entry = Bound::new(py, Loop { create_future, bridge: Arc::clone(&bridge) })?;
    if let Err(error) = watch(event_loop, &bridge.pipe.0, &entry) {
        if !error.is_instance_of::<PyNotImplementedError>(py) {
            return Err(error);
        }
        let call_soon = event_loop.getattr(intern!(py, "call_soon_threadsafe"))?.unbind();
        let _ = bridge.call_soon.set((call_soon, entry.clone().unbind()));
    }
    for known in loops.keys() {
        if known.call_method0(intern!(py, "is_closed"))?.is_truthy()? {
            let _ = loops.del_item(known);
        }
    }
    loops.set_item(event_loop, &entry)?;
    Ok(entry)
}

#[cfg(unix)]
fn watch(event_loop: &Bound<'_, PyAny>, pipe: &PipeReader, entry: &Bound<'_, Loop>) -> PyResult<()> {
    let descriptor = std::os::fd::AsRawFd::as_raw_fd(pipe);
    event_loop.call_method1(intern!(event_loop.py(), "add_reader"), (descriptor, entry)).map(drop)
}

#[cfg(not(unix))]
fn watch(_: &Bound<'_, PyAny>, _: &PipeReader, _: &Bound<'_, Loop>) -> PyResult<()> {
    Err(PyNotImplementedError::new_err("pipes are watched on Unix only"))
}
