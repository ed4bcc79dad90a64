//! Messages become OpenAI's.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::ids::wire_id;
use crate::model::{self, CacheControl, Content, Media, Part, Role, Source, ToolResult};
use crate::providers::Replay;
use crate::target::Target;

/// One message on the wire.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    /// Null is what the API itself sends for an assistant that only calls tools; elsewhere it is never null.
    content: Option<Body<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<Id<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<&'a Value>,
    /// The thinking under the dialect's name for it, and what the caller adds.
    #[serde(flatten)]
    rest: Option<Cow<'a, Map<String, Value>>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<WirePart<'a>>),
}

#[derive(Serialize)]
struct Id<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct ToolCall<'a> {
    id: Cow<'a, str>,
    #[serde(flatten)]
    call: Call<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<&'a Value>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Call<'a> {
    Function { function: Function<'a> },
    Custom { custom: Custom<'a> },
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

#[derive(Serialize)]
struct Custom<'a> {
    name: &'a str,
    input: &'a str,
}

#[derive(Serialize)]
struct WirePart<'a> {
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
struct ImageUrl<'a> {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
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

/// All messages; a message of several tool results becomes one of each.
pub(super) fn messages<'a>(messages: &'a [model::Message], target: &Target) -> Vec<Message<'a>> {
    let mut out = Vec::with_capacity(messages.len());
    for message in messages {
        let mut rest = Vec::new();
        for part in &message.content {
            match &part.content {
                Content::ToolResult(result) => out.push(tool_result(result, part, target)),
                _ => rest.push(part),
            }
        }
        if !rest.is_empty() || (message.content.is_empty() && message.role != Role::Tool) {
            out.push(plain(message, &rest, target));
        }
    }
    out
}

fn tool_result<'a>(result: &'a ToolResult, part: &'a Part, target: &Target) -> Message<'a> {
    let parts: Vec<&Part> = result.content.iter().collect();
    let content = body(&parts, target).unwrap_or(Body::Text(Cow::Borrowed("")));
    let rest = part.extra.as_deref().map(Cow::Borrowed);
    let id = wire_id(&result.id, target.dialect().tool_ids);
    Message { content: Some(content), tool_call_id: Some(id), rest, ..empty("tool") }
}

fn empty<'a>(role: &'static str) -> Message<'a> {
    Message {
        role,
        content: None,
        name: None,
        tool_call_id: None,
        refusal: None,
        audio: None,
        tool_calls: Vec::new(),
        reasoning_details: None,
        rest: None,
    }
}

fn plain<'a>(message: &'a model::Message, parts: &[&'a Part], target: &Target) -> Message<'a> {
    let role = match message.role {
        Role::Developer if target.dialect().developer_role => "developer",
        Role::System | Role::Developer => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let mut out = empty(role);
    out.name = message.name.as_deref();
    out.content = body(parts, target);
    out.rest = message.extra.as_deref().map(Cow::Borrowed);
    if message.role == Role::Assistant {
        assistant(&mut out, parts, target);
    }
    if out.content.is_none() && out.tool_calls.is_empty() && out.refusal.is_none() && out.audio.is_none() {
        out.content = Some(Body::Text(Cow::Borrowed("")));
    }
    out
}

fn assistant<'a>(out: &mut Message<'a>, parts: &[&'a Part], target: &Target) {
    let provider = target.provider();
    let dialect = target.dialect();
    let mut thinking = String::new();
    let mut foreign = false;
    for &part in parts {
        let state = part.state_for(provider);
        match &part.content {
            Content::ToolCall(call) => out.tool_calls.push(ToolCall {
                id: wire_id(&call.id, dialect.tool_ids),
                call: match state.and_then(|state| state.get("type")) {
                    Some(Value::String(kind)) if kind == "custom" => {
                        Call::Custom { custom: Custom { name: &call.name, input: &call.arguments } }
                    }
                    _ => Call::Function { function: Function { name: &call.name, arguments: &call.arguments } },
                },
                extra_content: state
                    .and_then(|state| state.get("extra_content"))
                    .or_else(|| part.extra.as_deref().and_then(|extra| extra.get("extra_content"))),
            }),
            Content::Refusal { text } => out.refusal.get_or_insert_default().to_mut().push_str(text),
            Content::Audio(media) => {
                let id = state.and_then(|state| state.get("audio_id")).and_then(Value::as_str);
                out.audio = id.or_else(|| file_id(media)).map(|id| Id { id });
            }
            Content::Reasoning { text } => {
                // Thinking without state came from who knows where; with another provider's state it is not ours to send.
                if part.state.is_none() || state.is_some() {
                    thinking.push_str(text);
                } else {
                    foreign = true;
                }
                if dialect.reasoning_replay == Replay::Details {
                    out.reasoning_details = state.and_then(|state| state.get("reasoning_details"));
                }
            }
            _ => {}
        }
    }
    let field = match dialect.reasoning_replay {
        Replay::Required(field) if !thinking.is_empty() || (foreign && !out.tool_calls.is_empty()) => field,
        Replay::Field(field) if !thinking.is_empty() => field,
        Replay::Details if !thinking.is_empty() && out.reasoning_details.is_none() => "reasoning",
        _ => return,
    };
    let mut rest = out.rest.take().map(Cow::into_owned).unwrap_or_default();
    rest.entry(field).or_insert(Value::String(thinking));
    out.rest = Some(Cow::Owned(rest));
}

fn file_id(media: &Media) -> Option<&str> {
    match &media.source {
        Source::FileId(id) => Some(id),
        _ => None,
    }
}

/// Plain text where that is all there is: every server understands it. `None` where there is nothing to say.
fn body<'a>(parts: &[&'a Part], target: &Target) -> Option<Body<'a>> {
    let marks = target.dialect().can.cache_control;
    if let [part] = parts
        && let (Content::Text { text }, None) = (&part.content, &part.extra)
        && !(marks && part.cache_control.is_some())
    {
        return Some(Body::Text(Cow::Borrowed(text)));
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
        Content::Text { text } => Kind::Text { text },
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
