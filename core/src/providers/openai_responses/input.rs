//! Parts become the content of messages and of tools' results.
//!
//! Source: the OpenAI API reference, "Create a model response", input: text, image and file; `input_audio` is what other
//! servers of this protocol take (OpenRouter).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::{Content, Media, Part, Source};
use crate::providers::body::merge;

/// What is said: plain text where that is all there is, since every server understands it.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Said<'a> {
    Text(Cow<'a, str>),
    Pieces(Vec<Piece<'a>>),
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Piece<'a> {
    Typed(Kind<'a>),
    /// With the caller's own keys merged over it.
    Merged(Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Kind<'a> {
    InputText {
        text: &'a str,
    },
    InputImage {
        #[serde(skip_serializing_if = "Option::is_none")]
        image_url: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_id: Option<&'a str>,
        detail: &'a str,
    },
    InputFile {
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_data: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_url: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<&'a str>,
    },
    InputAudio {
        input_audio: Audio<'a>,
    },
    OutputText {
        text: &'a str,
        annotations: Vec<&'a Value>,
        logprobs: [(); 0],
    },
    Refusal {
        refusal: &'a str,
    },
}

#[derive(Serialize)]
pub(super) struct Audio<'a> {
    data: &'a str,
    format: &'a str,
}

impl<'a> Said<'a> {
    /// The words of a person, the application or a tool.
    pub(super) fn new(parts: &[&'a Part]) -> Self {
        match parts {
            [] => Said::Text(Cow::Borrowed("")),
            [Part { content: Content::Text { text }, extra: None, .. }] => Said::Text(Cow::Borrowed(text)),
            parts => Said::Pieces(parts.iter().filter_map(|part| Piece::new(part)).collect()),
        }
    }

    /// The words of the model as another vendor or the caller knows them: one text.
    pub(super) fn by_model(parts: &[&'a Part]) -> Self {
        if parts.iter().any(|part| part.extra.is_some()) {
            return Said::Pieces(parts.iter().filter_map(|part| Piece::by_model(part)).collect());
        }
        match parts {
            [part] => Said::Text(Cow::Borrowed(words(part))),
            parts => Said::Text(parts.iter().map(|part| words(part)).collect::<String>().into()),
        }
    }
}

fn words(part: &Part) -> &str {
    match &part.content {
        Content::Text { text } | Content::Refusal { text } => text,
        _ => "",
    }
}

impl<'a> Piece<'a> {
    fn new(part: &'a Part) -> Option<Self> {
        let kind = match &part.content {
            Content::Text { text } | Content::Refusal { text } => Kind::InputText { text },
            Content::Image(media) => Kind::InputImage {
                image_url: media.to_url(),
                file_id: file_id(media),
                detail: media.detail.as_deref().unwrap_or("auto"),
            },
            Content::Audio(media) => match &media.source {
                Source::Data(data) => Kind::InputAudio { input_audio: Audio { data, format: audio_format(media) } },
                _ => return None,
            },
            Content::File(media) => file(media),
            // Sources are for the reader.
            _ => return None,
        };
        Some(Piece::with(kind, part.extra.as_deref()))
    }

    /// What the model said, in a message of its own.
    pub(super) fn by_model(part: &'a Part) -> Option<Self> {
        let kind = match &part.content {
            Content::Text { text } => Kind::OutputText { text, annotations: Vec::new(), logprobs: [] },
            Content::Refusal { text } => Kind::Refusal { refusal: text },
            _ => return None,
        };
        Some(Piece::with(kind, part.extra.as_deref()))
    }

    fn with(kind: Kind<'a>, extra: Option<&Map<String, Value>>) -> Self {
        let Some(extra) = extra else { return Piece::Typed(kind) };
        let mut value = serde_json::to_value(kind).unwrap_or_default();
        if let Value::Object(piece) = &mut value {
            merge(piece, extra);
        }
        Piece::Merged(value)
    }

    /// Puts a source back beside the text that it supports.
    pub(super) fn cite(&mut self, annotation: &'a Value) {
        match self {
            Piece::Typed(Kind::OutputText { annotations, .. }) => annotations.push(annotation),
            Piece::Merged(piece) => {
                if let Some(Value::Array(annotations)) = piece.get_mut("annotations") {
                    annotations.push(annotation.clone());
                }
            }
            Piece::Typed(_) => {}
        }
    }
}

fn file_id(media: &Media) -> Option<&str> {
    match &media.source {
        Source::FileId(id) => Some(id),
        _ => None,
    }
}

fn file(media: &Media) -> Kind<'_> {
    let mut kind = (media.filename.as_deref(), None, None, None);
    match &media.source {
        Source::Text(text) => return Kind::InputText { text },
        Source::Url(url) => kind.2 = Some(url.as_str()),
        Source::FileId(id) => kind.3 = Some(id.as_str()),
        Source::Data(_) => {
            // Bytes need a name, from which the vendor tells what they are.
            kind.0 = kind.0.or(Some(default_name(media)));
            kind.1 = media.to_url();
        }
    }
    let (filename, file_data, file_url, file_id) = kind;
    Kind::InputFile { filename, file_data, file_url, file_id, detail: media.detail.as_deref() }
}

fn default_name(media: &Media) -> &'static str {
    match media.mime.as_deref() {
        None | Some("application/pdf") => "file.pdf",
        Some("text/markdown") => "file.md",
        Some("text/csv") => "file.csv",
        Some("text/html") => "file.html",
        Some("application/json") => "file.json",
        Some(mime) if mime.starts_with("text/") => "file.txt",
        Some(_) => "file",
    }
}

/// `wav` or `mp3`, which are the API's names for what media types call otherwise.
fn audio_format(media: &Media) -> &str {
    match media.mime.as_deref() {
        Some("audio/mpeg" | "audio/mp3") => "mp3",
        Some("audio/wav" | "audio/x-wav" | "audio/wave") | None => "wav",
        Some(other) => other.strip_prefix("audio/").unwrap_or(other),
    }
}
