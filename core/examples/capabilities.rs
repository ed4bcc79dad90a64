//! Prints the table of what models can do: `make generate` writes it to `core/CAPABILITIES.md`.
#![allow(clippy::print_stdout, reason = "it is what this program does")]

use std::fmt::Write as _;

use tidegate::capabilities::{Ability, FAMILIES};

const INTRODUCTION: &str = "\
# What models can do

Generated from `core/src/capabilities/families.rs` by `make generate`.

A family is all models whose names begin so, behind makers, regions and folders: `gpt-4o` is `openai/gpt-4o-2024-11-20`, too. Where two
begin alike, the longer name holds. A model that is not listed can do all that its provider can ([PROVIDERS.md](PROVIDERS.md)): what is
not known is sent, and the answer decides. The table is not asked of servers whose names for models may mean anything: your own, those on
this machine, and deployments of Azure.

It is used for three things:

* A request that needs what the model lacks is refused before it is sent (`unsupported`), or goes without it (`on_unsupported = \"drop\"`).
* A route passes over a target that cannot do what is asked, at no cost of an attempt, and tries those last in whose context window the
  prompt has no room.
* JSON that follows a schema is asked for by a tool that has to be called, where a model has no schemas, the schema is that of an object,
  and the request has no tools of its own. Its arguments are the answer's text.

Sizes are in tokens: of prompt and answer together, and of the answer.

";

fn main() {
    print!("{}", table());
}

/// The document.
pub fn table() -> String {
    let titles: Vec<_> = Ability::ALL.iter().map(|ability| ability.title()).collect();
    let mut table = INTRODUCTION.to_owned();
    let _ = writeln!(table, "| family | protocol | context | output | {} |", titles.join(" | "));
    let _ = writeln!(table, "| --- | --- | ---: | ---: |{}", " --- |".repeat(titles.len()));
    for family in FAMILIES {
        let marks: Vec<_> = Ability::ALL.iter().map(|ability| if family.can(*ability) { "yes" } else { "-" }).collect();
        let protocol = family.protocol.map_or_else(|| "any".to_owned(), |name| format!("`{name}`"));
        let sizes = format!("{} | {}", family.context, family.output);
        let _ = writeln!(table, "| `{}` | {protocol} | {sizes} | {} |", family.name, marks.join(" | "));
    }
    table
}
