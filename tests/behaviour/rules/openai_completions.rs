//! Source: the OpenAI API reference, "Create completion": a prompt, which may be empty, and, of OpenAI's own, at most 4 stop sequences.

use serde_json::Value;

use super::{Broken, list, rule};

pub fn check(body: &Value, _model: &str) -> Broken {
    rule!(body["prompt"].is_string(), "the prompt is no text");
    rule!(body.get("messages").is_none() && body.get("tools").is_none(), "a field of chats");
    Ok(())
}

/// What OpenAI demands beyond it.
pub fn of_openai(body: &Value, model: &str) -> Broken {
    check(body, model)?;
    rule!(list(body, "stop").len() <= 4, "too many stop sequences");
    Ok(())
}
