//! Calls: those that wait, and those that are started and end later.

use std::ffi::{c_char, c_void};
use std::panic::AssertUnwindSafe;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{AbortHandle, AbortRegistration, Abortable};
use futures_util::{FutureExt, StreamExt};
use tidegate::{Event, Request, Response};
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

/// Is called once, when a started call has ended, with a response or an error, which are then the callee's to free. Both
/// are NULL where on_event stopped the stream.
pub type OnDone = Option<extern "C" fn(user_data: *mut c_void, response: *mut c_char, error: *mut Error)>;

/// The caller's own pointer.
#[derive(Clone, Copy)]
struct User(*mut c_void);

// SAFETY: it is only handed back, on the threads that the header names.
unsafe impl Send for User {}

/// What is asked for.
enum Work {
    Chat,
    Embed,
    Stream(OnEvent, User),
}

impl Work {
    /// Asks, and waits for the end. `None` is a stream that was stopped.
    async fn run(self, (gateway, request): Arguments) -> Result<Option<Response>, tidegate::Error> {
        let (on_event, user) = match self {
            Work::Chat => return gateway.chat(request).await.map(Some),
            Work::Embed => return gateway.embed(request).await.map(Some),
            Work::Stream(on_event, user) => (on_event, user),
        };
        let on_event = on_event.ok_or_else(|| tidegate::Error::invalid("on_event", "is NULL"))?;
        let mut stream = gateway.stream(request).await?;
        let mut text = Vec::new();
        while let Some(event) = stream.next().await {
            write(&event?, &mut text);
            if !on_event(user.0, text.as_ptr().cast()) {
                return Ok(None);
            }
        }
        Ok(stream.response().cloned())
    }
}

/// Writes an event into a buffer that is used again, with the NUL at its end.
fn write(event: &Event, text: &mut Vec<u8>) {
    text.clear();
    // Nothing of an event is refused by serde_json, and a vector takes all.
    let _ = serde_json::to_writer(&mut *text, event);
    text.push(0);
}

/// What all calls are given.
pub(super) type Arguments = (Arc<tidegate::Gateway>, Request);

/// # Safety
/// As for `Str::read`.
pub(super) unsafe fn arguments(gateway: *const Gateway, request: Str) -> Result<Arguments, tidegate::Error> {
    // SAFETY: the caller keeps it.
    let text = unsafe { request.read("request") }?;
    Ok((get("gateway", gateway)?, Request::from_json(text)?))
}

/// Runs the work of a task until it ends, is aborted, or panics.
pub(super) async fn settle<T>(
    work: impl Future<Output = Result<T, tidegate::Error>>,
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

/// Starts a call on the runtime's thread.
fn start(arguments: Arguments, work: Work, on_done: OnDone, user: User) -> Result<*mut Call, Failure> {
    let (abort, registration) = AbortHandle::new_pair();
    let (sender, receiver) = oneshot::channel();
    let outcome = Mutex::new(on_done.is_none().then_some(receiver));
    let handle: *mut Call = insert(Started { abort, outcome });
    let number = handle.addr();
    let task = async move {
        let outcome = settle(work.run(arguments), registration).await;
        match on_done {
            Some(on_done) => done(outcome, number, on_done, user),
            None => drop(sender.send(outcome)),
        }
    };
    if let Err(error) = spawn(task) {
        remove::<Started, _>(handle);
        return Err(error.into());
    }
    Ok(handle)
}

/// Ends the handle of a call and hands its outcome over.
fn done(outcome: Outcome, number: usize, on_done: extern "C" fn(*mut c_void, *mut c_char, *mut Error), user: User) {
    remove::<Started, Call>(std::ptr::without_provenance(number));
    let mut error = null_mut();
    let response = entry!(on_done, &raw mut error, null_mut(), give(outcome?)?);
    on_done(user.0, response, error);
}

/// The response as JSON; NULL for a stream that was stopped.
fn give(response: Option<Response>) -> Result<*mut c_char, Failure> {
    response.map_or(Ok(null_mut()), |response| json(&response))
}

/// Answers a chat: waits, and returns the response as JSON, to be freed with tidegate_string_free. NULL and an error if
/// it fails. Any thread, but no callback. To be able to cancel it: tidegate_chat_start_s and tidegate_call_wait.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_chat_s(gateway: *const Gateway, request: Str, error: *mut *mut Error) -> *mut c_char {
    entry!(tidegate_chat_s, error, null_mut(), give(wait(Work::Chat.run(arguments(gateway, request)?))??)?)
}

