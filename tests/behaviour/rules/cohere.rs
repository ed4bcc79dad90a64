//! Source: the Cohere API reference, "Chat" v2, and the guide "Basic usage of tool use": results are messages of the role
//! `tool` right after the calls, at most 5 stop sequences, and arguments are JSON text.

use serde_json::Value;

use super::{Broken, answered, list, openai_chat, rule, text};

pub fn check(body: &Value, _model: &str) -> Broken {
    rule!(list(body, "messages").len() > 0, "there are no messages");
    rule!(list(body, "stop_sequences").len() <= 5, "too many stop sequences");
    for message in list(body, "messages") {
        let role = text(message, "role");
        rule!(["system", "user", "assistant", "tool"].contains(&role), "the role '{role}'");
        rule!(message.get("tool_calls").is_none() || role == "assistant", "'{role}' calls a tool");
        let says = message.get("content").is_some() || message.get("tool_calls").is_some();
        rule!(says, "a message of '{role}' says nothing");
        for call in list(message, "tool_calls") {
            rule!(!text(call, "id").is_empty(), "a call without an id");
            let arguments = serde_json::from_str::<Value>(text(&call["function"], "arguments"));
            rule!(arguments.is_ok(), "arguments that are no JSON");
        }
    }
    answered(list(body, "messages").map(openai_chat::step))
}
