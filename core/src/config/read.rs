//! Reads a plain value into the types of the configuration: a serde deserializer that knows the path of what it reads,
//! so that every error names its key.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::{Map, Value};

use super::value::SecretText;
use crate::model::read::{Path, suggestion};

/// What is wrong, and where. Holds types and numbers, never text that may be a secret.
#[derive(Debug)]
pub(super) struct Problem {
    /// The key's path. `None` until the reader that knows it has seen the problem.
    pub(super) path: Option<String>,
    pub(super) message: String,
}

impl Problem {
    fn new(message: String) -> Self {
        Problem { path: None, message }
    }

    /// The innermost path stays.
    fn at(mut self, path: &Path<'_>) -> Self {
        self.path.get_or_insert_with(|| path.to_string());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Problem::new(message.to_string())
    }
    fn invalid_type(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Problem::new(format!("expected {}, got {}", wanted(expected), type_name(got)))
    }
    fn invalid_value(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = wanted(expected);
        Problem::new(match got {
            Unexpected::Unsigned(number) => format!("{number} is out of range, expected {expected}"),
            Unexpected::Signed(number) => format!("{number} is out of range, expected {expected}"),
            Unexpected::Float(number) => format!("{number} is out of range, expected {expected}"),
            other => format!("expected {expected}, got {}", type_name(other)),
        })
    }
    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Problem::new(format!("unknown key{}", near(field, known)))
    }
    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Problem::new(format!("'{variant}' is not one of its values{}", near(variant, known)))
    }
    fn missing_field(field: &'static str) -> Self {
        Problem::new(format!("the key '{field}' is missing"))
    }
}

/// The nearest known name, or all of them.
fn near(given: &str, known: &[&str]) -> String {
    let hint = suggestion(given, known.iter().copied());
    if hint.is_empty() && !known.is_empty() { format!(", expected one of {}", known.join(", ")) } else { hint }
}

/// What serde expects, in words for those who do not know Rust.
fn wanted(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    match text.as_str() {
        "a map" => "a table".into(),
        "a sequence" => "a list".into(),
        "a boolean" => "true or false".into(),
        "a nonzero u32" => "a positive whole number".into(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        name if name.starts_with("struct ") => "a table".into(),
        name if name.starts_with("enum ") => "a string".into(),
        _ => text,
    }
}

fn type_name(got: Unexpected<'_>) -> &'static str {
    match got {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a table",
        Unexpected::Unit | Unexpected::Option => "nothing",
        _ => "a string",
    }
}

/// One value at its path.
pub(super) struct Reader<'p> {
    value: Value,
    path: &'p Path<'p>,
    /// Whether this is the text of a secret, where references may stand.
    secret: bool,
}

impl<'p> Reader<'p> {
    pub(super) fn new(value: Value, path: &'p Path<'p>) -> Self {
        Reader { value, path, secret: false }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let Reader { value, path, secret } = self;
        match value {
            Value::String(text) if !secret && text.contains("${env:") => Err(Problem::new(
                "${env:NAME} may stand in secrets only (api_key, api_keys and the values of headers)".into(),
            )),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter().enumerate(), path }),
            Value::Object(map) => visitor.visit_map(Entries::new(map, path)),
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, value) => visitor.visit_f64(value.unwrap_or(f64::NAN)),
            },
        }
        .map_err(|problem| problem.at(path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    /// A list is no table: what serde derives would take its items for the fields, in the order in which the type has them.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        if self.value.is_array() {
            return Err(Problem::invalid_type(Unexpected::Seq, &visitor).at(self.path));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Problem> {
        let path = self.path;
        let secret = name == SecretText::NAME;
        visitor.visit_newtype_struct(Reader { secret, ..self }).map_err(|problem| problem.at(path))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let path = self.path;
        match self.value {
            Value::String(text) => visitor.visit_enum(IntoDeserializer::<Problem>::into_deserializer(text)),
            Value::Object(map) => visitor.visit_enum(MapAccessDeserializer::new(Entries::new(map, path))),
            _ => self.deserialize_any(visitor),
        }
        .map_err(|problem| problem.at(path))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// The items of a list.
struct Items<'p> {
    items: std::iter::Enumerate<std::vec::IntoIter<Value>>,
    path: &'p Path<'p>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let Some((at, value)) = self.items.next() else { return Ok(None) };
        let path = self.path.index(at);
        // What a type finds wrong after it was read has no path yet.
        seed.deserialize(Reader::new(value, &path)).map(Some).map_err(|problem| problem.at(&path))
    }
}

/// The entries of a table. Those that are null count as absent.
struct Entries<'p> {
    rest: serde_json::map::IntoIter,
    value: Option<(String, Value)>,
    path: &'p Path<'p>,
}

impl<'p> Entries<'p> {
    fn new(map: Map<String, Value>, path: &'p Path<'p>) -> Self {
        Entries { rest: map.into_iter(), value: None, path }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some((key, value)) = self.rest.find(|(_, value)| !value.is_null()) else { return Ok(None) };
        let path = self.path.key(&key);
        let read = seed.deserialize(key.as_str().into_deserializer()).map_err(|problem: Problem| problem.at(&path))?;
        self.value = Some((key, value));
        Ok(Some(read))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let (key, value) = self.value.take().ok_or_else(|| Problem::new("a value without its key".into()))?;
        let path = self.path.key(&key);
        seed.deserialize(Reader::new(value, &path)).map_err(|problem| problem.at(&path))
    }
}
