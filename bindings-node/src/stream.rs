//! Streams: the runtime writes events down as they come, and JavaScript fetches all that are there at once.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures_util::Stream as _;
use napi::Result;
use napi_derive::napi;
use serde::Serialize;
use tidegate::{Request, ResponseStream};
use tokio::task::AbortHandle;

use crate::bridge::{Calls, Outcome, Text, lock, runtime};
use crate::json::write_camel;

/// How much may wait to be fetched before the runtime stops reading from the network, in bytes of JSON.
const FULL: usize = 64 * 1024;

/// How much room a batch has at first.
const ROOM: usize = 1024;

/// Events as JSON texts with commas between them, and what follows the last one.
#[derive(Default)]
struct Batch {
    events: Vec<u8>,
    end: Vec<u8>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.end.is_empty()
    }

    fn push(&mut self, event: &impl Serialize) {
        if self.events.is_empty() {
            self.events.reserve(ROOM);
        } else {
            self.events.push(b',');
        }
        // Writing to memory fails for no value of the model.
        let _ = write_camel(&mut self.events, event);
    }

    /// `key` is `response` or `error`.
    fn end(&mut self, key: &str, value: &impl Serialize) {
        self.end.extend_from_slice(format!(",\"{key}\":").as_bytes());
        let _ = write_camel(&mut self.end, value);
    }

    fn append(&mut self, mut other: Batch) {
        if self.is_empty() {
            *self = other;
            return;
        }
        if !self.events.is_empty() && !other.events.is_empty() {
            self.events.push(b',');
        }
        self.events.append(&mut other.events);
        self.end.append(&mut other.end);
    }

    /// Null where nothing is left to come.
    fn write(&self, out: &mut Vec<u8>) {
        if self.is_empty() {
            out.extend_from_slice(b"null");
            return;
        }
        out.extend_from_slice(b"{\"events\":[");
        out.extend_from_slice(&self.events);
        out.push(b']');
        out.extend_from_slice(&self.end);
        out.push(b'}');
    }
}

/// Batches on their way from the runtime to JavaScript.
struct Mailbox {
    calls: Arc<Calls>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    batch: Batch,
    /// Nothing will come any more.
    over: bool,
    /// The id under which JavaScript waits.
    reader: Option<u32>,
    /// The runtime's task, while there is no room.
    writer: Option<Waker>,
}

impl Mailbox {
    fn put(&self, batch: Batch, over: bool) {
        let mut state = lock(&self.state);
        state.batch.append(batch);
        state.over |= over;
        if state.batch.is_empty() && !over {
            return;
        }
        let Some(id) = state.reader.take() else { return };
        let batch = mem::take(&mut state.batch);
        drop(state);
        self.calls.deliver(id, Outcome::Value, |out| {
            batch.write(out);
            Ok(())
        });
    }

    /// Whether there is room; if not, `cx` is woken when there is.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        if state.batch.events.len() < FULL {
            return Poll::Ready(());
        }
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// The runtime's end of a mailbox. Dropping it, whatever the reason, ends what the reader waits for.
struct Writer(Arc<Mailbox>);

impl Writer {
    /// Moves all events that are there, then wakes the reader once.
    fn pump(&self, events: &mut ResponseStream, cx: &mut Context<'_>) -> Poll<()> {
        let mut batch = Batch::default();
        loop {
            if batch.events.len() >= FULL {
                self.0.put(mem::take(&mut batch), false);
            }
            if batch.is_empty() && self.0.poll_room(cx).is_pending() {
                return Poll::Pending;
            }
            match Pin::new(&mut *events).poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => {
                    batch.push(&event);
                    if let Some(response) = events.response() {
                        batch.end("response", response);
                        // The stream is polled on, to its very end: that gives the connection back to the pool.
                        self.0.put(mem::take(&mut batch), true);
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    batch.end("error", &error);
                    self.0.put(batch, true);
                    return Poll::Ready(());
                }
                Poll::Ready(None) => {
                    self.0.put(batch, true);
                    return Poll::Ready(());
                }
                Poll::Pending => {
                    self.0.put(batch, false);
                    return Poll::Pending;
                }
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.put(Batch::default(), true);
    }
}

/// A stream under way. Dropping it closes its connection.
#[napi]
pub struct Stream {
    mailbox: Arc<Mailbox>,
    task: AbortHandle,
}

impl Stream {
    pub(crate) fn start(calls: &Arc<Calls>, gateway: tidegate::Gateway, request: Request) -> Result<Self> {
        let mailbox = Arc::new(Mailbox { calls: Arc::clone(calls), state: Mutex::default() });
        let writer = Writer(Arc::clone(&mailbox));
        let task = Box::pin(async move {
            match gateway.stream(request).await {
                Ok(mut events) => poll_fn(|cx| writer.pump(&mut events, cx)).await,
                Err(error) => {
                    let mut batch = Batch::default();
                    batch.end("error", &error);
                    writer.0.put(batch, true);
                }
            }
        });
        Ok(Stream { mailbox, task: runtime()?.spawn(task).abort_handle() })
    }
}

#[napi]
impl Stream {
    /// The next batch as JSON text, `{"events": [...], "response"?: ..., "error"?: ...}`, if one is there, or `null` where
    /// none will come. Otherwise nothing, and the next one is delivered under `id`.
    #[napi]
    pub fn pull(&self, id: u32) -> Option<Text> {
        let mut state = lock(&self.mailbox.state);
        if state.batch.is_empty() && !state.over {
            state.reader = Some(id);
            return None;
        }
        let batch = mem::take(&mut state.batch);
        let writer = state.writer.take();
        drop(state);
        if let Some(writer) = writer {
            writer.wake();
        }
        let mut text = Vec::with_capacity(batch.events.len() + batch.end.len() + 16);
        batch.write(&mut text);
        Some(Text(text))
    }

    /// Drops what was not fetched and closes the connection.
    #[napi]
    pub fn close(&self) {
        let mut state = lock(&self.mailbox.state);
        state.batch = Batch::default();
        let over = mem::replace(&mut state.over, true);
        drop(state);
        // A task that has said its last word may still be giving its connection back to the pool.
        if !over {
            self.task.abort();
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.close();
    }
}
