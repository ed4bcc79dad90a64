//! Calls: those that wait, and those that are started and end later.

use std::ffi::{c_char, c_void};
use std::panic::AssertUnwindSafe;
use std::ptr::{null_mut, without_provenance};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{AbortHandle, AbortRegistration, Abortable};
use futures_util::{FutureExt, StreamExt};
use tidegate::{Request, Response};
use tokio::sync::oneshot;

use super::entry::{Str, inject, json, wait};
use super::error::{Error, Failure};
use super::gateway::Gateway;
use super::handles::{find, get, insert, remove};
use crate::runtime::spawn;

/// A call that was started. Its handle ends by itself, just before on_done or in tidegate_call_wait.
pub enum Call {}

/// Is called with each event of a stream, as canonical JSON that lives until it returns. False stops the stream.
pub type OnEvent = Option<extern "C" fn(user_data: *mut c_void, event: *const c_char) -> bool>;

/// Is called once, when a started call has ended, with a response or an error, which are then the callee's to free; with
/// neither where on_event stopped the stream.
pub type OnDone = Option<extern "C" fn(user_data: *mut c_void, response: *mut c_char, error: *mut Error)>;

/// The caller's own pointer.
#[derive(Clone, Copy)]
struct User(*mut c_void);

// SAFETY: it is only handed back, on the threads that the header names.
unsafe impl Send for User {}

/// For tidegate_start: a chat, answered as a whole.
pub const TIDEGATE_CHAT: u32 = 0;
/// For tidegate_start: a chat, answered event by event to on_event.
pub const TIDEGATE_STREAM: u32 = 1;
/// For tidegate_start: an embedding.
pub const TIDEGATE_EMBED: u32 = 2;
/// For tidegate_start: a ranking.
pub const TIDEGATE_RERANK: u32 = 3;

/// Asks, and waits for the end. `None` is a stream that was stopped.
async fn ask(
    operation: u32,
    (gateway, request): Arguments,
    on_event: OnEvent,
    user: User,
    abort: AbortHandle,
) -> tidegate::Result<Option<Response>> {
    let mut stream = match operation {
        TIDEGATE_CHAT => return gateway.chat(request).await.map(Some),
        TIDEGATE_EMBED => return gateway.embed(request).await.map(Some),
        TIDEGATE_RERANK => return gateway.rerank(request).await.map(Some),
        _ => gateway.stream(request).await?,
    };
    let mut text = Vec::new();
    while let Some(event) = stream.next().await {
        text.clear();
        // Nothing of an event is refused by serde_json, and a vector takes all.
        let _ = serde_json::to_writer(&mut text, &event?);
        text.push(0);
        if on_event.is_some_and(|on_event| !on_event(user.0, text.as_ptr().cast())) {
            return Ok(None);
        }
        if abort.is_aborted() {
            // Events that are there already would all be handed out before anybody looks.
            std::future::pending::<()>().await;
        }
    }
    Ok(stream.response().cloned())
}

/// What is wrong with the arguments, before anything is started.
fn check(operation: u32, (_, request): &Arguments) -> tidegate::Result<()> {
    match operation {
        TIDEGATE_CHAT | TIDEGATE_STREAM => request.expect_chat(),
        TIDEGATE_EMBED => request.expect_embed(),
        TIDEGATE_RERANK => request.expect_rerank(),
        _ => Err(tidegate::Error::invalid("operation", format_args!("{operation} is not known"))),
    }
}

/// What all calls are given.
pub(super) type Arguments = (Arc<tidegate::Gateway>, Request);

/// # Safety
/// As for `Str::read`.
pub(super) unsafe fn arguments(gateway: *const Gateway, request: Str) -> tidegate::Result<Arguments> {
    // SAFETY: the caller keeps it.
    let text = unsafe { request.read("request") }?;
    Ok((get("gateway", gateway)?, Request::from_json(text)?))
}

