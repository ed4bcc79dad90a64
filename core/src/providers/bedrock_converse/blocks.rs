//! Parts become the API's content blocks, each an object with one key.
//!
//! Source: the Bedrock API reference, `ContentBlock` and what it holds.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::media::{Document, File, Wire, file, image, sound};
use super::models::reads_unsigned_thinking;
use crate::model::{CacheControl, Content, Other, Part, Role, ToolCall, ToolResult};
use crate::providers::body::merge;
use crate::providers::call_ids::{CallIds, Form};
use crate::target::Target;

/// Blocks that only this API has, and that a caller may write.
const OWN: [&str; 6] =
    ["guardContent", "searchResult", "toolAddition", "toolRemoval", "citationsContent", "toolResult"];
/// A call of a tool that the provider runs, in the API's own words.
pub(super) const SERVER_TOOL: &str = "server_tool_use";
/// The longest id of a call.
const LONGEST_ID: usize = 64;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block<'a> {
    Text(Cow<'a, str>),
    Image(Wire<'a>),
    Document(Document<'a>),
    Video(Wire<'a>),
    Audio(Wire<'a>),
    #[serde(rename_all = "camelCase")]
    ToolUse {
        tool_use_id: Cow<'a, str>,
        name: &'a str,
        input: &'a RawValue,
    },
    #[serde(rename_all = "camelCase")]
    ToolResult {
        tool_use_id: Cow<'a, str>,
        content: Vec<Block<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<&'static str>,
    },
    ReasoningContent(Thinking<'a>),
    CitationsContent {
        content: [Generated<'a>; 1],
        citations: Vec<&'a Map<String, Value>>,
    },
    CachePoint(CachePoint<'a>),
    /// What only this API has, and what the caller added to a block.
    #[serde(untagged)]
    Whole(Map<String, Value>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Thinking<'a> {
    ReasoningText {
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        signature: Option<&'a Value>,
    },
    RedactedContent(&'a Value),
}

#[derive(Serialize)]
pub(super) struct Generated<'a> {
    text: Cow<'a, str>,
}

/// A request to cache the prompt up to here.
#[derive(Serialize)]
pub(super) struct CachePoint<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'a str>,
}

impl<'a> CachePoint<'a> {
    pub(super) fn new(marker: &'a CacheControl) -> Self {
        CachePoint { kind: "default", ttl: marker.ttl.as_deref() }
    }
}

/// Why a part cannot be sent.
pub(super) struct Problem {
    /// Below the part: `.content[1]`, or nothing.
    pub(super) below: String,
    /// What the provider does not do, as the rest of a sentence that begins with its name.
    pub(super) reason: String,
}

impl<T: Into<String>> From<T> for Problem {
    fn from(reason: T) -> Self {
        Problem { below: String::new(), reason: reason.into() }
    }
}

type Outcome<T> = Result<T, Problem>;

impl<'a> Block<'a> {
    /// A part as a block; `None` where there is nothing to say.
    pub(super) fn new(part: &'a Part, role: Role, target: &Target, ids: &mut CallIds<'a>) -> Outcome<Option<Self>> {
        let Some(block) = block(part, role, target, ids)? else { return Ok(None) };
        match &part.extra {
            Some(extra) if !extra.is_empty() => block.with(extra).map(Some),
            _ => Ok(Some(block)),
        }
    }

    pub(super) fn is_tool_result(&self) -> bool {
        matches!(self, Block::ToolResult { .. })
    }

    /// Whether it says nothing: the API refuses a message or a result of such blocks only.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Block::Text(text) if text.trim().is_empty())
    }

    /// The name of a tool that is called here.
    pub(super) fn calls(&self) -> Option<&'a str> {
        match self {
            Block::ToolUse { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Names the source of a text.
    pub(super) fn cite(&mut self, citation: &'a Map<String, Value>) {
        match self {
            Block::Text(text) => {
                let content = [Generated { text: std::mem::take(text) }];
                *self = Block::CitationsContent { content, citations: vec![citation] };
            }
            Block::CitationsContent { citations, .. } => citations.push(citation),
            _ => {}
        }
    }

    /// The block with the caller's own keys merged into what stands under its key.
    fn with(self, extra: &Map<String, Value>) -> Outcome<Self> {
        let Ok(Value::Object(mut block)) = serde_json::to_value(&self) else {
            return Err("takes no such part".into());
        };
        match block.values_mut().next() {
            Some(Value::Object(inner)) => merge(inner, extra),
            _ => merge(&mut block, extra),
        }
        Ok(Block::Whole(block))
    }
}

fn block<'a>(part: &'a Part, role: Role, target: &Target, ids: &mut CallIds<'a>) -> Outcome<Option<Block<'a>>> {
    let block = match (&part.content, role) {
        (Content::Text { text } | Content::Refusal { text }, _) => {
            // The API refuses a text without a character.
            return Ok((!text.is_empty()).then_some(Block::Text(Cow::Borrowed(text))));
        }
        (Content::Other(other), role) => own(part, other, role, target)?,
        (_, Role::System | Role::Developer) => return Err("takes instructions as text only".into()),
        (Content::Reasoning { text }, Role::Assistant) => return Ok(thinking(part, text, target)),
        (Content::ToolCall(call), Role::Assistant) => tool_use(call, ids)?,
        (Content::Reasoning { .. } | Content::ToolCall(_), _) => {
            return Err("takes thinking and calls from the assistant only".into());
        }
        (Content::Image(media), _) => Block::Image(image(media)?),
        (Content::Audio(media), _) => Block::Audio(sound(media)?),
        (Content::File(media), _) => match file(media)? {
            File::Image(image) => Block::Image(image),
            File::Video(video) => Block::Video(video),
            File::Document(document) => Block::Document(document),
        },
        (Content::ToolResult(_), Role::Assistant) => return Err("takes no results from the assistant".into()),
        (Content::ToolResult(result), _) => tool_result(result, target, ids)?,
        // Sources go into the text before them; those of another provider are for the reader, not for the model.
        (Content::Citation(_), _) => return Ok(None),
    };
    Ok(Some(block))
}

/// What only this API has, as it came. What another provider has means nothing here.
fn own<'a>(part: &'a Part, other: &'a Other, role: Role, target: &Target) -> Outcome<Block<'a>> {
    let is_ours = match &part.state {
        Some(_) => part.state_for(target.provider()).is_some(),
        None => OWN.contains(&other.kind.as_str()),
    };
    let instructs = matches!(role, Role::System | Role::Developer);
    if !is_ours {
        return Err("does not know what only another provider has".into());
    }
    if instructs && other.kind != "guardContent" {
        return Err("takes instructions as text only".into());
    }
    let key = if other.kind == SERVER_TOOL { "toolUse" } else { &other.kind };
    Ok(Block::Whole(Map::from_iter([(key.to_owned(), other.data.clone())])))
}

/// Thinking goes back to the provider that it came from, under its signature where it has one.
fn thinking<'a>(part: &'a Part, text: &'a str, target: &Target) -> Option<Block<'a>> {
    let state = part.state_for(target.provider())?;
    let thinking = match (state.get("redactedContent"), state.get("signature")) {
        (Some(redacted), _) => Thinking::RedactedContent(redacted),
        (None, None) if text.is_empty() || !reads_unsigned_thinking(&target.model) => return None,
        (None, signature) => Thinking::ReasoningText { text, signature },
    };
    Some(Block::ReasoningContent(thinking))
}

fn tool_use<'a>(call: &'a ToolCall, ids: &mut CallIds<'a>) -> Outcome<Block<'a>> {
    let text = call.arguments.trim();
    let text = if text.is_empty() { "{}" } else { text };
    let input = serde_json::from_str::<&RawValue>(text)
        .ok()
        .filter(|input| input.get().starts_with('{'))
        .ok_or("takes a call's arguments as a JSON object only, and these are none")?;
    Ok(Block::ToolUse { tool_use_id: ids.call(&call.id), name: &call.name, input })
}

fn tool_result<'a>(result: &'a ToolResult, target: &Target, ids: &mut CallIds<'a>) -> Outcome<Block<'a>> {
    let mut content = Vec::with_capacity(result.content.len());
    for (index, part) in result.content.iter().enumerate() {
        let block = match &part.content {
            Content::Text { .. } | Content::Image(_) | Content::File(_) => Block::new(part, Role::Tool, target, ids),
            Content::Other(other) if other.kind == "json" => {
                Ok(Some(Block::Whole(Map::from_iter([("json".to_owned(), other.data.clone())]))))
            }
            Content::Citation(_) => Ok(None),
            _ => Err("takes text, images, files and JSON as a result".into()),
        };
        let block = block.map_err(|problem| Problem { below: format!(".content[{index}]"), ..problem })?;
        content.extend(block);
    }
    if content.iter().all(Block::is_blank) {
        content.clear();
    }
    let status = result.is_error.then_some("error");
    Ok(Block::ToolResult { tool_use_id: ids.result(&result.id), content, status })
}

/// How a model wants its ids. Some give ids such as `functions.find:0`; Anthropic's refuse them.
pub(super) fn form_of_ids(model: &str) -> Form {
    if model.contains("claude") { |id| wire_id(id, &[]) } else { |id| wire_id(id, &['.', ':']) }
}

/// Ids of other providers may be longer, or have characters that are refused here.
fn wire_id<'a>(id: &'a str, more: &[char]) -> Cow<'a, str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || more.contains(&c);
    if !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(allowed) {
        return Cow::Borrowed(id);
    }
    let fits: String = id.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    // Ids differ at their end: all that is before may be a name.
    let fits = fits.get(fits.len().saturating_sub(LONGEST_ID)..).unwrap_or_default();
    Cow::Owned(if fits.is_empty() { "call".to_owned() } else { fits.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_the_model() {
        let claude = form_of_ids("us.anthropic.claude-sonnet-5");
        assert_eq!(form_of_ids("moonshot.kimi-k2-thinking")("functions.find:0"), "functions.find:0");
        assert_eq!(claude("functions.find:0"), "functions_find_0");
        assert_eq!(claude("tooluse_a-B9"), "tooluse_a-B9");
        assert_eq!(claude(""), "call");
        let long = format!("{}é1", "x".repeat(100));
        assert_eq!(claude(&long), format!("{}_1", "x".repeat(62)));
    }
}
