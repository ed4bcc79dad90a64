//! What goes wrong below HTTP: names, connections, TLS, HTTP/2, buffers and file descriptors, over loopback and through
//! [`Gateway`]. Tests are named by their row of the fault table. What can be said in data is in `wire/cases`.

mod certificates;
mod connections;
mod files;
mod frames;
mod http2;
mod names;
mod proxy;
mod server;
mod slow_consumer;
mod tls;

use std::path::Path;

use serde_json::{Value, json};
use tidegate::{Gateway, Live, Request};

/// A gateway whose providers `a`, `b`, .. are at these addresses, and whose route `r` is these settings over all of them.
fn gateway(world: Live, addresses: &[String], mut route: Value) -> Gateway {
    let names = ["a", "b", "c"];
    let providers: serde_json::Map<_, _> = names
        .iter()
        .zip(addresses)
        .map(|(name, address)| {
            let provider = json!({"protocol": "openai-chat", "base_url": format!("{address}/v1"), "api_key": "canary"});
            ((*name).to_owned(), provider)
        })
        .collect();
    route["targets"] = providers.keys().map(|name| format!("{name}/m")).collect();
    Gateway::from_value(json!({"providers": providers, "routes": {"r": route}})).unwrap().with_world(world)
}

/// A request for the route.
fn ask() -> Request {
    Request::from_value(json!({"model": "r", "messages": [{"role": "user", "content": "hi"}]})).unwrap()
}

/// What `FAULTS.md` says: files, and the functions of the file before them.
#[test]
fn the_table_of_faults_names_what_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let table = std::fs::read_to_string(root.join("tests/FAULTS.md")).unwrap();
    let mut rows = 0;
    for row in table.lines().filter(|line| line.starts_with("| F")) {
        let mut text = String::new();
        for name in row.split('`').skip(1).step_by(2) {
            if name.contains('/') {
                text = std::fs::read_to_string(root.join(name)).unwrap_or_else(|_| panic!("there is no file {name}"));
            } else {
                assert!(text.contains(&format!("fn {name}(")), "there is no test {name} where {row} says");
            }
        }
        rows += 1;
    }
    assert!(rows > 40, "{rows}");
}
