//! Tidegate from Rust, as a user has it by default.

use ours::Tidegate;
use serde_json::json;

fn connect(base: &str) -> Tidegate {
    let provider = json!({"protocol": "openai-chat", "base_url": base, "api_key": "sk-x"});
    Tidegate::new(json!({"providers": {"bench": provider}}), "bench/gpt-4o-mini")
}

fn main() {
    harness::run(connect);
}
