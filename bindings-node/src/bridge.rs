//! The way from the network thread to one JavaScript thread: calls that end together are handed over together.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_util::future::{AbortHandle, Aborted, FutureExt, abortable};
use napi::bindgen_prelude::{FnArgs, Function, ToNapiValue};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, JsValue, Result, Status, sys};
use napi_derive::napi;
use tidegate::Response;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use crate::json::write_camel;

/// One thread carries thousands of waiting calls; a second only costs switches between them (see tests/bench).
const WORKERS: usize = 1;

/// How much is handed over at once, in bytes: V8 keeps larger strings in a space of their own, which costs page faults.
const LARGE: usize = 32 * 1024;

/// Wakes the JavaScript thread. Weak: it alone does not keep the process alive.
type Wake = ThreadsafeFunction<(), (), FnArgs<(Text,)>, Status, false, true>;

/// The runtime of this process. It is never dropped: that would wait for calls that are still running, and so delay the exit.
pub(crate) fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let start = || Builder::new_multi_thread().worker_threads(WORKERS).thread_name("tidegate").enable_all().build();
    RUNTIME
        .get_or_init(start)
        .as_ref()
        .map_err(|error| Error::from_reason(format!("the network thread cannot be started: {error}")))
}

/// Calls of one JavaScript thread, and what they ended with on its way there.
pub(crate) struct Calls {
    wake: Wake,
    /// What calls ended with, as JSON texts without their last bracket: one for each time that JavaScript is woken.
    outbox: Arc<Mutex<VecDeque<Vec<u8>>>>,
    running: Mutex<HashMap<u32, AbortHandle>>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code of others runs while a lock is held: a panic cannot leave the state broken.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Calls {
    /// Leaves what a call ended with, null where that is nothing, and has the JavaScript thread woken.
    pub(crate) fn deliver(
        self: &Arc<Self>,
        id: u32,
        failed: bool,
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) {
        let mut outbox = lock(&self.outbox);
        let woken = outbox.back().is_some_and(|text| text.len() < LARGE);
        if !woken {
            // All at once and always as much: what grows, allocators give back to the system and fetch again.
            outbox.push_back(Vec::with_capacity(2 * LARGE));
        }
        let Some(text) = outbox.back_mut() else { return };
        text.push(if woken { b',' } else { b'[' });
        text.extend_from_slice(format!("{id},{},", u8::from(failed)).as_bytes());
        // Written here, and not before the lock is taken: that would copy each response once more.
        let length = text.len();
        if write(text).is_err() {
            text.truncate(length);
            text.extend_from_slice(b"null");
        }
        drop(outbox);
        if !woken && let Ok(runtime) = runtime() {
            let calls = Arc::clone(self);
            // Woken after all else that is ready by now: the thread would take turns with this one for each call.
            runtime.spawn(async move {
                yield_now().await;
                calls.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            });
        }
    }

    /// Runs a call, and delivers what it ends with unless it is cancelled.
    pub(crate) fn start<F>(self: &Arc<Self>, id: u32, work: F) -> Result<()>
    where
        F: Future<Output = tidegate::Result<Response>> + Send + 'static,
    {
        let runtime = runtime()?;
        // Boxed: the runtime moves a task several times, and these are large.
        let (task, handle) = abortable(Box::pin(AssertUnwindSafe(work).catch_unwind()));
        lock(&self.running).insert(id, handle);
        let calls = Arc::clone(self);
        runtime.spawn(async move {
            let ended = task.await;
            lock(&calls.running).remove(&id);
            match ended {
                Ok(Ok(Ok(response))) => calls.deliver(id, false, |out| write_camel(out, &response)),
                Ok(Ok(Err(error))) => calls.deliver(id, true, |out| write_camel(out, &error)),
                Ok(Err(_panic)) => calls.deliver(id, false, |out| write_camel(out, &())),
                Err(Aborted) => {}
            }
        });
        Ok(())
    }
}

/// Text on its way to JavaScript, all ASCII.
pub struct Text(pub(crate) Vec<u8>);

impl ToNapiValue for Text {
    unsafe fn to_napi_value(env: sys::napi_env, text: Self) -> Result<sys::napi_value> {
        Ok(Env::from_raw(env).create_string_latin1(text.0)?.raw())
    }
}

/// The bridge of one JavaScript thread. When that thread ends, its calls are dropped.
#[napi]
pub struct Bridge {
    pub(crate) calls: Arc<Calls>,
    /// Never called: it says whether the process stays alive. Not `wake`, which this would have to lock: the thread that
    /// wakes this one would mostly still hold the lock.
    keeper: Wake,
}

#[napi]
impl Bridge {
    /// `deliver` is called with JSON text: `[id, outcome, value, id, outcome, value, ...]`.
    #[napi(constructor)]
    pub fn new(deliver: Function<'_, FnArgs<(String,)>, ()>) -> Result<Self> {
        let outbox = Arc::<Mutex<VecDeque<Vec<u8>>>>::default();
        let make = || {
            let outbox = Arc::clone(&outbox);
            deliver.build_threadsafe_function::<()>().weak::<true>().build_callback(move |_| {
                let mut text = lock(&outbox).pop_front().unwrap_or_else(|| b"[".to_vec());
                text.push(b']');
                Ok(FnArgs::from((Text(text),)))
            })
        };
        let calls = Calls { wake: make()?, outbox: Arc::clone(&outbox), running: Mutex::default() };
        Ok(Bridge { calls: Arc::new(calls), keeper: make()? })
    }

    /// Drops a call, which closes its connection.
    #[napi]
    pub fn cancel(&self, id: u32) {
        if let Some(task) = lock(&self.calls.running).remove(&id) {
            task.abort();
        }
    }

    /// Whether the process has to stay alive for what is awaited.
    #[napi]
    #[allow(deprecated, reason = "for counting owners; N-API has no other way to say whether the process stays alive")]
    pub fn hold(&mut self, env: Env, hold: bool) -> Result<()> {
        if hold { self.keeper.refer(&env) } else { self.keeper.unref(&env) }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let running = mem::take(&mut *lock(&self.calls.running));
        for task in running.into_values() {
            task.abort();
        }
    }
}
