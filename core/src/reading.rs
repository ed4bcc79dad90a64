//! One answer read: bytes become frames, and frames become events. Pure: who has the bytes, waits for them elsewhere.

use crate::codec::{Decoder, Frame, Framing};
use crate::error::{Error, Result};
use crate::framing::Framer;
use crate::model::Event;

/// The answer of a stream, piece by piece.
pub(crate) struct Reading {
    framer: Framer,
    decoder: Box<dyn Decoder>,
}

impl Reading {
    /// `limit` is the most bytes that one event may have.
    pub(crate) fn new(decoder: Box<dyn Decoder>, framing: Framing, limit: usize) -> Self {
        Reading { framer: Framer::new(framing, limit), decoder }
    }

    /// Decodes the next bytes. What follows the terminal marker is ignored.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<()> {
        let Reading { framer, decoder } = self;
        if decoder.is_done() {
            return Ok(());
        }
        let outcome =
            framer.feed(bytes, &mut |frame| if decoder.is_done() { Ok(()) } else { decoder.frame(frame, out) });
        // Whether broken bytes behind the marker come with it or later is the network's whim.
        if decoder.is_done() { Ok(()) } else { outcome }
    }

    /// Says that no more bytes come.
    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        let Reading { framer, decoder } = self;
        if decoder.is_done() {
            return Ok(());
        }
        // What does not parse at the very end was cut off, so the error is the incomplete stream's.
        let cut = framer.finish(&mut |frame| if decoder.is_done() { Ok(()) } else { decoder.frame(frame, out) });
        match (decoder.is_done(), cut) {
            (true, _) => Ok(()),
            (false, Err(error)) if error.get("reason") != Some("malformed_response") => Err(error),
            (false, _) => decoder.finish(out),
        }
    }

    /// Whether the terminal marker has come.
    pub(crate) fn is_done(&self) -> bool {
        self.decoder.is_done()
    }

    /// Whether the answer is complete if nothing follows, although something may.
    pub(crate) fn may_end(&self) -> bool {
        self.decoder.may_end()
    }
}

/// Decodes an answer that came as one document.
pub(crate) fn whole(mut decoder: Box<dyn Decoder>, body: &[u8], out: &mut Vec<Event>) -> Result<()> {
    if body.trim_ascii().is_empty() {
        return Err(Error::protocol("empty_response", "the answer is empty"));
    }
    decoder.frame(Frame::Whole(body), out)?;
    decoder.finish(out)
}
