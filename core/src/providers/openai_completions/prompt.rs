//! A conversation becomes one text.
//!
//! A single message is the prompt, to the letter. Several are written as a transcript: each under the name of its speaker,
//! or else of its role, an empty line between them, and at the end the assistant's name for the model to go on from. Where
//! the assistant spoke last, the model goes on with its words:
//!
//! ```text
//! System: Be brief.
//!
//! User: Who are you?
//!
//! Assistant:
//! ```
//!
//! A model that was trained on another form is served better by one message in that form.

use crate::model::{Content, Message, Part, Role, Source};

pub(super) fn prompt(messages: &[Message]) -> String {
    if let [only] = messages {
        return text(only);
    }
    let turns = messages.iter().map(|message| {
        let said = text(message);
        let space = if said.is_empty() { "" } else { " " };
        format!("{}:{space}{said}", speaker(message))
    });
    let mut transcript = turns.collect::<Vec<_>>().join("\n\n");
    if messages.last().is_some_and(|last| last.role != Role::Assistant) {
        transcript.push_str("\n\nAssistant:");
    }
    transcript
}

fn speaker(message: &Message) -> &str {
    match (&message.name, message.role) {
        (Some(name), _) => name,
        (None, Role::System | Role::Developer) => "System",
        (None, Role::User) => "User",
        (None, Role::Assistant) => "Assistant",
        (None, Role::Tool) => "Tool",
    }
}

fn text(message: &Message) -> String {
    message.content.iter().filter_map(words).collect()
}

/// The words of a part that is nothing but words. Thinking is not said aloud.
pub(super) fn words(part: &Part) -> Option<&str> {
    match &part.content {
        Content::Text { text } | Content::Refusal { text } => Some(text),
        Content::File(media) => match &media.source {
            Source::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
