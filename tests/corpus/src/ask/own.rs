//! Messages in the gateway's own parts.

use serde_json::{Map, Value, json};

use crate::record::{Media, Piece, Turn};

/// The ids of calls on a wire that has none. The gateway makes such ids when it reads an answer; these are made alike, and
/// handed to the results in order.
#[derive(Default)]
pub struct Calls {
    made: usize,
    open: Vec<(String, String)>,
}

impl Calls {
    fn call(&mut self, name: &str) -> String {
        self.made += 1;
        let id = format!("tidegate_{}", self.made);
        self.open.push((name.to_owned(), id.clone()));
        id
    }

    fn result(&mut self, name: &str) -> String {
        match self.open.iter().position(|(open, _)| open == name) {
            Some(index) => self.open.remove(index).1,
            None => self.call(name),
        }
    }
}

/// One message. `recorded` is the message that was sent.
pub fn message(turn: &Turn, recorded: &Value, calls: &mut Calls) -> Value {
    let blocks = recorded.get("content").or(recorded.get("parts")).unwrap_or(&Value::Null);
    let parts: Vec<Value> =
        turn.parts.iter().enumerate().map(|(index, piece)| part(piece, &blocks[index], Some(calls))).collect();
    json!({"role": turn.role, "content": parts})
}

/// One part. `recorded` is the block that was sent.
pub fn part(piece: &Piece, recorded: &Value, calls: Option<&mut Calls>) -> Value {
    let mut out = match piece {
        Piece::Text { text } => json!({"type": "text", "text": text}),
        Piece::Image(source) => media("image", source, recorded),
        Piece::Audio(source) => media("audio", source, recorded),
        Piece::File(source) | Piece::Video(source) => media("file", source, recorded),
        Piece::ToolCall { id, name, arguments } => {
            let id = id.clone().or_else(|| calls.map(|calls| calls.call(name)));
            json!({"type": "tool_call", "id": id, "name": name, "arguments": arguments})
        }
        Piece::ToolResult { id, name, content, is_error } => {
            let id = id.clone().or_else(|| calls.map(|calls| calls.result(name.as_deref().unwrap_or_default())));
            json!({"type": "tool_result", "id": id, "name": name, "content": result(content, recorded),
                "is_error": is_error})
        }
        Piece::Reasoning { text } => json!({"type": "reasoning", "text": text}),
        Piece::Json { json } => json!({"type": "other", "kind": "json", "data": json}),
        Piece::Other { raw_type } => {
            let kind = raw_type.split(',').next().unwrap_or(raw_type);
            // Gemini's parts are named by their key, others by their type.
            let data = recorded.get(kind).cloned().unwrap_or_else(|| recorded.clone());
            json!({"type": "other", "kind": kind, "data": data})
        }
        Piece::Unknown => {
            json!({"type": "other", "kind": recorded["type"].as_str().unwrap_or("unknown"), "data": recorded})
        }
    };
    if let Some(data) = state(recorded) {
        out["state"] = json!({"data": data});
    }
    if let Some(marker) = recorded.get("cache_control") {
        out["cache_control"] = marker.clone();
    }
    // Keys that Anthropic's blocks have beside their content.
    for key in ["title", "context", "citations"] {
        if let (Some(value), false) = (recorded.get(key), matches!(piece, Piece::Other { .. })) {
            out["extra"][key] = value.clone();
        }
    }
    out
}

/// What a tool answered: blocks, or Gemini's object as the JSON text that a tool returns.
fn result(content: &Value, recorded: &Value) -> Value {
    match serde_json::from_value::<Vec<Piece>>(content.clone()) {
        Ok(items) => items.iter().enumerate().map(|(at, item)| part(item, &recorded["content"][at], None)).collect(),
        Err(_) => {
            let mut parts = vec![json!({"type": "text", "text": content.to_string()})];
            // An intent shows the object, and not the files that go with it.
            let files = recorded["functionResponse"]["parts"].as_array().into_iter().flatten();
            parts.extend(files.map(|file| {
                let (bytes, place) = (&file["inlineData"], &file["fileData"]);
                let mime = if bytes.is_null() { &place["mimeType"] } else { &bytes["mimeType"] };
                json!({"type": "file", "data": bytes["data"], "url": place["fileUri"], "mime": mime})
            }));
            parts.into()
        }
    }
}

fn media(kind: &str, media: &Media, recorded: &Value) -> Value {
    let mut out = Map::new();
    out.insert("type".into(), kind.into());
    let (key, value) = match media.source.as_str() {
        "base64" => ("data", data(recorded)),
        "url" => ("url", json!(media.url)),
        "uri" => ("url", json!(media.uri)),
        "file_id" => ("file_id", json!(media.file_id)),
        _ => ("text", media.text.as_ref().map_or_else(|| data(recorded), |text| json!(text))),
    };
    out.insert(key.into(), value);
    for (key, value) in [("mime", &media.mime), ("filename", &media.filename), ("detail", &media.detail)] {
        out.insert(key.into(), json!(value));
    }
    Value::Object(out)
}

/// The recorded bytes.
fn data(recorded: &Value) -> Value {
    let holders = ["source", "inlineData"];
    holders.iter().find_map(|holder| recorded.get(holder)?.get("data")).cloned().unwrap_or_default()
}

/// The recorded state that only the provider understands.
fn state(recorded: &Value) -> Option<Map<String, Value>> {
    let mut data = Map::new();
    if recorded["type"] == "redacted_thinking" {
        data.insert("redacted_thinking".into(), recorded["data"].clone());
    }
    for key in ["signature", "thoughtSignature", "redactedContent"] {
        if let Some(value) = recorded.get(key) {
            data.insert(key.into(), value.clone());
        }
    }
    // Whether an id is the vendor's own only the answer knew, which whoever sent it had.
    if let Some(id) = recorded["functionCall"].get("id") {
        data.insert("id".into(), id.clone());
    }
    (!data.is_empty()).then_some(data)
}
