//! Keeps prompts out of errors: some providers quote the request that they refuse.

use super::{Content, Part, Request, Source, Task};

/// What stands for a piece of the request.
const HIDDEN: &str = "[prompt]";
/// A shorter run of characters is a word that anyone may use.
const SHORTEST: usize = 12;

impl Request {
    /// `words` without the pieces that stand in this request's texts; `None` where there are none.
    pub(crate) fn hide(&self, words: &str) -> Option<String> {
        let texts = self.texts();
        let mut out = String::with_capacity(words.len());
        let mut found = false;
        let mut rest = words;
        while let Some(next) = rest.chars().next() {
            let length = texts.iter().map(|text| shared(rest, text)).max().unwrap_or(0);
            let (piece, after) = rest.split_at(if length > 0 { length } else { next.len_utf8() });
            out.push_str(if length > 0 { HIDDEN } else { piece });
            found |= length > 0;
            rest = after;
        }
        found.then_some(out)
    }

    /// Everything that was said.
    fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        match &self.task {
            Task::Chat(chat) => chat.messages.iter().for_each(|message| collect(&message.content, &mut texts)),
            Task::Embed(embed) => texts.extend(embed.input.iter().map(String::as_str)),
            Task::Rerank(rerank) => {
                texts.push(&rerank.query);
                texts.extend(rerank.documents.iter().map(String::as_str));
            }
        }
        texts
    }
}

fn collect<'a>(parts: &'a [Part], texts: &mut Vec<&'a str>) {
    for part in parts {
        match &part.content {
            Content::Text { text } | Content::Reasoning { text } | Content::Refusal { text } => texts.push(text),
            Content::ToolCall(call) => texts.push(&call.arguments),
            Content::ToolResult(result) => collect(&result.content, texts),
            Content::Image(media) | Content::Audio(media) | Content::File(media) => match &media.source {
                Source::Data(text) | Source::FileId(text) | Source::Text(text) => texts.push(text),
                // Which address could not be fetched is what an error is there to say; `quote` takes out its query.
                Source::Url(_) => {}
            },
            Content::Citation(_) | Content::Other(_) => {}
        }
    }
}

/// How many bytes at the beginning of `words` stand somewhere in `text`; zero where it is fewer than [`SHORTEST`]
/// characters.
fn shared(words: &str, text: &str) -> usize {
    let Some((end, last)) = words.char_indices().nth(SHORTEST - 1) else { return 0 };
    let (head, tail) = words.split_at(end + last.len_utf8());
    let Some(at) = text.find(head) else { return 0 };
    let same = |(a, b): &(char, char)| a == b;
    let following = text.get(at + head.len()..).unwrap_or_default();
    let more = tail.chars().zip(following.chars()).take_while(same).map(|(c, _)| c.len_utf8());
    head.len() + more.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::super::Message;
    use super::*;

    #[test]
    fn what_the_request_says_is_hidden_wherever_it_is_quoted() {
        let request =
            Request::chat("m", vec![Message::user("My secret prompt about Älice, and more"), Message::user("hi")]);
        let hidden = request.hide("a/b answered 400: bad content: 'secret prompt about Älice' at hi, 'y secret pro'");
        assert_eq!(hidden.as_deref(), Some("a/b answered 400: bad content: '[prompt]' at hi, '[prompt]'"));
        assert_eq!(request.hide("a/b answered 400: max_tokens is too large"), None);
    }
}
