use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Gateway, Kind, Request, Sim};

use super::House;

fn vectors(embeddings: Value) -> Value {
    json!({
        "id": "e-1",
        "embeddings": embeddings,
        "texts": ["a", "b"],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 4, "image_tokens": 0}},
        "response_type": "embeddings_by_type",
    })
}

#[test]
fn texts_become_vectors() {
    let house = House::new(Answer::json(200, &vectors(json!({"float": [[0.5, -1], [2, 0.25]]}))));
    let reply = house
        .embed(json!({"model": "cohere/embed-v4.0", "input": ["a", "b"], "dimensions": 2, "input_type": "query",
            "extra": {"truncate": "END"}}))
        .unwrap();
    assert_eq!(reply.vectors, [[0.5, -1.0], [2.0, 0.25]]);
    assert_eq!((reply.id.as_deref(), reply.usage.unwrap().input_tokens), (Some("e-1"), 4));
    assert_eq!(
        house.sent(),
        json!({"model": "embed-v4.0", "texts": ["a", "b"], "input_type": "search_query", "embedding_types": ["float"],
            "output_dimension": 2, "truncate": "END"})
    );
    assert_eq!(house.sim.exchanges()[0].url.path(), "/v2/embed");
    house.embed(json!({"model": "r", "input": ["a", "b"]})).unwrap();
    assert_eq!(house.sent()["input_type"], "search_document");
}

#[test]
fn other_types_are_read_too() {
    let forms = [
        json!({"base64": ["AACAPwAAAMA=", "AAAAPwAAAAA="]}),
        json!({"int8": [[1, -2], [0.5, 0]]}),
        json!({"float": [[1, -2], [0.5, 0]], "int8": [[9, 9], [9, 9]]}),
        json!([[1, -2], [0.5, 0]]),
    ];
    for form in forms {
        let house = House::new(Answer::json(200, &vectors(form)));
        let reply = house.embed(json!({"model": "r", "input": ["a", "b"]})).unwrap();
        assert_eq!(reply.vectors, [[1.0, -2.0], [0.5, 0.0]]);
    }
}

#[test]
fn what_is_no_answer() {
    let embed = |body: Value| {
        House::new(Answer::json(200, &body)).embed(json!({"model": "r", "input": ["a", "b"]})).unwrap_err()
    };
    assert_eq!(embed(vectors(json!({}))).get("reason"), Some("empty_response"));
    assert_eq!(embed(vectors(json!({"float": [[1]]}))).get("reason"), Some("malformed_response"));
    assert_eq!(embed(vectors(json!({"base64": ["?", "?"]}))).get("reason"), Some("malformed_response"));
    assert_eq!(embed(json!({"message": "no"})).kind(), Kind::Server);
}

#[test]
fn what_the_api_cannot_do_is_refused_by_name() {
    let rows = [
        (json!({"model": "cohere/embed-english-v3.0", "input": "a", "dimensions": 2}), "dimensions"),
        (json!({"model": "cohere/embed-v4.0", "input": "a", "input_type": "similarity"}), "input_type"),
    ];
    for (request, field) in rows {
        let house = House::new(Answer::json(200, &json!({})));
        let error = house.embed(request).unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some(field)));
        assert!(house.sim.exchanges().is_empty());
    }
}

#[test]
fn more_texts_than_a_request_may_have_go_in_several() {
    let config = json!({"providers": {"cohere": {"simulate": {}}}});
    let sim = Sim::new(1);
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    let texts: Vec<String> = (0..200).map(|number| format!("text {number}")).collect();
    let reply = sim.run(gateway.embed(Request::embed("cohere/embed-v4.0", texts))).unwrap();
    assert_eq!((reply.vectors.len(), reply.usage.unwrap().input_tokens), (200, 400));
}

#[test]
fn documents_are_ranked() {
    let body = json!({"id": "r-1", "results": [{"index": 1, "relevance_score": 0.5}, {"index": 0, "relevance_score": 0.9}],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}});
    let house = House::new(Answer::json(200, &body));
    let asked = json!({"model": "cohere/rerank-v4.0", "query": "q", "documents": ["a", "b"], "top_n": 2,
        "extra": {"max_tokens_per_doc": 99}});
    let reply = house.sim.run(house.gateway.rerank(super::request(asked))).unwrap();
    let ranked: Vec<_> = reply.rankings.iter().map(|it| (it.index, it.relevance_score)).collect();
    assert_eq!(ranked, [(0, 0.9), (1, 0.5)]);
    assert_eq!((reply.id.as_deref(), reply.usage.unwrap().search_units), (Some("r-1"), 1));
    assert_eq!(
        house.sent(),
        json!({"model": "rerank-v4.0", "query": "q", "documents": ["a", "b"], "top_n": 2, "max_tokens_per_doc": 99})
    );
    assert_eq!(house.sim.exchanges()[0].url.path(), "/v2/rerank");
}
