//! A JSON array whose items are handed out as they arrive, as Gemini streams without `alt=sse`.

use super::{Sink, too_large};
use crate::codec::Frame;
use crate::error::Result;

pub(crate) struct JsonArray {
    limit: usize,
    /// The item so far.
    item: Vec<u8>,
    /// Open braces and brackets inside the item.
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl JsonArray {
    pub(crate) fn new(limit: usize) -> Self {
        JsonArray { limit, item: Vec::new(), depth: 0, in_string: false, escaped: false }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8], sink: Sink<'_>) -> Result<()> {
        let mut start = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' if self.depth > 0 => self.in_string = true,
                // The array's own bracket is not part of an item: items of these streams are objects.
                b'[' if self.depth == 0 => {}
                b'{' | b'[' => {
                    if self.depth == 0 {
                        start = at;
                    }
                    self.depth += 1;
                }
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        let tail = bytes.get(start..=at).unwrap_or_default();
                        if self.item.is_empty() {
                            sink(Frame::Event { name: "", data: tail })?;
                        } else {
                            self.item.extend_from_slice(tail);
                            let item = std::mem::take(&mut self.item);
                            sink(Frame::Event { name: "", data: &item })?;
                        }
                    }
                }
                _ => {}
            }
        }
        if self.depth > 0 {
            let tail = bytes.get(start..).unwrap_or_default();
            if self.item.len() + tail.len() > self.limit {
                return Err(too_large(self.limit));
            }
            self.item.extend_from_slice(tail);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_same_items_under_any_cut() {
        let text = "[{\"a\": [1, {\"x\": \"}]\\\\\\\"{\"}]}\n,\r\n{\"b\": \"é\"}]";
        for size in 1..=text.len() {
            let mut seen = Vec::new();
            let mut framer = JsonArray::new(100);
            let mut sink = |frame: Frame<'_>| {
                if let Frame::Event { data, .. } = frame {
                    seen.push(String::from_utf8_lossy(data).into_owned());
                }
                Ok(())
            };
            for piece in text.as_bytes().chunks(size) {
                framer.feed(piece, &mut sink).unwrap();
            }
            assert_eq!(seen, ["{\"a\": [1, {\"x\": \"}]\\\\\\\"{\"}]}", "{\"b\": \"é\"}"], "in pieces of {size}");
        }
    }
}
