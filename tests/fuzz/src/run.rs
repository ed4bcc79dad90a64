//! Runs a target many times, and keeps what is new.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use crate::chance::Chance;
use crate::check::{check, signature};
use crate::seeds;
use crate::target::Target;

/// How many inputs are kept for a target, and the longest of them: the corpus is to stay small.
const KEPT: usize = 12;
const LONGEST_KEPT: usize = 1024;
/// After this time without a new input the one under way hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a run came to.
pub struct Report {
    pub runs: u64,
    pub took: Duration,
    /// The first input that broke a property, and which.
    pub broken: Option<(Vec<u8>, String)>,
    /// Inputs with outcomes that none before had.
    pub kept: Vec<Vec<u8>>,
}

/// Runs `runs` inputs of one seed.
pub fn run(target: &Target, runs: u64, seed: u64) -> Report {
    let done = AtomicU64::new(0);
    let under_way = Mutex::new(Vec::new());
    let started = Instant::now();
    let mut report = Report { runs: 0, took: Duration::ZERO, broken: None, kept: Vec::new() };
    thread::scope(|scope| {
        scope.spawn(|| watch(target, runs, &done, &under_way));
        let mut chance = Chance::new(seed);
        let mut known = HashSet::new();
        for number in 1..=runs {
            let input = target.input(&mut chance);
            under_way.lock().unwrap().clone_from(&input);
            match check(target, &input, &mut chance) {
                Ok(outcome) => {
                    let new = report.kept.len() < KEPT && input.len() <= LONGEST_KEPT;
                    if new && known.insert(signature(&outcome)) {
                        report.kept.push(input);
                    }
                }
                Err(problem) => {
                    report.broken = Some((input, problem));
                    report.runs = number;
                    break;
                }
            }
            report.runs = number;
            done.store(number, Ordering::Relaxed);
        }
        done.store(runs, Ordering::Relaxed);
    });
    report.took = started.elapsed();
    report
}

/// Ends the process with the input that hangs.
fn watch(target: &Target, runs: u64, done: &AtomicU64, under_way: &Mutex<Vec<u8>>) {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let now = done.load(Ordering::Relaxed);
        if now == runs {
            return;
        }
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if since.elapsed() > PATIENCE {
            eprintln!("{}: an input hangs, it is {}", target.name, save(target, &under_way.lock().unwrap(), "hangs"));
            process::exit(1);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Writes an input into the corpus, and says where it is.
pub fn save(target: &Target, input: &[u8], name: &str) -> String {
    let folder = seeds::home(&target.name);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, input).unwrap();
    file.display().to_string()
}

/// Checks what is kept for a target again, in pieces of many sizes.
pub fn replay(target: &Target) -> Result<usize, String> {
    let kept = seeds::kept(&target.name);
    for (name, input) in &kept {
        for seed in 0..4 {
            check(target, input, &mut Chance::new(seed))
                .map_err(|problem| format!("{}/{name}: {problem}", target.name))?;
        }
    }
    Ok(kept.len())
}
