//! What belongs to one process and must not be touched in a forked child: the runtime, pools, running calls.
//!
//! A fork copies memory but no threads. A lock that a runtime thread held stays locked in the child for ever, and the
//! child shares the runtime's epoll set with its parent. So the child leaks what it inherits and makes its own.

use std::mem;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};

/// One thread carries thousands of waiting calls; a second only costs switches between them (see tests/bench).
const WORKERS: usize = 1;

static FORKS: AtomicU32 = AtomicU32::new(0);
static RUNTIME: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

/// Which process this is: the number of forks between the first one and here.
pub(crate) fn generation() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// Called by `os.register_at_fork` in the child.
#[pyfunction(name = "_after_fork")]
pub(crate) fn after_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// This process's runtime, made when it is first needed.
///
/// The lock is only held while the GIL is, as the token shows, and a fork holds the GIL too: no child inherits it locked.
pub(crate) fn runtime(_: Python<'_>) -> PyResult<&'static Runtime> {
    let mut slot = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    match *slot {
        Some((generation, runtime)) if generation == self::generation() => Ok(runtime),
        _ => {
            let runtime = Builder::new_multi_thread()
                .worker_threads(WORKERS)
                .thread_name("tidegate")
                .enable_all()
                .build()
                .map_err(|error| PyRuntimeError::new_err(format!("the network thread cannot be started: {error}")))?;
            let runtime: &'static Runtime = Box::leak(Box::new(runtime));
            *slot = Some((generation(), runtime));
            Ok(runtime)
        }
    }
}

/// A value of one process. In a forked child it cannot be reached, and dropping it there leaks it.
pub(crate) struct Local<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Local<T> {
    pub(crate) fn new(value: T) -> Self {
        Local { generation: generation(), value: Some(value) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.generation == generation())
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        if self.generation != generation() {
            mem::forget(self.value.take());
        }
    }
}