/// Runs the work of a task until it ends, is aborted, or panics.
pub(super) async fn settle<T>(
    work: impl Future<Output = tidegate::Result<T>>,
    registration: AbortRegistration,
) -> Result<T, Failure> {
    let work = async {
        inject("task");
        work.await
    };
    match AssertUnwindSafe(Abortable::new(work, registration)).catch_unwind().await {
        Ok(Ok(outcome)) => Ok(outcome?),
        Ok(Err(_)) => Err(Failure::cancelled()),
        Err(_) => Err(Failure::internal("a call")),
    }
}

type Outcome = Result<Option<Response>, Failure>;

/// A call under way. `outcome` is there for tidegate_call_wait, until it is taken.
struct Started {
    abort: AbortHandle,
    outcome: Mutex<Option<oneshot::Receiver<Outcome>>>,
}

/// The response as JSON; NULL for a stream that was stopped.
fn give(outcome: Outcome) -> Result<*mut c_char, Failure> {
    outcome?.map_or(Ok(null_mut()), |response| json(&response))
}

/// What on_done is called with.
fn finish(outcome: Outcome, error: &mut *mut Error) -> *mut c_char {
    entry!(on_done, error, null_mut(), give(outcome)?)
}

/// Starts a call, TIDEGATE_CHAT, TIDEGATE_STREAM, TIDEGATE_EMBED or TIDEGATE_RERANK, and returns at once. on_event, which
/// may be NULL, is called with each event of a stream. The call ends with one call of on_done, perhaps before this returns;
/// or, where on_done is NULL, with tidegate_call_wait. NULL and an error if an argument is wrong: then nothing is called.
/// Any thread, also in callbacks. Both callbacks run on the library's thread, so they must not wait; they may start calls.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_start_s(
    operation: u32,
    gateway: *const Gateway,
    request: Str,
    on_event: OnEvent,
    on_done: OnDone,
    user_data: *mut c_void,
    error: *mut *mut Error,
) -> *mut Call {
    entry!(tidegate_start_s, error, null_mut(), {
        let user = User(user_data);
        let (abort, registration) = AbortHandle::new_pair();
        let (sender, receiver) = on_done.is_none().then(oneshot::channel).unzip();
        let arguments = arguments(gateway, request)?;
        check(operation, &arguments)?;
        // Boxed: the runtime moves a task several times, and this one is large.
        let work = ask(operation, arguments, on_event, user, abort.clone()).boxed();
        let handle: *mut Call = insert(Started { abort, outcome: Mutex::new(receiver) });
        let number = handle.addr();
        let started = spawn(async move {
            let outcome = settle(work, registration).await;
            if let Some(sender) = sender {
                return drop(sender.send(outcome));
            }
            remove::<Started, Call>(without_provenance(number));
            let (user, mut error) = (user, null_mut());
            let response = finish(outcome, &mut error);
            on_done.inspect(|on_done| on_done(user.0, response, error));
        });
        started.inspect_err(|_| drop(remove::<Started, _>(handle)))?;
        handle
    })
}

/// Waits for a call that was started without on_done, ends its handle and returns the response as JSON, to be freed with
/// tidegate_string_free. NULL and an error if it failed or was cancelled; NULL alone where on_event stopped it. Any
/// thread, and once for each such call. Not in a callback: there it is refused, and the call cancelled.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_call_wait(call: *mut Call, error: *mut *mut Error) -> *mut c_char {
    entry!(tidegate_call_wait, error, null_mut(), {
        let started = get::<Started, _>("call", call)?;
        let outcome = started.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        let problem = "has on_done, or another thread waits for it";
        let outcome = wait(outcome.ok_or_else(|| tidegate::Error::invalid("call", problem))?);
        remove::<Started, _>(call);
        give(outcome.inspect_err(|_| started.abort.abort())?.unwrap_or_else(|_| Err(Failure::internal("a call"))))?
    })
}

/// Cancels a call that was started, which closes its connection: true, or false for a handle that ended. The call still
/// ends with on_done or tidegate_call_wait: with an error of TIDEGATE_KIND_CANCELLED, unless it was done before. Any
/// thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_call_cancel(call: *mut Call) -> bool {
    entry!(tidegate_call_cancel, null_mut(), false, {
        find::<Started, _>(call).inspect(|started| started.abort.abort()).is_some()
    })
}
