//! Plays every case of `cases/` against the public API, and cuts every stream of `sse/` at every byte.

mod case;
mod check;
mod cuts;
mod live;
mod outcome;
mod sim;
mod words;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let mut trials = case::all();
    trials.extend(cuts::all());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A test of this name.
fn trial(name: String, run: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, move || run().map_err(Into::into))
}
