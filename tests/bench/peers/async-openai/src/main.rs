//! The async-openai crate.

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestSystemMessageArgs, ChatCompletionRequestUserMessageArgs, ChatCompletionStreamOptions,
    CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
};
use futures_util::StreamExt;
use harness::{SYSTEM, USER};

#[derive(Clone)]
struct Client(async_openai::Client<OpenAIConfig>);

fn request(stream: bool) -> CreateChatCompletionRequest {
    let system = ChatCompletionRequestSystemMessageArgs::default().content(SYSTEM).build().expect("a message");
    let user = ChatCompletionRequestUserMessageArgs::default().content(USER).build().expect("a message");
    let mut request = CreateChatCompletionRequestArgs::default();
    request.model("gpt-4o-mini").messages([system.into(), user.into()]);
    if stream {
        request.stream_options(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None });
    }
    request.build().expect("a request")
}

impl harness::Client for Client {
    async fn call(&self) -> u64 {
        let answer = self.0.chat().create(request(false)).await.expect("an answer");
        assert!(answer.choices[0].message.content.as_ref().is_some_and(|text| !text.is_empty()), "no text");
        answer.usage.expect("usage").total_tokens.into()
    }

    async fn stream(&self) -> u64 {
        let mut stream = self.0.chat().create_stream(request(true)).await.expect("a stream");
        let mut texts = 0;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.expect("a chunk");
            let text = chunk.choices.first().and_then(|choice| choice.delta.content.as_deref());
            texts += u64::from(text.is_some_and(|text| !text.is_empty()));
        }
        texts
    }
}

fn main() {
    harness::run(|base| {
        let config = OpenAIConfig::new().with_api_base(base).with_api_key("sk-x");
        Client(async_openai::Client::with_config(config))
    });
}
