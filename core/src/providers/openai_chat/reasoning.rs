//! OpenRouter's `reasoning_details`: they come in fragments and have to go back whole.
//!
//! Source: the OpenRouter documentation, "Reasoning Tokens", section "Preserving reasoning blocks".

use serde_json::{Map, Value};

/// The details so far, and the part they belong to.
#[derive(Default)]
pub(super) struct Details {
    part: Option<u32>,
    blocks: Vec<Map<String, Value>>,
}

impl Details {
    /// The part that the details belong to, once there are any.
    pub(super) fn index(&self) -> Option<u32> {
        self.part
    }

    /// Adds fragments. One continues the last block if it has the same type and index.
    pub(super) fn add(&mut self, part: u32, fragments: Vec<Map<String, Value>>) {
        self.part.get_or_insert(part);
        for fragment in fragments {
            match self.blocks.last_mut() {
                Some(last) if same(last, &fragment) => merge(last, fragment),
                _ => self.blocks.push(fragment),
            }
        }
    }

    /// The whole details.
    pub(super) fn take(&mut self) -> Option<(u32, Value)> {
        let part = self.part.take()?;
        let blocks = std::mem::take(&mut self.blocks);
        Some((part, Value::Array(blocks.into_iter().map(Value::Object).collect())))
    }
}

fn same(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    let known = |key: &str| a.get(key).is_some() && a.get(key) == b.get(key);
    // Encrypted blocks come whole.
    known("type") && known("index") && !a.contains_key("data")
}

fn merge(block: &mut Map<String, Value>, fragment: Map<String, Value>) {
    for (key, value) in fragment {
        match (block.get_mut(&key), value) {
            (Some(Value::String(text)), Value::String(more)) if key == "text" || key == "summary" => {
                text.push_str(&more);
            }
            (Some(known), value) if !value.is_null() => *known = value,
            (Some(_), _) => {}
            (None, value) => {
                block.insert(key, value);
            }
        }
    }
}
