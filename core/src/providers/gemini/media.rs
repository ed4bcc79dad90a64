//! Images, sound and files on the wire.

use std::borrow::Cow;

use serde::Serialize;

use crate::model::Media;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob<'a> {
    mime_type: &'a str,
    data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'a str>,
    file_uri: Cow<'a, str>,
}

impl<'a> Blob<'a> {
    pub(super) fn new(media: &'a Media, data: &'a str) -> Self {
        Blob { mime_type: media.mime.as_deref().unwrap_or("application/octet-stream"), data }
    }
}

impl<'a> FileData<'a> {
    pub(super) fn new(media: &'a Media, file_uri: Cow<'a, str>) -> Self {
        FileData { mime_type: media.mime.as_deref().or_else(|| mime(&file_uri)), file_uri }
    }
}

/// The media type that an address ends in: Vertex AI wants to be told.
fn mime(uri: &str) -> Option<&'static str> {
    let path = uri.split(['?', '#']).next()?;
    let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "pdf" => "application/pdf",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "ogg" => "audio/ogg",
        "flac" => "audio/flac",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/mov",
        "txt" => "text/plain",
        "md" => "text/md",
        "csv" => "text/csv",
        "html" => "text/html",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_what_they_hold() {
        assert_eq!(mime("https://example.com/a/B.PNG?sig=x.pdf"), Some("image/png"));
        assert_eq!(mime("gs://bucket/report.pdf"), Some("application/pdf"));
        assert_eq!(mime("https://example.com/v1beta/files/abc"), None);
        assert_eq!(mime("https://example.com"), None);
    }
}
