use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{FinishReason, Message, Request};

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

#[test]
fn cached_tokens_are_read_under_every_name() {
    let table = [
        (json!({"prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3}}), (4, 3)),
        (json!({"cached_tokens": 4}), (4, 0)),
        (json!({"prompt_cache_hit_tokens": 4}), (4, 0)),
        (json!({"prompt_tokens_details": {"cached_tokens": 0, "cache_creation_input_tokens": 3}}), (0, 3)),
        (json!({"cache_read_input_tokens": 4, "cache_creation_input_tokens": 3}), (4, 3)),
    ];
    for (mut usage, want) in table {
        usage["prompt_tokens"] = json!(20);
        usage["completion_tokens"] = json!(5);
        let choice = json!({"index": 0, "message": {"content": "hi"}, "finish_reason": "content_filter: RECITATION"});
        let answer = json!({"id": "c1", "model": "m", "choices": [choice], "usage": usage});
        let house = House::new("moonshot", Answer::json(200, &answer), "refuse");
        let reply = house.chat(json!({"messages": [{"role": "user", "content": "hi"}]})).unwrap();
        let counts = reply.usage.unwrap();
        assert_eq!((counts.cached_input_tokens, counts.cache_write_tokens), want, "{usage}");
        assert_eq!(reply.finish_reason, FinishReason::ContentFilter);
    }
}

#[test]
fn thinking_comes_in_a_block_of_its_own_too() {
    let summary = json!([{"type": "summary_text", "text": "They greet.", "signature": "s1"}]);
    let content = json!([{"type": "reasoning", "summary": summary}, {"type": "text", "text": "Hello"}]);
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"});
    let answer = json!({"id": "c1", "model": "m", "choices": [choice]});
    let house = House::new("databricks", Answer::json(200, &answer), "refuse");
    let reply = house.chat(json!({"messages": [{"role": "user", "content": "hi"}]})).unwrap();
    assert_eq!((reply.text().as_ref(), reply.reasoning().as_deref()), ("Hello", Some("They greet.")));
}
