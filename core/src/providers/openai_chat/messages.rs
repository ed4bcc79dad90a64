//! Messages become OpenAI's.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::ids::form;
use super::parts::{Body, body};
use crate::model::{self, Content, Part, Role, Source, ToolResult};
use crate::providers::call_ids::CallIds;
use crate::providers::{ContentForm, Replay, failed_results};
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
    /// Mistral: whether the answer goes on from here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    prefix: bool,
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
    arguments: Cow<'a, str>,
}

#[derive(Serialize)]
struct Custom<'a> {
    name: &'a str,
    input: &'a str,
}

/// All messages; a message of several tool results becomes one of each, right behind the calls, as the API insists.
pub(super) fn messages<'a>(messages: &'a [model::Message], target: &Target) -> Vec<Message<'a>> {
    let chunks = target.dialect().content == ContentForm::Chunks;
    let mut out = Vec::with_capacity(messages.len());
    let mut ids = CallIds::new(form(target.dialect().tool_ids));
    let mut results = None;
    for message in messages {
        let mut rest = Vec::new();
        for part in &message.content {
            match &part.content {
                Content::ToolResult(result) => {
                    let at = results.unwrap_or(out.len());
                    out.insert(at, tool_result(result, part, target, &mut ids));
                    results = Some(at + 1);
                }
                _ => rest.push(part),
            }
        }
        if !rest.is_empty() || (message.content.is_empty() && message.role != Role::Tool) {
            let message = plain(message, &rest, target, &mut ids);
            let answers = message.role == "assistant";
            // "Assistant message must have either content or tool_calls, but not none": what is left of a turn of which all
            // was another provider's says nothing.
            if !(chunks && answers && message.is_empty()) {
                out.push(message);
            }
            if answers {
                results = Some(out.len());
            }
        }
    }
    // "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant".
    if let Some(last) = out.last_mut().filter(|last| chunks && last.role == "assistant" && last.tool_calls.is_empty()) {
        last.prefix = true;
    }
    out
}

impl Message<'_> {
    fn is_empty(&self) -> bool {
        let says_nothing = matches!(&self.content, None | Some(Body::Text(Cow::Borrowed(""))));
        says_nothing && self.tool_calls.is_empty()
    }
}

fn tool_result<'a>(result: &'a ToolResult, part: &'a Part, target: &Target, ids: &mut CallIds<'a>) -> Message<'a> {
    let content = match failed_results::words(result) {
        Some(words) => Body::Text(Cow::Owned(words)),
        None => body(&failed_results::parts(result), target).unwrap_or(Body::Text(Cow::Borrowed(""))),
    };
    let rest = part.extra.as_deref().map(Cow::Borrowed);
    let id = ids.result(&result.id);
    Message { content: Some(content), tool_call_id: Some(id), rest, ..empty("tool") }
}

fn empty<'a>(role: &'static str) -> Message<'a> {
    Message {
        role,
        content: None,
        name: None,
        tool_call_id: None,
        refusal: None,
        prefix: false,
        audio: None,
        tool_calls: Vec::new(),
        reasoning_details: None,
        rest: None,
    }
}

fn plain<'a>(message: &'a model::Message, parts: &[&'a Part], target: &Target, ids: &mut CallIds<'a>) -> Message<'a> {
    let role = match message.role {
        Role::Developer if target.dialect().developer_role => "developer",
        Role::System | Role::Developer => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let mut out = empty(role);
    out.name = message.name.as_deref();
    let spoken = |part: &Part| message.role == Role::Assistant && audio_id(part, target.provider()).is_some();
    let words: Vec<&Part> = parts.iter().copied().filter(|part| !spoken(part)).collect();
    out.content = body(&words, target);
    out.rest = message.extra.as_deref().map(Cow::Borrowed);
    if message.role == Role::Assistant {
        assistant(&mut out, parts, target, ids);
    }
    if out.content.is_none() && out.tool_calls.is_empty() && out.refusal.is_none() && out.audio.is_none() {
        out.content = Some(Body::Text(Cow::Borrowed("")));
    }
    out
}

fn assistant<'a>(out: &mut Message<'a>, parts: &[&'a Part], target: &Target, ids: &mut CallIds<'a>) {
    let provider = target.provider();
    let dialect = target.dialect();
    let mut thinking = String::new();
    let mut foreign = false;
    for &part in parts {
        let state = part.state_for(provider);
        match &part.content {
            Content::ToolCall(call) => out.tool_calls.push(ToolCall {
                id: ids.call(&call.id),
                call: Call::new(call, state.and_then(|state| state.get("type")), dialect.content),
                extra_content: state
                    .and_then(|state| state.get("extra_content"))
                    .or_else(|| part.extra.as_deref().and_then(|extra| extra.get("extra_content"))),
            }),
            Content::Refusal { text } if dialect.content == ContentForm::Parts => {
                out.refusal.get_or_insert_default().to_mut().push_str(text);
            }
            Content::Audio(_) => out.audio = audio_id(part, provider).map(|id| Id { id }).or(out.audio.take()),
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

impl<'a> Call<'a> {
    /// A call. Where all calls are a function's (Mistral), the free text of a custom tool is its one argument; no arguments at
    /// all are the empty object.
    fn new(call: &'a model::ToolCall, kind: Option<&Value>, form: ContentForm) -> Self {
        let model::ToolCall { name, arguments, .. } = call;
        let custom = kind.is_some_and(|kind| kind == "custom");
        let arguments = match form {
            ContentForm::Parts if custom => return Call::Custom { custom: Custom { name, input: arguments } },
            ContentForm::Chunks if custom => json!({"input": arguments}).to_string().into(),
            // Many servers read it as JSON, which an empty text is not.
            _ if arguments.trim().is_empty() => "{}".into(),
            ContentForm::Parts | ContentForm::Chunks => Cow::Borrowed(arguments.as_str()),
        };
        Call::Function { function: Function { name, arguments } }
    }
}

/// The id under which a provider keeps what it said.
fn audio_id<'a>(part: &'a Part, provider: &str) -> Option<&'a str> {
    let Content::Audio(media) = &part.content else { return None };
    let given = part.state_for(provider).and_then(|state| state.get("audio_id")).and_then(Value::as_str);
    given.or(if let Source::FileId(id) = &media.source { Some(id) } else { None })
}
