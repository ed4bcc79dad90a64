//! Reads callers' plain values strictly: every error names its path, unknown keys are refused and the nearest known one
//! is suggested.

use std::fmt;

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Where a value stands: `messages[2].content[0].type`. Lives on the stack; nothing is formatted until an error needs it.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The whole.
    Root,
    /// Under a key.
    Key(&'a Path<'a>, &'a str),
    /// In a list.
    Index(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// The value under `key`.
    #[must_use]
    pub fn key(&'a self, key: &'a str) -> Path<'a> {
        Path::Key(self, key)
    }
    /// The item at `index`.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Path<'a> {
        Path::Index(self, index)
    }
    /// How deep it stands.
    pub fn depth(&self) -> usize {
        match self {
            Path::Root => 0,
            Path::Key(parent, _) | Path::Index(parent, _) => 1 + parent.depth(),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, key) => write!(f, "{}", Name(key)),
            Path::Key(parent, key) => write!(f, "{parent}.{}", Name(key)),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A key, in quotes where a path would be ambiguous without.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !self.0.is_empty() && self.0.bytes().all(bare) { f.write_str(self.0) } else { write!(f, "{:?}", self.0) }
    }
}

/// What a value is, for messages: "a string", "a list".
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The error of a value that has the wrong type. It shows the type, never the value: values may be prompts.
pub(crate) fn expected(path: &Path<'_>, what: &str, got: &Value) -> Error {
    Error::invalid(path, format_args!("expected {what}, got {}", type_name(got)))
}

/// The known name nearest to `given`, as ", did you mean 'x'?"; empty where none is near.
pub(crate) fn suggestion<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, name)| *distance <= 1.max(name.len() / 3) && *distance < name.len())
        .min_by_key(|(distance, _)| *distance)
        .map_or_else(String::new, |(_, name)| format!(", did you mean '{name}'?"))
}

/// More keys than most objects have.
const KEYS: usize = 32;

/// The keys of one object, taken one by one; what is left at the end is unknown.
pub(crate) struct Fields<'p> {
    /// A list: objects are small, and comparing a few keys costs less than hashing each that is asked for.
    entries: Vec<(String, Value)>,
    pub(crate) path: &'p Path<'p>,
    asked: Vec<&'static str>,
}

impl<'p> Fields<'p> {
    pub(crate) fn new(value: Value, path: &'p Path<'p>) -> Result<Self> {
        match value {
            Value::Object(map) => {
                Ok(Fields { entries: map.into_iter().collect(), path, asked: Vec::with_capacity(KEYS) })
            }
            other => Err(expected(path, "an object", &other)),
        }
    }

    /// The value under `key`, where it is there and not null.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        let at = self.entries.iter().position(|(name, _)| name == key)?;
        Some(self.entries.remove(at).1).filter(|value| !value.is_null())
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| !value.is_null())
    }

    pub(crate) fn is_empty_list(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_array).is_some_and(Vec::is_empty)
    }

    /// The error of a missing key.
    pub(crate) fn missing(&self, key: &str) -> Error {
        Error::invalid(self.path.key(key), "required, but missing")
    }

    pub(crate) fn string(&mut self, key: &'static str) -> Result<Option<String>> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(expected(&self.path.key(key), "a string", &other)),
        }
    }

    pub(crate) fn required_string(&mut self, key: &'static str) -> Result<String> {
        self.string(key)?.ok_or_else(|| self.missing(key))
    }

    pub(crate) fn boolean(&mut self, key: &'static str) -> Result<Option<bool>> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(other) => Err(expected(&self.path.key(key), "true or false", &other)),
        }
    }

    /// A number within `min..=max`.
    pub(crate) fn number(&mut self, key: &'static str, min: f64, max: f64) -> Result<Option<f64>> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let path = self.path.key(key);
        let number = value.as_f64().ok_or_else(|| expected(&path, "a number", &value))?;
        if (min..=max).contains(&number) {
            Ok(Some(number))
        } else {
            Err(Error::invalid(path, format_args!("{number} is out of range, expected {min} to {max}")))
        }
    }

    /// A whole number within `min..=max`.
    pub(crate) fn integer(&mut self, key: &'static str, min: i64, max: i64) -> Result<Option<i64>> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let path = self.path.key(key);
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and the range is checked below")]
        let whole = || value.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64);
        let number = value.as_i64().or_else(whole).ok_or_else(|| match &value {
            Value::Number(number) => Error::invalid(path, format_args!("{number} is not a whole number that fits")),
            other => expected(&path, "a whole number", other),
        })?;
        if (min..=max).contains(&number) {
            Ok(Some(number))
        } else {
            Err(Error::invalid(path, format_args!("{number} is out of range, expected {min} to {max}")))
        }
    }

    /// A positive count that fits 32 bits.
    pub(crate) fn count(&mut self, key: &'static str) -> Result<Option<u32>> {
        Ok(self.integer(key, 1, i64::from(u32::MAX))?.and_then(|n| u32::try_from(n).ok()))
    }

    pub(crate) fn list(&mut self, key: &'static str) -> Result<Option<Vec<Value>>> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(other) => Err(expected(&self.path.key(key), "a list", &other)),
        }
    }

    pub(crate) fn object(&mut self, key: &'static str) -> Result<Option<Map<String, Value>>> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(expected(&self.path.key(key), "an object", &other)),
        }
    }

    /// Takes keys that are known and carry nothing for us.
    pub(crate) fn ignore(&mut self, keys: &[&'static str]) {
        for key in keys {
            self.take(key);
        }
    }

    /// Refuses what is left.
    pub(crate) fn finish(self) -> Result<()> {
        let Some((key, _)) = self.entries.iter().find(|(_, value)| !value.is_null()) else { return Ok(()) };
        let hint = suggestion(key, self.asked.iter().copied());
        Err(Error::invalid(self.path.key(key), format_args!("unknown field{hint}")))
    }
}

/// Reads a length of time: seconds as a number, or text such as `30s`, `1m 30s`, `500ms`.
pub(crate) fn duration(value: &Value, path: &Path<'_>) -> Result<std::time::Duration> {
    let parsed = match value {
        Value::Number(number) => {
            number.as_f64().and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok())
        }
        Value::String(text) => humantime::parse_duration(text).ok(),
        _ => None,
    };
    parsed.filter(|time| !time.is_zero()).ok_or_else(|| {
        Error::invalid(path, format_args!("expected a positive time such as \"30s\" or 30, got {value}"))
    })
}
