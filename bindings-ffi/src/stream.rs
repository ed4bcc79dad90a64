//! Streams: the runtime decodes events, as many as fit into a small channel, and readers take all that are there.

use std::sync::{Mutex, PoisonError};

use futures_util::StreamExt;
use tidegate::Request;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::AbortHandle;

use crate::error::{TidegateError, cancelled, guarded};
use crate::json;
use crate::records::{Event, Response};
use crate::runtime::spawn;

/// How many events are read ahead of the reader. A full channel stops reading from the connection; a crossing into another
/// language costs as much as decoding a dozen.
const AHEAD: usize = 64;

/// The events of an answer as they arrive.
///
/// Its connection closes with its end, or where it is cancelled, closed (Kotlin, Java) or let go of (Swift).
#[derive(uniffi::Object)]
pub struct EventStream {
    reader: tokio::sync::Mutex<Reader>,
    response: Mutex<Option<Box<tidegate::Response>>>,
    abort: AbortHandle,
}

struct Reader {
    items: Receiver<Item>,
    /// What came behind the events that were handed out last.
    failure: Option<tidegate::Error>,
    ended: bool,
}

enum Item {
    Event(tidegate::Event),
    /// The last event, with what all of them made.
    End(tidegate::Event, Box<tidegate::Response>),
    Failed(tidegate::Error),
}

impl EventStream {
    pub(crate) fn start(gateway: tidegate::Gateway, request: Request) -> Result<Self, TidegateError> {
        let (sender, items) = channel(AHEAD);
        let task = spawn(Box::pin(async move {
            if let Err(error) = guarded(pump(gateway, request, &sender)).await {
                drop(sender.send(Item::Failed(error)).await);
            }
        }))?;
        let reader = Reader { items, failure: None, ended: false };
        Ok(EventStream { reader: reader.into(), response: Mutex::new(None), abort: task.abort_handle() })
    }
}

async fn pump(gateway: tidegate::Gateway, request: Request, sender: &Sender<Item>) -> tidegate::Result<()> {
    let mut events = gateway.stream(request).await?;
    // Read to its very end, beyond the last event: that gives the connection back to the pool.
    while let Some(event) = events.next().await {
        let item = match (event?, events.response()) {
            (event, Some(response)) => Item::End(event, Box::new(response.clone())),
            (event, None) => Item::Event(event),
        };
        if sender.send(item).await.is_err() {
            break;
        }
    }
    Ok(())
}

#[uniffi::export]
impl EventStream {
    /// Waits for events, and takes all that are there. Empty after the last.
    pub async fn next(&self) -> Result<Vec<Event>, TidegateError> {
        let mut reader = self.reader.lock().await;
        if let Some(error) = reader.failure.take() {
            reader.ended = true;
            return Err(error.into());
        }
        if reader.ended {
            return Ok(Vec::new());
        }
        let mut items = Vec::with_capacity(AHEAD);
        if reader.items.recv_many(&mut items, AHEAD).await == 0 {
            return Err(cancelled());
        }
        let mut events = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Event(event) => events.push(json::convert(&event)?),
                Item::End(event, response) => {
                    events.push(json::convert(&event)?);
                    *self.response.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
                    reader.ended = true;
                }
                Item::Failed(error) if events.is_empty() => {
                    reader.ended = true;
                    return Err(error.into());
                }
                Item::Failed(error) => reader.failure = Some(error),
            }
        }
        Ok(events)
    }

    /// The whole response, once the last event was taken; nothing before.
    pub fn response(&self) -> Result<Option<Response>, TidegateError> {
        let response = self.response.lock().unwrap_or_else(PoisonError::into_inner);
        response.as_deref().map(json::convert).transpose()
    }

    /// Closes the connection; who waits for events gets an error of the kind `cancelled`.
    pub fn cancel(&self) {
        self.abort.abort();
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.abort.abort();
    }
}
