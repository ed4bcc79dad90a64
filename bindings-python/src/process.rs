//! What belongs to one process and must not be touched in a forked child: the runtime, pools, running calls.
//!
//! A fork copies memory but no threads. A lock that a runtime thread held stays locked in the child for ever, and the
//! child shares the runtime's epoll set with its parent. So the child leaks what it inherits and makes its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{io, mem};

use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};

/// Which process this is: the number of forks between the first one and here.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Called by `os.register_at_fork` in the child.
#[pyfunction(name = "_after_fork")]
pub(crate) fn after_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
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
