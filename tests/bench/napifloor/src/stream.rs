//! Chunks in batches: all that are there when they are asked for.

use std::mem::take;
use std::sync::{Arc, Mutex};

use bare::Http;
use http_body_util::BodyExt;
use napi::bindgen_prelude::{PromiseRaw, ToNapiValue};
use napi::{Env, Error, Result};
use napi_derive::napi;
use tokio::sync::Notify;
use typed::{Ask, Lines};

use crate::bridge::Bridge;
use crate::runtime;

#[napi(object)]
pub struct Chunk {
    pub content: Option<String>,
    pub finish_reason: Option<String>,
    pub total_tokens: Option<u32>,
}

impl Chunk {
    fn new(mut chunk: typed::Chunk) -> Self {
        let choice = chunk.choices.pop();
        let (content, finish_reason) =
            choice.map_or((None, None), |choice| (choice.delta.content, choice.finish_reason));
        Chunk { content, finish_reason, total_tokens: chunk.usage.map(|usage| usage.total_tokens) }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    ready: Vec<Chunk>,
    /// How it ended, once it has.
    end: Option<Result<()>>,
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().expect("the state"));
        self.changed.notify_one();
    }

    fn is_empty(&self) -> bool {
        let state = self.state.lock().expect("the state");
        state.ready.is_empty() && state.end.is_none()
    }

    /// All chunks that are there, or nothing after the last.
    fn take(&self) -> Result<Option<Vec<Chunk>>> {
        let mut state = self.state.lock().expect("the state");
        if state.ready.is_empty() {
            return state.end.take().unwrap_or(Ok(())).map(|()| None);
        }
        Ok(Some(take(&mut state.ready)))
    }
}

#[napi]
pub struct ChunkStream {
    bridge: &'static Bridge,
    shared: Arc<Shared>,
}

impl ChunkStream {
    pub(crate) fn start(http: Arc<Http>, bridge: &'static Bridge, ask: Ask) -> Self {
        let shared = Arc::<Shared>::default();
        let reader = Arc::clone(&shared);
        runtime().spawn(async move {
            let end = read(&http, ask, &reader).await.map_err(Error::from_reason);
            reader.change(|state| state.end = Some(end));
        });
        ChunkStream { bridge, shared }
    }
}

async fn read(http: &Http, ask: Ask, shared: &Shared) -> std::result::Result<(), String> {
    let (connection, mut body) = http.send(ask.body()).await?;
    let mut lines = Lines::default();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| error.to_string())?;
        let mut chunks = Vec::new();
        lines
            .feed(frame.data_ref().map_or(&[], |data| data), |chunk| chunks.push(Chunk::new(chunk)))
            .map_err(|error| error.to_string())?;
        if !chunks.is_empty() {
            shared.change(|state| state.ready.append(&mut chunks));
        }
    }
    http.free(connection);
    Ok(())
}

#[napi]
impl ChunkStream {
    /// A batch; `null` after the last.
    #[napi]
    pub fn next<'env>(&self, env: &'env Env) -> Result<PromiseRaw<'env, Option<Vec<Chunk>>>> {
        let (deferred, promise) = Bridge::promise(*env)?;
        let (bridge, shared) = (self.bridge, Arc::clone(&self.shared));
        // Comes behind the tasks that read the connection: by then all is there that the kernel has.
        runtime().spawn(async move {
            while shared.is_empty() {
                shared.changed.notified().await;
            }
            // SAFETY: called with the environment of the thread that it is called on.
            bridge.push(deferred, Box::new(move |env| unsafe { ToNapiValue::to_napi_value(env, shared.take()?) }));
        });
        Ok(promise)
    }
}
