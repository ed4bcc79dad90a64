//! What the policies cost: a gateway with all of them beside one with none, both asked for answers that are there at once.
//!
//! The two are measured in turns, by the time for which this thread had the processor, and a difference is that of
//! neighbours. The clock and the timers are real; nothing is sent.

mod world;

use std::process::ExitCode;

use futures_util::StreamExt;
use futures_util::future::join_all;
use harness::processor_time;
use tidegate::{Gateway, Message, Request};

use self::world::Canned;

/// What they may cost a request, and a chunk of a stream beyond that, in microseconds.
const REQUEST: f64 = 4.0;
const CHUNK: f64 = 0.2;
/// The chunks of a short stream and of a long one: the difference is that of chunks alone.
const SHORT: usize = 1;
const LONG: usize = 501;
/// The calls under way where they are not made one after the other.
const MANY: usize = 16;

const ROUNDS: usize = 101;
/// The calls of a sample. A stream takes the time of many.
const CALLS: usize = 640;
const STREAMS: usize = 32;

const PROVIDERS: &str = r#"
providers.a = { protocol = "openai-chat", base_url = "http://a.test/v1", api_key = "k" }
providers.b = { protocol = "openai-chat", base_url = "http://b.test/v1", api_key = "k" }
"#;
const NONE: &str = r#"
[routes.chat]
targets = ["a/m", "b/m"]
breaker = { enabled = false }
"#;
/// The breaker and the retry budget are on by themselves.
const ALL: &str = r#"
[routes.chat]
targets = ["a/m", "b/m"]
balance = "latency"
concurrency = { max = 64 }
health_check = {}
hedge = {}
reject = { empty = true, content_filter = true }
stream = { on_interrupt = "restart" }
fallback = { reply = "We are busy, please try later." }
"#;

fn main() -> ExitCode {
    let beside = |work: Work, chunks| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let gateway = |route: &str| {
            let gateway = Gateway::from_toml(&format!("{PROVIDERS}{route}")).expect("a configuration");
            gateway.with_world(Canned::new(chunks, work.callers))
        };
        let (none, all) = (gateway(NONE), gateway(ALL));
        runtime.block_on(beside(&none, &all, work))
    };
    let plain = Work { callers: 1, calls: CALLS, streams: false };
    let (alone, crowded) = (beside(plain, SHORT), beside(Work { callers: MANY, ..plain }, SHORT));
    let short = beside(Work { streams: true, ..plain }, SHORT);
    let long = beside(Work { streams: true, calls: STREAMS, ..plain }, LONG);
    let more = (LONG - SHORT) as f64;
    let chunk = |of: fn(&Cost) -> f64| (of(&long) - of(&short)) / more;
    let chunk = Cost { none: chunk(|cost| cost.none), all: chunk(|cost| cost.all), beyond: chunk(|cost| cost.beyond) };

    println!("{:28} {:>9} {:>9} {:>9}", "microseconds of CPU", "none", "all", "beyond");
    let rows = [
        ("a request", alone, REQUEST),
        ("a request of many", crowded, REQUEST),
        ("a stream of one chunk", short, REQUEST),
        ("a further chunk", chunk, CHUNK),
    ];
    let mut missed = false;
    for (name, Cost { none, all, beyond }, target) in rows {
        missed |= beyond > target;
        let mark = if beyond > target { "  above the target" } else { "" };
        println!("{name:28} {none:>9.3} {all:>9.3} {beyond:>9.3}{mark}");
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What a sample is of.
#[derive(Clone, Copy)]
struct Work {
    callers: usize,
    calls: usize,
    streams: bool,
}

/// What one call takes, in microseconds: the medians of the rounds.
struct Cost {
    none: f64,
    all: f64,
    /// The median of the differences.
    beyond: f64,
}

async fn beside(none: &Gateway, all: &Gateway, work: Work) -> Cost {
    // Latencies have to be known, and caches warm.
    sample(none, work).await;
    sample(all, work).await;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        if round % 2 == 0 {
            let without = sample(none, work).await;
            rounds.push((without, sample(all, work).await));
        } else {
            let with = sample(all, work).await;
            rounds.push((sample(none, work).await, with));
        }
    }
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut found: Vec<f64> = rounds.iter().map(of).collect();
        found.sort_by(f64::total_cmp);
        found[found.len() / 2]
    };
    Cost { none: median(|round| round.0), all: median(|round| round.1), beyond: median(|round| round.1 - round.0) }
}

/// The microseconds that one call takes.
async fn sample(gateway: &Gateway, work: Work) -> f64 {
    let began = processor_time();
    let caller = |_| async {
        for _ in 0..work.calls / work.callers {
            call(gateway, work.streams).await;
        }
    };
    join_all((0..work.callers).map(caller)).await;
    (processor_time() - began).as_secs_f64() * 1e6 / work.calls as f64
}

async fn call(gateway: &Gateway, streams: bool) {
    let request = Request::chat("chat", vec![Message::user("What is the tide?")]);
    if streams {
        let mut events = gateway.stream(request).await.expect("a stream");
        while let Some(event) = events.next().await {
            std::hint::black_box(&event.expect("an event"));
        }
    } else {
        std::hint::black_box(&gateway.chat(request).await.expect("an answer"));
    }
}
