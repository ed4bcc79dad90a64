//! Source: the OpenAI API reference, "Create chat completion" (at most 4 stop sequences, 128 tools, names), the guide
//! "Function calling"; the API's own errors "An assistant message with 'tool_calls' must be followed by tool messages
//! responding to each 'tool_call_id'", "messages with role 'tool' must be a response to a preceding message with
//! 'tool_calls'", and, of ids, "string too long. Expected a string with maximum length 40".

use serde_json::Value;

use super::{Broken, Step, answered, is_word, list, rule, text};

/// The rules of the protocol, which all who speak it share.
pub fn check(body: &Value, _model: &str) -> Broken {
    rule!(list(body, "messages").len() > 0, "there are no messages");
    for message in list(body, "messages") {
        let role = text(message, "role");
        rule!(["system", "developer", "user", "assistant", "tool"].contains(&role), "the role '{role}'");
        let content = &message["content"];
        let calls = list(message, "tool_calls").len();
        match content {
            Value::String(_) => {}
            Value::Array(parts) => rule!(!parts.is_empty(), "a message of '{role}' has an empty list of parts"),
            Value::Null => {
                let says = calls > 0 || message.get("refusal").is_some() || message.get("audio").is_some();
                rule!(role == "assistant" && says, "a message of '{role}' without content");
            }
            _ => return Err(format!("the content of '{role}' is {content}")),
        }
        rule!(calls == 0 || role == "assistant", "'{role}' calls a tool");
        rule!(message.get("tool_calls").is_none() || calls > 0, "an empty list of calls");
        for call in list(message, "tool_calls") {
            let function = &call["function"];
            rule!(is_word(text(function, "name"), 64, "_-"), "the name '{}'", text(function, "name"));
            rule!(function["arguments"].is_string(), "arguments that are no text");
            rule!(!text(call, "id").is_empty(), "a call without an id");
        }
    }
    answered(list(body, "messages").map(step))
}

/// What OpenAI demands beyond it.
pub fn of_openai(body: &Value, model: &str) -> Broken {
    check(body, model)?;
    let stops = list(body, "stop").len();
    rule!(stops <= 4, "{stops} stop sequences");
    rule!(list(body, "tools").len() <= 128, "more than 128 tools");
    let choice = body.get("tool_choice").is_some();
    rule!(!choice || list(body, "tools").len() > 0, "tool_choice without tools");
    for call in list(body, "messages").flat_map(|message| list(message, "tool_calls")) {
        let id = text(call, "id");
        rule!(id.chars().count() <= 40, "the id '{id}' is longer than 40 characters");
        let arguments = serde_json::from_str::<Value>(text(&call["function"], "arguments"));
        rule!(arguments.is_ok(), "arguments that are no JSON");
    }
    Ok(())
}

pub(super) fn step(message: &Value) -> Step<'_> {
    let calls: Vec<&str> = list(message, "tool_calls").map(|call| text(call, "id")).collect();
    match message.get("tool_call_id").and_then(Value::as_str) {
        Some(id) => Step::Results(vec![id]),
        None if calls.is_empty() => Step::Other,
        None => Step::Calls(calls),
    }
}
