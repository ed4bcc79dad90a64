//! Tidegate from Rust with every policy on.

use ours::Tidegate;

fn connect(base: &str) -> Tidegate {
    let config = include_str!("../../policies.json").replace("BASE", base);
    Tidegate::new(serde_json::from_str(&config).expect("JSON"), "bench")
}

fn main() {
    harness::run(connect);
}
