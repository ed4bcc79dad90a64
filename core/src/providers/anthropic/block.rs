//! Parts become Anthropic's blocks.
//!
//! Source: the Anthropic API reference, "Messages"; the guides "Vision", "PDF support", "Citations" and "Extended thinking".

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::model::{CacheControl, Chat, Content, Media, Part, Role, Source, ToolCall, ToolResult};
use crate::providers::body::merge;
use crate::providers::call_ids::CallIds;

/// One block on the wire.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Block<'a> {
    Typed(Typed<'a>),
    /// Something of the provider's own, as it came.
    Opaque(&'a Value),
    /// A block with the caller's own keys merged over it.
    Merged(Value),
}

#[derive(Serialize)]
pub(super) struct Typed<'a> {
    #[serde(flatten)]
    kind: Kind<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Ephemeral<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'a> {
    Text {
        text: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<&'a Map<String, Value>>,
    },
    Image {
        source: WireSource<'a>,
    },
    Document {
        source: WireSource<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a Value,
    },
    RedactedThinking {
        data: &'a Value,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: &'a str,
        input: &'a RawValue,
        #[serde(skip_serializing_if = "Option::is_none")]
        caller: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        toolset_name: Option<&'a Value>,
    },
    ToolResult {
        tool_use_id: Cow<'a, str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Block<'a>>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireSource<'a> {
    Url { url: &'a str },
    Base64 { media_type: &'a str, data: &'a str },
    File { file_id: &'a str },
    Text { media_type: &'static str, data: &'a str },
}

/// A request to cache the prompt up to here.
#[derive(Serialize)]
pub(super) struct Ephemeral<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'a str>,
}

impl<'a> Ephemeral<'a> {
    pub(super) fn new(marker: &'a CacheControl) -> Self {
        Ephemeral { kind: "ephemeral", ttl: marker.ttl.as_deref() }
    }
}

/// Why a part cannot be sent.
pub(super) struct Problem {
    /// Below the part: `.content[1]`, or nothing.
    pub(super) below: String,
    /// What the provider does not do, as the rest of a sentence that begins with its name.
    pub(super) reason: String,
}

impl Problem {
    fn new(reason: impl Into<String>) -> Self {
        Problem { below: String::new(), reason: reason.into() }
    }
}

type Outcome<T> = Result<T, Problem>;

impl<'a> Block<'a> {
    /// The block of a part, or `None` where there is nothing to send: no words, or what only another provider understands.
    pub(super) fn new(part: &'a Part, role: Role, provider: &str, ids: &mut CallIds<'a>) -> Outcome<Option<Self>> {
        if let Content::Other(other) = &part.content {
            let foreign = part.state.as_ref().is_some_and(|state| !state.belongs_to(provider));
            return Ok((!foreign).then_some(Block::Opaque(&other.data)));
        }
        let Some(kind) = kind(part, role, provider, ids)? else { return Ok(None) };
        // Thinking can be cached only with what follows it.
        let markable = !matches!(kind, Kind::Thinking { .. } | Kind::RedactedThinking { .. });
        let cache_control = part.cache_control.as_ref().filter(|_| markable).map(Ephemeral::new);
        let typed = Typed { kind, cache_control };
        // A signature of Google's, which is not for this API.
        let Some(extra) = part.extra.as_ref().filter(|extra| !extra.contains_key("extra_content")) else {
            return Ok(Some(Block::Typed(typed)));
        };
        let mut value = serde_json::to_value(typed).map_err(|_| Problem::new("cannot read it"))?;
        if let Value::Object(block) = &mut value {
            merge(block, extra);
        }
        Ok(Some(Block::Merged(value)))
    }

    pub(super) fn is_tool_result(&self) -> bool {
        match self {
            Block::Typed(typed) => matches!(typed.kind, Kind::ToolResult { .. }),
            Block::Opaque(value) => is_result(value),
            Block::Merged(value) => is_result(value),
        }
    }

    /// Takes away the white space at the end of its text.
    pub(super) fn trim_end(&mut self) {
        match self {
            Block::Typed(Typed { kind: Kind::Text { text, .. }, .. }) => *text = text.trim_end(),
            Block::Merged(Value::Object(block)) => {
                if let Some(Value::String(text)) = block.get_mut("text") {
                    text.truncate(text.trim_end().len());
                }
            }
            _ => {}
        }
    }

    /// Whether it says nothing: the API refuses a message of such blocks only.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Block::Typed(Typed { kind: Kind::Text { text, .. }, .. }) if text.trim().is_empty())
    }

    /// Puts a source back into the text that it supports.
    pub(super) fn cite(&mut self, citation: &'a Map<String, Value>) {
        match self {
            Block::Typed(Typed { kind: Kind::Text { citations, .. }, .. }) => citations.push(citation),
            Block::Merged(Value::Object(block)) => {
                if let Value::Array(list) = block.entry("citations").or_insert_with(|| Value::Array(Vec::new())) {
                    list.push(Value::Object(citation.clone()));
                }
            }
            _ => {}
        }
    }
}

fn is_result(block: &Value) -> bool {
    block.get("type").and_then(Value::as_str) == Some("tool_result")
}

fn kind<'a>(part: &'a Part, role: Role, provider: &str, ids: &mut CallIds<'a>) -> Outcome<Option<Kind<'a>>> {
    let kind = match (&part.content, role) {
        // An empty text says nothing, and the API refuses it; white space it takes between the assistant's other words.
        (Content::Text { text } | Content::Refusal { text }, Role::Assistant) if text.is_empty() => return Ok(None),
        (Content::Text { text } | Content::Refusal { text }, role)
            if role != Role::Assistant && text.trim().is_empty() =>
        {
            return Ok(None);
        }
        (Content::Text { text } | Content::Refusal { text }, _) => Kind::Text { text, citations: Vec::new() },
        (_, Role::System | Role::Developer) => return Err(Problem::new("takes instructions as text only")),
        (Content::Reasoning { text }, Role::Assistant) => return Ok(thinking(part, text, provider)),
        (Content::ToolCall(call), Role::Assistant) => tool_use(part, call, provider, ids)?,
        (Content::Reasoning { .. } | Content::ToolCall(_), _) => {
            return Err(Problem::new("takes thinking and calls from the assistant only"));
        }
        (Content::Image(_) | Content::File(_) | Content::ToolResult(_), Role::Assistant) => {
            return Err(Problem::new("takes no such part from the assistant"));
        }
        (Content::Image(media), _) => Kind::Image { source: image(media)? },
        (Content::File(media), _) => file(media)?,
        (Content::ToolResult(result), _) => tool_result(result, provider, ids)?,
        (Content::Audio(_), _) => return Err(Problem::new("neither hears nor speaks")),
        // Sources go into the text before them; those of another provider are for the reader, not for the model.
        (Content::Citation(_) | Content::Other(_), _) => return Ok(None),
    };
    Ok(Some(kind))
}

/// Thinking goes back under its signature. Without one it is another provider's, or unverifiable, and stays here.
fn thinking<'a>(part: &'a Part, text: &'a str, provider: &str) -> Option<Kind<'a>> {
    let state = part.state_for(provider)?;
    match (state.get("signature"), state.get("redacted_thinking")) {
        (Some(signature), _) => Some(Kind::Thinking { thinking: text, signature }),
        (None, Some(data)) => Some(Kind::RedactedThinking { data }),
        (None, None) => None,
    }
}

fn tool_use<'a>(part: &'a Part, call: &'a ToolCall, provider: &str, ids: &mut CallIds<'a>) -> Outcome<Kind<'a>> {
    let text = call.arguments.trim();
    let text = if text.is_empty() { "{}" } else { text };
    let input = serde_json::from_str::<&RawValue>(text)
        .ok()
        .filter(|input| input.get().starts_with('{'))
        .ok_or_else(|| Problem::new("takes a call's arguments as a JSON object only, and these are none"))?;
    let state = |key| part.state_for(provider).and_then(|state| state.get(key));
    let (caller, toolset_name) = (state("caller"), state("toolset_name"));
    Ok(Kind::ToolUse { id: ids.call(&call.id), name: &call.name, input, caller, toolset_name })
}