/// Turns texts into vectors: waits, and returns the response as JSON, with `vectors`. All else is as with
/// tidegate_chat_s.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_embed_s(gateway: *const Gateway, request: Str, error: *mut *mut Error) -> *mut c_char {
    entry!(tidegate_embed_s, error, null_mut(), give(wait(Work::Embed.run(arguments(gateway, request)?))??)?)
}

/// Answers a chat event by event: calls on_event on this thread until the end, or until it returns false, and returns
/// true. False and an error if it fails. Any thread, but no callback. To be able to cancel it, or to have the collected
/// response: tidegate_stream_start_s, or tidegate_stream_open_s.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_stream_s(
    gateway: *const Gateway,
    request: Str,
    on_event: OnEvent,
    user_data: *mut c_void,
    error: *mut *mut Error,
) -> bool {
    entry!(tidegate_stream_s, error, false, {
        wait(Work::Stream(on_event, User(user_data)).run(arguments(gateway, request)?))??;
        true
    })
}

/// Starts a chat and returns at once. It ends with one call of on_done, perhaps before this returns; or, where on_done is
/// NULL, with tidegate_call_wait. NULL and an error if an argument is wrong: then on_done is not called. Any thread.
/// on_done runs on the library's thread, so it must not wait; it may start calls.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_chat_start_s(
    gateway: *const Gateway,
    request: Str,
    on_done: OnDone,
    user_data: *mut c_void,
    error: *mut *mut Error,
) -> *mut Call {
    entry!(tidegate_chat_start_s, error, null_mut(), {
        start(arguments(gateway, request)?, Work::Chat, on_done, User(user_data))?
    })
}

/// Starts an embedding and returns at once. All else is as with tidegate_chat_start_s.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_embed_start_s(
    gateway: *const Gateway,
    request: Str,
    on_done: OnDone,
    user_data: *mut c_void,
    error: *mut *mut Error,
) -> *mut Call {
    entry!(tidegate_embed_start_s, error, null_mut(), {
        start(arguments(gateway, request)?, Work::Embed, on_done, User(user_data))?
    })
}

/// Starts a stream and returns at once: on_event is called with each event, then on_done with the collected response, one
/// after the other on the library's thread. If on_event returns false, on_done gets neither response nor error. All else
/// is as with tidegate_chat_start_s.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_stream_start_s(
    gateway: *const Gateway,
    request: Str,
    on_event: OnEvent,
    on_done: OnDone,
    user_data: *mut c_void,
    error: *mut *mut Error,
) -> *mut Call {
    entry!(tidegate_stream_start_s, error, null_mut(), {
        let user = User(user_data);
        start(arguments(gateway, request)?, Work::Stream(on_event, user), on_done, user)?
    })
}

/// Waits for a call that was started without on_done, ends its handle and returns the response as JSON, to be freed with
/// tidegate_string_free. NULL and an error if it failed or was cancelled; NULL alone where on_event stopped it. Any
/// thread, but no callback, and once for each such call.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_call_wait(call: *mut Call, error: *mut *mut Error) -> *mut c_char {
    entry!(tidegate_call_wait, error, null_mut(), {
        let started = get::<Started, _>("call", call)?;
        let outcome = wait(async {
            let outcome = started.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
            Some(outcome?.await)
        })?;
        let problem = "has on_done, or another thread waits for it";
        let outcome = outcome.ok_or_else(|| tidegate::Error::invalid("call", problem))?;
        remove::<Started, _>(call);
        give(outcome.map_err(|_| Failure::internal("a call"))??)?
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
