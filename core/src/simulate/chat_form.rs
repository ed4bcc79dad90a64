//! What vendors whose chat has OpenAI's form read alike, each with words and schemas of its own.

use serde::Deserialize;
use serde_json::Value;

use super::model::{Choice, Format};

/// One text or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or an array of strings")]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn into_vec(self) -> Vec<String> {
        match self {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        }
    }
}

/// Which tool must be called. `W` are the words that there are for it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a word such as 'auto', or a named function")]
pub(super) enum ToolChoice<W> {
    Word(W),
    Named {
        function: Named,
    },
    /// Nothing that is simulated calls one.
    Custom {
        custom: Named,
    },
}

#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

impl<W: PartialEq> ToolChoice<W> {
    /// What is chosen, where the word `none` says that nothing is to be called.
    pub(super) fn read(asked: Option<Self>, none: &W) -> Choice {
        match asked {
            Some(ToolChoice::Word(word)) if word == *none => Choice::None,
            Some(ToolChoice::Named { function }) => Choice::Named(function.name),
            Some(ToolChoice::Word(_) | ToolChoice::Custom { .. }) | None => Choice::Auto,
        }
    }
}

/// The form of the answer. `S` is what holds a schema.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ResponseFormat<S> {
    Text,
    JsonObject,
    JsonSchema { json_schema: S },
}

impl<S> ResponseFormat<S> {
    /// The form; `schema` takes a schema out of what holds it.
    pub(super) fn read(asked: Option<Self>, schema: impl FnOnce(S) -> Value) -> Format {
        match asked {
            Some(ResponseFormat::JsonObject) => Format::Json,
            Some(ResponseFormat::JsonSchema { json_schema }) => Format::Schema(schema(json_schema)),
            Some(ResponseFormat::Text) | None => Format::Text,
        }
    }
}
