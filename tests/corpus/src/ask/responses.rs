//! Items of the Responses API in the gateway's own parts, with the state that an answer's parts have.

use serde_json::{Map, Value, json};

use crate::record::{Piece, Turn};

/// One message: an item is one, whoever says it. `recorded` is the item that was sent.
pub fn message(turn: &Turn, recorded: &Value) -> Value {
    // An intent calls a developer's message a system's.
    let role = recorded["role"].as_str().unwrap_or(&turn.role);
    let parts = match recorded["type"].as_str() {
        Some("reasoning") => reasoning(recorded),
        Some("function_call") => vec![call(recorded)],
        Some("function_call_output") => vec![result(recorded)],
        None | Some("message") => said(turn, recorded),
        Some(kind) => vec![json!({"type": "other", "kind": kind, "data": recorded})],
    };
    let role = if recorded["type"] == "additional_tools" { "assistant" } else { role };
    json!({"role": role, "content": parts})
}

/// What an item says beside what a part shows of it.
fn state(recorded: &Value, shown: &[&str]) -> Value {
    let mut item: Map<String, Value> = recorded.as_object().cloned().unwrap_or_default();
    item.retain(|key, _| !shown.contains(&key.as_str()));
    json!({"data": {"item": item}})
}

fn said(turn: &Turn, recorded: &Value) -> Vec<Value> {
    let mut parts = Vec::new();
    for (index, piece) in turn.parts.iter().enumerate() {
        let sent = &recorded["content"][index];
        let mut part = part(piece, sent);
        if turn.role == "assistant" {
            let state = state(recorded, &["type", "role", "content"]);
            if state["data"]["item"] != json!({}) {
                part["state"] = state;
            }
        }
        parts.push(part);
        let sources = sent["annotations"].as_array().into_iter().flatten();
        parts.extend(sources.map(|source| json!({"type": "citation", "state": {"data": {"annotation": source}}})));
    }
    parts
}

fn part(piece: &Piece, sent: &Value) -> Value {
    match piece {
        Piece::Image(media) => image(sent, media.detail.as_deref()),
        Piece::File(_) => file(sent),
        piece => super::own::part(piece, sent, None),
    }
}

fn image(sent: &Value, detail: Option<&str>) -> Value {
    if let Some(id) = sent["file_id"].as_str() {
        return json!({"type": "image", "file_id": id, "detail": detail});
    }
    json!({"type": "image_url", "image_url": {"url": sent["image_url"], "detail": detail}})
}

fn file(sent: &Value) -> Value {
    match sent.get("file_url") {
        Some(url) => json!({"type": "file", "url": url, "filename": sent["filename"]}),
        None => json!({"type": "file", "file": {
            "file_data": sent["file_data"], "file_id": sent["file_id"], "filename": sent["filename"],
        }}),
    }
}

/// A part for each text, all of one item.
fn reasoning(recorded: &Value) -> Vec<Value> {
    let thinks_aloud = recorded["content"].as_array().is_some_and(|content| !content.is_empty());
    let key = if thinks_aloud { "content" } else { "summary" };
    let texts = recorded[key].as_array().into_iter().flatten();
    let mut parts: Vec<Value> =
        texts.map(|text| json!({"type": "reasoning", "text": text["text"], "state": state(recorded, &[])})).collect();
    if parts.is_empty() {
        parts.push(json!({"type": "reasoning", "text": ""}));
    }
    for part in parts.iter_mut().skip(1) {
        part["state"] = json!({"data": {"item": {"id": recorded["id"]}}});
    }
    parts[0]["state"] = state(recorded, &["type", key]);
    parts
}

fn call(recorded: &Value) -> Value {
    json!({"type": "tool_call", "id": recorded["call_id"], "name": recorded["name"],
        "arguments": recorded["arguments"], "state": state(recorded, &["type", "call_id", "name", "arguments"])})
}

fn result(recorded: &Value) -> Value {
    let content = match &recorded["output"] {
        Value::Array(pieces) => pieces
            .iter()
            .map(|piece| match piece["type"].as_str() {
                Some("input_image") => image(piece, piece["detail"].as_str()),
                Some("input_file") => file(piece),
                _ => json!({"type": "text", "text": piece["text"]}),
            })
            .collect(),
        text => json!([{"type": "text", "text": text}]),
    };
    json!({"type": "tool_result", "id": recorded["call_id"], "content": content})
}
