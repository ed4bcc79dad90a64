//! Tidegate from Rust.

use futures_util::StreamExt;
use harness::{Client, SYSTEM, USER};
use tidegate::{Gateway, Message, Request};

/// A gateway, and whom it asks.
#[derive(Clone)]
pub struct Tidegate {
    gateway: Gateway,
    model: &'static str,
}

impl Tidegate {
    pub fn new(config: serde_json::Value, model: &'static str) -> Self {
        Tidegate { gateway: Gateway::from_value(config).expect("a gateway"), model }
    }

    fn request(&self) -> Request {
        Request::chat(self.model, vec![Message::system(SYSTEM), Message::user(USER)])
    }
}

impl Client for Tidegate {
    async fn call(&self) -> u64 {
        let response = self.gateway.chat(self.request()).await.expect("an answer");
        assert!(!response.text().is_empty(), "no text");
        let usage = response.usage.expect("usage");
        usage.input_tokens + usage.output_tokens
    }

    async fn stream(&self) -> u64 {
        let mut stream = self.gateway.stream(self.request()).await.expect("a stream");
        let mut texts = 0;
        while let Some(event) = stream.next().await {
            texts += u64::from(event.expect("an event").text().is_some_and(|text| !text.is_empty()));
        }
        texts
    }
}
