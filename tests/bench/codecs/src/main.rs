//! What decoding costs beside parsing the same bytes into plain serde structs: for each protocol, an answer of about 2 kB and
//! a stream of some hundred pieces, both as the simulated vendor of the protocol writes them.
//!
//! Ours and the floor are measured in turns, and a ratio is that of neighbours, so that a machine that slows down favours
//! nobody. With a text as the only argument, only the protocols with it in their name.

mod floor;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use harness::processor_time;
use serde_json::json;
use tidegate::internals::Exchange;
use tidegate::{Request, Sim, providers};

/// How much dearer than the floor decoding may be.
const TARGET: f64 = 1.3;
const ROUNDS: usize = 25;
const SAMPLE: Duration = Duration::from_millis(8);

fn main() -> ExitCode {
    let only = std::env::args().nth(1).unwrap_or_default();
    let mut missed = false;
    println!("{:22} {:>7} {:>10} {:>10} {:>6}", "", "bytes", "ours", "floor", "ratio");
    for protocol in providers::protocols().filter(|protocol| protocol.contains(&only)) {
        for is_stream in [false, true] {
            let kind = if is_stream { "stream" } else { "whole" };
            let Some(parse) = floor::of(protocol, is_stream) else {
                println!("{protocol:22} {kind}: no floor is written for it");
                continue;
            };
            let (exchange, bytes) = answer(protocol, is_stream);
            let ours = || {
                let mut events = Vec::with_capacity(4);
                exchange.decode([bytes.as_slice()], &mut events).expect("an answer");
                events
            };
            let (ours, theirs, ratio) = beside(&ours, &|| parse(&bytes).expect("an answer"));
            missed |= ratio > TARGET;
            let mark = if ratio > TARGET { "  above the target" } else { "" };
            let name = format!("{protocol} {kind}");
            println!("{name:30} {:>7} {ours:>9.2}u {theirs:>9.2}u {ratio:>6.2}{mark}", bytes.len());
        }
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What the simulated vendor of a protocol answers.
fn answer(protocol: &str, is_stream: bool) -> (Exchange, Vec<u8>) {
    let words = "It is a quiet harbour, and the tide comes in twice a day. \"Mind the step\", says the keeper.\n";
    // Legacy completions end after 16 tokens unless they may have more.
    let request = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 4096});
    let request = Request::from_value(request).expect("a request");
    let exchange = Exchange::replying(protocol, request, is_stream, &words.repeat(22)).expect("a protocol");
    let sim = Sim::new(1);
    let (_, bytes) = sim.run(exchange.simulated(sim.clone())).expect("an answer");
    (exchange, bytes)
}

/// Microseconds of each, and the median of the rounds' ratios.
fn beside<A, B>(ours: &impl Fn() -> A, theirs: &impl Fn() -> B) -> (f64, f64, f64) {
    let mut samples: Vec<(f64, f64)> = Vec::with_capacity(ROUNDS);
    sample(ours);
    sample(theirs);
    for round in 0..ROUNDS {
        let pair = if round % 2 == 0 {
            let first = sample(ours);
            (first, sample(theirs))
        } else {
            let first = sample(theirs);
            (sample(ours), first)
        };
        samples.push(pair);
    }
    let median = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = samples.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    (median(&|pair| pair.0), median(&|pair| pair.1), median(&|pair| pair.0 / pair.1))
}

/// The microseconds of this thread's processor time that one run takes, over a few milliseconds of them.
fn sample<T>(work: &impl Fn() -> T) -> f64 {
    let began = processor_time();
    let mut runs = 0_u32;
    while processor_time() - began < SAMPLE {
        for _ in 0..8 {
            black_box(work());
        }
        runs += 8;
    }
    (processor_time() - began).as_secs_f64() * 1e6 / f64::from(runs)
}
