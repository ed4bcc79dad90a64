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
    let reply = reply.unwrap();
    assert_eq!((reply.vectors.len(), reply.usage.unwrap().input_tokens), (2, 8));
    let sent = house.sim.exchanges().into_iter().map(|it| serde_json::from_slice::<Value>(&it.body).unwrap());
    assert_eq!(sent.collect::<Vec<_>>(), [json!({"inputText": "a"}), json!({"inputText": "b"})]);
    let (_, reply) = embed(model, json!({"input": "a", "input_type": "query"}), &body);
    let error = reply.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("input_type")));
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
    let (house, _) = embed(model, json!({"input": vec!["a"; 97]}), &plain);
    let sizes = house
        .sim
        .exchanges()
        .into_iter()
        .map(|it| serde_json::from_slice::<Value>(&it.body).unwrap()["texts"].as_array().unwrap().len());
    assert_eq!(sizes.collect::<Vec<_>>(), [96, 1]);
}

#[test]
fn cohere_is_told_what_vectors_are_for() {
    let answer = json!({"embeddings": [[1]]});
    for (purpose, word) in [
        ("query", "search_query"),
        ("document", "search_document"),
        ("classification", "classification"),
        ("clustering", "clustering"),
    ] {
        let (house, reply) = embed("cohere.embed-v4:0", json!({"input": "a", "input_type": purpose}), &answer);
        assert!(reply.is_ok());
        assert_eq!(house.sent()["input_type"], word);
    }
    let (_, reply) = embed("cohere.embed-v4:0", json!({"input": "a", "input_type": "similarity"}), &answer);
    assert_eq!(reply.unwrap_err().get("field"), Some("input_type"));
}

#[test]
fn models_that_rank() {
    let answer = json!({"results": [{"index": 1, "relevance_score": 0.5}, {"index": 0, "relevance_score": 0.75}]});
    let rank = |model: &str| {
        let house = House::of("bedrock", model, Answer::json(200, &answer));
        let asked = json!({"model": "r", "query": "q", "documents": ["a", "b"], "top_n": 2});
        let reply = house.sim.run(house.gateway.rerank(request(asked)));
        (house, reply)
    };
    let body = json!({"query": "q", "documents": ["a", "b"], "top_n": 2});
    let (house, reply) = rank("amazon.rerank-v1:0");
    let reply = reply.unwrap();
    assert_eq!(reply.rankings.iter().map(|it| it.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!((house.sent(), reply.usage), (body.clone(), None));
    let (house, reply) = rank("cohere.rerank-v3-5:0");
    assert!(reply.is_ok());
    let mut versioned = body;
    versioned["api_version"] = json!(2);
    assert_eq!(house.sent(), versioned);
    assert_eq!(house.sim.exchanges()[0].url.path(), "/model/cohere.rerank-v3-5%3A0/invoke");
    let error = rank("amazon.nova-lite-v1:0").1.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("documents")));
}

#[test]
fn no_vector_is_an_error() {
    let (_, reply) = embed("amazon.titan-embed-text-v2:0", json!({"input": "a"}), &json!({"message": "?"}));
    assert_eq!(reply.unwrap_err().get("reason"), Some("empty_response"));
}
