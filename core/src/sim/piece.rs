//! A piece of a body: bytes, or a pause. Bytes may be repeated, so that a script of one line makes a gigabyte.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use super::script::Beat;

/// How much repeated bytes are joined to before they are sent: small units would cost a write each.
const BLOCK: usize = 64 * 1024;

/// A piece of a body.
///
/// In JSON: `"text"`, or an object with one of `text`, `base64`, `json` (written compactly), `sse` (one `data:` event
/// of a JSON value, or of a bare string), `repeat` (a list of pieces) or `wait` (milliseconds); all but `wait` may have
/// `times`.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// `unit`, `times` times.
    Bytes {
        /// What is repeated.
        unit: Bytes,
        /// How often.
        times: u64,
        /// The content type that these bytes suggest.
        kind: Option<&'static str>,
    },
    /// Pieces, `times` times.
    Repeat(Vec<Piece>, u64),
    /// A pause.
    Wait(Duration),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    text: Option<String>,
    base64: Option<String>,
    json: Option<Value>,
    sse: Option<Value>,
    repeat: Option<Vec<Piece>>,
    wait: Option<u64>,
    times: Option<u64>,
}

impl Piece {
    /// A piece of plain bytes.
    pub fn bytes(unit: impl Into<Bytes>) -> Self {
        Piece::Bytes { unit: unit.into(), times: 1, kind: None }
    }

    /// A JSON value, written compactly.
    pub fn json(value: &Value) -> Self {
        Piece::Bytes { unit: value.to_string().into(), times: 1, kind: Some("application/json") }
    }

    /// A server-sent event with nothing but data.
    pub fn sse(data: &str) -> Self {
        Piece::Bytes { unit: format!("data: {data}\n\n").into(), times: 1, kind: Some("text/event-stream") }
    }

    /// How many bytes it is.
    pub fn len(&self) -> u64 {
        match self {
            Piece::Bytes { unit, times, .. } => (unit.len() as u64).saturating_mul(*times),
            Piece::Repeat(pieces, times) => total(pieces).saturating_mul(*times),
            Piece::Wait(_) => 0,
        }
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The content type that it suggests.
    pub(super) fn kind(&self) -> Option<&'static str> {
        match self {
            Piece::Bytes { kind, .. } => *kind,
            Piece::Repeat(pieces, _) => pieces.iter().find_map(Piece::kind),
            Piece::Wait(_) => None,
        }
    }

    /// Its steps: a pause, or whole units joined to blocks of about 64 KiB.
    pub fn beats(self) -> Box<dyn Iterator<Item = Beat> + Send> {
        match self {
            Piece::Bytes { unit, times, .. } => Box::new(blocks(&unit, times).map(Beat::Bytes)),
            Piece::Repeat(pieces, times) => {
                Box::new((0..times).flat_map(move |_| pieces.clone().into_iter().flat_map(Piece::beats)))
            }
            Piece::Wait(time) => Box::new(std::iter::once(Beat::Wait(time))),
        }
    }

    fn repeated(self, count: u64) -> Self {
        match self {
            Piece::Bytes { unit, kind, .. } => Piece::Bytes { unit, times: count, kind },
            other => other,
        }
    }

    fn from_fields(fields: Fields) -> Result<Self, &'static str> {
        let Fields { text, base64, json, sse, repeat, wait, times } = fields;
        let count = times.unwrap_or(1);
        let piece = match (text, base64, json, sse, repeat, wait) {
            (Some(text), None, None, None, None, None) => Piece::bytes(text),
            (None, Some(code), None, None, None, None) => {
                Piece::bytes(STANDARD.decode(code).map_err(|_| "`base64` is not base64")?)
            }
            (None, None, Some(json), None, None, None) => Piece::json(&json),
            (None, None, None, Some(Value::String(data)), None, None) => Piece::sse(&data),
            (None, None, None, Some(data), None, None) => Piece::sse(&data.to_string()),
            (None, None, None, None, Some(pieces), None) => Piece::Repeat(pieces, count),
            (None, None, None, None, None, Some(wait)) if times.is_none() => Piece::Wait(Duration::from_millis(wait)),
            _ => {
                return Err(
                    "a piece has exactly one of `text`, `base64`, `json`, `sse`, `repeat`, `wait`; a wait has \
                            no `times`",
                );
            }
        };
        Ok(piece.repeated(count))
    }
}

/// The bytes of all pieces.
pub(super) fn total(pieces: &[Piece]) -> u64 {
    pieces.iter().fold(0, |sum, piece| sum.saturating_add(piece.len()))
}

/// `unit`, `times` times, as blocks of whole units.
fn blocks(unit: &Bytes, times: u64) -> impl Iterator<Item = Bytes> + use<> {
    let times = if unit.is_empty() { 0 } else { times };
    let in_block = (BLOCK / unit.len().max(1)).max(1);
    let block = |units: usize| if units == 1 { unit.clone() } else { unit.repeat(units).into() };
    let (blocks, rest) = (times / in_block as u64, usize::try_from(times % in_block as u64).unwrap_or(0));
    let full = if blocks == 0 { Bytes::new() } else { block(in_block) };
    let rest = (rest > 0).then(|| block(rest));
    (0..blocks).map(move |_| full.clone()).chain(rest)
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrFields;
        impl<'de> Visitor<'de> for TextOrFields {
            type Value = Piece;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or an object with one of `text`, `base64`, `json`, `sse`, `repeat`, `wait`")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Piece, E> {
                Ok(Piece::bytes(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Piece, A::Error> {
                let fields = Fields::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Piece::from_fields(fields).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(TextOrFields)
    }
}
