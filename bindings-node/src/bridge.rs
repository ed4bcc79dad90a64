//! The way from the network thread to one JavaScript thread: calls that end together are handed over together.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_util::future::{AbortHandle, abortable};
use napi::bindgen_prelude::{FnArgs, Function, ToNapiValue};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, JsValue, Result, Status, sys};
use napi_derive::napi;
use serde::Serialize;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;

use crate::json::write_camel;

/// One thread carries thousands of waiting calls; a second only costs switches between them (see tests/bench).
const WORKERS: usize = 1;

/// How much is handed over at once, in bytes: V8 keeps larger strings in a space of their own, which costs page faults.
const LARGE: usize = 64 * 1024;

/// Wakes the JavaScript thread. Weak: it alone does not keep the process alive.
type Wake = ThreadsafeFunction<(), (), FnArgs<(Inbox,)>, Status, false, true>;

/// The runtime of this process. It is never dropped: that would wait for calls that are still running, and so delay the exit.
pub(crate) fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let start = || Builder::new_multi_thread().worker_threads(WORKERS).thread_name("tidegate").enable_all().build();
    RUNTIME
        .get_or_init(start)
        .as_ref()
        .map_err(|error| Error::from_reason(format!("the network thread cannot be started: {error}")))
}

/// What a call ended with, as `calls.js` reads it.
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    Value,
    Error,
}

/// What calls ended with, as JSON texts without their last bracket: one for each time that JavaScript is woken.
#[derive(Default)]
struct Outbox {
    texts: VecDeque<Vec<u8>>,
    /// Room that was used before.
    spare: Vec<u8>,
}

/// Calls of one JavaScript thread, and what they ended with on its way there.
pub(crate) struct Calls {
    wake: Wake,
    outbox: Arc<Mutex<Outbox>>,
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
        outcome: Outcome,
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) {
        let mut outbox = lock(&self.outbox);
        let woken = outbox.texts.back().is_some_and(|text| text.len() < LARGE);
        if !woken {
            let spare = mem::take(&mut outbox.spare);
            outbox.texts.push_back(spare);
        }
        let Some(text) = outbox.texts.back_mut() else { return };
        text.push(if woken { b',' } else { b'[' });
        text.extend_from_slice(id.to_string().as_bytes());
        text.extend_from_slice(match outcome {
            Outcome::Value => b",0,",
            Outcome::Error => b",1,",
        });
        // Written here, and not before the lock is taken: that would copy each response once more.
        let length = text.len();
        if write(text).is_err() {
            text.truncate(length);
            text.extend_from_slice(b"null");
        }
        drop(outbox);
        if !woken {
            let calls = Arc::clone(self);
            // Woken after all else that is ready by now: the thread would take turns with this one for each call.
            Handle::current().spawn(async move {
                yield_now().await;
                calls.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            });
        }
    }

    /// Runs a call. It ends with what `work` leaves in its [`Reply`].
    pub(crate) fn start<F>(self: &Arc<Self>, id: u32, work: impl FnOnce(Reply) -> F) -> Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = runtime()?;
        // Boxed: the runtime moves a task several times, and these are large.
        let (task, handle) = abortable(Box::pin(work(Reply { calls: Arc::clone(self), id, open: true })));
        lock(&self.running).insert(id, handle);
        runtime.spawn(task);
        Ok(())
    }

    /// Drops a call, which closes its connection.
    pub(crate) fn cancel(&self, id: u32) {
        let task = lock(&self.running).remove(&id);
        if let Some(task) = task {
            task.abort();
        }
    }
}

/// The end of one call. Dropping it, whatever the reason, ends what its promise waits for.
pub(crate) struct Reply {
    calls: Arc<Calls>,
    id: u32,
    open: bool,
}

impl Reply {
    pub(crate) fn send(mut self, outcome: Outcome, value: &impl Serialize) {
        self.open = false;
        lock(&self.calls.running).remove(&self.id);
        self.calls.deliver(self.id, outcome, |out| write_camel(out, value));
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if self.open {
            lock(&self.calls.running).remove(&self.id);
            self.calls.deliver(self.id, Outcome::Value, |out| write_camel(out, &()));
        }
    }
}

/// What has arrived for the JavaScript thread: the first text of the outbox, once it is made a string there.
#[derive(Clone)]
struct Inbox(Arc<Mutex<Outbox>>);

impl ToNapiValue for Inbox {
    unsafe fn to_napi_value(env: sys::napi_env, inbox: Self) -> Result<sys::napi_value> {
        let mut text = lock(&inbox.0).texts.pop_front().unwrap_or_else(|| b"[".to_vec());
        text.push(b']');
        let string = string(env, &text);
        text.clear();
        text.shrink_to(2 * LARGE);
        lock(&inbox.0).spare = text;
        string
    }
}

/// Text on its way to JavaScript.
pub struct Text(pub(crate) Vec<u8>);

impl ToNapiValue for Text {
    unsafe fn to_napi_value(env: sys::napi_env, text: Self) -> Result<sys::napi_value> {
        string(env, &text.0)
    }
}

/// A string of JavaScript, of text that is all ASCII.
fn string(env: sys::napi_env, text: &[u8]) -> Result<sys::napi_value> {
    Ok(Env::from_raw(env).create_string_latin1(text)?.raw())
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
        let outbox = Arc::new(Mutex::new(Outbox::default()));
        let inbox = Inbox(Arc::clone(&outbox));
        let make = || {
            let inbox = inbox.clone();
            let builder = deliver.build_threadsafe_function::<()>().weak::<true>();
            builder.build_callback(move |_| Ok(FnArgs::from((inbox.clone(),))))
        };
        let calls = Calls { wake: make()?, outbox, running: Mutex::default() };
        Ok(Bridge { calls: Arc::new(calls), keeper: make()? })
    }

    /// Drops a call.
    #[napi]
    pub fn cancel(&self, id: u32) {
        self.calls.cancel(id);
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
