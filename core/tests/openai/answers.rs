use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Message, Request};

use super::House;

/// The text of a stream of these choices.
fn streamed(provider: &str, choices: &[Value]) -> String {
    let chunk = |choice: &Value| json!({"id": "c1", "model": "m", "choices": [choice]}).to_string();
    let events = choices.iter().map(chunk).chain(["[DONE]".to_owned()]);
    let house = House::new(provider, Answer::sse(events), "refuse");
    house.sim.run(async {
        let mut stream = house.gateway.stream(Request::chat("r", vec![Message::user("hi")])).await.unwrap();
        let mut text = String::new();
        while let Some(event) = stream.next().await {
            text.push_str(event.unwrap().text().unwrap_or_default());
        }
        text
    })
}

#[test]
fn a_stream_is_its_deltas_and_a_whole_answer_its_message() {
    let both = |message: &str, delta: &str, reason: Value| {
        json!({
            "index": null,
            "message": {"role": "assistant", "content": message},
            "delta": {"role": "assistant", "content": delta},
            "finish_reason": reason,
        })
    };
    let chunks =
        [both("One", "One", Value::Null), both("One two", " two", Value::Null), both("One two", "", json!("stop"))];
    assert_eq!(streamed("perplexity", &chunks), "One two");

    let whole = json!({"id": "c1", "model": "m", "choices": [both("One two", "", json!("stop"))]});
    let house = House::new("perplexity", Answer::json(200, &whole), "refuse");
    assert_eq!(house.chat(json!({"messages": [{"role": "user", "content": "hi"}]})).unwrap().text(), "One two");
}
