//! Tidegate from Rust, as a user has it: default configuration, everything on.

use futures_util::StreamExt;
use harness::{Client, SYSTEM, USER};
use serde_json::json;
use tidegate::{Gateway, Message, Request};

#[derive(Clone)]
struct Tidegate(Gateway);

impl Tidegate {
    fn new(base: &str) -> Self {
        let provider = json!({"protocol": "openai-chat", "base_url": base, "api_key": "sk-x"});
        Tidegate(Gateway::from_value(json!({"providers": {"bench": provider}})).expect("a gateway"))
    }
}

fn request() -> Request {
    Request::chat("bench/gpt-4o-mini", vec![Message::system(SYSTEM), Message::user(USER)])
}

impl Client for Tidegate {
    async fn call(&self) -> u64 {
        let response = self.0.chat(request()).await.expect("an answer");
        assert!(!response.text().is_empty(), "no text");
        let usage = response.usage.expect("usage");
        usage.input_tokens + usage.output_tokens
    }

    async fn stream(&self) -> u64 {
        let mut stream = self.0.stream(request()).await.expect("a stream");
        let mut texts = 0;
        while let Some(event) = stream.next().await {
            texts += u64::from(event.expect("an event").text().is_some_and(|text| !text.is_empty()));
        }
        texts
    }
}

fn main() {
    harness::run(Tidegate::new);
}
