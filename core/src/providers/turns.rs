//! Turns of a conversation.

use crate::model::{Content, Message, Role};

/// The messages, of which those are together that are one turn of the model's: calls may come in a message each, as they do
/// from the Responses API, and all their results behind the last.
pub(super) fn turns(messages: &[Message]) -> impl Iterator<Item = &[Message]> {
    messages.chunk_by(|one, next| one.role == Role::Assistant && next.role == Role::Assistant && calls(one))
}

fn calls(message: &Message) -> bool {
    message.content.iter().any(|part| matches!(part.content, Content::ToolCall(_)))
}
