//! How the runtime wakes asyncio tasks: one wake-up of the event loop completes all futures that are due.
//!
//! The runtime puts futures into a queue and, once it has nothing else at hand, writes a byte into a pipe that the event
//! loop watches. The loop's own thread completes them. So the runtime never waits for the GIL, and under load one wake-up
//! serves many.

use std::io::{PipeReader, PipeWriter, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyNotImplementedError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tokio::runtime::Handle;

/// The runtime's way into one event loop.
pub(crate) struct Bridge {
    due: Mutex<Vec<Py<PyAny>>>,
    wake: Wake,
}

enum Wake {
    /// Watched by the loop.
    Pipe(PipeWriter),
    /// For loops that watch no file descriptors (Windows): `loop.call_soon_threadsafe`, and what to call.
    CallSoon(Mutex<Option<(Py<PyAny>, Py<PyAny>)>>),
}

impl Bridge {
    fn new(wake: Wake) -> Arc<Self> {
        Arc::new(Bridge { due: Mutex::default(), wake })
    }

    /// Completes `future` from any thread.
    pub(crate) fn complete(self: &Arc<Self>, future: Py<PyAny>) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let first = due.is_empty();
        due.push(future);
        drop(due);
        if !first {
            return;
        }
        match Handle::try_current() {
            // Behind everything that is ready now, so that all of it shares the wake-up: a quarter less work under load.
            Ok(runtime) => {
                let bridge = Arc::clone(self);
                runtime.spawn(async move {
                    tokio::task::yield_now().await;
                    bridge.wake();
                });
            }
            Err(_) => self.wake(),
        }
    }

    fn wake(&self) {
        // A loop that can no longer be woken is closed, and nobody waits on it.
        match &self.wake {
            Wake::Pipe(pipe) => {
                let _ = (&mut &*pipe).write(&[1]);
            }
            Wake::CallSoon(slot) => Python::attach(|py| {
                let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                let calls = slot.as_ref().map(|(call_soon, drain)| (call_soon.clone_ref(py), drain.clone_ref(py)));
                drop(slot);
                if let Some((call_soon, drain)) = calls {
                    let _ = call_soon.call1(py, (drain,));
                }
            }),
        }
    }
}

/// What the event loop calls when the bridge has something.
#[pyclass(frozen, module = "tidegate._native", name = "_Drain")]
struct Drain {
    bridge: Arc<Bridge>,
    pipe: Option<PipeReader>,
}

#[pymethods]
impl Drain {
    fn __call__(&self, py: Python<'_>) {
        if let Some(pipe) = &self.pipe {
            let _ = (&mut &*pipe).read(&mut [0; 8]);
        }
        let due = std::mem::take(&mut *self.bridge.due.lock().unwrap_or_else(PoisonError::into_inner));
        for future in due {
            // A future that was cancelled meanwhile refuses, and nobody waits for it any more.
            let _ = future.call_method1(py, intern!(py, "set_result"), (py.None(),));
        }
    }
}

/// An event loop that has been seen, with the way into it.
struct Loop {
    event_loop: Py<PyAny>,
    create_future: Py<PyAny>,
    bridge: Arc<Bridge>,
}

/// The lock is only held while the GIL is, and never while Python code runs: no thread can wait for it with the GIL.
static LOOPS: Mutex<Vec<Arc<Loop>>> = Mutex::new(Vec::new());

/// A new future of the running event loop, and the bridge that completes it.
pub(crate) fn future(py: Python<'_>) -> PyResult<(Arc<Bridge>, Py<PyAny>)> {
    static GET_RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let event_loop = GET_RUNNING_LOOP.import(py, "asyncio", "get_running_loop")?.call0()?;
    let known =
        LOOPS.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|l| l.event_loop.is(&event_loop)).cloned();
    let known = match known {
        Some(known) => known,
        None => open(event_loop)?,
    };
    Ok((Arc::clone(&known.bridge), known.create_future.call0(py)?))
}

/// Whether nobody waits for `future` any more.
pub(crate) fn is_done(future: &Bound<'_, PyAny>) -> PyResult<bool> {
    future.call_method0(intern!(future.py(), "done"))?.is_truthy()
}

/// Builds the bridge of a loop seen for the first time, and forgets loops that were closed.
fn open(event_loop: Bound<'_, PyAny>) -> PyResult<Arc<Loop>> {
    let py = event_loop.py();
    let bridge = match watch(&event_loop) {
        Err(error) if error.is_instance_of::<PyNotImplementedError>(py) => call_soon(&event_loop)?,
        watched => watched?,
    };
    let create_future = event_loop.getattr(intern!(py, "create_future"))?.unbind();
    let known = Arc::new(Loop { event_loop: event_loop.unbind(), create_future, bridge });

    let mut loops = LOOPS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    loops.retain(|known| {
        let closed = known.event_loop.bind(py).call_method0(intern!(py, "is_closed"));
        !closed.and_then(|closed| closed.is_truthy()).unwrap_or(true)
    });
    loops.push(Arc::clone(&known));
    let closed = std::mem::replace(&mut *LOOPS.lock().unwrap_or_else(PoisonError::into_inner), loops);
    drop(closed);
    Ok(known)
}

#[cfg(unix)]
fn watch(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Bridge>> {
    use std::os::fd::AsRawFd;
    let (reader, writer) = std::io::pipe()?;
    let descriptor = reader.as_raw_fd();
    let bridge = Bridge::new(Wake::Pipe(writer));
    let drain = Drain { bridge: Arc::clone(&bridge), pipe: Some(reader) };
    event_loop.call_method1(intern!(event_loop.py(), "add_reader"), (descriptor, drain))?;
    Ok(bridge)
}

#[cfg(not(unix))]
fn watch(_: &Bound<'_, PyAny>) -> PyResult<Arc<Bridge>> {
    Err(PyNotImplementedError::new_err("pipes are watched on Unix only"))
}

fn call_soon(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Bridge>> {
    let py = event_loop.py();
    let bridge = Bridge::new(Wake::CallSoon(Mutex::default()));
    let drain = Py::new(py, Drain { bridge: Arc::clone(&bridge), pipe: None })?;
    let call = event_loop.getattr(intern!(py, "call_soon_threadsafe"))?.unbind();
    if let Wake::CallSoon(slot) = &bridge.wake {
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((call, drain.into_any()));
    }
    Ok(bridge)
}
