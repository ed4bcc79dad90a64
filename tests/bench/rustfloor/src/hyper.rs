//! The lowest floor: bare hyper connections in a free list, typed serde_json, no TLS, no policy.

#[path = "common.rs"]
mod common;

use std::sync::Arc;

use bare::Http;
use common::{body, count, total};
use harness::Client;
use http_body_util::BodyExt;
use typed::Lines;

#[derive(Clone)]
struct Hyper(Arc<Http>);

impl Client for Hyper {
    async fn call(&self) -> u64 {
        total(&self.0.whole(body(false)).await.expect("an answer"))
    }

    async fn stream(&self) -> u64 {
        let (connection, mut body) = self.0.send(body(true)).await.expect("an answer");
        let (mut lines, mut texts) = (Lines::default(), 0);
        while let Some(frame) = body.frame().await {
            texts += count(&mut lines, frame.expect("a body").data_ref().expect("no trailers"));
        }
        self.0.free(connection);
        texts
    }
}

fn main() {
    harness::run(|base| Hyper(Arc::new(Http::new(base))));
}
