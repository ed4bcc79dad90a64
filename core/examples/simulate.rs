//! Tries a configuration against a chaos profile, beside callers without a gateway:
//! `cargo run --release --example simulate -- tidegate.toml profile.toml [report.html]`
#![allow(missing_docs, clippy::print_stdout)]

use tidegate::Config;
use tidegate::chaos::{Baseline, Figures, Profile, baseline, simulate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = std::env::args().skip(1);
    let (Some(config), Some(profile)) = (files.next(), files.next()) else {
        return Err("give a configuration and a profile".into());
    };
    let (config, profile) = (Config::from_file(config)?, Profile::from_file(profile)?);
    let report = simulate(&config, &profile, 1)?;
    println!("{:<20} {:>9} {:>8} {:>8} {:>8} {:>9} {:>12}", "", "failed", "p50", "p95", "p99.9", "attempts", "cost");
    row("no gateway", &report.before);
    row("three tries", &baseline(&config, &profile, Baseline::ThreeTries, 1)?);
    row("retry and fallback", &baseline(&config, &profile, Baseline::RetryAndFallback, 1)?);
    row("tidegate", &report.after);
    if let Some(file) = files.next() {
        std::fs::write(file, report.html())?;
    }
    Ok(())
}

fn row(name: &str, figures: &Figures) {
    let (share, latency) = (100.0 * figures.error_rate, figures.latency);
    let [p50, p95, p999] = [latency.p50, latency.p95, latency.p999].map(|time| time.as_secs_f64());
    let (attempts, cost) = (figures.attempts_per_request, figures.cost);
    println!("{name:<20} {share:>7.3} % {p50:>6.2} s {p95:>6.2} s {p999:>6.2} s {attempts:>9.3} {cost:>8.8} USD");
}
