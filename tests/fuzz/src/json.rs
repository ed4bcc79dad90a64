//! Changes to JSON that leave it JSON: what vendors could send one day, and what they have sent by mistake.

use serde_json::{Map, Value, json};

use crate::chance::Chance;

/// Texts with which something goes wrong somewhere.
pub const TEXTS: [&str; 14] = [
    "",
    " ",
    "null",
    "[DONE]",
    "\u{0}",
    "\u{feff}x",
    "\u{1f468}\u{200d}\u{1f469}",
    "e\u{301}\u{2028}\u{2029}",
    "\u{ffff}\u{10ffff}",
    "{\"a\":",
    "data: {}\n\nevent: x",
    "-1",
    "1e400",
    "\"\\\r\n",
];

/// Numbers at which types end.
fn number(chance: &mut Chance) -> Value {
    let numbers = [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(i32::MAX),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(u32::MAX),
        json!(4_294_967_296_u64),
        json!(1e300),
        json!(-0.0),
        json!(5e-324),
    ];
    chance.pick(&numbers).clone()
}

fn scalar(chance: &mut Chance) -> Value {
    match chance.below(6) {
        0 => Value::Null,
        1 => json!(chance.one_in(2)),
        2 | 3 => number(chance),
        _ => Value::String((*chance.pick(&TEXTS)).to_owned()),
    }
}

/// Changes one value somewhere inside; `other` is where a strange value may come from.
pub fn change(value: &mut Value, other: &Value, chance: &mut Chance) {
    match value {
        // Goes down until chance stops, or there is nothing below.
        _ if chance.one_in(4) => edit(value, other, chance),
        Value::Object(map) if !map.is_empty() => {
            let key = chance.below(map.len());
            let inner = map.values_mut().nth(key).expect("it is below their number");
            change(inner, other, chance);
        }
        Value::Array(items) if !items.is_empty() => {
            let index = chance.below(items.len());
            change(&mut items[index], other, chance);
        }
        _ => edit(value, other, chance),
    }
}

fn edit(at: &mut Value, other: &Value, chance: &mut Chance) {
    match (chance.below(6), &mut *at) {
        (0, _) => *at = scalar(chance),
        (1, _) => *at = somewhere(other, chance).clone(),
        (2, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(chance.below(map.len())).cloned();
            key.and_then(|key| map.shift_remove(&key));
        }
        (3, Value::Object(map)) => {
            let key = somewhere(other, chance).as_str().map_or("type", |text| text);
            map.insert(key.chars().take(40).collect(), scalar(chance));
        }
        (2, Value::Array(items)) if !items.is_empty() => {
            items.remove(chance.below(items.len()));
        }
        (3, Value::Array(items)) => {
            let again = if items.is_empty() { scalar(chance) } else { items[chance.below(items.len())].clone() };
            items.insert(chance.below(items.len() + 1), again);
        }
        (4, Value::String(text)) => text.push_str(TEXTS[chance.below(TEXTS.len())]),
        (4, Value::Number(_)) => *at = number(chance),
        (5, Value::String(text)) => {
            let end = text.char_indices().map(|(at, _)| at).nth(chance.below(text.len())).unwrap_or(0);
            text.truncate(end);
        }
        (5, _) => {
            let inner = at.take();
            *at = if chance.one_in(2) {
                json!([inner])
            } else {
                Value::Object(Map::from_iter([("x".to_owned(), inner)]))
            };
        }
        _ => *at = scalar(chance),
    }
}

/// Any value inside another.
fn somewhere<'a>(value: &'a Value, chance: &mut Chance) -> &'a Value {
    let mut at = value;
    while !chance.one_in(4) {
        let below = match at {
            Value::Object(map) => map.values().nth(chance.below(map.len())),
            Value::Array(items) => items.get(chance.below(items.len())),
            _ => None,
        };
        match below {
            Some(below) => at = below,
            None => break,
        }
    }
    at
}
