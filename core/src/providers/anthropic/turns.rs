//! Messages become Anthropic's: instructions apart, user and assistant in turn, results first.
//!
//! Source: the Anthropic guides "Tool use" and "Mid-conversation system messages".

use serde::Serialize;
use serde_json::{Map, Value};

use super::block::{Block, Problem, wire_id};
use super::models::takes_instructions_midway;
use crate::model::{Content, Message, Role};
use crate::providers::call_ids::CallIds;
use crate::target::Target;

/// The conversation on the wire.
#[derive(Default)]
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) messages: Vec<Turn<'a>>,
    /// Instructions that came in the middle and wait for their place.
    midway: Vec<Block<'a>>,
}

#[derive(Serialize)]
pub(super) struct Turn<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
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
    let midway = takes_instructions_midway(&target.model);
    let mut conversation = Conversation::default();
    let mut ids = CallIds::new(wire_id);
    let mut refused = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let mut blocks: Vec<Block<'a>> = Vec::with_capacity(message.content.len());
        for (index, part) in message.content.iter().enumerate() {
            if let Content::Citation(_) = part.content {
                if let (Some(text), Some(citation)) = (blocks.last_mut(), part.state_for(provider)) {
                    text.cite(citation);
                }
                continue;
            }
            match Block::new(part, message.role, provider, &mut ids) {
                Ok(block) => blocks.extend(block),
                Err(Problem { below, reason }) => {
                    refused.push(Refused { path: format!("messages[{at}].content[{index}]{below}"), reason });
                }
            }
        }
        match message.role {
            _ if blocks.iter().all(Block::is_blank) => {}
            Role::System | Role::Developer if midway && !conversation.messages.is_empty() => {
                conversation.midway.extend(blocks);
            }
            // Older models have one place for all instructions.
            Role::System | Role::Developer => conversation.system.extend(blocks),
            Role::User | Role::Tool => conversation.user(message, blocks),
            Role::Assistant => conversation.assistant(message, blocks),
        }
    }
    conversation.instruct();
    conversation.trim_end();
    (conversation, refused)
}

impl<'a> Conversation<'a> {
    fn assistant(&mut self, message: &'a Message, content: Vec<Block<'a>>) {
        self.instruct();
        self.messages.push(Turn { role: "assistant", content, extra: message.extra.as_deref() });
    }

    fn user(&mut self, message: &'a Message, mut content: Vec<Block<'a>>) {
        let has_results = content.iter().any(Block::is_tool_result);
        // All results of one round of calls belong into one message, with whatever the user adds to them.
        if let Some(last) = self.messages.last_mut()
            && last.role == "user"
            && (has_results || last.content.iter().any(Block::is_tool_result))
        {
            last.content.append(&mut content);
            last.extra = message.extra.as_deref().or(last.extra);
        } else {
            self.messages.push(Turn { role: "user", content, extra: message.extra.as_deref() });
        }
        if has_results && let Some(last) = self.messages.last_mut() {
            // The API refuses a result that stands behind anything else.
            last.content.sort_by_key(|block| !block.is_tool_result());
        }
    }

    /// The API refuses white space at the end of words that it is to go on with.
    fn trim_end(&mut self) {
        let Some(last) = self.messages.last_mut().filter(|last| last.role == "assistant") else { return };
        while last.content.last().is_some_and(Block::is_blank) {
            last.content.pop();
        }
        if let Some(words) = last.content.last_mut() {
            words.trim_end();
        }
    }

    /// Places the instructions that wait: the API takes them between a user's message and the answer to it.
    fn instruct(&mut self) {
        let content = std::mem::take(&mut self.midway);
        match self.messages.last() {
            _ if content.is_empty() => {}
            Some(last) if last.role == "user" => self.messages.push(Turn { role: "system", content, extra: None }),
            _ => self.system.extend(content),
        }
    }
}
