//! `tidegate_event_stream`: streams that are read event by event.

use std::ffi::c_char;
use std::panic::AssertUnwindSafe;
use std::ptr::null_mut;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::AbortHandle;
use futures_util::stream::{self, Abortable, BoxStream};
use futures_util::{FutureExt, StreamExt, TryFutureExt};
use tidegate::{Event, Response, ResponseStream};
use tokio::sync::Mutex;

use super::call::{Arguments, arguments, settle};
use super::entry::{Str, inject, json, wait};
use super::error::{Error, Failure};
use super::gateway::Gateway;
use super::handles::{find, get, insert, remove};
use crate::runtime::spawn;

/// A stream that is read by tidegate_stream_next or tidegate_stream_poll. End it with tidegate_stream_close.
pub enum EventStream {}

/// What tidegate_stream_poll found.
#[repr(C)]
pub enum Poll {
    /// It failed, and there is an error.
    Failed = -1,
    /// The stream has ended.
    End = 0,
    /// There is an event.
    Event = 1,
    /// Nothing came in time; ask again.
    Pending = 2,
}

/// The thread that reads is the one that decodes: the runtime's only moves bytes.
struct Reader {
    /// `None` after its end, a failure, a panic or a cancellation. Who reads holds the lock.
    events: Mutex<Option<BoxStream<'static, Result<Event, Failure>>>>,
    response: Arc<OnceLock<Response>>,
    opening: AbortHandle,
    reading: AbortHandle,
}

impl Reader {
    /// Sends the request at once; what is answered is read when somebody asks for it.
    fn open((gateway, request): Arguments) -> Result<Self, Failure> {
        let (opening, open) = AbortHandle::new_pair();
        let (reading, read) = AbortHandle::new_pair();
        let opened = spawn(settle(async move { gateway.stream(request).await }, open))?;
        let opened = async move { opened.await.map_err(|_| Failure::internal("the stream"))? };
        let response = Arc::new(OnceLock::new());
        let collected = Arc::clone(&response);
        let events = |mut stream: ResponseStream| {
            stream::poll_fn(move |cx| {
                let event = stream.poll_next_unpin(cx);
                // It is there with the last event.
                stream.response().map(|response| collected.get_or_init(|| response.clone()));
                event.map_err(Failure::from)
            })
        };
        let events = Abortable::new(opened.map_ok(events).try_flatten_stream(), read).boxed();
        Ok(Reader { events: Mutex::new(Some(events)), response, opening, reading })
    }

    /// The next event; `None` at the end.
    async fn next(&self) -> Result<Option<Event>, Failure> {
        let mut slot = self.events.lock().await;
        let next = async { (inject("reader"), slot.as_mut()?.next().await).1 };
        let next = AssertUnwindSafe(next).catch_unwind().await;
        let next = next.unwrap_or_else(|_| Some(Err(Failure::internal("the stream")))).transpose();
        if !matches!(next, Ok(Some(_))) {
            *slot = None;
        }
        let cancelled = self.reading.is_aborted() && self.response.get().is_none();
        if matches!(next, Ok(None)) && cancelled { Err(Failure::cancelled()) } else { next }
    }

    /// Closes the connection, here or where somebody reads.
    fn cancel(&self) {
        self.opening.abort();
        self.reading.abort();
        self.let_go();
    }

    /// Drops a cancelled stream, unless somebody reads it, who then does.
    fn let_go(&self) {
        if self.reading.is_aborted()
            && let Ok(mut slot) = self.events.try_lock()
        {
            *slot = None;
        }
    }
}

/// Starts a stream, to be read. Returns at once; NULL and an error if an argument is wrong, and all other failures come
/// when it is read. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_stream_open_s(
    gateway: *const Gateway,
    request: Str,
    error: *mut *mut Error,
) -> *mut EventStream {
    entry!(tidegate_stream_open_s, error, null_mut(), insert(Reader::open(arguments(gateway, request)?)?))
}

/// Waits for the next event as long as `milliseconds`; 0 only looks. With TIDEGATE_POLL_EVENT `*event` is the event as
/// JSON, to be freed with tidegate_string_free, and NULL otherwise. TIDEGATE_POLL_FAILED comes with an error. Any thread,
/// but no callback; several threads take turns.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_stream_poll(
    stream: *mut EventStream,
    milliseconds: u32,
    event: *mut *mut c_char,
    error: *mut *mut Error,
) -> Poll {
    entry!(tidegate_stream_poll, error, Poll::Failed, {
        let place = event.as_mut().ok_or_else(|| tidegate::Error::invalid("event", "is NULL"))?;
        *place = null_mut();
        let reader = get::<Reader, _>("stream", stream)?;
        let limit = Duration::from_millis(milliseconds.into());
        #[allow(clippy::disallowed_methods, reason = "it bounds how long the caller looks, not the call: no policy")]
        let Ok(next) = wait(async { tokio::time::timeout(limit, reader.next()).await })? else {
            // It may have been cancelled while this reader held it.
            reader.let_go();
            return Ok(Poll::Pending);
        };
        let Some(next) = next? else { return Ok(Poll::End) };
        *place = json(&next)?;
        Poll::Event
    })
}

/// The collected response as JSON, to be freed with tidegate_string_free, once the last event was read; NULL before, and
/// after a failure. NULL and an error for a stream that was closed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_stream_response(stream: *const EventStream, error: *mut *mut Error) -> *mut c_char {
    entry!(tidegate_stream_response, error, null_mut(), {
        get::<Reader, _>("stream", stream)?.response.get().map_or(Ok(null_mut()), json)?
    })
}

/// Cancels a stream, which closes its connection: true, or false for NULL or one that was closed. Who reads it, now or
/// later, gets an error of TIDEGATE_KIND_CANCELLED, unless it had ended. Any thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_stream_cancel(stream: *mut EventStream) -> bool {
    entry!(tidegate_stream_cancel, null_mut(), false, {
        find::<Reader, _>(stream).inspect(|reader| reader.cancel()).is_some()
    })
}

/// Closes a stream, and cancels it if it runs: true, or false for NULL or one that was closed. Who reads it meanwhile gets
/// an error of TIDEGATE_KIND_CANCELLED. Any thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_stream_close(stream: *mut EventStream) -> bool {
    entry!(tidegate_stream_close, null_mut(), false, {
        remove::<Reader, _>(stream).inspect(|reader| reader.cancel()).is_some()
    })
}
