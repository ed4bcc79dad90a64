//! A regular expression in the configuration. A build without the feature `structured-output` has none and refuses them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// A regular expression.
#[cfg(feature = "structured-output")]
#[derive(Clone, Debug)]
pub(crate) struct Pattern(regex::Regex);

#[cfg(feature = "structured-output")]
impl Pattern {
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

#[cfg(feature = "structured-output")]
impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Its last line says what is wrong; those before show where.
        regex::Regex::new(&text).map(Pattern).map_err(|error| {
            let text = error.to_string();
            let problem = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            D::Error::custom(format_args!("is not a regular expression: {problem}"))
        })
    }
}

/// What this build does not have.
#[cfg(not(feature = "structured-output"))]
#[derive(Clone, Debug)]
pub(crate) enum Pattern {}

#[cfg(not(feature = "structured-output"))]
impl Pattern {
    pub(crate) fn is_match(&self, _: &str) -> bool {
        match *self {}
    }
}

#[cfg(not(feature = "structured-output"))]
impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(super::NOT_IN_THIS_BUILD))
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Pattern".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A regular expression in the syntax of Rust's `regex` crate.",
            "type": "string",
            "examples": ["(?i)as an AI"],
        })
    }
}
