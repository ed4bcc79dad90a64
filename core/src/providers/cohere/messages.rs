//! Messages become Cohere's.
//!
//! Source: the Cohere API reference, "Chat", and the guides "Tool Use" and "Citations for tool use".

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::{self, Content, Media, Part, Role, Source, ToolResult};
use crate::providers::call_ids::{CallIds, at_most};
use crate::providers::failed_results;
use crate::providers::turns::turns;
use crate::target::Target;

/// The key of a part's state that holds what the model means to do with the tools that it calls.
pub(super) const TOOL_PLAN: &str = "tool_plan";
/// What only this API has and a caller may put into a tool's result: a source that can be cited, `{id, data}`.
pub(super) const DOCUMENT: &str = "document";

/// One message on the wire.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Body<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    citations: Vec<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<Cow<'a, str>>,
    /// What the caller adds.
    #[serde(flatten)]
    extra: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Text(Cow<'a, str>),
    Blocks(Vec<Block<'a>>),
}

#[derive(Serialize)]
struct Block<'a> {
    #[serde(flatten)]
    kind: Kind<'a>,
    #[serde(flatten)]
    extra: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'a> {
    Text {
        text: &'a str,
    },
    Thinking {
        thinking: &'a str,
    },
    ImageUrl {
        image_url: ImageUrl<'a>,
    },
    Document {
        document: Cow<'a, Value>,
    },
    /// What came from this API and has no part of its own.
    #[serde(untagged)]
    Own(&'a Value),
}

#[derive(Serialize)]
struct ImageUrl<'a> {
    url: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

#[derive(Serialize)]
struct ToolCall<'a> {
    id: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// The conversation. Each result is a message of its own, right behind all calls of its turn.
pub(super) fn messages<'a>(messages: &'a [model::Message], target: &Target) -> Vec<Message<'a>> {
    let mut out = Vec::with_capacity(messages.len());
    let mut ids = CallIds::new(|id| at_most(id, usize::MAX));
    let mut results = None;
    for turn in turns(messages) {
        let Some(last) = turn.last() else { continue };
        let parts: Vec<&Part> = turn.iter().flat_map(|message| &message.content).collect();
        for part in &parts {
            if let Content::ToolResult(result) = &part.content {
                let at = results.unwrap_or(out.len());
                out.insert(at, tool_result(result, part, &mut ids));
                results = Some(at + 1);
            }
        }
        let message = match last.role {
            Role::Assistant => assistant(&parts, target, &mut ids),
            // Instructions may stand anywhere.
            Role::System | Role::Developer => said("system", &parts, target),
            Role::User | Role::Tool => said("user", &parts, target),
        };
        let Some(message) = message else { continue };
        out.push(Message { extra: last.extra.as_deref(), ..message });
        if last.role == Role::Assistant {
            results = Some(out.len());
        }
    }
    out
}

fn empty<'a>(role: &'static str) -> Message<'a> {
    Message {
        role,
        content: None,
        tool_plan: None,
        tool_calls: Vec::new(),
        citations: Vec::new(),
        tool_call_id: None,
        extra: None,
    }
}

/// What a person or the application says. A message of results alone says nothing else.
fn said<'a>(role: &'static str, parts: &[&'a Part], target: &Target) -> Option<Message<'a>> {
    let is_result = |part: &&Part| matches!(part.content, Content::ToolResult(_));
    if !parts.is_empty() && parts.iter().all(is_result) {
        return None;
    }
    Some(Message { content: Some(body(parts, target).unwrap_or(Body::Text(Cow::Borrowed("")))), ..empty(role) })
}

/// What the model said. One that said nothing that could be said back to it said nothing: the API refuses an empty message.
fn assistant<'a>(parts: &[&'a Part], target: &Target, ids: &mut CallIds<'a>) -> Option<Message<'a>> {
    let mut out = empty("assistant");
    out.content = body(parts, target);
    for &part in parts {
        match &part.content {
            Content::ToolCall(call) => {
                let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
                let function = Function { name: &call.name, arguments };
                out.tool_calls.push(ToolCall { id: ids.call(&call.id), kind: "function", function });
            }
            Content::Citation(_) => {
                out.citations.extend(part.state_for(target.provider()).filter(|state| !state.is_empty()));
            }
            Content::Reasoning { .. } => out.tool_plan = out.tool_plan.or(tool_plan(part, target)),
            _ => {}
        }
    }
    let says = out.content.is_some() || out.tool_plan.is_some() || !out.tool_calls.is_empty();
    says.then_some(out)
}

