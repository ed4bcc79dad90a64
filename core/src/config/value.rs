//! The scalar types of the configuration: times, sizes and secrets.

use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// No time may be longer: a clock that counts further may overflow.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// A length of time: text with units, or a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Period;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as \"30s\", \"500ms\" or 30 (seconds)")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Period, E> {
                period(humantime::parse_duration(text).ok(), text)
            }
            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Period, E> {
                period(Duration::try_from_secs_f64(seconds).ok(), seconds)
            }
            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Period, E> {
                period(Some(Duration::from_secs(seconds)), seconds)
            }
            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Period, E> {
                period(u64::try_from(seconds).ok().map(Duration::from_secs), seconds)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

fn period<E: de::Error>(time: Option<Duration>, given: impl fmt::Display) -> Result<Period, E> {
    match time {
        Some(time) if time <= LONGEST => Ok(Period(time)),
        Some(_) => Err(E::custom(format_args!("'{given}' is too long, the most is 7 days"))),
        None => Err(E::custom(format_args!(
            "'{given}' is not a time, expected one such as \"30s\", \"500ms\", \"1m30s\" or 30 (seconds)"
        ))),
    }
}

/// Reads a time within which something has to happen.
pub(crate) fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Period>, D::Error> {
    match Option::<Period>::deserialize(deserializer)? {
        Some(Period(Duration::ZERO)) => Err(de::Error::custom("is zero, nothing would ever be in time")),
        period => Ok(period),
    }
}

/// Reads a part of a whole.
pub(super) fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match Option::<f64>::deserialize(deserializer)? {
        Some(share) if !(0.0..=1.0).contains(&share) => {
            Err(de::Error::custom(format_args!("{share} is not a share, expected a number between 0 and 1")))
        }
        share => Ok(share),
    }
}

impl JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: text such as \"30s\", \"500ms\" or \"1m30s\", or a number of seconds. At most 7 days.",
            "anyOf": [{ "type": "string" }, { "type": "number", "minimum": 0, "maximum": LONGEST.as_secs() }],
            "examples": ["30s", "500ms", "1m30s", 30],
        })
    }
}

/// A number of bytes: text with a unit, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) usize);

const UNITS: [(&str, u64); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Size;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as \"32MiB\", \"64kB\" or a number of bytes")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
                let parsed = UNITS.iter().find_map(|(unit, factor)| {
                    let count: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
                    count.checked_mul(*factor)
                });
                size(parsed, text)
            }
            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<Size, E> {
                size(Some(bytes), bytes)
            }
            fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<Size, E> {
                size(u64::try_from(bytes).ok(), bytes)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

fn size<E: de::Error>(bytes: Option<u64>, given: impl fmt::Display) -> Result<Size, E> {
    bytes.filter(|bytes| *bytes > 0).and_then(|bytes| usize::try_from(bytes).ok()).map(Size).ok_or_else(|| {
        E::custom(format_args!(
            "'{given}' is not a size, expected one such as \"32MiB\", \"64kB\" or a positive number of bytes"
        ))
    })
}

impl JsonSchema for Size {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Size".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A size: text such as \"32MiB\" or \"64kB\", or a number of bytes.",
            "anyOf": [
                { "type": "string", "pattern": "^[0-9]+ *(B|kB|MB|GB|KiB|MiB|GiB)$" },
                { "type": "integer", "minimum": 1 },
            ],
            "examples": ["32MiB", "64kB", 65536],
        })
    }
}

/// A secret as written: the text itself, or the variable that holds it. It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SecretText {
    /// The secret.
    Literal(String),
    /// `${env:NAME}`.
    Env(String),
}

impl SecretText {
    /// The name under which it asks a deserializer, so that the reader knows where references are allowed.
    pub(super) const NAME: &'static str = "SecretText";

    fn parse(text: String) -> Result<Self, &'static str> {
        // As shells and other libraries write a reference: no key of a provider begins so.
        let foreign = text.starts_with('$') && !text.starts_with("${") || text.starts_with("os.environ/");
        if !foreign && !text.contains("${") {
            return if text.trim().is_empty() { Err("is empty") } else { Ok(SecretText::Literal(text)) };
        }
        let name = text.strip_prefix("${env:").and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some(name) if is_variable(name) => Ok(SecretText::Env(name.to_owned())),
            _ => Err("a reference is the whole value, in the form ${env:NAME}"),
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretText::Literal(_) => f.write_str("***"),
            SecretText::Env(name) => write!(f, "${{env:{name}}}"),
        }
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = SecretText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<SecretText, D::Error> {
                SecretText::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
        deserializer.deserialize_newtype_struct(SecretText::NAME, Read)
    }
}

impl JsonSchema for SecretText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A secret, or ${env:NAME} as the whole value for the environment variable that holds it.",
            "type": "string",
            "minLength": 1,
        })
    }
}
