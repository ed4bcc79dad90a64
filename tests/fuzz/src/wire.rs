//! Frames, and how each framing writes them: a changed frame stays readable, so that the decoder behind the framer is
//! reached.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tidegate::internals::{self, Framing};

/// One frame of an answer; a document is the only one of its kind.
#[derive(Clone)]
pub struct Frame {
    pub name: String,
    pub data: Vec<u8>,
    /// The data, where it is JSON.
    pub json: Option<Value>,
    /// The data came as base64 in `{"bytes": ...}`, as Bedrock wraps the events of models.
    wrapped: bool,
}

impl Frame {
    fn new(name: &str, data: &[u8]) -> Self {
        let json: Option<Value> = serde_json::from_slice(data).ok();
        let inner = json.as_ref().and_then(|json| STANDARD.decode(json.get("bytes")?.as_str()?).ok());
        let wrapped = inner.is_some();
        let data = inner.unwrap_or_else(|| data.to_vec());
        let json = if wrapped { serde_json::from_slice(&data).ok() } else { json };
        Frame { name: name.to_owned(), data, json, wrapped }
    }
}

/// The frames of an answer.
pub fn read(framing: Framing, bytes: &[u8]) -> Vec<Frame> {
    if framing == Framing::Whole {
        return vec![Frame::new("", bytes)];
    }
    let mut frames = Vec::new();
    // What is behind an error is lost here, as it is for the gateway.
    let _ = internals::frames(framing, [bytes], |name, data| frames.push(Frame::new(name, data)));
    frames
}

/// An answer of these frames.
pub fn write(framing: Framing, frames: &[Cow<'_, Frame>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(frames.iter().map(|frame| frame.data.len() + 64).sum());
    for (at, frame) in frames.iter().enumerate() {
        let wrapped = frame.wrapped.then(|| format!(r#"{{"bytes":"{}"}}"#, STANDARD.encode(&frame.data)).into_bytes());
        let data = wrapped.as_deref().unwrap_or(&frame.data);
        match framing {
            Framing::Whole => out.extend_from_slice(data),
            Framing::Sse => event(&frame.name, data, &mut out),
            Framing::Ndjson => {
                out.extend_from_slice(data);
                out.push(b'\n');
            }
            Framing::JsonArray => {
                out.extend_from_slice(if at == 0 { b"[" } else { b",\n" });
                out.extend_from_slice(data);
            }
            Framing::AwsEvents => message(&frame.name, data, &mut out),
        }
    }
    if framing == Framing::JsonArray {
        out.push(b']');
    }
    out
}

fn event(name: &str, data: &[u8], out: &mut Vec<u8>) {
    if !name.is_empty() {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    for line in data.split(|byte| *byte == b'\n') {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
}

/// A message of AWS's encoding, with checksums that are right.
fn message(name: &str, payload: &[u8], out: &mut Vec<u8>) {
    let (kind, key, name) = match name.strip_prefix("exception:") {
        Some(name) => ("exception", ":exception-type", name),
        None => ("event", ":event-type", name),
    };
    let mut headers = Vec::new();
    for (key, value) in [(key, name), (":content-type", "application/json"), (":message-type", kind)] {
        headers.push(u8::try_from(key.len()).unwrap_or(u8::MAX));
        headers.extend_from_slice(key.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let start = out.len();
    out.extend_from_slice(&length(headers.len() + payload.len() + 16));
    out.extend_from_slice(&length(headers.len()));
    out.extend_from_slice(&crc32fast::hash(&out[start..]).to_be_bytes());
    out.extend_from_slice(&headers);
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32fast::hash(&out[start..]).to_be_bytes());
}
