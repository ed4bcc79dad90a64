//! Images, documents, video and sound on the wire.
//!
//! Source: the Bedrock API reference, `ImageBlock`, `DocumentBlock`, `VideoBlock` and `AudioBlock`.

use std::borrow::Cow;

use serde::Serialize;

use crate::model::{Media, Source};

/// Bytes, text, or a place in S3, which is the only one that the API opens.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum WireSource<'a> {
    Bytes(&'a str),
    Text(&'a str),
    S3Location { uri: &'a str },
}

/// An image, a video, or sound.
#[derive(Serialize)]
pub(super) struct Wire<'a> {
    format: &'static str,
    source: WireSource<'a>,
}

#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    pub(super) name: Cow<'a, str>,
    source: WireSource<'a>,
}

/// What becomes of a file: most are documents.
pub(super) enum File<'a> {
    Image(Wire<'a>),
    Video(Wire<'a>),
    Document(Document<'a>),
}

const IMAGES: [(&str, &str); 5] =
    [("image/png", "png"), ("image/jpeg", "jpeg"), ("image/jpg", "jpeg"), ("image/gif", "gif"), ("image/webp", "webp")];
const SOUND: [(&str, &str); 16] = [
    ("audio/mpeg", "mp3"),
    ("audio/mp3", "mp3"),
    ("audio/opus", "opus"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/wave", "wav"),
    ("audio/aac", "aac"),
    ("audio/flac", "flac"),
    ("audio/x-flac", "flac"),
    ("audio/mp4", "mp4"),
    ("audio/ogg", "ogg"),
    ("audio/x-m4a", "m4a"),
    ("audio/m4a", "m4a"),
    ("audio/l16", "pcm"),
    ("audio/pcm", "pcm"),
    ("audio/webm", "webm"),
];
const VIDEOS: [(&str, &str); 8] = [
    ("video/x-matroska", "mkv"),
    ("video/quicktime", "mov"),
    ("video/mp4", "mp4"),
    ("video/webm", "webm"),
    ("video/x-flv", "flv"),
    ("video/mpeg", "mpeg"),
    ("video/x-ms-wmv", "wmv"),
    ("video/3gpp", "three_gp"),
];
const DOCUMENTS: [(&str, &str); 10] = [
    ("application/pdf", "pdf"),
    ("text/csv", "csv"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("text/html", "html"),
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("text/md", "md"),
];

/// A format by its media type. The API's own name for it is as good.
fn format(mime: Option<&str>, table: &[(&str, &'static str)], what: &str) -> Result<&'static str, String> {
    let Some(mime) = mime else { return Err(format!("has to be told the type of {what}, set mime")) };
    let mime = mime.split(';').next().unwrap_or(mime).trim();
    let found = table.iter().find(|(name, format)| name.eq_ignore_ascii_case(mime) || *format == mime);
    found.map(|(_, format)| *format).ok_or_else(|| format!("reads no {what} of type {mime}"))
}

fn source(media: &Media) -> Result<WireSource<'_>, String> {
    match &media.source {
        Source::Data(data) => Ok(WireSource::Bytes(data)),
        Source::Text(text) => Ok(WireSource::Text(text)),
        Source::Url(uri) if uri.starts_with("s3://") => Ok(WireSource::S3Location { uri }),
        Source::Url(_) => Err("opens no addresses but those of S3: give the bytes".to_owned()),
        Source::FileId(_) => Err("keeps no files: give the bytes".to_owned()),
    }
}

fn wire<'a>(media: &'a Media, table: &[(&str, &'static str)], what: &str) -> Result<Wire<'a>, String> {
    match source(media)? {
        WireSource::Text(_) => Err(format!("reads no {what} from text")),
        source => Ok(Wire { format: format(media.mime.as_deref(), table, what)?, source }),
    }
}

pub(super) fn image(media: &Media) -> Result<Wire<'_>, String> {
    wire(media, &IMAGES, "image")
}

pub(super) fn sound(media: &Media) -> Result<Wire<'_>, String> {
    wire(media, &SOUND, "sound")
}

pub(super) fn file(media: &Media) -> Result<File<'_>, String> {
    let mime = media.mime.as_deref().unwrap_or_default();
    if mime.starts_with("image/") {
        return image(media).map(File::Image);
    }
    if mime.starts_with("video/") {
        return wire(media, &VIDEOS, "video").map(File::Video);
    }
    let source = source(media)?;
    let format = match (&source, media.mime.as_deref()) {
        (WireSource::Text(_), None) => Some("txt"),
        // An older form of calls says no type and means this one.
        (_, None) if media.filename.as_deref().is_none_or(|name| name.to_ascii_lowercase().ends_with(".pdf")) => {
            Some("pdf")
        }
        (_, mime) => Some(format(mime, &DOCUMENTS, "document")?),
    };
    let name = media.filename.as_deref().map_or(Cow::Borrowed("document"), name);
    Ok(File::Document(Document { format, name, source }))
}

/// A name as the API takes it: letters, digits, single spaces, hyphens, parentheses and brackets. The ending goes, as the
/// format says it.
fn name(filename: &str) -> Cow<'_, str> {
    const LONGEST: usize = 200;
    let stem = filename.rsplit_once('.').map_or(filename, |(stem, _)| stem);
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '(' | ')' | '[' | ']' | '_');
    let is_right = |name: &str| {
        !name.is_empty() && name.chars().count() <= LONGEST && name.chars().all(allowed) && !name.contains("  ")
    };
    if is_right(stem) {
        return Cow::Borrowed(stem);
    }
    let spaced: String = stem.chars().map(|c| if allowed(c) { c } else { ' ' }).take(LONGEST).collect();
    let name = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { Cow::Borrowed("document") } else { Cow::Owned(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_api_takes() {
        let table = [
            ("report.pdf", "report"),
            ("Document 1", "Document 1"),
            ("company_policy", "company_policy"),
            ("a/b:c\u{0}  d.tar.gz", "a b c d tar"),
            (".pdf", "document"),
            ("Übersicht (2).docx", "bersicht (2)"),
        ];
        for (filename, want) in table {
            assert_eq!(name(filename), want, "{filename}");
        }
        assert_eq!(name(&"x".repeat(300)).len(), 200);
    }

    #[test]
    fn types_are_read_in_any_spelling() {
        assert_eq!(format(Some("image/JPG; q=1"), &IMAGES, "image"), Ok("jpeg"));
        assert_eq!(format(Some("pdf"), &DOCUMENTS, "document"), Ok("pdf"));
        assert_eq!(
            format(Some("image/svg+xml"), &IMAGES, "image").unwrap_err(),
            "reads no image of type image/svg+xml"
        );
        assert_eq!(format(None, &IMAGES, "image").unwrap_err(), "has to be told the type of image, set mime");
    }
}
