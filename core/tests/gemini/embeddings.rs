use serde_json::json;
use tidegate::sim::Answer;
use tidegate::{Kind, Request};

use super::{House, request};

#[test]
fn texts_become_vectors() {
    let house = House::new(Answer::json(
        200,
        &json!({"embeddings": [{"values": [0.5, -1]}, {"values": [2, 0.25]}], "usageMetadata": {"promptTokenCount": 4}}),
    ));
    let asked = request(json!({
        "model": "gemini/gemini-embedding-001", "input": ["a", "b"], "dimensions": 2,
        "extra": {"taskType": "RETRIEVAL_QUERY"},
    }));
    let reply = house.sim.run(house.gateway.embed(asked)).unwrap();
    assert_eq!(reply.vectors, [[0.5, -1.0], [2.0, 0.25]]);
    assert_eq!(reply.usage.unwrap().input_tokens, 4);
    let one = |text: &str| {
        json!({"model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]},
            "outputDimensionality": 2, "taskType": "RETRIEVAL_QUERY"})
    };
    assert_eq!(house.sent(), json!({"requests": [one("a"), one("b")]}));
    let exchange = &house.sim.exchanges()[0];
    assert_eq!(exchange.url.path(), "/v1beta/models/gemini-embedding-001:batchEmbedContents");
}

#[test]
fn what_vectors_are_for() {
    let house = House::new(Answer::json(200, &json!({"embeddings": [{"values": [1]}]})));
    for (purpose, word) in [("query", "RETRIEVAL_QUERY"), ("similarity", "SEMANTIC_SIMILARITY")] {
        let asked = request(json!({"model": "r", "input": "a", "input_type": purpose}));
        house.sim.run(house.gateway.embed(asked)).unwrap();
        assert_eq!(house.sent()["requests"][0]["taskType"], word);
    }
    let asked = json!({"model": "r", "input": "a", "input_type": "query", "extra": {"taskType": "FACT_VERIFICATION"}});
    house.sim.run(house.gateway.embed(request(asked))).unwrap();
    assert_eq!(house.sent()["requests"][0]["taskType"], "FACT_VERIFICATION");
}

#[test]
fn there_are_no_rankings() {
    let house = House::new(Answer::json(200, &json!({})));
    let ranking = Request::rerank("r", "q", vec!["a".to_owned()]);
    let error = house.sim.run(house.gateway.rerank(ranking)).unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("documents")));
}

#[test]
fn the_other_forms_are_read_too() {
    let forms = [
        json!({"embedding": {"values": [1, 2]}}),
        json!({"predictions": [{"embeddings": {"values": [1, 2], "statistics": {"token_count": 3, "truncated": false}}}]}),
    ];
    for form in forms {
        let house = House::new(Answer::json(200, &form));
        let reply = house.sim.run(house.gateway.embed(Request::embed("r", vec!["a".to_owned()]))).unwrap();
        assert_eq!(reply.vectors, [[1.0, 2.0]]);
    }
}

#[test]
fn no_vector_is_no_answer() {
    let house = House::new(Answer::json(200, &json!({"embeddings": []})));
    let error = house.sim.run(house.gateway.embed(Request::embed("r", vec!["a".to_owned()]))).unwrap_err();
    assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("empty_response")));
}

#[test]
fn the_second_generation_is_told_in_the_text() {
    let house = House::new(Answer::json(200, &json!({"embeddings": [{"values": [1, 2]}]})));
    let asked = request(json!({"model": "gemini/gemini-embedding-2", "input": "a", "input_type": "query"}));
    house.sim.run(house.gateway.embed(asked)).unwrap();
    let sent = &house.sent()["requests"][0];
    assert_eq!(sent["content"]["parts"][0]["text"], "task: search result | query: a");
    // It would not look at it.
    assert_eq!(sent.get("taskType"), None);
}
