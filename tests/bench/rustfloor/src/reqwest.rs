//! What most would write by hand: reqwest as it comes, typed serde_json, no policy.

#[path = "common.rs"]
mod common;

use common::{body, count, total};
use harness::Client;
use typed::Lines;

#[derive(Clone)]
struct Reqwest {
    client: reqwest::Client,
    url: String,
}

impl Reqwest {
    fn new(base: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Reqwest { client, url: format!("{base}/chat/completions") }
    }

    async fn send(&self, stream: bool) -> reqwest::Response {
        let request = self.client.post(&self.url).bearer_auth("sk-x").header("content-type", "application/json");
        request.body(body(stream)).send().await.expect("an answer")
    }
}

impl Client for Reqwest {
    async fn call(&self) -> u64 {
        total(&self.send(false).await.bytes().await.expect("a body"))
    }

    async fn stream(&self) -> u64 {
        let mut response = self.send(true).await;
        let (mut lines, mut texts) = (Lines::default(), 0);
        while let Some(bytes) = response.chunk().await.expect("a body") {
            texts += count(&mut lines, &bytes);
        }
        texts
    }
}

fn main() {
    harness::run(Reqwest::new);
}
