//! One JSON value a line.

use memchr::memchr;

use super::{Sink, too_large};
use crate::codec::Frame;
use crate::error::Result;

pub(crate) struct Ndjson {
    limit: usize,
    line: Vec<u8>,
}

impl Ndjson {
    pub(crate) fn new(limit: usize) -> Self {
        Ndjson { limit, line: Vec::new() }
    }

    pub(crate) fn feed(&mut self, mut bytes: &[u8], sink: Sink<'_>) -> Result<()> {
        while let Some(end) = memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            bytes = rest.get(1..).unwrap_or_default();
            if self.line.is_empty() {
                emit(line, sink)?;
            } else {
                self.line.extend_from_slice(line);
                let whole = std::mem::take(&mut self.line);
                emit(&whole, sink)?;
            }
        }
        if self.line.len() + bytes.len() > self.limit {
            return Err(too_large(self.limit));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn finish(&mut self, sink: Sink<'_>) -> Result<()> {
        emit(&std::mem::take(&mut self.line), sink)
    }
}

fn emit(line: &[u8], sink: Sink<'_>) -> Result<()> {
    let line = line.trim_ascii();
    if line.is_empty() { Ok(()) } else { sink(Frame::Event { name: "", data: line }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_same_lines_under_any_cut() {
        let text = "{\"a\":1}\r\n\n {\"b\":\"é\"}\n{\"c\":3}";
        for size in 1..=text.len() {
            let mut seen = Vec::new();
            let mut framer = Ndjson::new(100);
            let mut sink = |frame: Frame<'_>| {
                if let Frame::Event { data, .. } = frame {
                    seen.push(String::from_utf8_lossy(data).into_owned());
                }
                Ok(())
            };
            for piece in text.as_bytes().chunks(size) {
                framer.feed(piece, &mut sink).unwrap();
            }
            framer.finish(&mut sink).unwrap();
            assert_eq!(seen, ["{\"a\":1}", "{\"b\":\"é\"}", "{\"c\":3}"], "in pieces of {size}");
        }
    }
}
