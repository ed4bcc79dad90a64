//! Replays recorded provider traffic through the public gateway and compares it with facts that were derived
//! independently. `make corpus` runs it; `tests/corpus/README.md` explains it.

mod answer;
mod ask;
mod crossed;
mod encoder;
mod generate;
mod next;
mod options;
mod record;
mod replay;
mod report;
mod same;
mod schema;
mod seed;
mod server;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use options::Options;
use record::{Api, Record};
use replay::{Stage, Verdict};
use schema::Schemas;
use tokio::task::JoinSet;

fn main() -> ExitCode {
    let outcome = Options::read(std::env::args().skip(1)).and_then(|options| {
        if !options.dir.is_dir() {
            return absent(&options);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.map_err(|error| format!("no runtime: {error}"))?.block_on(run(&options))
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::from(2)
        }
    }
}

fn absent(options: &Options) -> Result<bool, String> {
    let place = options.dir.display();
    if options.allow_missing {
        println!("there is no corpus at {place}, nothing was replayed (--allow-missing)");
        return Ok(true);
    }
    Err(format!("there is no corpus at {place}: give its place with --dir, or go without it with --allow-missing"))
}

async fn run(options: &Options) -> Result<bool, String> {
    let schemas = Arc::new(Schemas::load(&options.specs)?);
    let only = options.only.as_ref();
    let (mut records, mut verdicts, mut total) = (Vec::new(), Vec::new(), 0);
    for api in Api::ALL {
        for line in record::load(&options.dir, api)? {
            total += 1;
            match line {
                Ok(record) => records.push(record),
                Err(line) => verdicts.push(Verdict::unreadable(api, line)),
            }
        }
    }
    verdicts.extend(generate::run(options.requests, only, &schemas).await?);
    verdicts.extend(crossed::run(&records, only, &schemas).await?);
    records.retain(|record| only.is_none_or(|only| only.is_match(&record.id)));
    verdicts.extend(replay(records, &schemas).await?);
    verdicts.sort_by(|a, b| (a.api, a.group, &a.id).cmp(&(b.api, b.group, &b.id)));
    report::print(verdicts, total, options)
}

/// Replays all exchanges, those of different providers side by side.
async fn replay(records: Vec<Record>, schemas: &Arc<Schemas>) -> Result<Vec<Verdict>, String> {
    let mut groups: BTreeMap<(Api, String), Vec<Record>> = BTreeMap::new();
    for record in records {
        groups.entry((record.api, record.provider.clone())).or_default().push(record);
    }
    let mut tasks = JoinSet::new();
    for ((api, provider), records) in groups {
        let schemas = Arc::clone(schemas);
        tasks.spawn(async move {
            let stage = Stage::open(api, &provider, "refuse").await?;
            let mut verdicts = Vec::with_capacity(records.len());
            for record in records {
                verdicts.push(stage.replay(&record, &schemas).await);
            }
            Ok::<_, String>(verdicts)
        });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.extend(done.map_err(|error| format!("a replay ended early: {error}"))??);
    }
    Ok(all)
}
