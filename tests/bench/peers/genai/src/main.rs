//! The genai crate.

use futures_util::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent};
use genai::resolver::{AuthData, Endpoint, Error, ServiceTargetResolver};
use genai::{ModelIden, ServiceTarget};
use harness::{SYSTEM, USER};

#[derive(Clone)]
struct Client(genai::Client);

fn request() -> ChatRequest {
    ChatRequest::new(vec![ChatMessage::system(SYSTEM), ChatMessage::user(USER)])
}

impl harness::Client for Client {
    async fn call(&self) -> u64 {
        let answer = self.0.exec_chat("gpt-4o-mini", request(), None).await.expect("an answer");
        assert!(answer.first_text().is_some_and(|text| !text.is_empty()), "no text");
        answer.usage.total_tokens.expect("usage").unsigned_abs().into()
    }

    async fn stream(&self) -> u64 {
        let options = ChatOptions::default().with_capture_usage(true);
        let answer = self.0.exec_chat_stream("gpt-4o-mini", request(), Some(&options)).await;
        let mut stream = answer.expect("a stream").stream;
        let mut texts = 0;
        while let Some(event) = stream.next().await {
            if let ChatStreamEvent::Chunk(chunk) = event.expect("an event") {
                texts += u64::from(!chunk.content.is_empty());
            }
        }
        texts
    }
}

fn main() {
    harness::run(|base| {
        let base = format!("{base}/");
        let resolver = ServiceTargetResolver::from_resolver_fn(move |target: ServiceTarget| -> Result<_, Error> {
            Ok(ServiceTarget {
                endpoint: Endpoint::from_owned(base.clone()),
                auth: AuthData::from_single("sk-x"),
                model: ModelIden::new(AdapterKind::OpenAI, target.model.model_name),
            })
        });
        Client(genai::Client::builder().with_service_target_resolver(resolver).build().expect("a client"))
    });
}
