//! `make fuzz`: many broken answers for each target, or for those whose name has a text in it.

use std::process::ExitCode;

use tidegate_fuzz::run::{run, save};
use tidegate_fuzz::target::Target;

struct Options {
    runs: u64,
    only: String,
    seed: u64,
    keep: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options { runs: 10_000_000, only: String::new(), seed: 1, keep: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--keep" {
            options.keep = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{argument} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{argument} needs a number"));
        match argument.as_str() {
            "--runs" => options.runs = number()?,
            "--seed" => options.seed = number()?,
            "--only" => options.only = value,
            _ => return Err(format!("unknown option {argument}, expected --runs, --only, --seed or --keep")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    // A panic is reported with its input; its trace would only be noise.
    std::panic::set_hook(Box::new(|_| {}));
    let mut broken = false;
    for target in Target::all().iter().filter(|target| target.name.contains(&options.only)) {
        let report = run(target, options.runs, options.seed);
        let rate = report.runs as f64 / report.took.as_secs_f64();
        println!("{:30} {:>9} runs  {rate:>8.0}/s  {} kinds of outcome", target.name, report.runs, report.kept.len());
        if let Some((input, problem)) = &report.broken {
            broken = true;
            println!("  {problem}\n  its input is {}", save(target, input, &format!("broken-{}", options.seed)));
        }
        for (number, input) in report.kept.iter().enumerate().filter(|_| options.keep) {
            save(target, input, &format!("{}-{number:02}", options.seed));
        }
    }
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
