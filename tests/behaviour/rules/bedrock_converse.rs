//! Source: the Bedrock API reference, "Converse" and the types below it (patterns and limits); the user guide, "Carry out
//! a conversation with the Converse API operations"; the API's own errors "The text field in the ContentBlock object at
//! … is blank" (which white space is too, unless there are other texts beside it), "A conversation must start with a user message", "Expected toolResult blocks
//! at … for the following Ids", "The toolConfig field must be defined when using toolUse and toolResult content blocks",
//! and, of documents, "you must also include a text block".

use serde_json::Value;

use super::{Broken, Step, answered, is_word, list, rule, text};

pub fn check(body: &Value, model: &str) -> Broken {
    let first = list(body, "messages").next().map_or("", |message| text(message, "role"));
    rule!(first == "user", "the conversation begins with '{first}'");
    for block in list(body, "system") {
        rule!(block.get("cachePoint").is_some() || !text(block, "text").trim().is_empty(), "a blank instruction");
    }
    let stops = list(&body["inferenceConfig"], "stopSequences").len();
    rule!(stops <= 2500, "{stops} stop sequences");
    let tools = list(&body["toolConfig"], "tools").len();
    rule!(tools > 0 || body.get("toolConfig").is_none(), "toolConfig without tools");
    let mut before = "";
    for message in list(body, "messages") {
        let role = text(message, "role");
        rule!(["user", "assistant"].contains(&role), "the role '{role}'");
        rule!(role != before, "two messages of '{role}' in a row");
        blocks(message, role, model, tools)?;
        before = role;
    }
    answered(list(body, "messages").map(step))
}

fn blocks(message: &Value, role: &str, model: &str, tools: usize) -> Broken {
    rule!(list(message, "content").len() > 0, "a message of '{role}' is empty");
    let has = |kind: &str| list(message, "content").any(|block| block.get(kind).is_some());
    rule!(!has("document") || has("text"), "a document without a text beside it");
    rule!(!list(message, "content").all(blank), "a message of '{role}' is blank");
    for block in list(message, "content") {
        rule!(block.get("text").is_none_or(|words| words != ""), "a text of '{role}' is empty");
        if let Some(call) = block.get("toolUse") {
            rule!(role == "assistant", "'{role}' calls a tool");
            rule!(tools > 0, "calls without toolConfig");
            id(text(call, "toolUseId"), model)?;
            rule!(is_word(text(call, "name"), 64, "_-"), "the name '{}'", text(call, "name"));
            rule!(call["input"].is_object(), "the input of a call is no object");
        }
        if let Some(result) = block.get("toolResult") {
            rule!(role == "user", "'{role}' has a result");
            id(text(result, "toolUseId"), model)?;
            rule!(result["content"].is_array(), "a result without content");
            let silent = list(result, "content").len() > 0 && list(result, "content").all(blank);
            rule!(!silent, "a result is blank");
        }
    }
    Ok(())
}

fn blank(block: &Value) -> bool {
    block.get("text").is_some_and(|words| words.as_str().unwrap_or_default().trim().is_empty())
}

fn id(id: &str, model: &str) -> Broken {
    let more = if model.contains("claude") { "_-" } else { "_-.:" };
    rule!(is_word(id, 64, more), "the id '{id}'");
    Ok(())
}

fn step(message: &Value) -> Step<'_> {
    let ids = |kind: &str| -> Vec<&str> {
        list(message, "content").filter_map(|block| block.get(kind)).map(|it| text(it, "toolUseId")).collect()
    };
    let (calls, results) = (ids("toolUse"), ids("toolResult"));
    match (calls.is_empty(), results.is_empty()) {
        (false, _) => Step::Calls(calls),
        (true, false) => Step::Results(results),
        (true, true) => Step::Other,
    }
}
