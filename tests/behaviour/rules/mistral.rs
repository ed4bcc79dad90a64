//! Source: the Mistral API reference, "Chat completion", and the guide "Function calling"; the API's own errors "Tool call
//! id was … but must be a-z, A-Z, 0-9, with a length of 9", "Not the same number of function calls and responses",
//! "Assistant message must have either content or tool_calls, but not none" and "Unexpected role 'tool' after role …".

use serde_json::Value;

use super::{Broken, is_word, list, openai_chat, rule, text};

pub fn check(body: &Value, model: &str) -> Broken {
    openai_chat::check(body, model)?;
    for message in list(body, "messages") {
        let ids = list(message, "tool_calls").map(|call| text(call, "id")).chain(message["tool_call_id"].as_str());
        for id in ids {
            rule!(id.len() == 9 && is_word(id, 9, ""), "the id '{id}'");
        }
    }
    Ok(())
}