fn tool_plan<'a>(part: &'a Part, target: &Target) -> Option<&'a str> {
    part.state_for(target.provider())?.get(TOOL_PLAN)?.as_str()
}

fn tool_result<'a>(result: &'a ToolResult, part: &'a Part, ids: &mut CallIds<'a>) -> Message<'a> {
    let content = match (failed_results::words(result), failed_results::parts(result).as_slice()) {
        (Some(words), _) => Body::Text(Cow::Owned(words)),
        (None, []) => Body::Text(Cow::Borrowed("")),
        (None, [part]) if part.extra.is_none() && part.as_text().is_some() => {
            Body::Text(Cow::Borrowed(part.as_text().unwrap_or_default()))
        }
        (None, parts) => Body::Blocks(parts.iter().filter_map(|part| result_block(part)).collect()),
    };
    let extra = part.extra.as_deref();
    Message { content: Some(content), tool_call_id: Some(ids.result(&result.id)), extra, ..empty("tool") }
}

/// A result has texts and documents.
fn result_block(part: &Part) -> Option<Block<'_>> {
    let kind = match &part.content {
        Content::File(Media { source: Source::Text(text), filename, .. }) => {
            let mut data = json!({ "text": text });
            if let (Some(data), Some(title)) = (data.as_object_mut(), filename) {
                data.insert("title".to_owned(), json!(title));
            }
            Kind::Document { document: Cow::Owned(json!({ "data": data })) }
        }
        // Anything else was refused before: see `unsupported`.
        Content::Other(other) => Kind::Document { document: Cow::Borrowed(&other.data) },
        _ => Kind::Text { text: part.as_text()? },
    };
    Some(Block { kind, extra: part.extra.as_deref() })
}

/// Plain text where that is all there is. `None` where there is nothing to say.
fn body<'a>(parts: &[&'a Part], target: &Target) -> Option<Body<'a>> {
    let blocks: Vec<Block<'a>> = parts.iter().filter_map(|part| block(part, target)).collect();
    match blocks.as_slice() {
        [] => None,
        [Block { kind: Kind::Text { text }, extra: None }] => Some(Body::Text(Cow::Borrowed(*text))),
        _ => Some(Body::Blocks(blocks)),
    }
}

/// A part as a block of content; `None` for what stands elsewhere, is empty, or is another provider's.
fn block<'a>(part: &'a Part, target: &Target) -> Option<Block<'a>> {
    let kind = match &part.content {
        Content::Text { text } | Content::Refusal { text } if !text.is_empty() => Kind::Text { text },
        Content::File(Media { source: Source::Text(text), .. }) => Kind::Text { text },
        Content::Image(media) => {
            let url = match &media.source {
                Source::Url(url) => Cow::Borrowed(url.as_str()),
                _ => Cow::Owned(media.to_url()?),
            };
            Kind::ImageUrl { image_url: ImageUrl { url, detail: media.detail.as_deref() } }
        }
        // Thinking goes back to the provider that it came from.
        Content::Reasoning { text } if !text.is_empty() => {
            part.state_for(target.provider())?;
            Kind::Thinking { thinking: text }
        }
        Content::Other(other) => Kind::Own(&other.data),
        _ => return None,
    };
    Some(Block { kind, extra: part.extra.as_deref() })
}
