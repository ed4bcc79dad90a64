//! Reads a provider's JSON, forgiving what can be forgiven without guessing.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::Segment;

use super::quote::quote;
use crate::error::{Error, Result};

/// How much of an answer that is no JSON at all (a proxy's page, a captive portal) its error shows.
const PREVIEW: usize = 200;

/// How many fields of a document are let go before it is given up.
const MOST_LOST: usize = 8;

/// Fields without which an answer would say something else. Any other is let go rather than the answer.
const ESSENTIAL: [&str; 47] = [
    "args",
    "arguments",
    "bytes",
    "candidates",
    "choices",
    "citationsContent",
    "content",
    "content_block",
    "custom",
    "data",
    "delta",
    "embedding",
    "embeddings",
    "error",
    "fileData",
    "finishReason",
    "finish_reason",
    "function",
    "functionCall",
    "inlineData",
    "input",
    "message",
    "name",
    "output",
    "partialArgs",
    "partial_json",
    "parts",
    "reasoning",
    "reasoningContent",
    "reasoningText",
    "reasoning_content",
    "reasoning_text",
    "redactedContent",
    "refusal",
    "results",
    "signature",
    "start",
    "status",
    "stopReason",
    "stop_reason",
    "text",
    "thinking",
    "thoughtSignature",
    "toolUse",
    "tool_calls",
    "type",
    "values",
];

/// A text that is borrowed where it has no escapes. (Serde copies a `Cow` inside an `Option`.)
// Transparent, since `serde_path_to_error` does not see keys behind a new type.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

impl Text<'_> {
    /// The text by itself, unless it is empty.
    pub(crate) fn said(self) -> Option<String> {
        if self.0.is_empty() { None } else { Some(self.0.into_owned()) }
    }
}

/// Room for mended copies of a document, from which what is parsed may borrow.
#[derive(Default)]
pub(crate) struct Room(OnceCell<(Vec<u8>, Box<Room>)>);

impl Room {
    /// Keeps a copy behind those that it holds.
    fn keep(&self, copy: Vec<u8>) -> &[u8] {
        let mut room = self;
        while let Some((_, next)) = room.0.get() {
            room = next;
        }
        &room.0.get_or_init(|| (copy, Box::default())).0
    }
}

/// Parses one document of a provider. The second argument is room for mended copies of the document, needed only where
/// it does not parse as it is: `json::parse::<Chunk>(data, &Room::default())?`.
///
/// Three things are mended. A lone surrogate escape (`\ud83d`) becomes U+FFFD: some providers cut an emoji in two, and one
/// broken character must not lose an answer. A key that comes twice counts once, the last wins. A field of an unexpected
/// type counts as absent, unless the answer would say something else without it. What still does not parse is a protocol
/// error, `malformed_response`.
pub(crate) fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8], room: &'a Room) -> Result<T> {
    // Of bytes each string would be checked by itself, which takes a sixth of the time.
    let read = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => broken(bytes),
    };
    match read {
        Ok(value) => Ok(value),
        Err(error) => slow(bytes, room, &error),
    }
}

/// Parses what is no UTF-8 as a whole, which matters only in what is read of it. Tracks the path as `slow` does, for no other
/// reason than that the compiler makes one parser for both.
#[cold]
fn broken<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> serde_json::Result<T> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(serde_path_to_error::Error::into_inner)?;
    json.end()?;
    Ok(value)
}

/// A document in one of two forms.
pub(crate) enum Form<P, A> {
    /// The form of most.
    Plain(P),
    /// The form that any has.
    Any(A),
}

/// Parses a document that most often has a form of which all is known. `P` is that form, so strict that nothing else fits it:
/// it is read in one pass. What does not fit is parsed as `A`, where what is not known yet stays raw, to be read again.
pub(crate) fn either<'a, P: Deserialize<'a>, A: Deserialize<'a>>(
    bytes: &'a [u8],
    room: &'a Room,
) -> Result<Form<P, A>> {
    match std::str::from_utf8(bytes).map(serde_json::from_str) {
        Ok(Ok(plain)) => Ok(Form::Plain(plain)),
        _ => parse(bytes, room).map(Form::Any),
    }
}

