//! The command line.

use std::path::{Path, PathBuf};

use regex::Regex;

/// What to run.
pub struct Options {
    /// Where the corpus is.
    pub dir: PathBuf,
    /// Where the vendors' schemas are.
    pub specs: PathBuf,
    /// Only exchanges whose id matches.
    pub only: Option<Regex>,
    /// How many requests to make up for each encoder.
    pub requests: usize,
    /// Prints every difference and not only the first of each exchange.
    pub verbose: bool,
    /// Succeeds where there is no corpus.
    pub allow_missing: bool,
}

const USAGE: &str =
    "usage: tidegate-corpus [--dir DIR] [--specs DIR] [--only REGEX] [--requests N] [--verbose] [--allow-missing]";

impl Options {
    pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        let mut options = Options {
            dir: shared.join("corpus"),
            specs: shared.join("specs"),
            only: None,
            requests: 500,
            verbose: false,
            allow_missing: false,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
            match argument.as_str() {
                "--dir" => options.dir = value()?.into(),
                "--specs" => options.specs = value()?.into(),
                "--only" => options.only = Some(Regex::new(&value()?).map_err(|error| error.to_string())?),
                "--requests" => {
                    options.requests = value()?.parse().map_err(|_| "--requests takes a number".to_owned())?;
                }
                "--verbose" => options.verbose = true,
                "--allow-missing" => options.allow_missing = true,
                other => return Err(format!("unknown argument '{other}'\n{USAGE}")),
            }
        }
        Ok(options)
    }
}
