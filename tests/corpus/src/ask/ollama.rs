//! Messages of Ollama's own API, whose pictures and thinking stand beside their text.

use serde_json::{Value, json};

use super::own::{self, Calls};
use crate::record::{Piece, Turn};

/// One message. `recorded` is the message that was sent.
pub fn message(turn: &Turn, recorded: &Value, calls: &mut Calls) -> Value {
    let mut images = recorded["images"].as_array().into_iter().flatten();
    let blocks: Vec<Value> = turn
        .parts
        .iter()
        .map(|piece| match piece {
            Piece::Image(_) => json!({"source": {"data": images.next()}}),
            _ => Value::Null,
        })
        .collect();
    let mut out = own::message(turn, &json!({"content": blocks}), calls);
    // An intent leaves out what was thought.
    if let (Some(text), Some(content)) = (recorded["thinking"].as_str(), out["content"].as_array_mut())
        && content.iter().all(|part| part["type"] != "reasoning")
    {
        content.insert(0, json!({"type": "reasoning", "text": text}));
    }
    out
}