#[cold]
fn slow<'a, T: Deserialize<'a>>(bytes: &[u8], room: &'a Room, first: &serde_json::Error) -> Result<T> {
    if first.classify() == Category::Eof {
        return Err(malformed(bytes, first));
    }
    // A value knows how to let the last of two equal keys win; a typed structure refuses them.
    let mended = serde_json::from_slice(&with_whole_escapes(bytes));
    let mut value: Value = mended.map_err(|_| malformed(bytes, first))?;
    for _ in 0..=MOST_LOST {
        let copy = room.keep(value.to_string().into_bytes());
        match serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(copy)) {
            Ok(document) => return Ok(document),
            Err(error) if forget(&mut value, error.path()) => {}
            Err(_) => break,
        }
    }
    Err(malformed(bytes, first))
}

/// Makes the innermost field of a path null, or absent if it is null. False where it is essential.
fn forget(document: &mut Value, path: &serde_path_to_error::Path) -> bool {
    let path: Vec<_> = path.iter().collect();
    let Some(last) = path.iter().rposition(|segment| matches!(segment, Segment::Map { .. })) else { return false };
    let (above, rest) = path.split_at(last);
    let parent = above.iter().try_fold(document, |place, segment| match segment {
        Segment::Map { key } => place.get_mut(key),
        Segment::Seq { index } => place.get_mut(*index),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    let (Some(Value::Object(fields)), Some(Segment::Map { key })) = (parent, rest.first()) else { return false };
    match fields.get_mut(key) {
        _ if ESSENTIAL.contains(&key.as_str()) => false,
        Some(Value::Null) => fields.shift_remove(key).is_some(),
        Some(value) => {
            *value = Value::Null;
            true
        }
        None => false,
    }
}

/// The error says where, not what: a parser's own words quote the answer.
#[cold]
fn malformed(bytes: &[u8], error: &serde_json::Error) -> Error {
    let place = format!("line {}, column {}", error.line(), error.column());
    let problem = match error.classify() {
        Category::Eof => "the answer's JSON is cut off",
        Category::Data => "the answer's JSON does not have the protocol's shape",
        Category::Syntax | Category::Io => "the answer is not JSON",
    };
    let error = Error::protocol("malformed_response", format!("{problem} ({place})"));
    match bytes.trim_ascii_start().first() {
        // JSON may hold the conversation; anything else came from something between us and the provider.
        Some(b'{' | b'[' | b'"') | None => error,
        Some(b'<') => {
            let error =
                error.message("the answer is a page, not JSON: check base_url, and what is between here and there");
            error.context("preview", quote(&String::from_utf8_lossy(bytes), PREVIEW))
        }
        Some(_) => error.context("preview", quote(&String::from_utf8_lossy(bytes), PREVIEW)),
    }
}

/// Replaces every `\uD800`-`\uDFFF` escape that is not half of a pair by `\uFFFD`.
fn with_whole_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.extend_from_slice(b"\\uFFFD");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            _ => 2.min(escape.len()),
        };
        let (whole, after) = escape.split_at(length);
        out.extend_from_slice(whole);
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

/// The UTF-16 unit that a text beginning with `\uXXXX` names.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(text.strip_prefix(b"\\u")?.get(..4)?).ok()?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::error::Kind;

    #[derive(Deserialize, Debug)]
    struct Doc<'a> {
        #[serde(borrow)]
        text: Cow<'a, str>,
        id: Option<String>,
        #[serde(borrow)]
        raw: Option<&'a RawValue>,
        places: Option<Vec<Place>>,
        #[serde(default)]
        count: u32,
    }

    #[derive(Deserialize, Debug)]
    struct Place {
        at: Option<u32>,
    }

    fn text(json: &str) -> Result<String> {
        parse::<Doc<'_>>(json.as_bytes(), &Room::default()).map(|doc| doc.text.into_owned())
    }

    #[test]
    fn lone_surrogates_become_the_replacement_character() {
        assert_eq!(text(r#"{"text": "a\ud83d"}"#).unwrap(), "a\u{FFFD}");
        assert_eq!(text(r#"{"text": "\ude00\ud83d\ude00\uD83Db\\ud83d"}"#).unwrap(), "\u{FFFD}😀\u{FFFD}b\\ud83d");
        assert_eq!(text(r#"{"text": "\ud83d\ud83d\ude00\n"}"#).unwrap(), "\u{FFFD}😀\n");
    }

    #[test]
    fn the_last_of_two_equal_keys_wins() {
        assert_eq!(text(r#"{"text": "a", "text": "b"}"#).unwrap(), "b");
    }

    #[test]
    fn a_field_of_another_type_does_not_lose_the_answer() {
        let json = br#"{"text": "a", "id": 7, "raw": [1, 2.50], "places": [{"at": "x"}, {"at": 3}]}"#;
        let room = Room::default();
        let doc: Doc<'_> = parse(json, &room).unwrap();
        assert_eq!((doc.id, doc.raw.map(RawValue::get)), (None, Some("[1,2.5]")));
        assert_eq!(doc.places.unwrap().iter().map(|place| place.at).collect::<Vec<_>>(), [None, Some(3)]);
        let list: Doc<'_> = parse(br#"{"text": "a", "places": [[]], "count": "many"}"#, &room).unwrap();
        assert_eq!((list.places.is_none(), list.count), (true, 0));
        assert!(text(r#"{"text": {}, "id": 7}"#).is_err());
    }

    #[test]
    fn what_does_not_fit_the_plain_form_is_read_as_any() {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Plain<'a> {
            #[serde(borrow)]
            text: Option<Text<'a>>,
        }
        let read = |json: &str| match either::<Plain<'_>, Doc<'_>>(json.as_bytes(), &Room::default()) {
            Ok(Form::Plain(plain)) => plain.text.and_then(Text::said).unwrap_or_default(),
            Ok(Form::Any(any)) => format!("any {}", any.text),
            Err(error) => error.get("reason").unwrap_or_default().to_owned(),
        };
        assert_eq!(read(r#"{"text": "a"}"#), "a");
        assert_eq!(read(r#"{"text": ""}"#), "");
        assert_eq!(read(r#"{"text": "\ud83d"}"#), "any \u{FFFD}");
        assert_eq!(read(r#"{"text": "a", "id": 7}"#), "any a");
        assert_eq!(read(r#"{"text": 7}"#), "malformed_response");
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let bomb = format!("{}{}", r#"{"text":"#, "[".repeat(100_000));
        let deep = format!(r#"{{"text": "a", "text": "b", "x": {}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        for json in ["", "{", r#"{"text": NaN}"#, r#"{"text": 1e400}"#, r#"{"text": 1}"#, "<html>", &bomb, &deep, "\\"]
        {
            let error = text(json).unwrap_err();
            assert_eq!(error.kind(), Kind::Protocol);
            assert_eq!(error.get("reason"), Some("malformed_response"));
        }
        let room = Room::default();
        for json in [
            &b"{\"text\": \"\xFF\"}"[..],
            b"{\"text\": \"a\", \"raw\": \"\xFF\"}",
            b"{\"text\": \"a\", \"x\": \"\xFF\"} x",
        ] {
            let error = parse::<Doc<'_>>(json, &room).unwrap_err();
            assert_eq!(error.get("reason"), Some("malformed_response"));
        }
    }

    #[test]
    fn what_is_no_text_does_no_harm_where_it_is_not_read() {
        let json = b"{\"unknown\": \"\xFF\", \"text\": \"a\"}";
        assert_eq!(parse::<Doc<'_>>(json, &Room::default()).unwrap().text, "a");
    }

    #[test]
    fn errors_show_pages_and_hide_answers() {
        assert_eq!(text("<html>\n").unwrap_err().get("preview"), Some("<html>"));
        let error = format!("{:#}", text(r#"{"text": ["secret"]}"#).unwrap_err());
        assert!(!error.contains("secret"), "{error}");
    }
}
