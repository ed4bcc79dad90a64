//! The item that nearly every response is made of: a message of texts without sources. It is read without a map for each of
//! its objects, which is most of what reading an answer costs.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::open::text;
use crate::error::Result;
use crate::providers::json;

/// An item of a response.
pub(super) enum Item {
    Plain(Message),
    /// Any other, and a message that has more.
    Any(Map<String, Value>),
}

/// A message of texts and nothing else. What has another field, or one of another type, is none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    id: Option<String>,
    #[serde(rename = "type")]
    _kind: MessageKind,
    status: Option<String>,
    #[serde(rename = "role")]
    _role: Option<Assistant>,
    pub(super) content: Vec<Text>,
}

#[derive(Deserialize)]
enum MessageKind {
    #[serde(rename = "message")]
    Message,
}

#[derive(Deserialize)]
enum Assistant {
    #[serde(rename = "assistant")]
    Assistant,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    #[serde(rename = "type")]
    _kind: TextKind,
    pub(super) text: String,
    #[serde(rename = "annotations")]
    _annotations: Option<[(); 0]>,
    #[serde(rename = "logprobs")]
    _logprobs: Option<[(); 0]>,
}

#[derive(Deserialize)]
enum TextKind {
    #[serde(rename = "output_text")]
    OutputText,
}

impl Item {
    pub(super) fn read(item: &RawValue) -> Result<Self> {
        match serde_json::from_str(item.get()) {
            Ok(message) => Ok(Item::Plain(message)),
            Err(_) => Ok(Item::Any(json::parse(item.get().as_bytes(), &json::Room::default())?)),
        }
    }

    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Item::Plain(message) => message.id.as_deref().filter(|id| !id.is_empty()),
            Item::Any(item) => text(item, "id"),
        }
    }
}

impl Message {
    /// What goes back with its texts.
    pub(super) fn into_state(self) -> Map<String, Value> {
        let fields = [("id", self.id), ("status", self.status)];
        fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))).collect()
    }
}
