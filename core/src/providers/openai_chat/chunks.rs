//! What messages hold, as Mistral's chunks.
//!
//! Source: the Mistral API specification, `ContentChunk`.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::parts::ImageUrl;
use crate::model::{Content, Media, Part, Source};

#[derive(Serialize)]
pub(super) struct WireChunk<'a> {
    #[serde(flatten)]
    kind: Kind<'a>,
    #[serde(flatten)]
    extra: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Kind<'a> {
    Known(Known<'a>),
    /// What only the vendor knows, as it came.
    Other(&'a Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Known<'a> {
    Text {
        text: &'a str,
    },
    Thinking {
        thinking: [Thought<'a>; 1],
        #[serde(skip_serializing_if = "Option::is_none")]
        signature: Option<&'a Value>,
    },
    Reference {
        reference_ids: &'a Value,
    },
    ImageUrl {
        image_url: ImageUrl<'a>,
    },
    DocumentUrl {
        document_url: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        document_name: Option<&'a str>,
    },
    File {
        file_id: &'a str,
    },
    /// An address, or the bytes.
    InputAudio {
        input_audio: Cow<'a, str>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "text")]
struct Thought<'a> {
    text: &'a str,
}

impl<'a> WireChunk<'a> {
    /// The text, if the chunk is nothing else.
    pub(super) fn only_text(&self) -> Option<&'a str> {
        match self {
            WireChunk { kind: Kind::Known(Known::Text { text }), extra: None } => Some(text),
            _ => None,
        }
    }
}

/// A part as a chunk. `None` where it has a field of its own, or is another provider's.
pub(super) fn wire_chunk<'a>(part: &'a Part, provider: &str) -> Option<WireChunk<'a>> {
    let state = part.state_for(provider);
    let foreign = part.state.is_some() && state.is_none();
    let known = match &part.content {
        Content::Text { text } | Content::Refusal { text } => Known::Text { text },
        // Thinking without state came from who knows where; with another provider's state it is not ours to send.
        Content::Reasoning { text } if !foreign && (!text.is_empty() || state.is_some()) => {
            let signature = state.and_then(|state| state.get("signature"));
            Known::Thinking { thinking: [Thought { text }], signature }
        }
        Content::Citation(_) => Known::Reference { reference_ids: state?.get("reference_ids")? },
        Content::Image(media) => {
            Known::ImageUrl { image_url: ImageUrl { url: media.to_url()?, detail: media.detail.as_deref() } }
        }
        Content::Audio(media) => match &media.source {
            Source::Data(data) | Source::Url(data) => Known::InputAudio { input_audio: Cow::Borrowed(data) },
            Source::FileId(_) | Source::Text(_) => return None,
        },
        Content::File(media) => document(media)?,
        // What is no chunk is another protocol's.
        Content::Other(other) if !foreign && other.data.get("type").is_some_and(|kind| *kind == *other.kind) => {
            return Some(WireChunk { kind: Kind::Other(&other.data), extra: None });
        }
        // Calls have a field of their own.
        _ => return None,
    };
    Some(WireChunk { kind: Kind::Known(known), extra: part.extra.as_deref() })
}

fn document(media: &Media) -> Option<Known<'_>> {
    Some(match &media.source {
        Source::FileId(file_id) => Known::File { file_id },
        Source::Text(text) => Known::Text { text },
        Source::Url(_) | Source::Data(_) => {
            Known::DocumentUrl { document_url: media.to_url()?, document_name: media.filename.as_deref() }
        }
    })
}
