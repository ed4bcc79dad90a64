//! Source: Ollama's `docs/api.md`, "Generate a chat completion", and its page "Tool calling": contents are text, images
//! stand beside them as bytes, arguments are objects, and a result names its tool.

use serde_json::Value;

use super::{Broken, list, rule, text};

pub fn check(body: &Value, _model: &str) -> Broken {
    rule!(list(body, "messages").len() > 0, "there are no messages");
    let mut open = 0_usize;
    for message in list(body, "messages") {
        let role = text(message, "role");
        rule!(["system", "user", "assistant", "tool"].contains(&role), "the role '{role}'");
        rule!(message.get("content").is_none_or(Value::is_string), "the content of '{role}' is no text");
        if role == "tool" {
            rule!(!text(message, "tool_name").is_empty(), "a result does not name its tool");
            rule!(open > 0, "a result stands behind no call");
            open -= 1;
        } else {
            rule!(open == 0, "{open} calls without results");
            open = list(message, "tool_calls").len();
        }
        for call in list(message, "tool_calls") {
            rule!(call["function"]["arguments"].is_object(), "arguments that are no object");
        }
    }
    rule!(open == 0, "{open} calls without results");
    Ok(())
}
