//! Streams: the runtime writes events down as they come, and JavaScript fetches all that are there at once.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};

use futures_util::Stream as _;
use napi::Result;
use napi_derive::napi;
use serde::Serialize;
use tidegate::{Error, Event, Request, Response, ResponseStream};
use tokio::task::AbortHandle;

use crate::bridge::{Calls, Text, lock, runtime};
use crate::json::write_camel;

/// How much may wait to be fetched before the runtime stops reading from the network, in bytes of JSON.
const FULL: usize = 64 * 1024;

/// Batches on their way from the runtime to JavaScript.
struct Mailbox {
    calls: Arc<Calls>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A list of events, and after the last one `{"response": ...}` or `{"error": ...}`: JSON text without its last bracket.
    batch: Vec<u8>,
    /// Nothing will come any more.
    over: bool,
    /// The id under which JavaScript waits.
    reader: Option<u32>,
    /// The runtime's task, while there is no room.
    writer: Option<Waker>,
}

impl State {
    fn write(&mut self, value: &impl Serialize) {
        if self.batch.is_empty() {
            self.batch.reserve(1024);
            self.batch.push(b'[');
        } else {
            self.batch.push(b',');
        }
        // Writing to memory fails for no value of the model.
        let _ = write_camel(&mut self.batch, value);
    }

    /// The JSON text of what is there, null where that is nothing. It makes room.
    fn take(&mut self) -> Vec<u8> {
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
        let mut batch = mem::take(&mut self.batch);
        batch.extend_from_slice(if batch.is_empty() { b"null" } else { b"]" });
        batch
    }
}

impl Mailbox {
    /// Adds to the batch. The last event and what follows it come together: who has read all has the response.
    fn add(&self, event: Option<&Event>, last: Option<&Last>) {
        let mut state = lock(&self.state);
        if state.over {
            return;
        }
        state.over = last.is_some();
        if let Some(event) = event {
            state.write(event);
        }
        if let Some(last) = last {
            state.write(last);
        }
    }

    /// Wakes the reader, if there is something for it.
    fn hand_over(&self) {
        let mut state = lock(&self.state);
        if state.batch.is_empty() && !state.over {
            return;
        }
        let Some(id) = state.reader.take() else { return };
        let batch = state.take();
        drop(state);
        self.calls.deliver(id, false, |out| {
            out.extend_from_slice(&batch);
            Ok(())
        });
    }

    /// Whether there is room; if not, `cx` is woken when there is.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        if state.batch.len() < FULL {
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
        let polled = self.poll(events, cx);
        self.0.hand_over();
        polled
    }

    fn poll(&self, events: &mut ResponseStream, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.0.poll_room(cx));
            match ready!(Pin::new(&mut *events).poll_next(cx)) {
                Some(Ok(event)) => {
                    // After its last event the stream is polled on: that gives the connection back to the pool.
                    self.0.add(Some(&event), events.response().map(Last::Response).as_ref());
                }
                Some(Err(error)) => self.0.add(None, Some(&Last::Error(&error))),
                None => return Poll::Ready(()),
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        lock(&self.0.state).over = true;
        self.0.hand_over();
    }
}

/// What follows the last event.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Last<'a> {
    Response(&'a Response),
    Error(&'a Error),
}

/// A stream under way. Dropping it closes its connection.
#[napi]
pub struct Stream {
    mailbox: Arc<Mailbox>,
    task: AbortHandle,
}

impl Stream {
    pub(crate) fn start(calls: &Arc<Calls>, gateway: tidegate::Gateway, request: String) -> Result<Self> {
        let mailbox = Arc::new(Mailbox { calls: Arc::clone(calls), state: Mutex::default() });
        let writer = Writer(Arc::clone(&mailbox));
        let task = Box::pin(async move {
            let opened = async { gateway.stream(Request::from_json(&request)?).await };
            match opened.await {
                Ok(mut events) => poll_fn(|cx| writer.pump(&mut events, cx)).await,
                Err(error) => writer.0.add(None, Some(&Last::Error(&error))),
            }
        });
        Ok(Stream { mailbox, task: runtime()?.spawn(task).abort_handle() })
    }
}

#[napi]
impl Stream {
    /// The next batch as JSON text if one is there, or `null` where none will come. Otherwise nothing, and the next one is
    /// delivered under `id`.
    #[napi]
    pub fn pull(&self, id: u32) -> Option<Text> {
        let mut state = lock(&self.mailbox.state);
        if state.batch.is_empty() && !state.over {
            state.reader = Some(id);
            return None;
        }
        Some(Text(state.take()))
    }

    /// Drops what was not fetched and closes the connection.
    #[napi]
    pub fn close(&self) {
        let mut state = lock(&self.mailbox.state);
        state.batch = Vec::new();
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