fn tool_result<'a>(result: &'a ToolResult, provider: &str, ids: &mut CallIds<'a>) -> Outcome<Kind<'a>> {
    let mut content = Vec::with_capacity(result.content.len());
    for (index, part) in result.content.iter().enumerate() {
        let block = match &part.content {
            Content::ToolResult(_) => Err(Problem::new("takes no result inside a result")),
            _ => Block::new(part, Role::Tool, provider, ids),
        };
        let block = block.map_err(|problem| Problem { below: format!(".content[{index}]"), ..problem })?;
        content.extend(block);
    }
    if result.is_error && content.is_empty() {
        // The API refuses a failure without a word.
        let kind = Kind::Text { text: "error", citations: Vec::new() };
        content.push(Block::Typed(Typed { kind, cache_control: None }));
    }
    Ok(Kind::ToolResult { tool_use_id: ids.result(&result.id), content, is_error: result.is_error })
}

/// Ids of other providers may have characters that this one refuses.
pub(super) fn wire_id(id: &str) -> Cow<'_, str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if id.is_empty() {
        return Cow::Borrowed("call");
    }
    if id.chars().all(allowed) {
        return Cow::Borrowed(id);
    }
    Cow::Owned(id.chars().map(|c| if allowed(c) { c } else { '_' }).collect())
}

