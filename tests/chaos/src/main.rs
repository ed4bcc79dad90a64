//! `make chaos`: what the policies make of outages, beside no gateway and the usual retries, in virtual time; and the same
//! promises kept by the real client over loopback.
//!
//! `--seeds N` (5), `--calls N` (100,000 for Q1), `--serve` only starts the server that fails, for the other languages.

mod loopback;
mod simulated;
mod upstream;

use std::process::ExitCode;
use std::time::Duration;

use loopback::Server;
use tokio::net::TcpListener;

struct Options {
    seeds: u64,
    calls: u64,
    serve: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options { seeds: 5, calls: 100_000, serve: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let value = arguments.next().and_then(|value| value.parse().ok());
            value.ok_or_else(|| format!("{argument} needs a number"))
        };
        match argument.as_str() {
            "--seeds" => options.seeds = number()?,
            "--calls" => options.calls = number()?,
            "--serve" => options.serve = true,
            _ => return Err(format!("unknown option {argument}, expected --seeds, --calls or --serve")),
        }
    }
    Ok(options)
}

/// The figures, and whether each is kept.
#[derive(Default)]
pub struct Table {
    missed: bool,
}

impl Table {
    /// Prints a figure beside the most that it may be.
    pub fn row(&mut self, name: &str, what: &str, value: f64, unit: &str, most: f64) {
        let verdict = if value <= most { "kept" } else { "MISSED" };
        self.missed |= value > most;
        println!("{name:<5} {what:<62} {value:>9.4} {unit:<3} <= {most:<7} {verdict}");
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    let run = async {
        if options.serve {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            println!("{}", listener.local_addr()?);
            upstream::serve(listener).await;
            return Ok(false);
        }
        let mut table = Table::default();
        simulated::run(options.seeds, &mut table);
        over_loopback(&options, &mut table).await?;
        Ok(table.missed)
    };
    let run: std::io::Result<bool> = run.await;
    match run {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The real client, real sockets, real time.
async fn over_loopback(options: &Options, table: &mut Table) -> std::io::Result<()> {
    let server = Server::start().await?;
    println!("\nthe real client over loopback\n");
    for seed in 1..=options.seeds {
        let a = server.load(&format!("a{seed}"), seed, (100, 0, 0), "", options.calls).await;
        let what = format!("profile A, {} calls, seed {seed}: failed", options.calls);
        table.row("Q1", &what, a.failed * 100.0, "%", 0.02);
    }
    let b = server.load("b", 1, (500, 0, 0), "", options.calls / 5).await;
    table.row("Q2", "profile B, 5 % errors on both: failed", b.failed * 100.0, "%", 0.2);
    let down = server.load("down", 1, (10_000, 0, 0), "breaker = { enabled = false }", options.calls / 5).await;
    table.row("Q4", "everything down, no breaker: attempts a call", down.attempts, "", 1.10);
    let open = server.load("open", 1, (10_000, 0, 0), "", options.calls / 5).await;
    table.row("Q5", "everything down: attempts a call", open.attempts, "", 0.20);
    table.row("Q5", "everything down: time to fail, p99", open.quantile(0.99).as_secs_f64() * 1e3, "ms", 5.0);
    let plain = server.load("plain", 1, (0, 200, 20), "", options.calls / 2).await;
    let hedged = server.load("hedged", 1, (0, 200, 20), "hedge = { max_share = 0.02 }", options.calls / 2).await;
    let against = |q| hedged.quantile(q).as_secs_f64() / plain.quantile(q).as_secs_f64();
    table.row("Q7", "2 % slow, hedged: p99 beside unhedged", against(0.99), "x", 0.5);
    table.row("Q7", "2 % slow, hedged: p99.9 beside unhedged", against(0.999), "x", 0.35);
    table.row("Q7", "2 % slow, hedged: further attempts", (hedged.attempts - 1.0) * 100.0, "%", 2.0);
    let closed = server.left_streams(2000).await?;
    let p99 = closed.get(closed.len() * 99 / 100).copied().unwrap_or(Duration::MAX);
    table.row("Q28", "2,000 streams left: the connection is closed, p99", p99.as_secs_f64() * 1e3, "ms", 100.0);
    let missed = server.deadlines(2000).await;
    let (early, late) = (missed.first().copied().unwrap_or(f64::NAN), missed.last().copied().unwrap_or(f64::NAN));
    table.row("Q29", "2,000 calls that stall, 300 ms: the latest is late by", late, "ms", 50.0);
    table.row("Q29", "2,000 calls that stall, 300 ms: the earliest is early by", -early, "ms", 0.0);
    Ok(())
}
