//! Outages, brownouts and slow regions, in virtual time, through the public API.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::cast_precision_loss, reason = "counts of tests are small")]
#![allow(clippy::float_cmp, reason = "shares that are compared are all or nothing")]

mod balance;
mod breaker;
mod budget;
mod health;
mod hedge;
mod reload;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tidegate::sim::{Answer, Exchange};
use tidegate::{Gateway, Message, Request, Response, Result, Sim, Tick, World};

/// A gateway in a simulated world, over the hosts `one.test`, `two.test` and `three.test`.
struct House {
    sim: Sim,
    gateway: Gateway,
}

/// A call as its caller saw it.
struct Seen {
    at: Tick,
    took: Duration,
    result: Result<Response>,
}

impl House {
    /// `routes` is TOML behind `[routes.r]`, and may go on with further tables.
    fn new(seed: u64, routes: &str) -> Self {
        let sim = Sim::new(seed);
        let gateway = Gateway::from_toml(&config(routes)).unwrap().with_world(sim.clone());
        House { sim, gateway }
    }

    /// What a host does with each request, by when it comes and by the `n`-th that it is.
    fn on(&self, host: &str, answer: impl Fn(&Exchange, u64) -> Answer + Send + Sync + 'static) -> &Self {
        let count = std::sync::atomic::AtomicU64::new(0);
        let answer =
            move |exchange: &Exchange| answer(exchange, count.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        self.sim.handle(&format!("{host}.test"), answer);
        self
    }

    fn chat(&self, text: &str) -> Result<Response> {
        self.sim.run(self.gateway.chat(request(text)))
    }

    /// Calls at a steady rate, each with words of its own.
    fn load(&self, rate: u32, time: Duration) -> Vec<Seen> {
        self.load_with(rate, time, |n| request(&format!("question {n}")))
    }

    fn load_with(&self, rate: u32, time: Duration, request: impl Fn(u32) -> Request) -> Vec<Seen> {
        let calls = time.as_secs_f64() * f64::from(rate);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
        let calls = calls as u32;
        let begin = self.sim.now();
        let call = |n: u32| {
            let (request, at) = (request(n), begin + Duration::from_secs(1) * n / rate);
            async move {
                self.sim.sleep(at).await;
                let result = self.gateway.chat(request).await;
                Seen { at, took: self.sim.now() - at, result }
            }
        };
        self.sim.run(join_all((0..calls).map(call)))
    }

    /// How many requests reached a host.
    fn reached(&self, host: &str) -> usize {
        self.sim.exchanges().iter().filter(|exchange| exchange.url.host() == Some(&format!("{host}.test"))).count()
    }
}

fn config(routes: &str) -> String {
    let providers = ["one", "two", "three"].map(|name| {
        format!("[providers.{name}]\nprotocol = \"openai-chat\"\nbase_url = \"http://{name}.test/v1\"\napi_key = \"k-{name}-12345\"\n")
    });
    format!("{}\n[routes.r]\n{routes}", providers.concat())
}

fn request(text: &str) -> Request {
    Request::chat("r", vec![Message::user(text)])
}

fn text(text: &str) -> Answer {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"});
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8});
    Answer::json(200, &json!({"id": "c", "model": "m-1", "choices": [choice], "usage": usage}))
}

fn down() -> Answer {
    Answer::json(503, &json!({"error": {"message": "down"}}))
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The share of calls that failed.
fn failed<'s>(calls: impl IntoIterator<Item = &'s Seen>) -> f64 {
    let (mut all, mut failed) = (0, 0);
    for call in calls {
        all += 1;
        failed += u32::from(call.result.is_err());
    }
    f64::from(failed) / f64::from(all)
}

/// A quantile of the times that calls took.
fn quantile<'s>(calls: impl IntoIterator<Item = &'s Seen>, quantile: f64) -> Duration {
    let mut times: Vec<_> = calls.into_iter().map(|call| call.took).collect();
    times.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let place = (times.len() as f64 * quantile) as usize;
    times[place.min(times.len() - 1)]
}

/// A fixed chance: the same for the same number, spread evenly.
fn chance(seed: u64, n: u64) -> f64 {
    let mut x = (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ n).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn ten_thousand_calls_at_once_come_to_an_end() {
    let house = House::new(1, "targets = ['one/m']");
    house.on("one", |_, _| text("hi").after(ms(100)));
    let gateway = Arc::new(&house.gateway);
    let replies = house.sim.run(join_all((0..10_000).map(|n| gateway.chat(request(&format!("question {n}"))))));
    assert!(replies.iter().all(Result::is_ok));
    assert_eq!(house.gateway.health()[0].in_flight, 0);
}
