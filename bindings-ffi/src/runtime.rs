//! The one runtime of the process, shared by all gateways and both interfaces.

use std::future::Future;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// One thread carries thousands of waiting calls; a second only costs switches between them (see tests/bench).
const WORKERS: usize = 1;

static RUNTIME: LazyLock<Result<Runtime, String>> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("tidegate")
        .enable_all()
        .build()
        .map_err(|error| format!("the network thread cannot be started: {error}"))
});

/// The runtime, or why there is none.
pub(crate) fn runtime() -> Result<&'static Runtime, tidegate::Error> {
    RUNTIME.as_ref().map_err(|problem| tidegate::Error::new(tidegate::Kind::Config, problem.clone()))
}

/// Starts a future on the runtime's thread. Aborting the handle drops it there, which cancels it.
pub(crate) fn spawn<F>(future: F) -> Result<JoinHandle<F::Output>, tidegate::Error>
where
    F: Future<Output: Send> + Send + 'static,
{
    Ok(runtime()?.spawn(future))
}
