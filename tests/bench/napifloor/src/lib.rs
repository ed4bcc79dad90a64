//! The least that an in-process client behind N-API can cost: bare hyper, typed serde_json, small plain objects, streams
//! in batches, one wake-up of the event loop for many completions. No TLS, no policy, no care for errors.

mod bridge;
mod stream;

use std::sync::{Arc, OnceLock};

use bare::Http;
use bridge::Bridge;
use napi::bindgen_prelude::{PromiseRaw, ToNapiValue};
use napi::{Env, Error, Result};
use napi_derive::napi;
use stream::ChunkStream;
use tokio::runtime::Runtime;
use typed::{Answer, Ask};

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_io().build().expect("a runtime")
    })
}

#[napi(object)]
pub struct Message {
    pub role: String,
    pub content: String,
}

#[napi(object)]
pub struct Reply {
    pub id: String,
    pub model: String,
    pub content: Option<String>,
    pub finish_reason: Option<String>,
    pub prompt_tokens: u32,
    pub total_tokens: u32,
}

impl Reply {
    fn new(mut answer: Answer) -> Self {
        let choice = answer.choices.swap_remove(0);
        let (prompt_tokens, total_tokens) =
            answer.usage.map_or((0, 0), |usage| (usage.prompt_tokens, usage.total_tokens));
        Reply {
            id: answer.id,
            model: answer.model,
            content: choice.message.content,
            finish_reason: choice.finish_reason,
            prompt_tokens,
            total_tokens,
        }
    }
}

fn ask(model: String, messages: Vec<Message>, stream: bool) -> Ask {
    let message = |Message { role, content }| typed::Message { role, content };
    Ask::new(model, messages.into_iter().map(message).collect(), stream)
}

async fn fetch(http: &Http, ask: Ask) -> Result<Reply> {
    let body = http.whole(ask.body()).await.map_err(Error::from_reason)?;
    Ok(Reply::new(serde_json::from_slice(&body).map_err(|error| Error::from_reason(error.to_string()))?))
}

#[napi]
pub struct Client {
    http: Arc<Http>,
    bridge: &'static Bridge,
}

#[napi]
impl Client {
    #[napi(constructor)]
    pub fn new(env: Env, base: String) -> Result<Self> {
        Ok(Client { http: Arc::new(Http::new(&base)), bridge: Bridge::new(env)? })
    }

    #[napi]
    pub fn chat<'env>(&self, env: &'env Env, model: String, messages: Vec<Message>) -> Result<PromiseRaw<'env, Reply>> {
        let (deferred, promise) = Bridge::promise(*env)?;
        let (http, bridge) = (Arc::clone(&self.http), self.bridge);
        runtime().spawn(async move {
            let reply = fetch(&http, ask(model, messages, false)).await;
            // SAFETY: called with the environment of the thread that it is called on.
            bridge.push(deferred, Box::new(|env| unsafe { Reply::to_napi_value(env, reply?) }));
        });
        Ok(promise)
    }

    #[napi]
    pub fn stream(&self, model: String, messages: Vec<Message>) -> ChunkStream {
        ChunkStream::start(Arc::clone(&self.http), self.bridge, ask(model, messages, true))
    }
}