fn image(media: &Media) -> Outcome<WireSource<'_>> {
    Ok(match &media.source {
        Source::Url(url) => WireSource::Url { url },
        Source::FileId(file_id) => WireSource::File { file_id },
        Source::Data(data) => WireSource::Base64 { media_type: image_type(media)?, data },
        Source::Text(_) => return Err(Problem::new("reads no image from text")),
    })
}

fn image_type(media: &Media) -> Outcome<&str> {
    match media.mime.as_deref() {
        // A common slip.
        Some("image/jpg") => Ok("image/jpeg"),
        Some(mime @ ("image/jpeg" | "image/png" | "image/gif" | "image/webp")) => Ok(mime),
        Some(mime) => Err(Problem::new(format!("reads images of type jpeg, png, gif and webp, not {mime}"))),
        None => Err(Problem::new("has to be told the type of an image, set mime")),
    }
}

fn file(media: &Media) -> Outcome<Kind<'_>> {
    let mime = media.mime.as_deref();
    if mime.is_some_and(|mime| mime.starts_with("image/")) {
        return Ok(Kind::Image { source: image(media)? });
    }
    let is_pdf = mime.is_none_or(|mime| mime == "application/pdf");
    let source = match &media.source {
        Source::Text(data) => WireSource::Text { media_type: "text/plain", data },
        Source::FileId(file_id) => WireSource::File { file_id },
        Source::Url(url) if is_pdf => WireSource::Url { url },
        Source::Data(data) if mime == Some("application/pdf") => {
            WireSource::Base64 { media_type: "application/pdf", data }
        }
        Source::Url(_) | Source::Data(_) => {
            let mime = mime.unwrap_or("unknown type");
            return Err(Problem::new(format!("reads PDFs and plain text (a file's `text`), not {mime}")));
        }
    };
    Ok(Kind::Document { source, title: media.filename.as_deref() })
}

/// Whether any part names an uploaded file.
pub(super) fn has_uploads(chat: &Chat) -> bool {
    fn uploaded(part: &Part) -> bool {
        match &part.content {
            Content::Image(media) | Content::File(media) => matches!(media.source, Source::FileId(_)),
            Content::ToolResult(result) => result.content.iter().any(uploaded),
            _ => false,
        }
    }
    chat.messages.iter().flat_map(|message| &message.content).any(uploaded)
}
