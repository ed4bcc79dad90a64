//! Messages become items.
//!
//! Source: the OpenAI guides "Conversation state" and "Reasoning models": without the vendor's memory, every item of an
//! answer goes back as it came, in its order. What other vendors or the caller say for the model goes as plain messages.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::input::{Piece, Said};
use crate::model::{Content, Message, Other, Part, Role, ToolCall, ToolResult};
use crate::providers::body::merge;
use crate::providers::call_ids::{CallIds, at_most};
use crate::providers::failed_results;
use crate::target::Target;

/// The longest id of a call that the API takes.
const LONGEST_ID: usize = 64;

/// One item on the wire.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Item<'a> {
    /// A message without an id.
    Plain {
        role: &'static str,
        content: Said<'a>,
        #[serde(flatten)]
        state: Rest<'a>,
    },
    Typed {
        #[serde(flatten)]
        kind: Kind<'a>,
        #[serde(flatten)]
        state: Rest<'a>,
    },
    /// Something of the vendor's own, as it came.
    Opaque(&'a Value),
    /// With the caller's own keys merged over it.
    Merged(Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Kind<'a> {
    Message {
        role: &'static str,
        status: Cow<'a, Value>,
        content: Vec<Piece<'a>>,
    },
    Reasoning {
        summary: Thoughts<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        content: Option<Thoughts<'a>>,
    },
    FunctionCall {
        call_id: Cow<'a, str>,
        name: &'a str,
        arguments: &'a str,
    },
    CustomToolCall {
        call_id: Cow<'a, str>,
        name: &'a str,
        input: &'a str,
    },
    FunctionCallOutput {
        call_id: Cow<'a, str>,
        output: Said<'a>,
    },
    CustomToolCallOutput {
        call_id: Cow<'a, str>,
        output: Said<'a>,
    },
}

/// Thinking: texts of parts, or what was kept as it came.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Thoughts<'a> {
    Said(Vec<Thought<'a>>),
    Kept(&'a Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Thought<'a> {
    SummaryText { text: &'a str },
    ReasoningText { text: &'a str },
}

/// The rest of an item, which came with it and goes back; never what the item says itself.
pub(super) struct Rest<'a> {
    state: Option<&'a Map<String, Value>>,
    says: &'static [&'static str],
}

/// What calls say themselves.
const CALL: &[&str] = &["type", "call_id", "name", "arguments", "input"];
/// What messages say themselves.
const MESSAGE: &[&str] = &["type", "role", "status", "content"];
/// What thinking says itself. Its status is the vendor's to give.
const REASONING: &[&str] = &["type", "status", "summary", "content"];

impl Serialize for Rest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.state.into_iter().flatten() {
            // Answers have nulls where requests may not.
            if !self.says.contains(&key.as_str()) && !value.is_null() {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

/// All items. A vendor that `stores` them knows thinking by its id.
pub(super) fn items<'a>(messages: &'a [Message], target: &Target, stores: bool) -> Vec<Item<'a>> {
    let out = Vec::with_capacity(messages.len());
    let ids = CallIds::new(wire_id);
    let mut items = Items { provider: target.provider(), stores, out, ids, custom: HashSet::new() };
    for message in messages {
        match message.role {
            Role::Assistant => items.answer(message),
            Role::Developer if target.dialect().developer_role => items.said("developer", message),
            Role::System | Role::Developer => items.said("system", message),
            Role::User | Role::Tool => items.said("user", message),
        }
    }
    items.finish()
}

struct Items<'a, 't> {
    provider: &'t str,
    stores: bool,
    out: Vec<Item<'a>>,
    ids: CallIds<'a>,
    /// The ids of calls of custom tools: their results are items of another type.
    custom: HashSet<Cow<'a, str>>,
}

/// The state of an item, as it was kept with its part.
fn kept<'a>(part: &'a Part, provider: &str) -> Option<&'a Map<String, Value>> {
    part.state_for(provider)?.get("item")?.as_object()
}

impl<'a> Items<'a, '_> {
    /// What the application, a person or a tool says.
    fn said(&mut self, role: &'static str, message: &'a Message) {
        let mut parts = Vec::new();
        for part in &message.content {
            match &part.content {
                Content::ToolResult(_) | Content::ToolCall(_) | Content::Other(_) => {
                    self.words(role, &mut parts, message);
                    self.whole(part);
                }
                _ => parts.push(part),
            }
        }
        if message.content.is_empty() && message.role != Role::Tool {
            self.push(plain(role, Said::new(&[]), None), message.extra.as_deref());
        }
        self.words(role, &mut parts, message);
    }

    fn words(&mut self, role: &'static str, parts: &mut Vec<&'a Part>, message: &'a Message) {
        if !parts.is_empty() {
            self.push(plain(role, Said::new(parts), None), message.extra.as_deref());
            parts.clear();
        }
    }

    /// What the model said.
    fn answer(&mut self, message: &'a Message) {
        let mut parts = message.content.iter().peekable();
        while let Some(part) = parts.next() {
            let state = kept(part, self.provider);
            match &part.content {
                Content::Text { .. } | Content::Refusal { .. } => {
                    let mut run = vec![part];
                    while let Some(next) = parts.next_if(|next| self.goes_on(next, part)) {
                        run.push(next);
                    }
                    let item = match state {
                        Some(state) if state.contains_key("id") => self.message(state, &run),
                        state => plain("assistant", Said::by_model(&without_sources(&run)), state),
                    };
                    self.push(item, message.extra.as_deref());
                }
                Content::Reasoning { .. } => {
                    let mut run = vec![part];
                    while let Some(next) = parts.next_if(|next| self.thinks_on(next, part)) {
                        run.push(next);
                    }
                    self.out.extend(state.and_then(|state| reasoning(state, &run, self.stores)));
                }
                _ => self.whole(part),
            }
        }
    }

    /// Whether a part belongs to the message that another one begins: it has the same id, or neither has any; and a
    /// source belongs to the text before it.
    fn goes_on(&self, next: &Part, first: &Part) -> bool {
        let id = |part| kept(part, self.provider).and_then(|state| state.get("id"));
        match &next.content {
            Content::Text { .. } | Content::Refusal { .. } => id(next) == id(first),
            Content::Citation(_) => true,
            _ => false,
        }
    }

    /// Whether a part is more thinking of the same item: it has the same id and nothing else.
    fn thinks_on(&self, next: &Part, first: &Part) -> bool {
        let (Some(next_state), Some(state)) = (kept(next, self.provider), kept(first, self.provider)) else {
            return false;
        };
        let same = next_state.get("id").is_some_and(|id| state.get("id") == Some(id));
        matches!(next.content, Content::Reasoning { .. }) && same && next_state.len() == 1
    }

    fn message(&self, state: &'a Map<String, Value>, run: &[&'a Part]) -> Item<'a> {
        let mut content: Vec<Piece<'a>> = Vec::new();
        for part in run {
            if let Content::Citation(_) = part.content {
                let annotation = part.state_for(self.provider).and_then(|state| state.get("annotation"));
                if let (Some(text), Some(annotation)) = (content.last_mut(), annotation) {
                    text.cite(annotation);
                }
            } else {
                content.extend(Piece::by_model(part));
            }
        }
        let status = state.get("status").filter(|status| status.is_string());
        let status = status.map_or_else(|| Cow::Owned("completed".into()), Cow::Borrowed);
        Item::Typed { kind: Kind::Message { role: "assistant", status, content }, state: rest(Some(state), MESSAGE) }
    }

    /// A part that is an item by itself.
    fn whole(&mut self, part: &'a Part) {
        match &part.content {
            Content::ToolCall(call) => {
                let item = self.call(part, call);
                self.push(item, part.extra.as_deref().filter(|extra| !extra.contains_key("extra_content")));
            }
            Content::ToolResult(result) => {
                let item = self.result(result);
                self.push(item, part.extra.as_deref());
            }
            Content::Other(Other { data, .. }) => {
                let foreign = part.state.as_ref().is_some_and(|state| !state.belongs_to(self.provider));
                if !foreign {
                    self.out.push(Item::Opaque(data));
                }
            }
            // Sources of other vendors are for the reader.
            _ => {}
        }
    }

    fn call(&mut self, part: &'a Part, call: &'a ToolCall) -> Item<'a> {
        let state = kept(part, self.provider);
        let call_id = self.ids.call(&call.id);
        let ToolCall { name, arguments, .. } = call;
        // Chat Completions calls them `custom`, and so does a caller who brings such a message along.
        let named = part.state_for(self.provider).and_then(|state| state.get("type"));
        let kind = state.and_then(|state| state.get("type")).or(named).and_then(Value::as_str);
        let kind = if matches!(kind, Some("custom" | "custom_tool_call")) {
            self.custom.insert(call_id.clone());
            Kind::CustomToolCall { call_id, name, input: arguments }
        } else {
            Kind::FunctionCall { call_id, name, arguments: if arguments.is_empty() { "{}" } else { arguments } }
        };
        Item::Typed { kind, state: rest(state, CALL) }
    }

    fn result(&mut self, result: &'a ToolResult) -> Item<'a> {
        let output = match failed_results::words(result) {
            Some(words) => Said::Text(Cow::Owned(words)),
            None => Said::new(&failed_results::parts(result)),
        };
        let call_id = self.ids.result(&result.id);
        let kind = if self.custom.contains(&call_id) {
            Kind::CustomToolCallOutput { call_id, output }
        } else {
            Kind::FunctionCallOutput { call_id, output }
        };
        Item::Typed { kind, state: rest(None, CALL) }
    }

    fn push(&mut self, item: Item<'a>, extra: Option<&Map<String, Value>>) {
        let Some(extra) = extra else { return self.out.push(item) };
        let mut value = serde_json::to_value(item).unwrap_or_default();
        if let Value::Object(object) = &mut value {
            merge(object, extra);
        }
        self.out.push(Item::Merged(value));
    }

    /// Thinking goes back only before what it led to: the API refuses it without "its required following item", as it is
    /// where an answer was cut off in the middle of its thinking.
    fn finish(mut self) -> Vec<Item<'a>> {
        let mut led_to = false;
        let mut keep = vec![true; self.out.len()];
        for (item, keep) in self.out.iter().zip(&mut keep).rev() {
            match item {
                Item::Typed { kind: Kind::Reasoning { .. }, .. } => *keep = led_to,
                item => led_to = item.is_answer(),
            }
        }
        let mut keep = keep.into_iter();
        self.out.retain(|_| keep.next().unwrap_or(true));
        self.out
    }
}

