//! Ways through a body, and small rewritings.

use serde_json::{Map, Value, json};

/// Keys below which values are the caller's own: schemas, arguments and results.
const OPAQUE: [&str; 12] = [
    "parameters",
    "parametersJsonSchema",
    "schema",
    "input_schema",
    "responseSchema",
    "responseJsonSchema",
    "arguments",
    "input",
    "args",
    "response",
    "json",
    "additionalModelRequestFields",
];

/// Visits every object that belongs to the protocol, the inner ones first.
pub(super) fn objects(value: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| objects(item, visit)),
        Value::Object(object) => {
            for (key, inner) in object.iter_mut() {
                if !OPAQUE.contains(&key.as_str()) {
                    objects(inner, visit);
                }
            }
            visit(object);
        }
        _ => {}
    }
}

pub(super) fn each(body: &mut Value, key: &str, mut visit: impl FnMut(&mut Map<String, Value>)) {
    let items = body.get_mut(key).and_then(Value::as_array_mut);
    items.into_iter().flatten().filter_map(Value::as_object_mut).for_each(&mut visit);
}

pub(super) fn take(body: &mut Value, key: &str) -> Option<Value> {
    body.as_object_mut()?.remove(key)
}

pub(super) fn drop_key(body: &mut Value, key: &str) {
    take(body, key);
}

pub(super) fn drop_default(body: &mut Value, key: &str, default: &Value) {
    if let Some(object) = body.as_object_mut() {
        drop_entry(object, key, default);
    }
}

pub(super) fn drop_entry(object: &mut Map<String, Value>, key: &str, default: &Value) {
    if object.get(key) == Some(default) {
        object.remove(key);
    }
}

pub(super) fn drop_nulls(body: &mut Value) {
    objects(body, &mut |object| object.retain(|_, value| !value.is_null()));
}

pub(super) fn rename(body: &mut Value, from: &str, to: &str) {
    if let Some(value) = take(body, from) {
        body[to] = value;
    }
}

pub(super) fn as_parts(object: &mut Map<String, Value>, key: &str) {
    if let Some(text @ Value::String(_)) = object.get_mut(key) {
        *text = json!([{"type": "text", "text": text.take()}]);
    }
}

pub(super) fn as_list(body: &mut Value, key: &str) {
    if let Some(text @ Value::String(_)) = body.get_mut(key) {
        *text = json!([text.take()]);
    }
}

/// Joins neighbours that are text and nothing else.
pub(super) fn join_texts(turn: &mut Map<String, Value>) {
    let Some(parts) = turn.get_mut("parts").and_then(Value::as_array_mut) else { return };
    let mut joined: Vec<Value> = Vec::new();
    for part in std::mem::take(parts) {
        let more = plain_text(&part).map(str::to_owned);
        match (joined.last_mut(), more) {
            (Some(last), Some(more)) if plain_text(last).is_some() => {
                if let Some(Value::String(text)) = last.get_mut("text") {
                    text.push_str(&more);
                }
            }
            _ => joined.push(part),
        }
    }
    *parts = joined;
}

fn plain_text(part: &Value) -> Option<&str> {
    part.as_object().filter(|object| object.len() == 1)?.get("text")?.as_str()
}

pub(super) fn join_turns(body: &mut Value, key: &str, content: &str) {
    let Some(turns) = body.get_mut(key).and_then(Value::as_array_mut) else { return };
    let mut joined: Vec<Value> = Vec::new();
    for mut turn in std::mem::take(turns) {
        match joined.last_mut() {
            Some(last) if last["role"] == turn["role"] => {
                if let (Some(parts), Some(more)) = (last[content].as_array_mut(), turn[content].as_array_mut()) {
                    parts.append(more);
                }
            }
            _ => joined.push(turn),
        }
    }
    *turns = joined;
}

/// Numbers the calls of a conversation in place of their ids.
pub(super) fn number_calls(body: &mut Value) {
    let mut known: Vec<Value> = Vec::new();
    let mut number = |id: &mut Value| {
        let at = known.iter().position(|other| other == id).unwrap_or_else(|| {
            known.push(id.clone());
            known.len() - 1
        });
        *id = at.into();
    };
    each(body, "messages", |message| {
        let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
        calls.into_iter().flatten().filter_map(|call| call.get_mut("id")).for_each(&mut number);
        message.get_mut("tool_call_id").map(&mut number);
    });
}

/// A name in the vendor's own spelling.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        camel.extend(word.chars().take(1).flat_map(char::to_uppercase));
        camel.extend(word.chars().skip(1));
    }
    camel
}

pub(super) fn camel_case(body: &mut Value) {
    objects(body, &mut |object| {
        *object = std::mem::take(object).into_iter().map(|(key, value)| (camel(&key), value)).collect();
    });
}

pub(super) fn split_tools(body: &mut Value) {
    let Some(tools) = body.get_mut("tools").and_then(Value::as_array_mut) else { return };
    let mut split = Vec::new();
    for tool in std::mem::take(tools) {
        let Value::Object(tool) = tool else { continue };
        for (key, value) in tool {
            match value {
                Value::Array(items) => split.extend(items.into_iter().map(|item| json!({key.as_str(): item}))),
                value => split.push(json!({key: value})),
            }
        }
    }
    split.sort_by_key(|tool| tool.get("functionDeclarations").is_none());
    *tools = split;
}

pub(super) fn lower_types(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(name)) = object.get_mut("type") {
                *name = name.to_lowercase();
            }
            object.values_mut().for_each(lower_types);
        }
        Value::Array(items) => items.iter_mut().for_each(lower_types),
        _ => {}
    }
}
