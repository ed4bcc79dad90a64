//! The profiles of `profiles/` on the simulator: ours beside no gateway, three tries, and retries with a fallback.

use tidegate::Config;
use tidegate::chaos::{Baseline, Figures, Profile, Report, baseline, simulate};

use crate::Table;

/// The figures are about a route for each of them; the file beside has the same without policies of its own.
const CONFIG: &str = include_str!("../tidegate.toml");

/// What a profile is to show: its name and text, the route's settings, and the most of failed calls in percent.
const PROFILES: [(&str, &str, &str, f64); 6] = [
    ("A: 1 % errors on both", include_str!("../profiles/a.toml"), "", 0.02),
    ("B: 5 % errors on both", include_str!("../profiles/b.toml"), "", 0.2),
    ("C: the primary down for 60 s", include_str!("../profiles/c.toml"), "", 0.05),
    ("D: the primary at 30 % errors for 60 s", include_str!("../profiles/d.toml"), "", 0.05),
    ("E: the primary flapping, 5 s up and 5 s down", include_str!("../profiles/e.toml"), "", 0.1),
    ("F: everything down", include_str!("../profiles/f.toml"), "", 100.0),
];

/// Prints the table of all profiles, and the figures that are about latency.
pub fn run(seeds: u64, table: &mut Table) {
    println!("on the simulator, the mean of {seeds} seeds: failed calls in percent, attempts a call, p95\n");
    println!("{:<46} {:>20} {:>20} {:>20} {:>20}", "", "no gateway", "three tries", "retry + fallback", "tidegate");
    let mut kept = Vec::new();
    for (name, profile, route, most) in PROFILES {
        let figures = four(profile, route, seeds);
        let cells: Vec<String> = figures.iter().map(Mean::cell).collect();
        println!("{name:<46} {:>20} {:>20} {:>20} {:>20}", cells[0], cells[1], cells[2], cells[3]);
        kept.push((name, figures[3].failed, most));
    }
    println!();
    for (name, failed, most) in kept {
        table.row(if name.starts_with('A') { "Q1" } else { "Q2" }, name, failed, "%", most);
    }
    brownout(seeds, table);
    tail(seeds, table);
}

/// When the brownout of its profile begins, in seconds.
const BROWNOUT: u64 = 60;

/// Q3: one in ten of the primary's answers takes ten times as long.
fn brownout(seeds: u64, table: &mut Table) {
    let profile = include_str!("../profiles/q3-brownout.toml");
    for seed in 1..=seeds {
        let report = ours(profile, "balance = 'latency'", seed);
        let late = report.after.series.iter().filter(|point| point.at.as_secs() >= BROWNOUT + 10);
        let late: Vec<f64> = late.filter_map(|point| point.p95).map(|time| time.as_secs_f64()).collect();
        let p95 = late.iter().sum::<f64>() / late.len() as f64;
        table.row("Q3", &format!("brownout, seed {seed}: p95 after 10 s"), p95, "s", 2.0);
        let extra = (report.after.attempts_per_request - 1.0) * 100.0;
        table.row("Q3", &format!("brownout, seed {seed}: further attempts"), extra, "%", 5.0);
    }
}

/// Q7: two in a hundred answers take ten times as long, and as many may be hedged. Where chance makes a few more of them slow in
/// an hour, some are left that nobody may hedge, and p99.9 is that of a slow answer: so it is judged by the median of the seeds.
fn tail(seeds: u64, table: &mut Table) {
    let profile = include_str!("../profiles/q7-tail.toml");
    let mut tails = Vec::new();
    for seed in 1..=seeds {
        let plain = ours(profile, "", seed).after.latency;
        let hedged = ours(profile, "hedge = { max_share = 0.02 }", seed).after;
        let against = |ours: std::time::Duration, plain: std::time::Duration| ours.as_secs_f64() / plain.as_secs_f64();
        let (p99, p999) = (against(hedged.latency.p99, plain.p99), against(hedged.latency.p999, plain.p999));
        table.row("Q7", &format!("2 % slow, seed {seed}: p99 beside unhedged"), p99, "x", 0.5);
        println!("Q7    2 % slow, seed {seed}: p99.9 beside unhedged {p999:>27.4} x");
        tails.push(p999);
        table.row(
            "Q7",
            &format!("2 % slow, seed {seed}: hedges"),
            hedged.attempts_per_request * 100.0 - 100.0,
            "%",
            2.0,
        );
    }
    tails.sort_by(f64::total_cmp);
    let median = tails.get(tails.len() / 2).copied().unwrap_or_default();
    table.row("Q7", &format!("2 % slow, the median of {seeds} seeds: p99.9 beside unhedged"), median, "x", 0.35);
}

/// The mean over the seeds.
struct Mean {
    failed: f64,
    attempts: f64,
    p95: f64,
}

impl Mean {
    fn of(figures: &[Figures]) -> Self {
        let mean = |value: &dyn Fn(&Figures) -> f64| figures.iter().map(value).sum::<f64>() / figures.len() as f64;
        Mean {
            failed: mean(&|one| one.error_rate * 100.0),
            attempts: mean(&|one| one.attempts_per_request),
            p95: mean(&|one| one.latency.p95.as_secs_f64()),
        }
    }

    fn cell(&self) -> String {
        format!("{:.3} % {:.3} {:.2} s", self.failed, self.attempts, self.p95)
    }
}

fn four(profile: &str, route: &str, seeds: u64) -> [Mean; 4] {
    let (config, profile) = read(profile, route);
    let by = |who: Baseline| -> Vec<Figures> {
        (1..=seeds).map(|seed| right(baseline(&config, &profile, who, seed))).collect()
    };
    let ours: Vec<Figures> = (1..=seeds).map(|seed| right(simulate(&config, &profile, seed)).after).collect();
    [by(Baseline::None), by(Baseline::ThreeTries), by(Baseline::RetryAndFallback), ours]
        .map(|figures| Mean::of(&figures))
}

fn ours(profile: &str, route: &str, seed: u64) -> Report {
    let (config, profile) = read(profile, route);
    right(simulate(&config, &profile, seed))
}

fn read(profile: &str, route: &str) -> (Config, Profile) {
    let config = CONFIG.replace("[routes.chat]", &format!("[routes.chat]\n{route}"));
    (right(Config::from_toml(&config)), right(Profile::from_toml(profile)))
}

/// These files are the repository's own.
fn right<T>(result: tidegate::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}