impl Item<'_> {
    /// Whether it is of the model, and not of those who ask it.
    fn is_answer(&self) -> bool {
        match self {
            Item::Plain { role, .. } => *role == "assistant",
            Item::Typed { kind, .. } => {
                !matches!(kind, Kind::FunctionCallOutput { .. } | Kind::CustomToolCallOutput { .. })
            }
            Item::Opaque(_) => true,
            Item::Merged(value) => {
                let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
                !text("type").ends_with("_output") && matches!(text("role"), "assistant" | "")
            }
        }
    }
}

fn rest<'a>(state: Option<&'a Map<String, Value>>, says: &'static [&'static str]) -> Rest<'a> {
    Rest { state, says }
}

fn plain<'a>(role: &'static str, content: Said<'a>, state: Option<&'a Map<String, Value>>) -> Item<'a> {
    Item::Plain { role, content, state: rest(state, MESSAGE) }
}

fn without_sources<'a>(run: &[&'a Part]) -> Vec<&'a Part> {
    run.iter().copied().filter(|part| !matches!(part.content, Content::Citation(_))).collect()
}

/// An item of thinking. `None` where there is nothing by which the vendor could know it: neither its encrypted form nor
/// the thinking itself, nor an id that means something to it.
fn reasoning<'a>(state: &'a Map<String, Value>, run: &[&'a Part], stores: bool) -> Option<Item<'a>> {
    let texts = run.iter().filter_map(|part| match &part.content {
        Content::Reasoning { text } if !text.is_empty() => Some(text.as_str()),
        _ => None,
    });
    // What is kept is what the parts do not show.
    let (summary, content) = if let Some(summary) = state.get("summary").filter(|summary| summary.is_array()) {
        let texts: Vec<_> = texts.map(|text| Thought::ReasoningText { text }).collect();
        (Thoughts::Kept(summary), (!texts.is_empty()).then_some(Thoughts::Said(texts)))
    } else {
        let texts = texts.map(|text| Thought::SummaryText { text }).collect();
        let content = state.get("content").filter(|content| content.as_array().is_some_and(|list| !list.is_empty()));
        (Thoughts::Said(texts), content.map(Thoughts::Kept))
    };
    let encrypted = state.get("encrypted_content").is_some_and(Value::is_string);
    let known = encrypted || content.is_some() || (stores && state.contains_key("id"));
    known.then_some(Item::Typed { kind: Kind::Reasoning { summary, content }, state: rest(Some(state), REASONING) })
}

/// An id as the API takes it.
fn wire_id(id: &str) -> Cow<'_, str> {
    at_most(id, LONGEST_ID)
}
