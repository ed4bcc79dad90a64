//! The core's values as JSON text with camelCase keys, all ASCII. Keys that belong to callers and providers (in arguments of
//! tools, schemas, labels) are left as they are. The way back is in `json.js`.

use std::fmt;
use std::io;

use napi::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::ser::Formatter;

use crate::keys::OPAQUE;

/// JSON text with the keys as the core has them.
pub(crate) fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(failed)
}

/// JSON text with our keys in camelCase.
pub(crate) fn camel_text(value: &impl Serialize) -> Result<String> {
    let mut out = Vec::with_capacity(512);
    write_camel(&mut out, value).map_err(failed)?;
    String::from_utf8(out).map_err(failed)
}

/// Appends JSON text with our keys in camelCase.
pub(crate) fn write_camel(out: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Camel::default()))
}

/// Converts a response, event, message, error, explanation or health of JavaScript back through the core's type, which shows what was lost.
pub(crate) fn canonical(text: &str) -> Result<String> {
    let value: Value = serde_json::from_str(text).map_err(failed)?;
    let has = |key| value.get(key).is_some();
    if has("retryable") {
        return through::<tidegate::Error>(value);
    }
    if has("latency") {
        return through::<tidegate::Response>(value);
    }
    if has("candidates") {
        return through::<tidegate::Explanation>(value);
    }
    if has("in_flight") {
        return through::<tidegate::TargetHealth>(value);
    }
    if has("role") {
        return through::<tidegate::Message>(value);
    }
    through::<tidegate::Event>(value)
}

fn through<T: DeserializeOwned + Serialize>(value: Value) -> Result<String> {
    let value: T = serde_json::from_value(value).map_err(|error| {
        Error::from_reason(format!("this is no response, event, message, error, explanation or health: {error}"))
    })?;
    text(&value)
}

fn failed(error: impl fmt::Display) -> Error {
    Error::from_reason(format!("the value cannot be converted: {error}"))
}

/// Compact JSON whose keys are in camelCase, but for what is below an opaque key.
#[derive(Default)]
struct Camel {
    depth: usize,
    /// The depth of the object whose opaque value is being written.
    opaque: Option<usize>,
    in_key: bool,
    /// The key just written has an opaque value.
    opaque_next: bool,
}

impl Formatter for Camel {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"]")
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.in_key = self.opaque.is_none();
        if first { Ok(()) } else { writer.write_all(b",") }
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if std::mem::take(&mut self.opaque_next) {
            self.opaque = Some(self.depth);
        }
        writer.write_all(b":")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        if self.opaque == Some(self.depth) {
            self.opaque = None;
        }
        Ok(())
    }

    /// Our keys need no escapes, so that each comes in one fragment.
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if !self.in_key {
            return write_ascii(writer, fragment);
        }
        self.opaque_next = OPAQUE.contains(&fragment);
        let mut words = fragment.split('_');
        writer.write_all(words.next().unwrap_or_default().as_bytes())?;
        for word in words {
            let (head, tail) = word.split_at_checked(1).unwrap_or((word, ""));
            writer.write_all(head.to_ascii_uppercase().as_bytes())?;
            writer.write_all(tail.as_bytes())?;
        }
        Ok(())
    }
}

/// Writes text with escapes for all but ASCII: V8 takes longer to decode UTF-8 than to read them.
fn write_ascii<W: ?Sized + io::Write>(writer: &mut W, mut text: &str) -> io::Result<()> {
    while !text.is_ascii() {
        let ascii = text.bytes().take_while(u8::is_ascii).count();
        let (plain, rest) = text.split_at(ascii);
        writer.write_all(plain.as_bytes())?;
        let foreign = rest.bytes().take_while(|byte| !byte.is_ascii()).count();
        let (foreign, rest) = rest.split_at(foreign);
        for unit in foreign.encode_utf16() {
            let [high, low] = unit.to_be_bytes();
            let hex =
                [high >> 4, high & 0xf, low >> 4, low & 0xf].map(|n| if n < 10 { b'0' + n } else { b'a' + n - 10 });
            writer.write_all(b"\\u")?;
            writer.write_all(&hex)?;
        }
        text = rest;
    }
    writer.write_all(text.as_bytes())
}
