//! A provider's words, made fit to stand in an error.

use std::borrow::Cow;

/// The words of a provider on one line, cut to `limit` characters, without anything that looks like a key, and with the
/// addresses among them cut before their query.
pub(crate) fn quote(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    // A word longer than this is no word, and cutting it first keeps the work bounded.
    let head: String = text.chars().take(limit.saturating_mul(4)).collect();
    for word in head.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let word = if holds_key(word) { Cow::Borrowed("[redacted]") } else { without_query(word) };
        if !out.is_empty() {
            out.push(' ');
            length += 1;
        }
        for c in word.chars() {
            if length >= limit {
                out.push('…');
                return out;
            }
            out.push(c);
            length += 1;
        }
    }
    out
}

/// An address without what is private in one: the user before its host, and its query.
fn without_query(word: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = word.split_once("://") else { return Cow::Borrowed(word) };
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(host_end);
    let bare = host.rsplit_once('@').map_or(host, |(_, host)| host);
    match path.split_once(['?', '#']) {
        Some((path, _)) => Cow::Owned(format!("{scheme}://{bare}{path}?[redacted]")),
        None if bare.len() < host.len() => Cow::Owned(format!("{scheme}://{bare}{path}")),
        None => Cow::Borrowed(word),
    }
}

/// How the keys of the providers begin.
const PREFIXES: [&str; 12] =
    ["sk-", "sk_", "pk-", "rk-", "gsk_", "xai-", "hf_", "pplx-", "nvapi-", "AIza", "AKIA", "eyJ"];
/// No word of a sentence is longer than this and has digits.
const LONG: usize = 32;

/// Whether a word is, or holds, something that looks like a key.
fn holds_key(word: &str) -> bool {
    word.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '.'))).any(looks_like_key)
}

fn looks_like_key(piece: &str) -> bool {
    let prefixed = piece.len() >= 8 && PREFIXES.iter().any(|prefix| piece.starts_with(prefix));
    let random = piece.len() >= LONG
        && piece.bytes().any(|c| c.is_ascii_digit())
        && piece.bytes().any(|c| c.is_ascii_alphabetic())
        // Names of models and fields are long too, but they are made of short words.
        && piece.split(['-', '_', '.']).any(|run| run.len() >= LONG);
    prefixed || random
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_and_bounded() {
        assert_eq!(quote("a\r\n  b\u{0}c\u{1b}[1m", 300), "a b c [1m");
        assert_eq!(quote("übermäßig", 4), "über…");
        assert_eq!(quote("über", 4), "über");
    }

    #[test]
    fn keys_are_redacted() {
        for key in
            ["sk-ant-api03-abcdefgh", "AIzaSyA1234567890", "0123456789abcdef0123456789abcdef", "sk-proj-****wxyz"]
        {
            let text = quote(&format!("Incorrect API key provided: \"{key}\". See https://example.com"), 300);
            assert!(!text.contains(&key[..12]), "{text}");
            assert!(text.ends_with("See https://example.com"), "{text}");
        }
    }

    #[test]
    fn addresses_lose_what_is_private_in_them() {
        let said = "Error while downloading https://me:secret@h.example/a.png?sig=abc#x. See https://h.example/doc.";
        let kept = "Error while downloading https://h.example/a.png?[redacted] See https://h.example/doc.";
        assert_eq!(quote(said, 300), kept);
        assert_eq!(quote("https://me@h.example", 300), "https://h.example");
    }

    #[test]
    fn names_stay() {
        let text = "model: claude-sonnet-4-5-20250929-with-a-long-name max_tokens messages.0.content.1.tool_use.input";
        assert_eq!(quote(text, 300), text);
    }
}
