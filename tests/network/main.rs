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
