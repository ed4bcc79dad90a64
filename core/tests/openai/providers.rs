use serde_json::{Map, json};
use tidegate::sim::Answer;
use tidegate::{Gateway, Message, Request, Sim, providers};

#[allow(dead_code, reason = "its `main` is for `cargo run`")]
#[path = "../../examples/providers.rs"]
mod document;

const KEY: &str = "a-key-of-a-test";

/// Where a provider without an address of its own is in this test.
const OWN: &str = "https://own.test/v1";

#[test]
fn every_row_leads_to_its_address_with_its_key() {
    let rows = || providers::builtin().filter(|provider| provider.protocol == "openai-chat" && !provider.simulated);
    let base = |url: &'static str| if url.is_empty() { OWN } else { url };

    let sim = Sim::new(1);
    let message = json!({"role": "assistant", "content": "hello"});
    let choices = json!([{"message": message, "finish_reason": "stop"}]);
    let answer = json!({"id": "c1", "model": "m", "choices": choices, "data": [{"embedding": [1]}]});
    let mut tables = Map::new();
    for row in rows() {
        sim.on(base(row.base_url), Answer::json(200, &answer));
        let own = row.base_url.is_empty().then_some(OWN);
        tables.insert(row.name.to_owned(), json!({"api_key": KEY, "base_url": own}));
    }
    let gateway = Gateway::from_value(json!({"providers": tables})).unwrap().with_world(sim.clone());
    for row in rows() {
        let model = format!("{}/m", row.name);
        let path = if row.dialect.can.chat {
            let request = Request::chat(model, vec![Message::user("hi")]);
            assert_eq!(sim.run(gateway.chat(request)).unwrap().text(), "hello", "{}", row.name);
            "/chat/completions"
        } else {
            let request = Request::embed(model, vec!["hi".to_owned()]);
            assert_eq!(sim.run(gateway.embed(request)).unwrap().vectors, [[1.0]], "{}", row.name);
            "/embeddings"
        };
        let sent = sim.exchanges().pop().unwrap();
        assert_eq!(sent.url.to_string(), format!("{}{path}", base(row.base_url)), "{}", row.name);
        let is_key = |value: &&http::HeaderValue| value.to_str().is_ok_and(|text| text.ends_with(KEY));
        assert_eq!(sent.headers.values().filter(is_key).count(), 1, "{}", row.name);
    }
    assert_eq!(sim.exchanges().len(), rows().count());
}

#[test]
fn the_document_is_what_the_rows_say() {
    let document = include_str!("../../PROVIDERS.md");
    assert_eq!(document, document::table(), "core/PROVIDERS.md is out of date: run make generate");
    for provider in providers::builtin().filter(|provider| !provider.simulated) {
        assert!(document.contains(&format!("\n| `{}` | ", provider.name)), "{} is not listed", provider.name);
    }
}
