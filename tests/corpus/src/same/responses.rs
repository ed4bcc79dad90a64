//! Freedoms of spelling in the Responses API.

use serde_json::{Map, Value, json};

use super::walk::{drop_default, drop_entry, drop_key, drop_nulls, objects, take};
use super::{Rule, rule};
use crate::record::Protocol::Responses;

/// All rules, in the order in which they apply.
pub(super) static RULES: &[Rule] = &[
    rule(Responses, "a null field is a field left out", |body| {
        drop_nulls(body);
        items(body, drop_nulls);
    }),
    rule(Responses, "a text is the input of a person", |body| {
        if let Some(text @ Value::String(_)) = body.get_mut("input") {
            *text = json!([{"role": "user", "content": text.take()}]);
        }
    }),
    rule(Responses, "instructions are a system message at the beginning", |body| {
        if let (Some(text), Some(input)) =
            (take(body, "instructions"), body.get_mut("input").and_then(Value::as_array_mut))
        {
            input.insert(0, json!({"role": "system", "content": text}));
        }
    }),
    rule(
        Responses,
        "stream: false, detail: auto and a format of text are defaults, and an empty list is none",
        |body| {
            drop_default(body, "stream", &json!(false));
            drop_default(body, "tools", &json!([]));
            drop_default(body, "text", &json!({"format": {"type": "text"}}));
            every(body, &mut |object| drop_entry(object, "detail", &json!("auto")));
        },
    ),
    rule(Responses, "the gateway asks the vendor to store nothing, and for thinking that can be said back", |body| {
        drop_default(body, "store", &json!(false));
        if let Some(include) = body.get_mut("include").and_then(Value::as_array_mut) {
            include.retain(|what| what != "reasoning.encrypted_content");
        }
        drop_default(body, "include", &json!([]));
    }),
    rule(Responses, "message is the default type of an item", |body| {
        each(body, |item| drop_entry(item, "type", &json!("message")));
    }),
    rule(Responses, "a text is a list of one text", |body| {
        each(body, |item| {
            let kind = if item.get("role") == Some(&json!("assistant")) { "output_text" } else { "input_text" };
            for key in ["content", "output"] {
                if let Some(text @ Value::String(_)) = item.get_mut(key) {
                    *text = json!([{"type": kind, "text": text.take()}]);
                }
            }
        });
    }),
    rule(Responses, "no sources and no probabilities beside a text are none", |body| {
        every(body, &mut |object| {
            drop_entry(object, "annotations", &json!([]));
            drop_entry(object, "logprobs", &json!([]));
        });
    }),
    rule(Responses, "the status of an item is the vendor's to give", |body| {
        each(body, |item| {
            item.remove("status");
        });
    }),
    rule(Responses, "a tool is not strict unless it says so, and an empty description is none", |body| {
        for tool in body.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(tool) = tool.as_object_mut() {
                drop_entry(tool, "strict", &json!(false));
                drop_entry(tool, "description", &json!(""));
            }
        }
    }),
    rule(Responses, "arguments are JSON in a text: blanks and the order of keys do not matter", |body| {
        each(body, |item| {
            if let Some(Value::String(text)) = item.get("arguments") {
                let text = if text.is_empty() { "{}" } else { text };
                if let Ok(parsed) = serde_json::from_str(text) {
                    item.insert("arguments".into(), parsed);
                }
            }
        });
    }),
    rule(Responses, "thinking that a vendor without memory cannot know is not said back", |body| {
        let Some(input) = body.get_mut("input").and_then(Value::as_array_mut) else { return };
        let mut led_to = false;
        let mut kept: Vec<Value> = Vec::new();
        for mut item in std::mem::take(input).into_iter().rev() {
            if item["type"] != "reasoning" {
                led_to = item["role"].as_str().is_none_or(|role| role == "assistant")
                    && !item["type"].as_str().is_some_and(|kind| kind.starts_with("function_call_output"));
                kept.push(item);
                continue;
            }
            if let Some(item) = item.as_object_mut() {
                drop_entry(item, "content", &json!([]));
            }
            let known = item.get("encrypted_content").is_some() || item.get("content").is_some();
            if led_to && known {
                kept.push(item);
            }
        }
        kept.reverse();
        *input = kept;
    }),
    rule(Responses, "the gateway always asks a stream in its own way", |body| drop_key(body, "stream_options")),
];

/// Visits every item, whatever is in it.
fn items(body: &mut Value, visit: impl FnMut(&mut Value)) {
    body.get_mut("input").and_then(Value::as_array_mut).into_iter().flatten().for_each(visit);
}

fn each(body: &mut Value, mut visit: impl FnMut(&mut Map<String, Value>)) {
    items(body, |item| {
        item.as_object_mut().map(&mut visit);
    });
}

/// Visits every object that belongs to the protocol. Elsewhere an `input` is the caller's own.
fn every(body: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    objects(body, visit);
    items(body, |item| objects(item, visit));
}
