//! What messages hold, as OpenAI's parts.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::chunks::{WireChunk, wire_chunk};
use crate::model::{CacheControl, Content, Media, Part, Source};
use crate::providers::ContentForm;
use crate::target::Target;

/// The content of a message.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Body<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<WirePart<'a>>),
    Chunks(Vec<WireChunk<'a>>),
}

#[derive(Serialize)]
pub(super) struct WirePart<'a> {
    #[serde(flatten)]
    kind: Kind<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Ephemeral<'a>>,
    #[serde(flatten)]
    extra: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: ImageUrl<'a> },
    VideoUrl { video_url: ImageUrl<'a> },
    InputAudio { input_audio: InputAudio<'a> },
    File { file: File<'a> },
}

#[derive(Serialize)]
pub(super) struct ImageUrl<'a> {
    pub(super) url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<&'a str>,
}

#[derive(Serialize)]
struct InputAudio<'a> {
    data: &'a str,
    format: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_id: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Ephemeral<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'a str>,
}

/// Plain text where that is all there is: every server understands it. `None` where there is nothing to say.
pub(super) fn body<'a>(parts: &[&'a Part], target: &Target) -> Option<Body<'a>> {
    let dialect = target.dialect();
    let marks = dialect.can.cache_control;
    if let [part] = parts
        && let (Content::Text { text }, None) = (&part.content, &part.extra)
        && !(marks && part.cache_control.is_some())
    {
        return Some(Body::Text(Cow::Borrowed(text)));
    }
    if dialect.content == ContentForm::Chunks {
        let chunks: Vec<_> = parts.iter().filter_map(|part| wire_chunk(part, target.provider())).collect();
        if let [chunk] = chunks.as_slice()
            && let Some(text) = chunk.only_text()
        {
            return Some(Body::Text(Cow::Borrowed(text)));
        }
        return (!chunks.is_empty()).then_some(Body::Chunks(chunks));
    }
    let parts: Vec<WirePart<'_>> = parts.iter().filter_map(|part| wire_part(part, marks)).collect();
    // Many servers take the assistant's words as one text only, and its thinking and calls have left alone its text.
    if let [WirePart { kind: Kind::Text { text }, cache_control: None, extra: None }] = parts.as_slice() {
        return Some(Body::Text(Cow::Borrowed(*text)));
    }
    (!parts.is_empty()).then_some(Body::Parts(parts))
}

fn wire_part(part: &Part, marks: bool) -> Option<WirePart<'_>> {
    let kind = match &part.content {
        // What another provider said in sound is known by its words.
        Content::Text { text } | Content::Audio(Media { transcript: Some(text), .. }) => Kind::Text { text },
        Content::Image(media) => {
            Kind::ImageUrl { image_url: ImageUrl { url: media.to_url()?, detail: media.detail.as_deref() } }
        }
        Content::Audio(media) => match &media.source {
            Source::Data(data) => Kind::InputAudio { input_audio: InputAudio { data, format: audio_format(media) } },
            _ => return None,
        },
        Content::File(media) => file(media),
        // Calls, thinking and refusals have fields of their own. Sources and what the provider ran itself are for the
        // caller: this protocol has no way to take them back.
        _ => return None,
    };
    Some(WirePart {
        kind,
        cache_control: part.cache_control.as_ref().filter(|_| marks).map(ephemeral),
        extra: part.extra.as_deref(),
    })
}

pub(super) fn ephemeral(marker: &CacheControl) -> Ephemeral<'_> {
    Ephemeral { kind: "ephemeral", ttl: marker.ttl.as_deref() }
}

/// `wav` or `mp3`, which are the API's names for what media types call otherwise.
pub(super) fn audio_format(media: &Media) -> &str {
    match media.mime.as_deref() {
        Some("audio/mpeg" | "audio/mp3") => "mp3",
        Some("audio/wav" | "audio/x-wav" | "audio/wave") | None => "wav",
        Some(other) => other.strip_prefix("audio/").unwrap_or(other),
    }
}

pub(super) fn is_video(media: &Media) -> bool {
    media.mime.as_deref().is_some_and(|mime| mime.starts_with("video/"))
}

fn file(media: &Media) -> Kind<'_> {
    if is_video(media)
        && let Some(url) = media.to_url()
    {
        return Kind::VideoUrl { video_url: ImageUrl { url, detail: None } };
    }
    match &media.source {
        Source::Text(text) => Kind::Text { text },
        source => Kind::File {
            file: File {
                filename: media.filename.as_deref(),
                file_data: media.to_url(),
                file_id: if let Source::FileId(id) = source { Some(id) } else { None },
            },
        },
    }
}
