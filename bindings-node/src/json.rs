//! The core's values as JSON text with camelCase keys, all ASCII, and such text as the core's values. Keys that belong to callers and
//! providers (in arguments of tools, schemas, labels) are left as they are.

use std::fmt;
use std::io;

use napi::{Error, Result};
use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize};
use serde_json::ser::Formatter;
use serde_json::{Map, Number, Value};

use crate::keys::{irregular, is_opaque};

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

/// A value whose keys are the core's, from text whose keys may be in camelCase.
pub(crate) fn read(text: &str) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Snake { opaque: false }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Converts a response, event, message or error of JavaScript back through the core's type, which shows what was lost.
pub(crate) fn canonical(text: &str) -> Result<String> {
    let value = read(text).map_err(failed)?;
    let has = |key| value.get(key).is_some();
    if has("retryable") {
        return through::<tidegate::Error>(value);
    }
    if has("latency") {
        return through::<tidegate::Response>(value);
    }
    if has("role") {
        return through::<tidegate::Message>(value);
    }
    through::<tidegate::Event>(value)
}

fn through<T: DeserializeOwned + Serialize>(value: Value) -> Result<String> {
    let value: T = serde_json::from_value(value)
        .map_err(|error| Error::from_reason(format!("this is no response, event, message or error: {error}")))?;
    text(&value)
}

/// The core's name of a key.
fn snake_case(key: String) -> String {
    if let Some(name) = irregular(&key) {
        return name.to_owned();
    }
    if !key.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return key;
    }
    let mut out = String::with_capacity(key.len() + 4);
    for character in key.chars() {
        if character.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
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
        self.opaque_next = is_opaque(fragment);
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

/// Reads a value and turns camelCase keys into the core's, but for what is below an opaque key.
#[derive(Clone, Copy)]
struct Snake {
    opaque: bool,
}

impl<'de> DeserializeSeed<'de> for Snake {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Snake {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let key = if self.opaque { key } else { snake_case(key) };
            let opaque = self.opaque || is_opaque(&key);
            map.insert(key, entries.next_value_seed(Snake { opaque })?);
        }
        Ok(Value::Object(map))
    }
}
