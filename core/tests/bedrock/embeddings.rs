use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Kind, Response, Result};

use super::{House, request};

fn embed(model: &str, mut value: Value, body: &Value) -> (House, Result<Response>) {
    let house = House::of("bedrock", model, Answer::json(200, body));
    value["model"] = "r".into();
    let reply = house.sim.run(house.gateway.embed(request(value)));
    (house, reply)
}

#[test]
fn titan_takes_one_text() {
    let body = json!({"embedding": [0.5, -1], "inputTextTokenCount": 4, "embeddingsByType": {"float": [0.5, -1]}});
    let model = "amazon.titan-embed-text-v2:0";
    let (house, reply) = embed(model, json!({"input": "a", "dimensions": 256, "extra": {"normalize": true}}), &body);
    let reply = reply.unwrap();
    assert_eq!(reply.vectors, [[0.5, -1.0]]);
    assert_eq!(reply.usage.unwrap().input_tokens, 4);
    assert_eq!(house.sent(), json!({"inputText": "a", "dimensions": 256, "normalize": true}));
    assert_eq!(house.sim.exchanges()[0].url.path(), "/model/amazon.titan-embed-text-v2%3A0/invoke");

    let (house, reply) = embed(model, json!({"input": ["a", "b"]}), &body);
    let error = reply.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("input")));
    assert!(house.sim.exchanges().is_empty());
    let (_, reply) = embed("amazon.titan-embed-text-v1", json!({"input": "a", "dimensions": 256}), &body);
    assert_eq!(reply.unwrap_err().get("field"), Some("dimensions"));
}

#[test]
fn cohere_takes_many() {
    let model = "cohere.embed-v4:0";
    let plain =
        json!({"embeddings": [[1], [2]], "id": "e1", "response_type": "embeddings_floats", "texts": ["a", "b"]});
    let (house, reply) = embed(model, json!({"input": ["a", "b"], "dimensions": 512}), &plain);
    let reply = reply.unwrap();
    assert_eq!((reply.vectors, reply.id.as_deref()), (vec![vec![1.0], vec![2.0]], Some("e1")));
    assert_eq!(house.sent(), json!({"texts": ["a", "b"], "input_type": "search_document", "output_dimension": 512}));

    let typed = json!({"embeddings": {"float": [[1], [2]], "int8": [[1], [2]]}});
    let extra =
        json!({"input": ["a", "b"], "extra": {"input_type": "search_query", "embedding_types": ["float", "int8"]}});
    let (house, reply) = embed(model, extra, &typed);
    assert_eq!(reply.unwrap().vectors.len(), 2);
    assert_eq!(house.sent()["input_type"], "search_query");

    let (_, reply) = embed(model, json!({"input": ["a", "b", "c"]}), &plain);
    assert_eq!(reply.unwrap_err().get("reason"), Some("malformed_response"));
    let (_, reply) = embed(model, json!({"input": vec!["a"; 97]}), &plain);
    assert_eq!(reply.unwrap_err().get("field"), Some("input"));
}

#[test]
fn no_vector_is_an_error() {
    let (_, reply) = embed("amazon.titan-embed-text-v2:0", json!({"input": "a"}), &json!({"message": "?"}));
    assert_eq!(reply.unwrap_err().get("reason"), Some("empty_response"));
}
