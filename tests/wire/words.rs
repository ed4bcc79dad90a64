//! A string that is `"$name"` as a whole stands for a value.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Where words are looked up, the first that knows one wins.
pub struct Words<'a> {
    /// Words of the variant; all of them must be used.
    pub variant: &'a Map<String, Value>,
    /// Words of the case and of all cases.
    pub others: Vec<&'a Map<String, Value>>,
}

impl Words<'_> {
    /// Replaces all words in `value`.
    pub fn fill(&self, value: Value) -> Result<Value, String> {
        let mut used = BTreeSet::new();
        let value = self.replace(value, &mut used)?;
        let unused = self.variant.keys().find(|word| !used.contains(*word));
        match unused {
            Some(word) => Err(format!("the word '{word}' is never used")),
            None => Ok(value),
        }
    }

    fn replace(&self, value: Value, used: &mut BTreeSet<String>) -> Result<Value, String> {
        match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(word) => {
                    let mut places = [self.variant].into_iter().chain(self.others.iter().copied());
                    let found = places.find_map(|words| words.get(word));
                    let found = found.ok_or_else(|| format!("the word '{word}' stands for nothing"))?;
                    used.insert(word.to_owned());
                    self.replace(found.clone(), used)
                }
                None => Ok(Value::String(text)),
            },
            Value::Array(items) => items.into_iter().map(|item| self.replace(item, used)).collect(),
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(key, value)| Ok((key, self.replace(value, used)?)));
                fields.collect::<Result<Map<_, _>, String>>().map(Value::Object)
            }
            other => Ok(other),
        }
    }
}

/// Replaces `{name}` by the address of the upstream `name` in every string.
pub fn place<'a>(value: &Value, addresses: &impl Fn() -> Vec<(&'a str, String)>) -> Value {
    match value {
        Value::String(text) => {
            let placed = addresses()
                .into_iter()
                .fold(text.clone(), |text, (name, address)| text.replace(&format!("{{{name}}}"), &address));
            Value::String(placed)
        }
        Value::Array(items) => items.iter().map(|item| place(item, addresses)).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), place(value, addresses))).collect(),
        other => other.clone(),
    }
}
