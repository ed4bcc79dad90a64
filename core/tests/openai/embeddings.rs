use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Kind, Request, Response, Result};

use super::House;

/// What comes of three texts that are answered with these vectors.
fn embed(data: Value) -> Result<Response> {
    let house = House::new("openai", Answer::json(200, &json!({"model": "m", "data": data})), "refuse");
    let texts = ["a", "b", "c"].map(str::to_owned);
    house.sim.run(house.gateway.embed(Request::embed("r", texts.to_vec())))
}

#[test]
fn a_vector_belongs_to_the_text_with_its_index() {
    let item = |index: usize, value: f32| json!({"index": index, "embedding": [value]});
    let reply = embed(json!([item(2, 3.0), item(0, 1.0), item(1, 2.0)])).unwrap();
    assert_eq!(reply.vectors, [[1.0], [2.0], [3.0]]);
    let unnumbered = embed(json!([{"embedding": [1]}, {"embedding": [2]}, {"embedding": [3]}])).unwrap();
    assert_eq!(unnumbered.vectors, reply.vectors);
}

#[test]
fn vectors_that_do_not_match_the_texts_are_an_error() {
    let item = |index: usize| json!({"index": index, "embedding": [1]});
    for data in [
        json!([item(0), item(1)]),
        json!([item(0), item(1), item(2), item(3)]),
        json!([item(0), item(1), item(1)]),
        json!([item(0), item(1), item(7)]),
        json!([item(0), item(1), {"embedding": [1]}]),
        json!([item(0), item(1), {"index": 2, "embedding": []}]),
        json!([item(0), item(1), {"index": 2, "embedding": [1, 2]}]),
        json!([item(0), item(1), {"index": 2, "embedding": "AACA"}]),
        json!([item(0), item(1), {"index": 2, "embedding": "AADAfw=="}]),
    ] {
        let error = embed(data.clone()).unwrap_err();
        assert_eq!(error.get("reason"), Some("malformed_response"), "{data}: {error:?}");
    }
}

#[test]
fn base64_is_asked_for_where_it_works_and_read_from_all() {
    let answer = json!({"model": "m", "data": [{"index": 0, "embedding": "AACAPwAAAMA="}]});
    for (provider, asked) in [
        ("openai", json!({"encoding_format": "base64"})),
        ("voyage", json!({"encoding_format": "base64"})),
        ("jina", json!({"embedding_type": "base64"})),
        ("mistral", json!({})),
        ("local", json!({})),
    ] {
        let (sent, reply) = one(provider, json!({}), &answer);
        assert_eq!(reply.unwrap().vectors, [[1.0, -2.0]]);
        assert_eq!(sent, with(&asked), "{provider}");
    }
    // What is not known may mean other bytes.
    let (sent, _) = one("voyage", json!({"extra": {"output_dtype": "int8"}}), &answer);
    assert_eq!(sent, with(&json!({"output_dtype": "int8"})));
}

#[test]
fn what_vectors_are_for_is_said_in_the_words_of_each_provider() {
    let answer = json!({"data": [{"embedding": [1]}]});
    for (provider, purpose, more) in [
        ("voyage", "query", json!({"input_type": "query"})),
        ("nvidia", "document", json!({"input_type": "passage"})),
        ("jina", "document", json!({"task": "retrieval.passage"})),
        ("jina", "similarity", json!({"task": "text-matching"})),
    ] {
        let (sent, reply) = one(provider, json!({"input_type": purpose}), &answer);
        assert!(reply.is_ok());
        for (field, word) in more.as_object().unwrap() {
            assert_eq!(&sent[field], word, "{provider}");
        }
    }
    for (provider, purpose) in [("openai", "query"), ("voyage", "clustering"), ("local", "document")] {
        let (sent, reply) = one(provider, json!({"input_type": purpose}), &answer);
        let error = reply.unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("input_type")), "{provider}");
        assert_eq!(sent, Value::Null);
    }
    let house = House::new("openai", Answer::json(200, &answer), "drop");
    let request = json!({"model": "r", "input": "a", "input_type": "query"});
    let reply = house.sim.run(house.gateway.embed(Request::from_value(request).unwrap())).unwrap();
    assert_eq!(reply.dropped, ["input_type"]);
}

#[test]
fn usage_and_cost_are_told() {
    for (usage, tokens) in [
        (json!({"prompt_tokens": 7, "total_tokens": 7}), 7),
        (json!({"total_tokens": 18}), 18),
        (json!({"prompt_tokens": 7, "total_tokens": 7, "cost": 0.000_000_14}), 7),
    ] {
        let cost = usage.get("cost").map(|_| 140);
        let answer = json!({"id": "e1", "data": [{"embedding": [1]}], "usage": usage});
        let reply = one("openrouter", json!({}), &answer).1.unwrap();
        let counted = reply.usage.unwrap();
        assert_eq!((counted.input_tokens, counted.output_tokens), (tokens, 0));
        assert_eq!((reply.cost.map(|cost| cost.nano_usd), reply.id.as_deref()), (cost, Some("e1")));
    }
}

/// What a provider is sent for one text, and what comes of this answer to it.
fn one(provider: &str, more: Value, answer: &Value) -> (Value, Result<Response>) {
    let name = if provider == "local" { "mine" } else { provider };
    let house = House::new(name, Answer::json(200, answer), "refuse");
    let mut request = json!({"model": "r", "input": ["a"]});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = house.sim.run(house.gateway.embed(Request::from_value(request).unwrap()));
    let sent = house.sim.exchanges();
    (sent.first().map_or(Value::Null, |it| serde_json::from_slice(&it.body).unwrap()), reply)
}

/// The body for one text, with these fields.
fn with(more: &Value) -> Value {
    let mut body = json!({"model": "m", "input": ["a"]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}
