//! What an HTTP status means, for all protocols. A provider's own words refine it.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;

use super::quote::quote;
use crate::error::{Error, Kind, Retry};
use crate::target::Target;

/// How much of a provider's message an error shows.
const MESSAGE: usize = 300;

/// Trying again may help at once; the gateway adds what the headers say of waiting.
pub(crate) const AGAIN: Retry = Retry::After(Duration::ZERO);

/// The kind of a status and where trying again makes sense.
pub(crate) fn classify(status: StatusCode) -> (Kind, Retry) {
    match status.as_u16() {
        401 => (Kind::Unauthenticated, Retry::Elsewhere),
        402 => (Kind::QuotaExhausted, Retry::Elsewhere),
        403 => (Kind::PermissionDenied, Retry::Elsewhere),
        // 405 comes from a path that does not exist there, 410 from a model that was retired.
        404 | 405 | 410 => (Kind::NotFound, Retry::Elsewhere),
        408 | 504 => (Kind::Timeout, AGAIN),
        // 425 (too early) asks for the same request once more.
        425 | 500 | 502 => (Kind::Server, AGAIN),
        429 => (Kind::RateLimited, AGAIN),
        501 | 505 => (Kind::Server, Retry::Elsewhere),
        // 529 is Anthropic's "overloaded", 498 Groq's "capacity exceeded".
        498 | 503 | 529 => (Kind::Overloaded, AGAIN),
        // The other 4xx (400, 409, 413, 422, ...) say that the request is wrong, wherever it is sent.
        400..=499 => (Kind::InvalidRequest, Retry::Never),
        _ => (Kind::Server, AGAIN),
    }
}

/// The error of an answer with `status`, in the provider's own words: those that its codec found in the body, or else what
/// the body says in any other form.
#[cold]
pub(crate) fn refused(
    (kind, retry): (Kind, Retry),
    status: StatusCode,
    words: &str,
    body: &[u8],
    target: &Target,
) -> Error {
    // The reason phrases of the registry are of no help beside a number.
    let prefix = format!("{} answered {}", target.label, status.as_u16());
    let words = match words {
        "" => plain_words(body),
        words => Cow::Borrowed(words),
    };
    let words = match &*words {
        "" if kind == Kind::NotFound => "there is no such path, check base_url",
        words => words,
    };
    let error = said(kind, retry, &prefix, words, target);
    let error = error.status(status.as_u16());
    if kind == Kind::Timeout { error.context("timeout", "provider") } else { error }
}

/// What a body says whatever its form: its text, or its JSON. A page says nothing.
fn plain_words(body: &[u8]) -> Cow<'_, str> {
    let body = body.trim_ascii();
    // More is never shown.
    let head = body.get(..4 * MESSAGE).unwrap_or(body);
    if matches!(body, b"" | b"{}" | b"[]" | b"null") || body.starts_with(b"<") {
        return Cow::Borrowed("");
    }
    String::from_utf8_lossy(head)
}

/// The error of an answer that holds an error although its status is 200, as streams do once they have begun.
#[cold]
pub(crate) fn failed(kind: Kind, retry: Retry, words: &str, target: &Target) -> Error {
    said(kind, retry, &format!("{} answered with an error", target.label), words, target)
}

fn said(kind: Kind, retry: Retry, prefix: &str, words: &str, target: &Target) -> Error {
    let words = quote(words, MESSAGE);
    let message = if words.is_empty() { prefix.to_owned() } else { format!("{prefix}: {words}") };
    Error::new(kind, message).retry(retry).provider(target.provider())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        let table = [
            (400, Kind::InvalidRequest, Retry::Never),
            (401, Kind::Unauthenticated, Retry::Elsewhere),
            (402, Kind::QuotaExhausted, Retry::Elsewhere),
            (403, Kind::PermissionDenied, Retry::Elsewhere),
            (404, Kind::NotFound, Retry::Elsewhere),
            (408, Kind::Timeout, AGAIN),
            (409, Kind::InvalidRequest, Retry::Never),
            (413, Kind::InvalidRequest, Retry::Never),
            (422, Kind::InvalidRequest, Retry::Never),
            (425, Kind::Server, AGAIN),
            (429, Kind::RateLimited, AGAIN),
            (500, Kind::Server, AGAIN),
            (503, Kind::Overloaded, AGAIN),
            (504, Kind::Timeout, AGAIN),
            (520, Kind::Server, AGAIN),
            (529, Kind::Overloaded, AGAIN),
        ];
        for (status, kind, retry) in table {
            assert_eq!(classify(StatusCode::from_u16(status).unwrap()), (kind, retry), "{status}");
        }
    }
}
