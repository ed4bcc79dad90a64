//! The liter-llm crate.

use std::sync::Arc;

use futures_util::StreamExt;
use harness::{SYSTEM, USER};
use liter_llm::{ChatCompletionRequest, ClientConfigBuilder, DefaultClient, LlmClient};
use serde_json::json;

#[derive(Clone)]
struct Client(Arc<DefaultClient>);

fn request() -> ChatCompletionRequest {
    let messages = json!([{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]);
    serde_json::from_value(json!({"model": "openai/gpt-4o-mini", "messages": messages})).expect("a request")
}

impl harness::Client for Client {
    async fn call(&self) -> u64 {
        let answer = self.0.chat(request()).await.expect("an answer");
        assert!(!answer.choices.is_empty(), "no choice");
        answer.usage.expect("usage").total_tokens.into()
    }

    async fn stream(&self) -> u64 {
        let mut stream = self.0.chat_stream(request()).await.expect("a stream");
        let mut texts = 0;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.expect("a chunk");
            let text = chunk.choices.first().and_then(|choice| choice.delta.content.as_ref());
            texts += u64::from(text.is_some_and(|text| !text.is_empty()));
        }
        texts
    }
}

fn main() {
    harness::run(|base| {
        let config = ClientConfigBuilder::new("sk-x").base_url(base).max_retries(0).build();
        Client(Arc::new(DefaultClient::new(config, Some("openai/gpt-4o-mini")).expect("a client")))
    });
}
