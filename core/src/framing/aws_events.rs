//! AWS's event-stream encoding: messages with a prelude, headers, a payload, and two checksums.
//!
//! Source: the Smithy specification, "Amazon Event Stream".

use std::borrow::Cow;

use super::{Sink, too_large};
use crate::codec::Frame;
use crate::error::{Error, Result};

/// What stands before the type of an exception in a frame's name.
pub(crate) const EXCEPTION: &str = "exception:";

/// The two lengths and their checksum.
const PRELUDE: usize = 12;
/// The checksum at the end.
const CHECKSUM: usize = 4;
/// The type of a header that is text.
const TEXT: u8 = 7;
/// The most that headers have.
const MOST_HEADERS: usize = 128 << 10;

pub(crate) struct AwsEvents {
    limit: usize,
    /// The message so far.
    message: Vec<u8>,
}

impl AwsEvents {
    pub(crate) fn new(limit: usize) -> Self {
        AwsEvents { limit, message: Vec::new() }
    }

    pub(crate) fn feed(&mut self, mut bytes: &[u8], sink: Sink<'_>) -> Result<()> {
        loop {
            // The lengths are checked as soon as they are there, before there is any room for what they promise.
            let (wanted, headers) = if self.message.len() < PRELUDE { (PRELUDE, 0) } else { self.lengths()? };
            let (taken, rest) = bytes.split_at(bytes.len().min(wanted - self.message.len()));
            self.message.extend_from_slice(taken);
            bytes = rest;
            if self.message.len() < wanted {
                return Ok(());
            }
            if wanted > PRELUDE {
                let outcome = emit(&self.message, headers, sink);
                self.message.clear();
                outcome?;
            }
        }
    }

    /// The length of the message that has begun, and that of its headers.
    fn lengths(&self) -> Result<(usize, usize)> {
        let (total, headers) = lengths(&self.message)?;
        if headers > MOST_HEADERS {
            return Err(malformed("has more headers than any"));
        }
        let payload =
            total.checked_sub(PRELUDE + CHECKSUM + headers).ok_or_else(|| malformed("is shorter than its parts"))?;
        if payload > self.limit {
            return Err(too_large(self.limit));
        }
        Ok((total, headers))
    }
}

/// The lengths of a whole message and of its headers.
fn lengths(message: &[u8]) -> Result<(usize, usize)> {
    let mut reader = Reader(message);
    let prelude = message.get(..8).unwrap_or_default();
    match (reader.u32(), reader.u32(), reader.u32()) {
        (Some(total), Some(headers), Some(checksum)) if checksum == crc32fast::hash(prelude) => {
            Ok((to_usize(total), to_usize(headers)))
        }
        _ => Err(malformed("has a prelude whose checksum is wrong")),
    }
}

/// Hands out a whole message, whose headers have this length.
fn emit(message: &[u8], headers: usize, sink: Sink<'_>) -> Result<()> {
    let (checked, checksum) = message.split_at(message.len().saturating_sub(CHECKSUM));
    if Reader(checksum).u32() != Some(crc32fast::hash(checked)) {
        return Err(malformed("has a wrong checksum"));
    }
    let headers_end = PRELUDE + headers;
    let (Some(headers), Some(payload)) = (checked.get(PRELUDE..headers_end), checked.get(headers_end..)) else {
        return Err(malformed("is shorter than its parts"));
    };
    let headers = Headers::read(headers).ok_or_else(|| malformed("has headers that cannot be read"))?;
    match headers.message_type {
        "exception" => sink(Frame::Event { name: &format!("{EXCEPTION}{}", headers.exception_type), data: payload }),
        // An error that the service does not model says all in its headers.
        "error" => {
            let words = serde_json::json!({ "message": headers.error_message }).to_string();
            sink(Frame::Event { name: &format!("{EXCEPTION}{}", headers.error_code), data: words.as_bytes() })
        }
        _ => sink(Frame::Event { name: headers.event_type, data: payload }),
    }
}

/// The headers that say what a message is.
#[derive(Default)]
struct Headers<'a> {
    message_type: &'a str,
    event_type: &'a str,
    exception_type: &'a str,
    error_code: &'a str,
    error_message: Cow<'a, str>,
}

