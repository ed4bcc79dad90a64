//! Messages in OpenAI's form, because everyone has those.

use serde_json::{Map, Value, json};

use crate::record::{Media, Piece, Turn};

/// One message. `recorded` is the message that was sent.
pub fn message(turn: &Turn, recorded: &Value) -> Value {
    let mut content = Vec::new();
    let mut calls = Vec::new();
    let mut out = Map::new();
    // An intent calls a developer's message a system's.
    out.insert("role".into(), recorded["role"].as_str().unwrap_or(&turn.role).into());
    for piece in &turn.parts {
        match piece {
            Piece::ToolResult { id, content: result, .. } => {
                out.insert("tool_call_id".into(), json!(id));
                for item in serde_json::from_value::<Vec<Piece>>(result.clone()).unwrap_or_default() {
                    content.push(part(&item, &recorded["content"][content.len()]));
                }
            }
            Piece::ToolCall { id, name, arguments } => {
                let call = &recorded["tool_calls"][calls.len()];
                if call["type"] == "custom" {
                    calls.push(call.clone());
                    continue;
                }
                // What was not JSON has no parsed form.
                let arguments = if arguments.is_object() {
                    Value::from(arguments.to_string())
                } else {
                    call["function"]["arguments"].clone()
                };
                calls.push(json!({
                    "id": id, "type": "function",
                    "function": {"name": name, "arguments": arguments},
                    "extra_content": call["extra_content"],
                }));
            }
            Piece::Reasoning { text } => {
                out.insert("reasoning_content".into(), json!(text));
            }
            visible => content.push(part(visible, &recorded["content"][content.len()])),
        }
    }
    if !content.is_empty() {
        out.insert("content".into(), content.into());
    }
    if !calls.is_empty() {
        out.insert("tool_calls".into(), calls.into());
    }
    // What an answer's message brings along, and what an intent leaves out.
    for key in ["name", "refusal", "annotations", "reasoning_details"] {
        if let Some(value) = recorded.get(key) {
            out.insert(key.into(), value.clone());
        }
    }
    Value::Object(out)
}

fn part(piece: &Piece, recorded: &Value) -> Value {
    let mut part = match piece {
        Piece::Text { text } => json!({"type": "text", "text": text}),
        Piece::Image(media) => json!({"type": "image_url", "image_url": {
            "url": address(media, image(recorded)), "detail": media.detail,
        }}),
        Piece::Video(media) => json!({"type": "video_url", "video_url": {
            "url": address(media, &recorded["video_url"]["url"]),
        }}),
        Piece::Audio(_) => json!({"type": "input_audio", "input_audio": recorded["input_audio"]}),
        // Mistral's.
        Piece::File(_) if recorded["type"] == "document_url" => json!({
            "type": "file", "url": recorded["document_url"], "filename": recorded["document_name"],
        }),
        Piece::File(media) => json!({"type": "file", "file": {
            "file_data": recorded["file"]["file_data"], "file_id": media.file_id, "filename": media.filename,
        }}),
        other => super::own::part(other, recorded, None),
    };
    if let Some(marker) = recorded.get("cache_control") {
        part["cache_control"] = marker.clone();
    }
    part
}

/// The recorded address of an image, which Mistral takes alone too.
fn image(recorded: &Value) -> &Value {
    let image = &recorded["image_url"];
    if image.is_string() { image } else { &image["url"] }
}

/// The address of the intent, or the recorded bytes.
fn address(media: &Media, recorded: &Value) -> Value {
    media.url.as_deref().map_or_else(|| recorded.clone(), Value::from)
}
