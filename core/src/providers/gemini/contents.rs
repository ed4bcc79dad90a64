//! Messages become contents.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::calls::OWN_ID;
use super::decode::THOUGHT;
use super::media::{Blob, FileData};
use super::thinking::has_levels;
use crate::error::{Error, Result};
use crate::model::{Content as Kind, Media, Message, Part, Role, Source, ToolCall, ToolResult};
use crate::providers::ToolIds;
use crate::providers::call_ids::Calls;
use crate::providers::made_ids::is_real;
use crate::target::Target;

/// What a call of another model is signed with: models since Gemini 3 refuse a call without a signature, and this one
/// (base64 of the words that Google's guide "Thought signatures" gives) says that there is none.
const UNSIGNED: &str = "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv";

#[derive(Serialize)]
pub(super) struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<WirePart<'a>>,
    /// What the caller adds.
    #[serde(flatten)]
    extra: Option<&'a Map<String, Value>>,
}

/// One part: exactly one of the kinds, and what stands beside it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct WirePart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    thought: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_data: Option<Blob<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<FileData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_response: Option<FunctionResponse<'a>>,
    #[serde(flatten)]
    other: Option<BTreeMap<&'a str, &'a Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<&'a str>,
    #[serde(flatten)]
    extra: Option<&'a Map<String, Value>>,
    /// Of a result, and of what stands beside it: which call it belongs to.
    #[serde(skip)]
    place: Option<usize>,
}

#[derive(Serialize)]
struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    response: Value,
    /// Images and files of the result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<WirePart<'a>>,
}

/// The instructions of the application, wherever in the conversation they stand.
pub(super) fn system<'a>(messages: &'a [Message]) -> Option<Content<'a>> {
    let from = |message: &&Message| is_system(message.role);
    let parts: Vec<WirePart<'a>> = messages
        .iter()
        .filter(from)
        .flat_map(|message| &message.content)
        .filter_map(|part| part.as_text().filter(|text| !text.is_empty()))
        .map(|text| WirePart { text: Some(Cow::Borrowed(text)), ..WirePart::default() })
        .collect();
    (!parts.is_empty()).then_some(Content { role: None, parts, extra: None })
}

pub(super) fn is_system(role: Role) -> bool {
    matches!(role, Role::System | Role::Developer)
}

/// The conversation. The results of parallel calls come together and right behind the calls, as the API wants them.
pub(super) fn contents<'a>(messages: &'a [Message], target: &Target) -> Result<Vec<Content<'a>>> {
    let mut out: Vec<Content<'a>> = Vec::with_capacity(messages.len());
    let mut writer = Writer { target, calls: Calls::default(), count: 0 };
    let mut calls_at = None;
    for (at, message) in messages.iter().enumerate().filter(|(_, message)| !is_system(message.role)) {
        let parts = writer.parts(message, at)?;
        if parts.is_empty() {
            continue;
        }
        let late = parts.iter().any(|part| part.place.is_some()) && calls_at.is_some_and(|at| at + 1 < out.len());
        if let (true, Some(at)) = (late, calls_at) {
            let (results, rest) = parts.into_iter().partition(|part| part.place.is_some());
            add_results(&mut out, at + 1, results);
            if !rest.is_empty() {
                out.push(Content { role: Some("user"), parts: rest, extra: message.extra.as_deref() });
            }
            continue;
        }
        match out.last_mut() {
            // A turn of the model's that comes in several messages is one turn.
            Some(last)
                if message.role == Role::Assistant
                    && last.role == Some("model")
                    && last.extra == message.extra.as_deref() =>
            {
                last.parts.extend(parts);
            }
            _ => {
                let role = if message.role == Role::Assistant { "model" } else { "user" };
                out.push(Content { role: Some(role), parts, extra: message.extra.as_deref() });
            }
        }
        if message.content.iter().any(|part| matches!(part.content, Kind::ToolCall(_))) {
            calls_at = out.len().checked_sub(1);
        }
    }
    Ok(out)
}

/// What a result has to know of its call.
#[derive(Clone, Copy)]
struct Call<'a> {
    name: &'a str,
    place: usize,
    /// The id, where it is sent.
    id: Option<&'a str>,
}

