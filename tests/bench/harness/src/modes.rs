//! The modes. Each warms up, then counts processor time and wall time of what follows.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Client;
use crate::usage::{cpu, resident};

/// How long a client runs before it is measured: connections, caches, branch predictors.
const WARM: Duration = Duration::from_millis(500);

pub async fn measure<C: Client>(client: C, mode: &str, seconds: f64, started: Instant) -> Value {
    let time = Duration::from_secs_f64(seconds);
    match mode {
        "first" => {
            client.call().await;
            json!({"first_s": started.elapsed().as_secs_f64(), "rss_kb": resident()})
        }
        "seq" | "large" => {
            callers(&client, 1, WARM).await;
            count(1, callers(&client, 1, time)).await
        }
        "conc64" => {
            callers(&client, 64, WARM).await;
            count(1, callers(&client, 64, time)).await
        }
        "stream1" => {
            streams(&client, WARM).await;
            count(500, streams(&client, time)).await
        }
        "stream32" => {
            at_once(&client, 32).await;
            count(250, at_once(&client, 32)).await
        }
        _ => panic!("no mode {mode}"),
    }
}

/// Runs what yields the seconds each answer took, `units` counted for each.
async fn count(units: usize, run: impl Future<Output = Vec<f64>>) -> Value {
    let (cpu_before, clock) = (cpu(), Instant::now());
    let mut latencies = run.await;
    let (cpu, wall) = (cpu() - cpu_before, clock.elapsed().as_secs_f64());
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies[((latencies.len() as f64 * share) as usize).min(latencies.len() - 1)] * 1e6;
    let n = (latencies.len() * units) as f64;
    json!({
        "n": n, "cpu_us": cpu / n * 1e6, "per_s": n / wall, "p50_us": at(0.5), "p99_us": at(0.99), "rss_kb": resident()
    })
}

/// `number` callers, each asking again as soon as it has its answer.
async fn callers<C: Client>(client: &C, number: usize, time: Duration) -> Vec<f64> {
    let end = Instant::now() + time;
    let caller = |client: C| async move {
        let mut latencies = Vec::new();
        while Instant::now() < end {
            let clock = Instant::now();
            assert!(client.call().await > 0, "no usage");
            latencies.push(clock.elapsed().as_secs_f64());
        }
        latencies
    };
    let tasks: Vec<_> = (0..number).map(|_| tokio::spawn(caller(client.clone()))).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.expect("a caller failed"));
    }
    all
}

/// One stream after another.
async fn streams<C: Client>(client: &C, time: Duration) -> Vec<f64> {
    let end = Instant::now() + time;
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let clock = Instant::now();
        assert_eq!(client.stream().await, 500, "chunks with text");
        latencies.push(clock.elapsed().as_secs_f64());
    }
    latencies
}

/// `number` streams side by side, once.
async fn at_once<C: Client>(client: &C, number: usize) -> Vec<f64> {
    let stream = |client: C| async move {
        let clock = Instant::now();
        assert_eq!(client.stream().await, 250, "chunks with text");
        clock.elapsed().as_secs_f64()
    };
    let tasks: Vec<_> = (0..number).map(|_| tokio::spawn(stream(client.clone()))).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.expect("a stream failed"));
    }
    all
}
