//! Source: the OpenAI API reference, "Create a model response" (ids of calls have 1 to 64 characters), the guides
//! "Function calling" and "Reasoning models"; the API's own errors "No tool output found for function call", "No tool
//! call found for function call output", and "Item of type 'reasoning' was provided without its required following item".

use std::collections::HashSet;

use serde_json::Value;

use super::{Broken, list, rule, text};

pub fn check(body: &Value, _model: &str) -> Broken {
    rule!(list(body, "input").len() > 0, "there is no input");
    let mut calls = HashSet::new();
    let mut outputs = HashSet::new();
    let mut thinks = false;
    for item in list(body, "input") {
        let kind = item.get("type").and_then(Value::as_str).unwrap_or("message");
        let id = text(item, "call_id");
        let of_model = matches!(kind, "function_call" | "reasoning") || item["role"] == "assistant";
        rule!(!thinks || of_model, "thinking without what it led to");
        match kind {
            "message" => message(item)?,
            "function_call" => {
                rule!((1..=64).contains(&id.chars().count()), "the id '{id}'");
                rule!(calls.insert(id), "two calls have the id '{id}'");
                rule!(item["arguments"].is_string(), "arguments that are no text");
            }
            "function_call_output" => {
                rule!(calls.contains(id), "the output '{id}' stands before its call");
                rule!(outputs.insert(id), "two outputs of the call '{id}'");
                let content = &item["output"];
                rule!(content.is_string() || list(item, "output").len() > 0, "an output without content");
            }
            "reasoning" => rule!(item["summary"].is_array(), "thinking without a summary"),
            other => return Err(format!("the item '{other}'")),
        }
        thinks = kind == "reasoning";
    }
    rule!(!thinks, "thinking without what it led to");
    rule!(calls == outputs, "calls without outputs: {:?}", calls.difference(&outputs));
    Ok(())
}

fn message(item: &Value) -> Broken {
    let role = text(item, "role");
    rule!(["system", "developer", "user", "assistant"].contains(&role), "the role '{role}'");
    rule!(item["content"].is_string() || list(item, "content").len() > 0, "a message of '{role}' without content");
    for piece in list(item, "content") {
        let kind = text(piece, "type");
        let spoken = matches!(kind, "output_text" | "refusal");
        rule!(spoken == (role == "assistant"), "'{role}' says a piece of type '{kind}'");
    }
    Ok(())
}
