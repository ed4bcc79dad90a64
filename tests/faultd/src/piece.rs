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
/// of a JSON value, or of a bare string) or `wait` (milliseconds); all but `wait` may have `times`.
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
            Piece::Wait(_) => 0,
        }
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its steps: a pause, or whole units joined to blocks of about 64 KiB.
    pub fn beats(&self) -> impl Iterator<Item = Beat> + use<> {
        let (unit, times, wait) = match self {
            Piece::Bytes { unit, times, .. } if !unit.is_empty() => (unit.clone(), *times, None),
            Piece::Bytes { .. } => (Bytes::new(), 0, None),
            Piece::Wait(wait) => (Bytes::new(), 0, Some(Beat::Wait(Duration::from_millis(*wait)))),
        };
        let block = |units: u64| if units == 1 { unit.clone() } else { unit.repeat(units as usize).into() };
        let units_a_block = (BLOCK / unit.len().max(1)).max(1) as u64;
        let full = block(units_a_block.min(times));
        let rest = block(times % units_a_block);
        let blocks = (0..times / units_a_block).map(move |_| full.clone()).chain((!rest.is_empty()).then_some(rest));
        blocks.map(Beat::Bytes).chain(wait)
    }

    fn from_fields(fields: Fields) -> Result<Self, &'static str> {
        let (unit, kind) = match fields {
            Fields { text: Some(text), base64: None, json: None, sse: None, wait: None, .. } => {
                (text.into_bytes(), None)
            }
            Fields { text: None, base64: Some(code), json: None, sse: None, wait: None, .. } => {
                (STANDARD.decode(code).map_err(|_| "`base64` is not base64")?, None)
            }
            Fields { text: None, base64: None, json: Some(json), sse: None, wait: None, .. } => {
                (json.to_string().into_bytes(), Some("application/json"))
            }
            Fields { text: None, base64: None, json: None, sse: Some(data), wait: None, .. } => {
                let data = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
                (format!("data: {data}\n\n").into_bytes(), Some("text/event-stream"))
            }
            Fields { text: None, base64: None, json: None, sse: None, wait: Some(wait), times: None } => {
                return Ok(Piece::Wait(wait));
            }
            _ => {
                return Err("a piece has exactly one of `text`, `base64`, `json`, `sse`, `wait`; a wait has no `times`");
            }
        };
        Ok(Piece::Bytes { unit: unit.into(), times: fields.times.unwrap_or(1), kind })
    }
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrFields;
        impl<'de> Visitor<'de> for TextOrFields {
            type Value = Piece;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text, or an object with one of `text`, `base64`, `json`, `sse`, `wait`")
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
