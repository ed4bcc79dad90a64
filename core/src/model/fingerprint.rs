//! What tells requests apart at a glance: for breakers, stickiness and prompt caches.

use super::{Chat, Part, Request, Role, Task, Tool};

/// So many bytes at each end of a text count.
const ENDS: usize = 64;
/// A system prompt of so many bytes is worth a cache of its own: vendors cache from about 1,000 tokens.
const LONG: usize = 4096;
/// How many bytes of text make a token, roughly, in most languages.
const BYTES_A_TOKEN: u64 = 4;

/// FNV-1a: the same in every process, which the hash of the standard library is not, so that a fleet agrees.
#[derive(Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    pub(crate) fn new() -> Self {
        Hash(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn add(self, bytes: &[u8]) -> Self {
        Hash(bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    /// A text by its length and its ends.
    fn glance(self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let hash = self.add(&bytes.len().to_le_bytes());
        if bytes.len() <= 2 * ENDS {
            return hash.add(bytes);
        }
        let (first, last) = (bytes.get(..ENDS), bytes.get(bytes.len() - ENDS..));
        hash.add(first.unwrap_or_default()).add(last.unwrap_or_default())
    }

    /// The hash, its bits mixed once more: those of FNV are weak at the top.
    pub(crate) fn finish(self) -> u64 {
        let mut hash = self.0;
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }
}

impl Request {
    /// A number that repeats of a request share, and others hardly ever: of its last words, and of how much there is.
    pub(crate) fn fingerprint(&self) -> u64 {
        let hash = Hash::new();
        let hash = match &self.task {
            Task::Chat(chat) => {
                let last = chat.messages.last().map(|message| message.content.iter().filter_map(Part::as_text));
                let hash = hash.add(&chat.messages.len().to_le_bytes());
                last.into_iter().flatten().fold(hash, Hash::glance)
            }
            Task::Embed(embed) => embed
                .input
                .iter()
                .take(2)
                .fold(hash.add(&embed.input.len().to_le_bytes()), |hash, text| hash.glance(text)),
            Task::Rerank(rerank) => hash.add(&rerank.documents.len().to_le_bytes()).glance(&rerank.query),
        };
        hash.finish()
    }

    /// A number that the turns of a conversation share: of its beginning, which vendors cache. `None` where there is none.
    pub(crate) fn beginning(&self) -> Option<u64> {
        let chat = self.as_chat()?;
        let names = chat.tools.iter().fold(Hash::new(), |hash, tool| match tool {
            Tool::Function { name, .. } => hash.add(name.as_bytes()),
            Tool::Hosted { .. } => hash.add(b"tool"),
        });
        let (system, first) = opening(chat);
        let hash = system.clone().fold(names, Hash::glance);
        // Conversations share a long system prompt, and are better off where it is; a short one is not cached by itself.
        if system.map(str::len).sum::<usize>() >= LONG {
            return Some(hash.finish());
        }
        Some(first.fold(hash, Hash::glance).finish())
    }

    /// How many tokens the prompt has, roughly.
    pub(crate) fn rough_tokens(&self) -> u64 {
        let bytes: usize = match &self.task {
            Task::Chat(chat) => {
                chat.messages.iter().flat_map(|message| &message.content).filter_map(Part::as_text).map(str::len).sum()
            }
            Task::Embed(embed) => embed.input.iter().map(String::len).sum(),
            Task::Rerank(rerank) => rerank.query.len() + rerank.documents.iter().map(String::len).sum::<usize>(),
        };
        tokens(bytes)
    }
}

/// How many tokens so many bytes of text are, roughly.
pub(crate) fn tokens(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(BYTES_A_TOKEN)
}

/// The texts of the system messages, and those of the first message after them.
fn opening(chat: &Chat) -> (impl Iterator<Item = &str> + Clone, impl Iterator<Item = &str>) {
    let is_system = |role: Role| matches!(role, Role::System | Role::Developer);
    let system = chat.messages.iter().take_while(move |message| is_system(message.role));
    let first = chat.messages.iter().find(move |message| !is_system(message.role));
    (
        system.flat_map(|message| message.content.iter().filter_map(Part::as_text)),
        first.into_iter().flat_map(|message| message.content.iter().filter_map(Part::as_text)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Message;

    #[test]
    fn the_turns_of_a_conversation_share_their_beginning() {
        let first = vec![Message::system("be kind"), Message::user("hi")];
        let mut second = first.clone();
        second.extend([Message::assistant("hello"), Message::user("and now?")]);
        let (first, second) = (Request::chat("r", first), Request::chat("r", second));
        assert_eq!(first.beginning(), second.beginning());
        assert_ne!(first.fingerprint(), second.fingerprint());
        let other = Request::chat("r", vec![Message::system("be kind"), Message::user("hey")]);
        assert_ne!(first.beginning(), other.beginning());
        let long = "x".repeat(LONG);
        let [one, two] =
            ["hi", "hey"].map(|text| Request::chat("r", vec![Message::system(&long), Message::user(text)]));
        assert_eq!(one.beginning(), two.beginning());
    }
}
