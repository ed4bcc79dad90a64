//! A piece of a body: bytes, or a pause. Bytes may be repeated, so that a script of one line makes a gigabyte.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use crate::script::Beat;

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
    /// A pause in milliseconds: real ones on a socket, virtual ones in a simulation.
    Wait(u64),
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

    /// How many bytes it is.
    pub fn len(&self) -> u64 {
        match self {
            Piece::Bytes { unit, times, .. } => unit.len() as u64 * times,
            Piece::Repeat(pieces, times) => pieces.iter().map(Piece::len).sum::<u64>() * times,
            Piece::Wait(_) => 0,
        }
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The content type that it suggests.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        match self {
            Piece::Bytes { kind, .. } => *kind,
            Piece::Repeat(pieces, _) => pieces.iter().find_map(Piece::kind),
            Piece::Wait(_) => None,
        }
    }

    /// Its steps: a pause, or whole units joined to blocks of about 64 KiB.
    pub fn beats(&self) -> Box<dyn Iterator<Item = Beat> + Send + '_> {
        match self {
            Piece::Bytes { unit, times, .. } => Box::new(blocks(unit, *times).map(Beat::Bytes)),
            Piece::Repeat(pieces, times) => Box::new((0..*times).flat_map(|_| pieces.iter().flat_map(Piece::beats))),
            Piece::Wait(wait) => Box::new(std::iter::once(Beat::Wait(Duration::from_millis(*wait)))),
        }
    }

    fn from_fields(fields: Fields) -> Result<Self, &'static str> {
        let Fields { text, base64, json, sse, repeat, wait, times } = fields;
        let count = times.unwrap_or(1);
        let bytes = |unit: Vec<u8>, kind| Ok(Piece::Bytes { unit: unit.into(), times: count, kind });
        match (text, base64, json, sse, repeat, wait) {
            (Some(text), None, None, None, None, None) => bytes(text.into_bytes(), None),
            (None, Some(code), None, None, None, None) => {
                bytes(STANDARD.decode(code).map_err(|_| "`base64` is not base64")?, None)
            }
            (None, None, Some(json), None, None, None) => {
                bytes(json.to_string().into_bytes(), Some("application/json"))
            }
            (None, None, None, Some(data), None, None) => {
                let data = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
                bytes(format!("data: {data}\n\n").into_bytes(), Some("text/event-stream"))
            }
            (None, None, None, None, Some(pieces), None) => Ok(Piece::Repeat(pieces, count)),
            (None, None, None, None, None, Some(wait)) if times.is_none() => Ok(Piece::Wait(wait)),
            _ => Err(
                "a piece has exactly one of `text`, `base64`, `json`, `sse`, `repeat`, `wait`; a wait has no `times`",
            ),
        }
    }
}

/// `unit`, `times` times, as blocks of whole units.
fn blocks(unit: &Bytes, times: u64) -> impl Iterator<Item = Bytes> + use<> {
    let times = if unit.is_empty() { 0 } else { times };
    let block = |units: u64| if units == 1 { unit.clone() } else { unit.repeat(units as usize).into() };
    let units_a_block = (BLOCK / unit.len().max(1)).max(1) as u64;
    let full: Bytes = block(units_a_block.min(times));
    let rest: Bytes = block(times % units_a_block);
    (0..times / units_a_block).map(move |_| full.clone()).chain((!rest.is_empty()).then_some(rest))
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrFields;
        impl<'de> Visitor<'de> for TextOrFields {
            type Value = Piece;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
