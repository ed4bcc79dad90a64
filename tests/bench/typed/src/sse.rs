//! Server-sent events as this one mock sends them: `data: JSON`, a blank line, and at the end `data: [DONE]`.

use bytes::BytesMut;

use crate::Chunk;

#[derive(Default)]
pub struct Lines {
    rest: BytesMut,
}

impl Lines {
    /// Takes bytes as they come and yields the chunks that they complete.
    pub fn feed(&mut self, bytes: &[u8], mut out: impl FnMut(Chunk)) -> Result<(), serde_json::Error> {
        self.rest.extend_from_slice(bytes);
        let mut read = 0;
        while let Some(end) = memchr::memmem::find(&self.rest[read..], b"\n\n") {
            let line = &self.rest[read..read + end];
            read += end + 2;
            if let Some(data) = line.strip_prefix(b"data: ").filter(|data| *data != b"[DONE]") {
                out(serde_json::from_slice(data)?);
            }
        }
        let _ = self.rest.split_to(read);
        Ok(())
    }
}
