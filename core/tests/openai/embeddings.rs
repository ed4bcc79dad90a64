use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Request, Response, Result};

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
    ] {
        let error = embed(data.clone()).unwrap_err();
        assert_eq!(error.get("reason"), Some("malformed_response"), "{data}: {error:?}");
    }
}
