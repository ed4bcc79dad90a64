//! The validator of JSON Schemas.
//!
//! It is `jsonschema`: the reference of its language, kept up, and without a line of its own for the network here. It is much of
//! the library, so a build may go without (feature `structured-output`). Then there is no validator for any schema.

use serde_json::Value;

/// Holds values to one JSON Schema.
#[cfg(feature = "structured-output")]
pub(crate) struct Validator(jsonschema::Validator);

#[cfg(feature = "structured-output")]
impl Validator {
    /// A validator for a schema. What is no JSON Schema checks nothing, since the provider is the judge of it: Google's own
    /// kind has types in capitals, and references lead into the schema only.
    pub(crate) fn new(schema: &Value) -> Option<Self> {
        jsonschema::options().build(schema).ok().map(Validator)
    }

    /// Where the schema is not followed, as a pointer into it.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        self.0.validate(value).map_err(|error| error.schema_path().as_str().to_owned())
    }
}

/// What this build does not have.
#[cfg(not(feature = "structured-output"))]
pub(crate) enum Validator {}

#[cfg(not(feature = "structured-output"))]
impl Validator {
    pub(crate) fn new(_: &Value) -> Option<Self> {
        None
    }

    pub(crate) fn check(&self, _: &Value) -> Result<(), String> {
        match *self {}
    }
}
