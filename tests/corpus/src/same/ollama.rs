//! Freedoms of spelling in Ollama's own API.

use serde_json::json;

use super::walk::{as_list, drop_default, drop_entry, drop_nulls, each, objects};
use super::{Rule, rule};
use crate::record::Protocol::Ollama;

/// All rules, in the order in which they apply.
pub(super) static RULES: &[Rule] = &[
    rule(Ollama, "a null field is a field left out", drop_nulls),
    rule(Ollama, "stream: true is the default, an empty list is none, and so are no options and no format", |body| {
        drop_default(body, "stream", &json!(true));
        drop_default(body, "tools", &json!([]));
        drop_default(body, "options", &json!({}));
        drop_default(body, "format", &json!(""));
        each(body, "messages", |message| {
            for key in ["tool_calls", "images"] {
                drop_entry(message, key, &json!([]));
            }
            drop_entry(message, "thinking", &json!(""));
        });
    }),
    rule(Ollama, "one text is a list of one, and sampling does not change vectors", |body| {
        as_list(body, "input");
        if body.get("input").is_some() {
            drop_default(body, "options", &json!({"temperature": 0}));
        }
    }),
    rule(Ollama, "a message without words has an empty text", |body| {
        each(body, "messages", |message| {
            message.entry("content").or_insert_with(|| "".into());
        });
    }),
    rule(Ollama, "a call is a function's, and its place is its index", |body| {
        objects(body, &mut |object| {
            if object.contains_key("function") {
                drop_entry(object, "type", &json!("function"));
            }
            if object.contains_key("arguments") {
                object.remove("index");
            }
        });
    }),
];
