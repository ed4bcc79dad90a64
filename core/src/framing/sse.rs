//! Server-sent events by the WHATWG rules: comments, CR, LF and CRLF, a leading BOM, data over several lines.

use memchr::memchr2;
use serde::de::IgnoredAny;

use super::{Sink, too_large};
use crate::codec::Frame;
use crate::error::Result;

/// The most that JSON outside an event may have: errors are short.
const BARE: usize = 64 << 10;

pub(crate) struct Sse {
    limit: usize,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// The event so far.
    name: String,
    data: Vec<u8>,
    kind: Kind,
    /// The last byte was a CR: a LF that follows belongs to it.
    after_cr: bool,
    /// No line has been read: it may begin with a BOM.
    at_start: bool,
}

/// What of an event has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nothing,
    /// Data.
    Data,
    /// JSON that stands by itself, outside any event.
    Bare,
}

impl Sse {
    pub(crate) fn new(limit: usize) -> Self {
        Sse {
            limit,
            line: Vec::new(),
            name: String::new(),
            data: Vec::new(),
            kind: Kind::Nothing,
            after_cr: false,
            at_start: true,
        }
    }

    pub(crate) fn feed(&mut self, mut bytes: &[u8], sink: Sink<'_>) -> Result<()> {
        if std::mem::take(&mut self.after_cr) && bytes.first() == Some(&b'\n') {
            bytes = bytes.get(1..).unwrap_or_default();
        } else if bytes.is_empty() {
            return Ok(());
        }
        while let Some(end) = memchr2(b'\n', b'\r', bytes) {
            let (line, rest) = bytes.split_at(end);
            if self.line.is_empty() {
                self.take_line(line, sink)?;
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                self.take_line(&whole, sink)?;
                whole.clear();
                self.line = whole;
            }
            bytes = match rest {
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
                [] => &[],
            };
        }
        if self.line.len() + self.data.len() + bytes.len() > self.limit {
            return Err(too_large(self.limit));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// An unfinished last event is handed out too: some servers leave out its blank line. What was cut in the middle
    /// does not parse, and the decoder says so.
    pub(crate) fn finish(&mut self, sink: Sink<'_>) -> Result<()> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line, sink)?;
        }
        self.dispatch(sink)
    }

    fn take_line(&mut self, line: &[u8], sink: Sink<'_>) -> Result<()> {
        let line =
            if std::mem::take(&mut self.at_start) { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) } else { line };
        if line.is_empty() {
            // Within JSON an empty line is only space.
            return if self.kind == Kind::Bare { Ok(()) } else { self.dispatch(sink) };
        }
        let begins_bare = || self.kind == Kind::Nothing && matches!(line.first(), Some(b'{' | b'['));
        if self.kind == Kind::Bare || begins_bare() {
            return self.take_bare(line, sink);
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => {
                let (field, value) = line.split_at(colon);
                let value = value.get(1..).unwrap_or_default();
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        match field {
            b"data" => {
                if self.data.len() + value.len() > self.limit {
                    return Err(too_large(self.limit));
                }
                if self.kind == Kind::Data {
                    self.data.push(b'\n');
                }
                self.kind = Kind::Data;
                self.data.extend_from_slice(value);
            }
            b"event" => {
                self.name.clear();
                self.name.push_str(&String::from_utf8_lossy(value));
            }
            // `id` and `retry` steer reconnection, which a paid-for answer must not do; the rest is comments and unknown.
            _ => {}
        }
        Ok(())
    }

    /// Takes a line of JSON that is in no event: Google's errors come so in the middle of a stream, over several lines. By
    /// the rules such lines mean nothing, so nothing is lost by reading them.
    fn take_bare(&mut self, line: &[u8], sink: Sink<'_>) -> Result<()> {
        if line.starts_with(b"data:") || self.data.len() + line.len() > BARE {
            self.forget();
            return if line.starts_with(b"data:") { self.take_line(line, sink) } else { Ok(()) };
        }
        let may_end = self.data.is_empty() || matches!(line.first(), Some(b'}' | b']'));
        self.kind = Kind::Bare;
        self.data.extend_from_slice(line);
        self.data.push(b'\n');
        if may_end {
            match serde_json::from_slice::<IgnoredAny>(&self.data) {
                Ok(_) => return self.dispatch(sink),
                Err(error) if error.is_eof() => {}
                Err(_) => self.forget(),
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.name.clear();
        self.data.clear();
        self.kind = Kind::Nothing;
    }

    fn dispatch(&mut self, sink: Sink<'_>) -> Result<()> {
        let event = Frame::Event { name: &self.name, data: &self.data };
        let outcome = if self.kind == Kind::Nothing { Ok(()) } else { sink(event) };
        self.forget();
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of `text`, fed in pieces of `size` bytes.
    fn events(text: &[u8], size: usize) -> Vec<(String, String)> {
        let mut seen = Vec::new();
        let mut sse = Sse::new(1024);
        let mut sink = |frame: Frame<'_>| {
            if let Frame::Event { name, data } = frame {
                seen.push((name.to_owned(), String::from_utf8_lossy(data).into_owned()));
            }
            Ok(())
        };
        for piece in text.chunks(size) {
            sse.feed(piece, &mut sink).unwrap();
        }
        sse.finish(&mut sink).unwrap();
        seen
    }

    #[test]
    fn follows_the_whatwg_rules_under_any_cut() {
        let text = "\u{feff}: hello\ndata:a\r\ndata: b\r\rid: 7\nevent: x\ndata:  c\n\n\nretry: 1\n\ndata\n\ndata: \u{1F600}é\r\n\r\nevent: lost\n\n";
        let want: Vec<(String, String)> = [("", "a\nb"), ("x", " c"), ("", ""), ("", "\u{1F600}é")]
            .map(|(name, data)| (name.to_owned(), data.to_owned()))
            .into();
        for size in 1..=text.len() {
            assert_eq!(events(text.as_bytes(), size), want, "in pieces of {size}");
        }
    }

    #[test]
    fn json_outside_an_event_is_one_under_any_cut() {
        let text =
            "data: a\n\n{\n\n  \"error\": {\n    \"code\": 503\n  }\n}\n[1]\r\n{broken}\n{\n\"x\"\ndata: b\n\n{\"y\":";
        let want = ["a", "{\n  \"error\": {\n    \"code\": 503\n  }\n}\n", "[1]\n", "b", "{\"y\":\n"];
        for size in 1..=text.len() {
            let seen: Vec<_> = events(text.as_bytes(), size).into_iter().map(|(_, data)| data).collect();
            assert_eq!(seen, want, "in pieces of {size}");
        }
    }

    #[test]
    fn an_endless_line_is_refused_at_the_limit() {
        let mut sse = Sse::new(1024);
        let mut sink = |_: Frame<'_>| Ok(());
        let error = (0..2000).find_map(|_| sse.feed(b"x", &mut sink).err()).unwrap();
        assert_eq!(error.get("reason"), Some("event_too_large"));
        assert!(sse.line.len() <= 1024);
    }
}
