//! Prints the table of built-in providers: `make generate` writes it to `core/PROVIDERS.md`.
#![allow(clippy::print_stdout, reason = "it is what this program does")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tidegate::providers;

const INTRODUCTION: &str = "\
# Built-in providers

Generated from the rows in `core/src/providers/` by `make generate`.

A provider is used as `NAME/MODEL`, and configured in a table `[providers.NAME]`. Its key is the first of these variables that is
set, or `api_key` in its table. One without an address has another for each account: its table says `base_url`. What stands in
braces there is a key of the table. Clouds take other credentials than a key: see `access_key_id`, `profile`, `credentials` and
`credentials_file` in the configuration's schema. The servers on this machine need no key, but are sent the one that their table has.

The last column is what requests are refused for before they are sent, by the names of `Features` in `core/src/providers/mod.rs`.
What a model cannot do, or what is not known, the provider's answer says.

| name | protocol | address | key | cannot do |
| --- | --- | --- | --- | --- |
";

fn main() {
    print!("{}", table());
}

/// The document.
pub fn table() -> String {
    let rows: BTreeMap<_, _> = providers::builtin()
        .filter(|provider| !provider.simulated)
        .map(|provider| {
            let address = if provider.base_url.is_empty() { "of its own".to_owned() } else { code(provider.base_url) };
            let keys = list(provider.key_env.iter().copied());
            // Where it is missing, the marker is left out and nothing is refused.
            let missing = list(provider.dialect.can.missing().filter(|name| *name != "cache_control"));
            (provider.name, format!("{} | {address} | {keys} | {missing}", code(provider.protocol)))
        })
        .collect();
    let mut table = rows.into_iter().fold(INTRODUCTION.to_owned(), |mut table, (name, row)| {
        let _ = writeln!(table, "| {} | {row} |", code(name));
        table
    });
    let ranking: BTreeSet<_> = providers::builtin()
        .filter(|provider| provider.dialect.rerank.is_some() && !provider.simulated)
        .map(|provider| provider.name)
        .collect();
    let _ = writeln!(
        table,
        "\nRankings (`rerank`): {}; and any server that is configured by its protocol `openai-chat`.",
        list(ranking.into_iter())
    );
    table
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn list(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.map(code).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}
