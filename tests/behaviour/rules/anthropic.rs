//! Source: the Anthropic API reference, "Messages" (patterns and limits of its schema); the guides "Tool use" ("Handle
//! tool calls": results right after their calls and first in their message), "Mid-conversation system messages" and
//! "Prefill"; the API's own errors "text content blocks must contain non-whitespace text", "`tool_use` ids must be
//! unique", "final assistant content cannot end with trailing whitespace", "Requests which include `tool_use` or
//! `tool_result` blocks must define tools". That users and assistants take turns is no rule any more (release notes of
//! 8 October 2024).

use serde_json::Value;

use super::{Broken, Step, answered, is_word, list, rule, text};

pub fn check(body: &Value, _model: &str) -> Broken {
    rule!(body["max_tokens"].as_u64().is_some_and(|most| most > 0), "max_tokens is missing");
    rule!(list(body, "messages").len() > 0, "there are no messages");
    for block in list(body, "system") {
        rule!(!text(block, "text").trim().is_empty(), "a text of the instructions is blank");
    }
    for stop in list(body, "stop_sequences") {
        rule!(!stop.as_str().unwrap_or_default().trim().is_empty(), "a stop sequence is blank");
    }
    let tools = list(body, "tools").len();
    rule!(tools > 0 || body.get("tool_choice").is_none(), "tool_choice without tools");
    let mut before = "";
    for message in list(body, "messages") {
        let role = text(message, "role");
        match role {
            "user" | "assistant" => {}
            "system" => rule!(before == "user", "instructions stand behind '{before}'"),
            other => return Err(format!("the role '{other}'")),
        }
        blocks(message, role)?;
        before = role;
    }
    if let Some(last) = list(body, "messages").next_back().filter(|last| last["role"] == "assistant") {
        let words = list(last, "content").next_back().map_or("", |block| text(block, "text"));
        rule!(words == words.trim_end(), "the last words of the assistant end in white space");
    }
    answered(list(body, "messages").map(step))
}

fn blocks(message: &Value, role: &str) -> Broken {
    rule!(list(message, "content").len() > 0, "a message of '{role}' is empty");
    let blank = |block: &Value| block["type"] == "text" && text(block, "text").trim().is_empty();
    rule!(!list(message, "content").all(blank), "a message of '{role}' is blank");
    let mut others = false;
    for block in list(message, "content") {
        let kind = text(block, "type");
        match kind {
            // Between other words of the assistant's the API takes white space, and sends it.
            "text" if role == "assistant" => rule!(block["text"] != "", "a text of '{role}' is empty"),
            "text" => rule!(!blank(block), "a text of '{role}' is blank"),
            "tool_use" => {
                rule!(role == "assistant", "'{role}' calls a tool");
                rule!(is_word(text(block, "id"), usize::MAX, "_-"), "the id '{}'", text(block, "id"));
                rule!(is_word(text(block, "name"), 128, "_-"), "the name '{}'", text(block, "name"));
                rule!(block["input"].is_object(), "the input of a call is no object");
            }
            "tool_result" => {
                rule!(role == "user", "'{role}' has a result");
                rule!(!others, "a result stands behind something else");
                rule!(!list(block, "content").any(blank), "a text of a result is blank");
                let silent = block["is_error"] == true && list(block, "content").len() == 0;
                rule!(!silent, "a failure without a word");
            }
            "thinking" => rule!(block["signature"].is_string(), "thinking without a signature"),
            "redacted_thinking" | "image" | "document" => {}
            other => return Err(format!("the block '{other}'")),
        }
        others |= kind != "tool_result";
    }
    Ok(())
}

fn step(message: &Value) -> Step<'_> {
    let ids = |kind: &str, key: &str| -> Vec<&str> {
        list(message, "content").filter(|block| block["type"] == kind).map(|block| text(block, key)).collect()
    };
    let (calls, results) = (ids("tool_use", "id"), ids("tool_result", "tool_use_id"));
    match (calls.is_empty(), results.is_empty()) {
        (false, _) => Step::Calls(calls),
        (true, false) => Step::Results(results),
        (true, true) => Step::Other,
    }
}
