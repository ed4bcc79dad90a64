//! What the fuzzer kept is checked again, and a few new inputs are tried.

use tidegate_fuzz::run::{replay, run, save};
use tidegate_fuzz::target::Target;

#[test]
fn kept_inputs_and_a_few_new_ones() {
    for target in Target::all() {
        replay(&target).unwrap();
        if let Some((input, problem)) = run(&target, 200, 7).broken {
            panic!("{}: {problem}, by the input {}", target.name, save(&target, &input, "broken-7"));
        }
    }
}