impl<'a> Headers<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut headers = Headers::default();
        let mut reader = Reader(bytes);
        while !reader.0.is_empty() {
            let length = reader.u8()?;
            let name = reader.take(length.into())?;
            let (kind, value) = reader.value()?;
            let text = || std::str::from_utf8(value).ok();
            match name {
                _ if kind != TEXT => {}
                b":message-type" => headers.message_type = text()?,
                b":event-type" => headers.event_type = text()?,
                b":exception-type" => headers.exception_type = text()?,
                b":error-code" => headers.error_code = text()?,
                b":error-message" => headers.error_message = String::from_utf8_lossy(value),
                _ => {}
            }
        }
        Some(headers)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// The type of a header's value, and its bytes.
    fn value(&mut self) -> Option<(u8, &'a [u8])> {
        let kind = self.u8()?;
        let length = match kind {
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 | 8 => 8,
            9 => 16,
            6 | TEXT => self.u16()?.into(),
            _ => return None,
        };
        Some((kind, self.take(length)?))
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn malformed(problem: &str) -> Error {
    Error::protocol("malformed_response", format!("a message of the event stream {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message whose headers are texts, but for one of each other type before them.
    fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
        let others: [&[u8]; 9] =
            [&[0], &[1], &[2, 9], &[3, 0, 9], &[4, 0, 0, 0, 9], &[5; 9], &[6, 0, 2, 7, 7], &[8; 9], &[9; 17]];
        let mut block = Vec::new();
        for value in others {
            block.extend([1, b'x']);
            block.extend(value);
        }
        for (name, value) in headers {
            block.push(u8::try_from(name.len()).unwrap());
            block.extend(name.as_bytes());
            block.push(7);
            block.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            block.extend(value.as_bytes());
        }
        let total = u32::try_from(PRELUDE + block.len() + payload.len() + CHECKSUM).unwrap();
        let mut out = total.to_be_bytes().to_vec();
        out.extend(u32::try_from(block.len()).unwrap().to_be_bytes());
        out.extend(crc32fast::hash(&out).to_be_bytes());
        out.extend(block);
        out.extend(payload);
        out.extend(crc32fast::hash(&out).to_be_bytes());
        out
    }

    fn event(name: &str, payload: &[u8]) -> Vec<u8> {
        message(&[(":event-type", name), (":content-type", "application/json"), (":message-type", "event")], payload)
    }

    /// What is handed out of `bytes`, fed in pieces of `size`, and how that ended.
    fn fed(bytes: &[u8], size: usize) -> (Vec<(String, String)>, Result<()>) {
        let mut seen = Vec::new();
        let mut framer = AwsEvents::new(100);
        let mut sink = |frame: Frame<'_>| {
            if let Frame::Event { name, data } = frame {
                seen.push((name.to_owned(), String::from_utf8_lossy(data).into_owned()));
            }
            Ok(())
        };
        let outcome = bytes.chunks(size).try_for_each(|piece| framer.feed(piece, &mut sink));
        (seen, outcome)
    }

    #[test]
    fn gives_the_same_events_under_any_cut() {
        let mut bytes = event("messageStart", b"{\"role\":\"assistant\"}");
        bytes.extend(event("empty", b""));
        bytes.extend(message(
            &[(":message-type", "exception"), (":exception-type", "throttlingException")],
            "{\"message\":\"é\"}".as_bytes(),
        ));
        bytes.extend(message(
            &[(":message-type", "error"), (":error-code", "InternalError"), (":error-message", "a \"b\"")],
            b"",
        ));
        let want = [
            ("messageStart", "{\"role\":\"assistant\"}"),
            ("empty", ""),
            ("exception:throttlingException", "{\"message\":\"é\"}"),
            ("exception:InternalError", "{\"message\":\"a \\\"b\\\"\"}"),
        ];
        let want = want.map(|(name, data)| (name.to_owned(), data.to_owned()));
        for size in 1..=bytes.len() {
            let (seen, outcome) = fed(&bytes, size);
            assert!(outcome.is_ok(), "in pieces of {size}: {outcome:?}");
            assert_eq!(seen, want, "in pieces of {size}");
        }
    }

    #[test]
    fn any_flipped_bit_is_an_error() {
        let good = event("a", b"{}");
        let mut follows = good.clone();
        follows.extend(event("b", b"{}"));
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = follows.clone();
                bad[at] ^= 1 << bit;
                let (seen, outcome) = fed(&bad, 7);
                assert_eq!(outcome.unwrap_err().get("reason"), Some("malformed_response"), "byte {at} bit {bit}");
                assert!(seen.is_empty(), "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn lengths_are_believed_within_limits_only() {
        let prelude = |total: u32, headers: u32| {
            let mut out = total.to_be_bytes().to_vec();
            out.extend(headers.to_be_bytes());
            out.extend(crc32fast::hash(&out).to_be_bytes());
            out
        };
        let table = [
            (0, 0, "malformed_response"),
            (15, 0, "malformed_response"),
            (16, 1, "malformed_response"),
            (u32::MAX, u32::MAX, "malformed_response"),
            (u32::MAX, 0, "event_too_large"),
            (117, 0, "event_too_large"),
        ];
        for (total, headers, reason) in table {
            let (_, outcome) = fed(&[prelude(total, headers), vec![0]].concat(), 5);
            assert_eq!(outcome.unwrap_err().get("reason"), Some(reason), "{total} {headers}");
        }
        let (seen, outcome) = fed(&event("a", &[b' '; 100]), 50);
        assert!(outcome.is_ok() && seen.len() == 1);
    }

    #[test]
    fn headers_that_lie_about_their_length_are_an_error() {
        for headers in [&[5, b'x'][..], &[1, b'x'], &[1, b'x', 7, 0, 9, b'y'], &[1, b'x', 10]] {
            assert!(Headers::read(headers).is_none(), "{headers:?}");
        }
    }
}
