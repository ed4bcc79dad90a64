//! What both floors do with bytes.

use harness::{SYSTEM, USER};
use typed::{Answer, Ask, Lines, Message};

pub fn body(stream: bool) -> Vec<u8> {
    let message = |role: &str, content: &str| Message { role: role.to_owned(), content: content.to_owned() };
    Ask::new("gpt-4o-mini".to_owned(), vec![message("system", SYSTEM), message("user", USER)], stream).body()
}

pub fn total(body: &[u8]) -> u64 {
    let answer: Answer = serde_json::from_slice(body).expect("an answer");
    assert!(answer.text().is_some_and(|text| !text.is_empty()), "no text");
    answer.total_tokens().into()
}

pub fn count(lines: &mut Lines, bytes: &[u8]) -> u64 {
    let mut texts = 0;
    let read = lines.feed(bytes, |chunk| texts += u64::from(chunk.text().is_some_and(|text| !text.is_empty())));
    read.expect("chunks");
    texts
}
