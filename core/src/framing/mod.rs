//! Bytes become frames, however the network cut them.

mod aws_events;
mod json_array;
mod ndjson;
mod sse;

pub(crate) use aws_events::EXCEPTION;

use crate::codec::{Frame, Framing};
use crate::error::{Error, Result};

/// What a framer calls with each frame.
pub(crate) type Sink<'a> = &'a mut dyn FnMut(Frame<'_>) -> Result<()>;

/// Cuts one body into frames.
pub(crate) enum Framer {
    Sse(sse::Sse),
    JsonArray(json_array::JsonArray),
    Ndjson(ndjson::Ndjson),
    AwsEvents(aws_events::AwsEvents),
}

impl Framer {
    /// A framer for a stream; `limit` is the most bytes that one event may have.
    pub(crate) fn new(framing: Framing, limit: usize) -> Self {
        match framing {
            Framing::JsonArray => Framer::JsonArray(json_array::JsonArray::new(limit)),
            Framing::Ndjson => Framer::Ndjson(ndjson::Ndjson::new(limit)),
            Framing::AwsEvents => Framer::AwsEvents(aws_events::AwsEvents::new(limit)),
            Framing::Sse | Framing::Whole => Framer::Sse(sse::Sse::new(limit)),
        }
    }

    /// Takes the next bytes and hands out the frames that they complete.
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: Sink<'_>) -> Result<()> {
        match self {
            Framer::Sse(framer) => framer.feed(bytes, sink),
            Framer::JsonArray(framer) => framer.feed(bytes, sink),
            Framer::Ndjson(framer) => framer.feed(bytes, sink),
            Framer::AwsEvents(framer) => framer.feed(bytes, sink),
        }
    }

    /// Says that no more bytes come, and hands out what was complete but for its end.
    pub(crate) fn finish(&mut self, sink: Sink<'_>) -> Result<()> {
        match self {
            Framer::Sse(framer) => framer.finish(sink),
            // What is left is no whole item: the decoder says that the end is missing.
            Framer::JsonArray(_) | Framer::AwsEvents(_) => Ok(()),
            Framer::Ndjson(framer) => framer.finish(sink),
        }
    }
}

/// The error of an event that is larger than allowed.
fn too_large(limit: usize) -> Error {
    Error::protocol("event_too_large", format!("one event of the stream is larger than {limit} bytes (limits.event)"))
}
