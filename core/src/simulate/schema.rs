//! JSON that follows a JSON Schema: as little as conforms, with what the prompt has to offer.

use std::collections::VecDeque;

use serde_json::{Map, Number, Value};

/// How deep a schema is followed: a schema may contain itself.
const DEPTH: usize = 24;
/// The most items and characters that are made where a schema asks for at least so many.
const MOST_ITEMS: u64 = 100;
const MOST_CHARS: usize = 10_000;

/// A value that conforms to `schema`. Numbers, and names that begin with a capital, are taken from `hint` in order.
pub(super) fn example(schema: &Value, hint: &str) -> Value {
    let mut numbers = VecDeque::new();
    let mut names = VecDeque::new();
    for (index, word) in hint.split_whitespace().enumerate() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-');
        if let Ok(number) = word.parse::<f64>() {
            numbers.push_back(number);
        } else if index > 0 && word.chars().count() > 1 && word.starts_with(char::is_uppercase) {
            names.push_back(word.to_owned());
        }
    }
    Maker { root: schema, numbers, names }.make(schema, "text", 0)
}

struct Maker<'a> {
    root: &'a Value,
    numbers: VecDeque<f64>,
    names: VecDeque<String>,
}

impl Maker<'_> {
    /// A value for `schema`, which stands under `name`.
    fn make(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > DEPTH {
            return Value::Null;
        }
        let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|items| items.first());
        if let Some(value) = schema.get("const").or_else(|| first("enum")) {
            return value.clone();
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)).cloned();
            return target.map_or(Value::Null, |schema| self.make(&schema, name, depth + 1));
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(options) = schema.get(key).and_then(Value::as_array)
                && let Some(option) = options.iter().find(|option| kind(option) != Some("null")).or(options.first())
            {
                return self.make(option, name, depth + 1);
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.all_of(schema, parts, name, depth);
        }
        match kind(schema) {
            Some("object") => self.object(schema, depth),
            Some("array") => self.array(schema, name, depth),
            Some("string") => Value::String(self.string(schema, name)),
            Some("integer") => self.number(schema, true),
            Some("number") => self.number(schema, false),
            Some("boolean") => Value::Bool(true),
            Some("null") => Value::Null,
            _ if schema.get("properties").is_some() => self.object(schema, depth),
            _ if schema.get("items").is_some() => self.array(schema, name, depth),
            _ => Value::String(self.string(schema, name)),
        }
    }

    /// The required properties; all of them where none is.
    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required: Vec<_> = match schema.get("required").and_then(Value::as_array) {
            Some(required) if !required.is_empty() => required.iter().filter_map(Value::as_str).collect(),
            _ => properties.keys().map(String::as_str).collect(),
        };
        let make = |name: &str| {
            let schema = properties.get(name).unwrap_or(&Value::Null);
            (name.to_owned(), self.make(schema, name, depth + 1))
        };
        Value::Object(required.into_iter().map(make).collect())
    }

    fn array(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        if let Some(items) = schema.get("prefixItems").and_then(Value::as_array) {
            return items.iter().map(|item| self.make(item, name, depth + 1)).collect();
        }
        let count = |key| schema.get(key).and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
        let length = count("minItems").unwrap_or(1).min(count("maxItems").unwrap_or(u64::MAX)).min(MOST_ITEMS);
        let items = schema.get("items").unwrap_or(&Value::Null);
        (0..length).map(|_| self.make(items, name, depth + 1)).collect()
    }

    fn string(&mut self, schema: &Value, name: &str) -> String {
        let text = |key: &str| schema.get(key).and_then(Value::as_str);
        let sample = match text("format") {
            Some("date-time") => "2026-01-01T00:00:00Z",
            Some("date") => "2026-01-01",
            Some("time") => "00:00:00Z",
            Some("duration") => "PT1H",
            Some("email") => "someone@example.com",
            Some("uri" | "url") => "https://example.com/",
            Some("hostname") => "example.com",
            Some("ipv4") => "192.0.2.1",
            Some("ipv6") => "2001:db8::1",
            Some("uuid") => "00000000-0000-4000-8000-000000000000",
            _ => return self.plain(schema, name),
        };
        sample.to_owned()
    }

    fn plain(&mut self, schema: &Value, name: &str) -> String {
        let length = |key| schema.get(key).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
        let text = self.names.pop_front().unwrap_or_else(|| name.to_owned());
        let missing = length("minLength").unwrap_or(0).min(MOST_CHARS).saturating_sub(text.chars().count());
        let padded = text.chars().chain(std::iter::repeat_n('x', missing));
        padded.take(length("maxLength").unwrap_or(usize::MAX)).collect()
    }

    fn number(&mut self, schema: &Value, integer: bool) -> Value {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let least = bound("minimum").or(bound("exclusiveMinimum").map(|least| least + 1.0));
        let most = bound("maximum").or(bound("exclusiveMaximum").map(|most| most - 1.0));
        let fits = |number: &f64| {
            least.is_none_or(|least| *number >= least)
                && most.is_none_or(|most| *number <= most)
                && (!integer || number.fract() == 0.0)
                && bound("multipleOf").is_none_or(|step| (number / step).fract() == 0.0)
        };
        let mut number = match self.numbers.front().copied().filter(fits) {
            Some(number) => {
                self.numbers.pop_front();
                number
            }
            None => 1.0_f64.min(most.unwrap_or(1.0)).max(least.unwrap_or(f64::MIN)),
        };
        if let Some(step) = bound("multipleOf").filter(|step| *step > 0.0) {
            number = (number / step).ceil() * step;
        }
        if integer || number.fract() == 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "a schema's bounds are small")]
            return Value::from(number.ceil() as i64);
        }
        Number::from_f64(number).map_or(Value::Null, Value::Number)
    }

    /// One schema of all parts: properties and requirements add up, of anything else the last counts.
    fn all_of(&mut self, schema: &Value, parts: &[Value], name: &str, depth: usize) -> Value {
        let mut whole = Map::new();
        let rest = schema.as_object().cloned().unwrap_or_default();
        for part in parts.iter().cloned().chain([Value::Object(rest)]) {
            let Value::Object(part) = self.resolve(part) else { continue };
            for (key, value) in part.into_iter().filter(|(key, _)| key != "allOf") {
                match (whole.get_mut(&key), value) {
                    (Some(Value::Object(below)), Value::Object(value)) => below.extend(value),
                    (Some(Value::Array(below)), Value::Array(value)) if key == "required" => below.extend(value),
                    (_, value) => {
                        whole.insert(key, value);
                    }
                }
            }
        }
        self.make(&Value::Object(whole), name, depth + 1)
    }

    fn resolve(&self, schema: Value) -> Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        match target.and_then(|pointer| self.root.pointer(pointer)) {
            Some(target) => target.clone(),
            None => schema,
        }
    }
}

/// The type, in lower case as JSON Schema has it (Gemini's is in upper case); of several, the first that is not null.
fn kind(schema: &Value) -> Option<&'static str> {
    const KINDS: [&str; 7] = ["object", "array", "string", "integer", "number", "boolean", "null"];
    let known = |name: &str| KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(name));
    match schema.get("type")? {
        Value::String(name) => known(name),
        Value::Array(names) => {
            let mut kinds = names.iter().filter_map(Value::as_str).filter_map(known);
            kinds.clone().find(|kind| *kind != "null").or_else(|| kinds.next())
        }
        _ => None,
    }
}
