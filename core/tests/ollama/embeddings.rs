use serde_json::{Value, json};
use tidegate::Kind;
use tidegate::sim::Answer;

use super::House;

#[test]
fn texts_become_vectors() {
    let body =
        json!({"model": "nomic-embed-text:latest", "embeddings": [[0.5, -1], [2, 0.25]], "prompt_eval_count": 4});
    let house = House::new(Answer::json(200, &body));
    let asked = json!({"model": "ollama/nomic-embed-text", "input": ["a", "b"], "dimensions": 2,
        "extra": {"truncate": false}});
    let reply = house.embed(asked).unwrap();
    assert_eq!(reply.vectors, [[0.5, -1.0], [2.0, 0.25]]);
    assert_eq!((reply.model.as_str(), reply.usage.unwrap().input_tokens), ("nomic-embed-text:latest", 4));
    assert_eq!(
        house.sent(),
        json!({"model": "nomic-embed-text", "input": ["a", "b"], "dimensions": 2, "truncate": false})
    );
    assert_eq!(house.sim.exchanges()[0].url.path(), "/api/embed");
}

#[test]
fn what_is_no_answer() {
    let embed = |body: Value| {
        House::new(Answer::json(200, &body)).embed(json!({"model": "r", "input": ["a", "b"]})).unwrap_err()
    };
    assert_eq!(embed(json!({"embeddings": []})).get("reason"), Some("empty_response"));
    assert_eq!(embed(json!({"embeddings": [[1]]})).get("reason"), Some("malformed_response"));
    assert_eq!(embed(json!({"error": "this model does not support embeddings"})).kind(), Kind::Server);
    let house = House::new(Answer::json(200, &json!({})));
    let error = house.embed(json!({"model": "r", "input": "a", "input_type": "query"})).unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("input_type")));
}