/// Without ids, which not all calls have, a result belongs to the call at its place.
fn results_first(parts: &mut [WirePart<'_>]) {
    parts.sort_by_key(|part| part.place.unwrap_or(usize::MAX));
}

/// Adds results to those at `at`, which is the place behind the calls.
fn add_results<'a>(out: &mut Vec<Content<'a>>, at: usize, results: Vec<WirePart<'a>>) {
    match out.get_mut(at) {
        Some(content) if content.parts.iter().any(|part| part.place.is_some()) => {
            content.parts.extend(results);
            results_first(&mut content.parts);
        }
        _ => out.insert(at.min(out.len()), Content { role: Some("user"), parts: results, extra: None }),
    }
}

struct Writer<'a, 't> {
    target: &'t Target,
    calls: Calls<'a, Call<'a>>,
    /// How many calls there were so far.
    count: usize,
}

impl<'a> Writer<'a, '_> {
    fn parts(&mut self, message: &'a Message, at: usize) -> Result<Vec<WirePart<'a>>> {
        // Only the first of parallel calls is signed.
        let mut needs_signature = message.role == Role::Assistant && has_levels(&self.target.model);
        let mut out = Vec::with_capacity(message.content.len());
        for (index, part) in message.content.iter().enumerate() {
            let wire = self.part(part, message.role);
            let Some(mut wire) = wire.map_err(|problem| Error::invalid(part_path(at, index), problem))? else {
                continue;
            };
            wire.thought_signature = signature(part, self.target);
            let first_call = wire.function_call.is_some() && std::mem::take(&mut needs_signature);
            if first_call && wire.thought_signature.is_none() {
                wire.thought_signature = Some(UNSIGNED);
            }
            // An empty text says nothing, and some models refuse it; but its signature may.
            if wire.text.as_deref() == Some("") && wire.thought_signature.is_none() {
                continue;
            }
            // Results hold images and files since Gemini 3; before, they go beside them.
            let beside = match &mut wire.function_response {
                Some(result) if !has_levels(&self.target.model) => std::mem::take(&mut result.parts),
                _ => Vec::new(),
            };
            let place = wire.place;
            out.push(wire);
            out.extend(beside.into_iter().map(|part| WirePart { place, ..part }));
        }
        results_first(&mut out);
        Ok(out)
    }

    /// A part's form on the wire; `None` for what is not sent: sources, and the thinking of another provider.
    fn part(&mut self, part: &'a Part, role: Role) -> Result<Option<WirePart<'a>>, String> {
        let mut wire = WirePart { extra: part.extra.as_deref(), ..WirePart::default() };
        match &part.content {
            Kind::Text { text } | Kind::Refusal { text } => wire.text = Some(Cow::Borrowed(text)),
            Kind::Reasoning { text } => {
                let foreign = part.state.is_some() && part.state_for(self.target.provider()).is_none();
                if role != Role::Assistant || foreign {
                    return Ok(None);
                }
                wire.thought = true;
                wire.text = Some(Cow::Borrowed(text));
            }
            Kind::Image(media) | Kind::Audio(media) | Kind::File(media) => match (spoken(media, role), &media.source) {
                (Some(text), _) | (None, Source::Text(text)) => wire.text = Some(Cow::Borrowed(text)),
                (None, _) => {
                    (wire.inline_data, wire.file_data) = self.media(media);
                    let state = part.state_for(self.target.provider());
                    wire.thought = state.is_some_and(|state| state.contains_key(THOUGHT));
                }
            },
            Kind::ToolCall(call) => {
                let id = self.wire_id(part, &call.id);
                self.calls.add(&call.id, Call { name: &call.name, place: self.count, id });
                self.count += 1;
                // OpenAI's form of the signature, which is not for this API.
                wire.extra = wire.extra.filter(|extra| !extra.contains_key("extra_content"));
                wire.function_call = Some(function_call(call, id));
            }
            Kind::ToolResult(result) => {
                let call = self.calls.answer(&result.id).copied();
                wire.place = Some(call.map_or(usize::MAX, |call| call.place));
                wire.function_response = Some(self.function_response(result, call)?);
            }
            Kind::Other(other) => wire.other = Some(BTreeMap::from([(other.kind.as_str(), &other.data)])),
            Kind::Citation(_) => return Ok(None),
        }
        Ok(Some(wire))
    }

    /// A call's id as it is sent, where it is: one that the gateway made is not.
    fn wire_id(&self, part: &Part, id: &'a str) -> Option<&'a str> {
        let is_own = || {
            let given = part.state_for(self.target.provider()).and_then(|data| data.get(OWN_ID));
            given.and_then(Value::as_str) == Some(id)
        };
        (is_real(id) && (self.target.dialect().tool_ids != ToolIds::Own || is_own())).then_some(id)
    }

    fn media(&self, media: &'a Media) -> (Option<Blob<'a>>, Option<FileData<'a>>) {
        match &media.source {
            Source::Data(data) => (Some(Blob::new(media, data)), None),
            // The API wants a file's address; its name is the end of it.
            Source::FileId(id) if id.starts_with("files/") => {
                (None, Some(FileData::new(media, Cow::Owned(self.target.url(&format!("/{id}"))))))
            }
            Source::Url(uri) | Source::FileId(uri) => (None, Some(FileData::new(media, Cow::Borrowed(uri)))),
            Source::Text(_) => (None, None),
        }
    }

    fn function_response(
        &self,
        result: &'a ToolResult,
        call: Option<Call<'a>>,
    ) -> Result<FunctionResponse<'a>, String> {
        let name = result.name.as_deref().or_else(|| call.map(|call| call.name));
        let name = name.ok_or_else(|| {
            format!("no call before has the id '{}', so the tool is not known: give its name", result.id)
        })?;
        let parts = result.content.iter().filter_map(|part| match &part.content {
            Kind::Image(media) | Kind::Audio(media) | Kind::File(media) => {
                let (inline_data, file_data) = self.media(media);
                let some = inline_data.is_some() || file_data.is_some();
                some.then(|| WirePart { inline_data, file_data, ..WirePart::default() })
            }
            _ => None,
        });
        let id = call.map_or_else(
            || Some(result.id.as_str()).filter(|id| is_real(id) && self.target.dialect().tool_ids != ToolIds::Own),
            |call| call.id,
        );
        Ok(FunctionResponse { id, name, response: response(result), parts: parts.collect() })
    }
}

pub(super) fn part_path(message: usize, part: usize) -> String {
    format!("messages[{message}].content[{part}]")
}

/// What the assistant said in sound of another provider, which only that one has.
pub(super) fn spoken(media: &Media, role: Role) -> Option<&String> {
    media.transcript.as_ref().filter(|_| role == Role::Assistant && matches!(media.source, Source::FileId(_)))
}

/// The signature that came with a part, also where it came through Google's OpenAI endpoint.
fn signature<'a>(part: &'a Part, target: &Target) -> Option<&'a str> {
    let own = part.state_for(target.provider()).and_then(|data| data.get("thoughtSignature"));
    let through_openai = || part.extra.as_ref()?.get("extra_content")?.get("google")?.get("thought_signature");
    own.or_else(through_openai).and_then(Value::as_str)
}

fn function_call<'a>(call: &'a ToolCall, id: Option<&'a str>) -> FunctionCall<'a> {
    let text = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
    // Arguments that are no object were refused before: see `unsupported`.
    FunctionCall { id, name: &call.name, args: serde_json::from_str(text).ok() }
}

/// The API takes an object: a result that is one goes as it is.
fn response(result: &ToolResult) -> Value {
    let text: String = result.content.iter().filter_map(text_of).collect();
    let value = match serde_json::from_str::<Value>(&text) {
        Ok(object @ Value::Object(_)) if !result.is_error => return object,
        Ok(value @ Value::Object(_)) => value,
        _ => Value::String(text),
    };
    let key = if result.is_error { "error" } else { "result" };
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}

fn text_of(part: &Part) -> Option<&str> {
    match &part.content {
        Kind::File(of) => match &of.source {
            Source::Text(text) => Some(text),
            _ => None,
        },
        _ => part.as_text(),
    }
}
