//! The table, the failures, and the last line.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::options::Options;
use crate::record::Api;
use crate::replay::Verdict;

/// An exchange that is held to be wrong itself.
#[derive(Deserialize)]
struct Exception {
    id: String,
    reason: String,
}

/// At most one exchange in this many may be excepted.
const EXCEPTIONS_ONE_IN: usize = 200;

/// Prints the outcome. False where anything failed.
pub fn print(verdicts: Vec<Verdict>, total: usize, options: &Options) -> Result<bool, String> {
    let exceptions: Vec<Exception> = serde_json::from_str(include_str!("../exceptions.json"))
        .map_err(|error| format!("tests/corpus/exceptions.json: {error}"))?;
    if exceptions.len() * EXCEPTIONS_ONE_IN > total {
        return Err(format!("{} exceptions of {total} exchanges are more than 1 in 200", exceptions.len()));
    }
    let excepted = |verdict: &Verdict| exceptions.iter().find(|exception| exception.id == verdict.id);
    table(&verdicts);
    let (mut passed, mut failed) = (0, 0);
    for verdict in &verdicts {
        match (verdict.passed(), excepted(verdict)) {
            (true, None) => passed += 1,
            (false, Some(exception)) => println!("excepted {}: {}", verdict.id, exception.reason),
            (true, Some(_)) => {
                failed += 1;
                println!("failed {}: it is listed as an exception and passes", verdict.id);
            }
            (false, None) => {
                failed += 1;
                explain(verdict, options.verbose);
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn explain(verdict: &Verdict, verbose: bool) {
    let shown = if verbose { usize::MAX } else { 1 };
    for (check, difference) in verdict.differences().take(shown) {
        println!("failed {} {check} {difference}", verdict.id);
    }
}

/// Passed and failed.
#[derive(Default)]
struct Count(usize, usize);

impl Count {
    fn add(&mut self, passed: bool) {
        if passed { self.0 += 1 } else { self.1 += 1 }
    }
}

#[derive(Default)]
struct Row {
    exchanges: usize,
    decode: Count,
    encode: Count,
    schema: Count,
    next: Count,
}

fn table(verdicts: &[Verdict]) {
    let mut rows: BTreeMap<(Api, &str), Row> = BTreeMap::new();
    for verdict in verdicts {
        let row = rows.entry((verdict.api, verdict.group)).or_default();
        row.exchanges += 1;
        if let Some(decode) = &verdict.decode {
            row.decode.add(decode.is_empty());
        }
        if let Some(encode) = &verdict.encode {
            row.encode.add(encode.is_empty());
        }
        if let Some(schema) = &verdict.schema {
            row.schema.add(schema.is_empty());
        }
        if let Some(next) = &verdict.next {
            row.next.add(next.is_empty());
        }
    }
    print!("{:<28} {:>9}", "", "exchanges");
    for check in ["decode", "encode", "schema", "next"] {
        print!(" | {check:>6} {:>6}", "failed");
    }
    for ((_, group), row) in rows {
        print!("\n{group:<28} {:>9}", row.exchanges);
        for Count(passed, failed) in [row.decode, row.encode, row.schema, row.next] {
            print!(" | {passed:>6} {failed:>6}");
        }
    }
    println!("\n");
}
