//! The floors: plain structs that serde derives, with every field of the answer that means something, and the shortest
//! reader of the framing. They check nothing that the format does not make them check.

mod anthropic;
mod cohere;
mod converse;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_completions;
mod openai_responses;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub type Parsed = Result<usize, String>;

/// The floor of a protocol, where one is written.
pub fn of(protocol: &str, is_stream: bool) -> Option<fn(&[u8]) -> Parsed> {
    Some(match (protocol, is_stream) {
        ("openai-chat" | "azure-openai" | "mistral", false) => whole::<openai_chat::Answer>,
        ("openai-chat" | "azure-openai" | "mistral", true) => sse::<openai_chat::Chunk>,
        ("openai-completions", false) => whole::<openai_completions::Completion>,
        ("openai-completions", true) => sse::<openai_completions::Completion>,
        ("openai-responses", false) => whole::<openai_responses::Response>,
        ("openai-responses", true) => sse::<openai_responses::Event>,
        ("anthropic" | "bedrock-anthropic" | "vertex-anthropic", false) => whole::<anthropic::Message>,
        ("anthropic" | "vertex-anthropic", true) => sse::<anthropic::Event>,
        ("bedrock-anthropic", true) => wrapped::<anthropic::Event>,
        ("bedrock-converse", false) => whole::<converse::Answer>,
        ("bedrock-converse", true) => converse::stream,
        ("cohere", false) => whole::<cohere::Answer>,
        ("cohere", true) => sse::<cohere::Event>,
        ("ollama", false) => whole::<ollama::Answer>,
        ("ollama", true) => lines::<ollama::Answer>,
        ("gemini" | "vertex-gemini", false) => whole::<gemini::Answer>,
        ("gemini" | "vertex-gemini", true) => sse::<gemini::Answer>,
        _ => return None,
    })
}

fn parse<T: DeserializeOwned>(data: &[u8]) -> Result<T, String> {
    serde_json::from_slice(data).map_err(|error| error.to_string())
}

fn whole<T: DeserializeOwned>(body: &[u8]) -> Parsed {
    let answer: T = parse(body)?;
    std::hint::black_box(&answer);
    Ok(1)
}

/// Server-sent events as the simulated vendors send them: `event: NAME`, `data: JSON`, a blank line.
fn sse<T: DeserializeOwned>(mut body: &[u8]) -> Parsed {
    let mut events: Vec<T> = Vec::new();
    while let Some(end) = memchr::memchr(b'\n', body) {
        if let Some(data) = body[..end].strip_prefix(b"data: ").filter(|data| *data != b"[DONE]") {
            events.push(parse(data)?);
        }
        body = &body[end + 1..];
    }
    std::hint::black_box(&events);
    Ok(events.len())
}

/// A JSON value a line.
fn lines<T: DeserializeOwned>(body: &[u8]) -> Parsed {
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let events = lines.map(parse).collect::<Result<Vec<T>, _>>()?;
    std::hint::black_box(&events);
    Ok(events.len())
}

/// Messages of AWS's encoding: the type of each event and its payload. The checksums are part of the format.
fn messages(mut body: &[u8], mut take: impl FnMut(&[u8], &[u8]) -> Result<(), String>) -> Result<(), String> {
    let number = |at: usize, body: &[u8]| u32::from_be_bytes(body[at..at + 4].try_into().expect("four bytes")) as usize;
    while !body.is_empty() {
        let (total, headers) = (number(0, body), number(4, body));
        if number(total - 4, body) != crc32fast::hash(&body[..total - 4]) as usize {
            return Err("a wrong checksum".to_owned());
        }
        let mut fields = &body[12..12 + headers];
        let mut kind = &fields[..0];
        while !fields.is_empty() {
            let name = usize::from(fields[0]);
            let length = usize::from(u16::from_be_bytes([fields[name + 2], fields[name + 3]]));
            if &fields[1..=name] == b":event-type" {
                kind = &fields[name + 4..name + 4 + length];
            }
            fields = &fields[name + 4 + length..];
        }
        take(kind, &body[12 + headers..total - 4])?;
        body = &body[total..];
    }
    Ok(())
}

#[derive(Deserialize)]
struct Chunk {
    bytes: String,
}

fn wrapped<T: DeserializeOwned>(body: &[u8]) -> Parsed {
    let mut events: Vec<T> = Vec::new();
    messages(body, |_, payload| {
        let chunk: Chunk = parse(payload)?;
        events.push(parse(&STANDARD.decode(chunk.bytes).map_err(|error| error.to_string())?)?);
        Ok(())
    })?;
    std::hint::black_box(&events);
    Ok(events.len())
}
