//! What belongs to one process and must not be touched in a forked child: the runtime, pools, running calls.
//!
//! A fork copies memory but no threads. A lock that a runtime thread held stays locked in the child for ever, and the
//! child shares the runtime's epoll set with its parent. So the child leaks what it inherits and makes its own.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, mem, thread};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tokio::runtime::{Builder, Runtime};

/// How often a waiting thread looks for signals, so that Ctrl-C is heard.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// Which process this is: the number of forks between the first one and here.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Called by `os.register_at_fork` in the child.
#[pyfunction(name = "_after_fork")]
pub(crate) fn after_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
    // They are the parent's.
    CALLBACKS.store(0, Ordering::SeqCst);
}

/// How many functions of Python are being called on threads of the runtime.
static CALLBACKS: AtomicUsize = AtomicUsize::new(0);
/// Whether the interpreter ends, and calls no more of them.
static ENDS: AtomicBool = AtomicBool::new(false);

/// One that is being called. No lock, which a fork might catch.
struct Callback(u32);

impl Callback {
    fn begin() -> Self {
        CALLBACKS.fetch_add(1, Ordering::SeqCst);
        Callback(FORKS.load(Ordering::Relaxed))
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if self.0 == FORKS.load(Ordering::Relaxed) {
            CALLBACKS.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Calls a function of Python on a thread of the runtime, unless the interpreter ends.
pub(crate) fn call_back<T>(call: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    let _begun = Callback::begin();
    if ENDS.load(Ordering::SeqCst) { None } else { Python::try_attach(call) }
}

/// Has the end of the interpreter wait for functions that are being called. Python kills threads that come back to it later,
/// in the middle of Rust, and with them the process.
pub(crate) fn wait_at_exit(py: Python<'_>) -> PyResult<()> {
    static REGISTERED: PyOnceLock<()> = PyOnceLock::new();
    let register = || {
        let at_exit = wrap_pyfunction!(at_exit, py)?;
        py.import("atexit")?.call_method1("register", (at_exit,)).map(drop)
    };
    REGISTERED.get_or_try_init(py, register).copied()
}

#[pyfunction]
fn at_exit(py: Python<'_>) -> PyResult<()> {
    ENDS.store(true, Ordering::SeqCst);
    while CALLBACKS.load(Ordering::SeqCst) > 0 {
        py.detach(|| thread::park_timeout(TICK));
        py.check_signals()?;
    }
    Ok(())
}

/// Python code must not run while a lock is held: it may let go of the GIL, which another thread may need to unlock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value of one process. In a forked child it cannot be reached, and dropping it there leaks it.
pub(crate) struct Local<T>(u32, Option<T>);

impl<T> Local<T> {
    pub(crate) fn new(value: T) -> Self {
        Local(FORKS.load(Ordering::Relaxed), Some(value))
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.1.as_ref().filter(|_| self.0 == FORKS.load(Ordering::Relaxed))
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        if self.get().is_none() {
            mem::forget(self.1.take());
        }
    }
}

/// A value that every process makes for itself, when it first needs it.
pub(crate) type PerProcess<T> = Mutex<Option<Local<T>>>;

/// The lock is only held while the GIL is, as the token shows, and a fork holds the GIL too: no child inherits it locked.
pub(crate) fn per_process<T: Clone, E>(
    slot: &PerProcess<T>,
    _: Python<'_>,
    make: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let mut slot = lock(slot);
    if let Some(value) = slot.as_ref().and_then(Local::get) {
        return Ok(value.clone());
    }
    let value = make()?;
    *slot = Some(Local::new(value.clone()));
    Ok(value)
}

/// This process's runtime. One thread carries thousands of waiting calls; a second only costs switches between them.
pub(crate) fn runtime(py: Python<'_>) -> io::Result<&'static Runtime> {
    static RUNTIME: PerProcess<&Runtime> = Mutex::new(None);
    per_process(&RUNTIME, py, || {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("tidegate").enable_all().build()?;
        Ok(&*Box::leak(Box::new(runtime)))
    })
}
