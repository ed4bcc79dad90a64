//! Bodies of Bedrock's Converse API, with what goes with a block written into it.

use serde_json::{Map, Value, json};

/// A message whose blocks are those of its intent.
pub fn message(recorded: &Value) -> Value {
    json!({"content": blocks(&recorded["content"])})
}

/// Blocks with a cache point as a key of what stands before it, and with what they hold beside their kind.
pub fn blocks(recorded: &Value) -> Value {
    let mut out: Vec<Value> = Vec::new();
    for block in recorded.as_array().into_iter().flatten() {
        match (block.get("cachePoint"), out.last_mut()) {
            (Some(point), Some(before)) => before["cache_control"] = marker(point),
            _ => out.push(opened(block)),
        }
    }
    out.into()
}

/// The tools, alike, under the names of their kinds.
pub fn tools(sent: &Value) -> Value {
    blocks(&sent["toolConfig"]["tools"])
}

fn marker(point: &Value) -> Value {
    json!({"type": "ephemeral", "ttl": point.get("ttl")})
}

fn opened(block: &Value) -> Value {
    let mut out: Map<String, Value> = block.as_object().cloned().unwrap_or_default();
    if block.get("text").is_some() {
        out.insert("type".into(), "text".into());
    }
    for kind in ["image", "document", "video", "audio"] {
        let source = &block[kind]["source"];
        let data = source.get("bytes").or(source.get("text")).cloned();
        out.extend(data.map(|data| ("source".to_owned(), json!({"data": data}))));
        for key in ["citations", "context"] {
            out.extend(block[kind].get(key).map(|value| (key.to_owned(), value.clone())));
        }
    }
    if let Some(result) = block.get("toolResult") {
        out.insert("content".into(), blocks(&result["content"]));
    }
    let thinking = &block["reasoningContent"];
    let state = [
        ("signature", thinking["reasoningText"].get("signature")),
        ("redactedContent", thinking.get("redactedContent")),
    ];
    out.extend(state.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.clone()))));
    if block.get("systemTool").is_some() {
        // A tool that the vendor runs goes as it is.
        return block.clone();
    }
    out.into()
}
