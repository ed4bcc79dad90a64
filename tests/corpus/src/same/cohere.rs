//! Freedoms of spelling in Cohere's API.

use serde_json::{Value, json};

use super::walk::{as_parts, drop_default, drop_entry, drop_nulls, each, objects};
use super::{Rule, rule};
use crate::record::Protocol::Cohere;

/// All rules, in the order in which they apply.
pub(super) static RULES: &[Rule] = &[
    rule(Cohere, "a null field is a field left out", drop_nulls),
    rule(Cohere, "stream: false is the default, and an empty list is none", |body| {
        drop_default(body, "stream", &json!(false));
        for key in ["tools", "documents", "stop_sequences"] {
            drop_default(body, key, &json!([]));
        }
        each(body, "messages", |message| {
            for key in ["tool_calls", "citations"] {
                drop_entry(message, key, &json!([]));
            }
        });
    }),
    rule(Cohere, "a text is a list of one text block", |body| {
        each(body, "messages", |message| as_parts(message, "content"));
    }),
    rule(Cohere, "an assistant that only calls tools has no content: empty and left out are the same", |body| {
        each(body, "messages", |message| {
            drop_entry(message, "content", &json!([{"type": "text", "text": ""}]));
            drop_entry(message, "content", &json!([]));
        });
    }),
    rule(Cohere, "arguments are JSON in a text: blanks and the order of keys do not matter", |body| {
        objects(body, &mut |object| {
            if let Some(Value::String(text)) = object.get("arguments")
                && let Ok(parsed) = serde_json::from_str(text)
            {
                object.insert("arguments".into(), parsed);
            }
        });
    }),
];
