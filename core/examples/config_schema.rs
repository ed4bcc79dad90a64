//! Prints the JSON Schema of the configuration: `make generate` writes it to `core/config.schema.json`.
#![allow(clippy::print_stdout, reason = "it is what this program does")]

fn main() {
    println!("{:#}", tidegate::Config::schema());
}
