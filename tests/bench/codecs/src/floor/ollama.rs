//! Ollama's chat.
#![expect(dead_code, reason = "they are parsed, and that is all")]

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
pub struct Answer {
    model: String,
    created_at: String,
    message: Message,
    done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
}

#[derive(Deserialize)]
struct Message {
    role: Option<String>,
    content: Option<String>,
    thinking: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    id: Option<String>,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    arguments: Map<String, Value>,
}
