use serde_json::{Value, json};
use tidegate::sim::Answer;

use super::House;

fn house(model: &str, answer: Value) -> House {
    House::of("vertex-gemini", model, Answer::json(200, &answer))
}

fn predicted(values: &[[f32; 2]]) -> Value {
    let one = |values: &[f32; 2]| json!({"embeddings": {"values": values, "statistics": {"token_count": 3, "truncated": false}}});
    json!({"predictions": values.iter().map(one).collect::<Value>(), "metadata": {"billableCharacterCount": 2}})
}

#[test]
fn texts_are_predicted_together() {
    let house = house("text-embedding-005", predicted(&[[0.5, 1.0], [0.25, 2.0]]));
    let asked = json!({"model": "r", "input": ["a", "b"], "dimensions": 2,
        "extra": {"task_type": "RETRIEVAL_QUERY", "parameters": {"autoTruncate": false}}});
    let reply = house.embed(asked).unwrap();
    assert_eq!(reply.vectors, [[0.5, 1.0], [0.25, 2.0]]);
    assert_eq!(reply.usage.unwrap().input_tokens, 6);
    let one = |text: &str| json!({"content": text, "task_type": "RETRIEVAL_QUERY"});
    let parameters = json!({"outputDimensionality": 2, "autoTruncate": false});
    assert_eq!(house.sent(), json!({"instances": [one("a"), one("b")], "parameters": parameters}));
    assert!(house.path().ends_with("/publishers/google/models/text-embedding-005:predict"));
}

#[test]
fn later_models_embed_one_content() {
    let answer =
        json!({"embedding": {"values": [0.5, 1]}, "usageMetadata": {"promptTokenCount": 4}, "truncated": false});
    let house = house("gemini-embedding-2-preview", answer);
    let asked = json!({"model": "r", "input": ["a"], "dimensions": 2, "extra": {"taskType": "RETRIEVAL_QUERY"}});
    let reply = house.embed(asked).unwrap();
    assert_eq!((reply.vectors, reply.usage.unwrap().input_tokens), (vec![vec![0.5, 1.0]], 4));
    let body = json!({"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 2, "taskType": "RETRIEVAL_QUERY"});
    assert_eq!(house.sent(), body);
    assert!(house.path().ends_with("/publishers/google/models/gemini-embedding-2-preview:embedContent"));
}

#[test]
fn the_first_of_geminis_is_predicted_one_by_one() {
    let one = house("gemini-embedding-001", predicted(&[[0.5, 1.0]]));
    one.embed(json!({"model": "r", "input": ["a"]})).unwrap();
    assert_eq!(one.sent(), json!({"instances": [{"content": "a"}]}));
    assert!(one.path().ends_with("gemini-embedding-001:predict"));
    // Two texts are two requests.
    let two = house("gemini-embedding-001", predicted(&[[0.5, 1.0]]));
    let response = two.embed(json!({"model": "r", "input": ["a", "b"], "input_type": "query"})).unwrap();
    assert_eq!((response.vectors.len(), two.sim.exchanges().len()), (2, 2));
    assert_eq!(two.sent(), json!({"instances": [{"content": "b", "task_type": "RETRIEVAL_QUERY"}]}));
}

#[test]
fn later_models_are_told_in_the_text_what_it_is_for() {
    let answer = json!({"embedding": {"values": [0.5, 1]}});
    let table = [
        ("query", "task: search result | query: a"),
        ("document", "title: none | text: a"),
        ("classification", "task: classification | query: a"),
        ("clustering", "task: clustering | query: a"),
        ("similarity", "task: sentence similarity | query: a"),
    ];
    for (purpose, text) in table {
        let house = house("gemini-embedding-2", answer.clone());
        house.embed(json!({"model": "r", "input": "a", "input_type": purpose})).unwrap();
        assert_eq!(house.sent(), json!({"content": {"parts": [{"text": text}]}}));
    }
}

#[test]
fn extra_wins_over_what_vectors_are_for() {
    let asked = |more: Value| json!({"model": "r", "input": "a", "input_type": "query", "extra": more});
    let old = house("text-embedding-005", predicted(&[[0.5, 1.0]]));
    old.embed(asked(json!({"task_type": "FACT_VERIFICATION"}))).unwrap();
    assert_eq!(old.sent()["instances"][0], json!({"content": "a", "task_type": "FACT_VERIFICATION"}));
    let new = house("gemini-embedding-2", json!({"embedding": {"values": [0.5, 1]}}));
    new.embed(asked(json!({"taskType": "FACT_VERIFICATION"}))).unwrap();
    assert_eq!(new.sent()["taskType"], "FACT_VERIFICATION");
}
