//! The real world, but for its network and what its clock shows: every answer is there after one turn of the runtime, and
//! counts as if it had taken a while. So policies know times as they are, and nobody waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use tidegate::{BoxFuture, ByteStream, Live, Result, Tick, World};

/// How long answers take to one caller: between these milliseconds and so many more. Several at once share the clock.
const FASTEST: u64 = 200;
const SPREAD: u64 = 800;

pub struct Canned {
    live: Live,
    whole: Bytes,
    /// A chunk of the stream each.
    pieces: Vec<Bytes>,
    /// By how many milliseconds the clock is ahead.
    ahead: Arc<AtomicU64>,
    callers: u64,
}

impl Canned {
    /// Its streams have so many chunks with text, and so many calls are under way at once.
    pub fn new(chunks: usize, callers: usize) -> Self {
        let chunk = |delta: Value, finish: Value| {
            let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
            json!({"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})
        };
        let usage = json!({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7});
        let mut last = chunk(json!({}), json!("stop"));
        last["usage"] = usage.clone();
        let texts = (0..chunks).map(|_| chunk(json!({"content": "tide "}), Value::Null)).chain([last]);
        let data = texts.map(|chunk| chunk.to_string()).chain(["[DONE]".to_owned()]);
        let message = json!({"role": "assistant", "content": "The tide comes in twice a day."});
        let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
        let whole = json!({
            "id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage
        });
        Canned {
            live: Live::new().expect("a world"),
            whole: whole.to_string().into(),
            pieces: data.map(|data| format!("data: {data}\n\n").into()).collect(),
            ahead: Arc::default(),
            callers: u64::try_from(callers).expect("a number"),
        }
    }

    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead.load(Ordering::Relaxed))
    }
}

impl World for Canned {
    fn now(&self) -> Tick {
        self.live.now() + self.ahead()
    }

    fn unix_time(&self) -> Duration {
        self.live.unix_time()
    }

    fn random(&self) -> u64 {
        self.live.random()
    }

    fn sleep(&self, until: Tick) -> BoxFuture<'static, ()> {
        self.live.sleep(Tick::new(until.since_start().saturating_sub(self.ahead())))
    }

    fn fetch(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<ByteStream>>> {
        let streams = request.headers().get("accept").is_some_and(|kind| kind == "text/event-stream");
        let (kind, pieces) = if streams {
            ("text/event-stream", self.pieces.clone())
        } else {
            ("application/json", vec![self.whole.clone()])
        };
        let body: ByteStream = Box::pin(stream::iter(pieces.into_iter().map(Ok)));
        let response = http::Response::builder().header("content-type", kind).body(body).expect("a response");
        let (ahead, time) = (Arc::clone(&self.ahead), (FASTEST + self.live.random() % SPREAD) / self.callers);
        Box::pin(async move {
            tokio::task::yield_now().await;
            ahead.fetch_add(time, Ordering::Relaxed);
            Ok(response)
        })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) -> bool {
        self.live.spawn(task)
    }
}
