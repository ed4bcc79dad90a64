//! Prints the JSON Schema of requests, responses, events and errors: `make generate` writes it to `core/model.schema.json`.
#![allow(clippy::print_stdout, reason = "it is what this program does")]

fn main() {
    println!("{:#}", tidegate::schema());
}
