//! Messages become the API's turns: instructions apart, user and assistant in turn, results first.
//!
//! Source: the Bedrock user guide, "Carry out a conversation with the Converse API operations".

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::blocks::{Block, CachePoint, Problem, form_of_ids};
use crate::model::{CacheControl, Content, Message, Role};
use crate::providers::call_ids::CallIds;
use crate::target::Target;

/// The conversation on the wire.
#[derive(Default)]
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) messages: Vec<Turn<'a>>,
}

#[derive(Serialize)]
pub(super) struct Turn<'a> {
    pub(super) role: &'static str,
    pub(super) content: Vec<Block<'a>>,
    #[serde(flatten)]
    extra: Option<&'a Map<String, Value>>,
}

/// A part that cannot be sent: its path, and why.
pub(super) struct Refused {
    pub(super) path: String,
    pub(super) reason: String,
}

/// Converts what can be sent and lists what cannot.
pub(super) fn conversation<'a>(messages: &'a [Message], target: &Target) -> (Conversation<'a>, Vec<Refused>) {
    let provider = target.provider();
    let mut conversation = Conversation::default();
    let mut ids = CallIds::new(form_of_ids(&target.model));
    let mut refused = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let mut blocks: Vec<Block<'a>> = Vec::with_capacity(message.content.len());
        for (index, part) in message.content.iter().enumerate() {
            if let Content::Citation(_) = part.content {
                let text = blocks.iter_mut().rfind(|block| !matches!(block, Block::CachePoint(_)));
                if let (Some(text), Some(citation)) = (text, part.state_for(provider)) {
                    text.cite(citation);
                }
                continue;
            }
            match Block::new(part, message.role, target, &mut ids) {
                Ok(block) => blocks.extend(block),
                Err(Problem { below, reason }) => {
                    refused.push(Refused { path: format!("messages[{at}].content[{index}]{below}"), reason });
                    continue;
                }
            }
            if let (Some(marker), false) = (marker(part.cache_control.as_ref(), &part.content), blocks.is_empty()) {
                blocks.push(Block::CachePoint(CachePoint::new(marker)));
            }
        }
        match message.role {
            _ if blocks.iter().all(|block| block.is_blank() || matches!(block, Block::CachePoint(_))) => {}
            Role::System | Role::Developer => conversation.system.extend(blocks),
            Role::User | Role::Tool => conversation.turn("user", message, blocks),
            Role::Assistant => conversation.turn("assistant", message, blocks),
        }
    }
    conversation.name_apart();
    (conversation, refused)
}

/// The marker of a part. Inside a result there is no place for one, so that it stands behind the result.
fn marker<'a>(own: Option<&'a CacheControl>, content: &'a Content) -> Option<&'a CacheControl> {
    let inner = || match content {
        Content::ToolResult(result) => result.content.iter().find_map(|part| part.cache_control.as_ref()),
        _ => None,
    };
    own.or_else(inner)
}

impl<'a> Conversation<'a> {
    /// Turns alternate: messages of one role in a row are one turn.
    fn turn(&mut self, role: &'static str, message: &'a Message, mut content: Vec<Block<'a>>) {
        let extra = message.extra.as_deref();
        match self.messages.last_mut() {
            Some(last) if last.role == role => {
                last.content.append(&mut content);
                last.extra = extra.or(last.extra);
            }
            _ => self.messages.push(Turn { role, content, extra }),
        }
        if let (Some(last), "user") = (self.messages.last_mut(), role)
            && last.content.iter().any(Block::is_tool_result)
        {
            last.results_first();
        }
    }

    /// No two documents of a conversation may have the same name.
    fn name_apart(&mut self) {
        let mut known = HashSet::new();
        for block in self.messages.iter_mut().flat_map(|turn| &mut turn.content) {
            let documents: Vec<_> = match block {
                Block::Document(document) => vec![document],
                Block::ToolResult { content, .. } => content
                    .iter_mut()
                    .filter_map(|block| if let Block::Document(document) = block { Some(document) } else { None })
                    .collect(),
                _ => Vec::new(),
            };
            for document in documents {
                let mut name = document.name.to_string();
                let mut number = 1;
                while !known.insert(name.clone()) {
                    number += 1;
                    name = format!("{} {number}", document.name);
                }
                if name != document.name {
                    document.name = name.into();
                }
            }
        }
    }

    /// The names of all tools that were called.
    pub(super) fn called(&self) -> impl Iterator<Item = &'a str> {
        self.messages.iter().flat_map(|turn| &turn.content).filter_map(Block::calls)
    }

    /// Whether calls or results are in it.
    pub(super) fn uses_tools(&self) -> bool {
        self.messages.iter().flat_map(|turn| &turn.content).any(|it| it.is_tool_result() || it.calls().is_some())
    }
}

impl Turn<'_> {
    /// Models refuse a result that stands behind anything else. A cache point stays behind what it marks.
    fn results_first(&mut self) {
        let mut results = false;
        let mut keyed: Vec<_> = std::mem::take(&mut self.content)
            .into_iter()
            .map(|block| {
                results = block.is_tool_result() || (results && matches!(block, Block::CachePoint(_)));
                (!results, block)
            })
            .collect();
        keyed.sort_by_key(|(other, _)| *other);
        self.content = keyed.into_iter().map(|(_, block)| block).collect();
    }
}
