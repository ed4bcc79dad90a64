use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Kind, Request, Response, Result};

use super::House;

/// What is sent for a ranking of three documents, and what comes of this answer to it.
fn rerank(provider: &str, top_n: Option<u32>, answer: &Value) -> (Value, Result<Response>) {
    let house = House::new(provider, Answer::json(200, answer), "refuse");
    let mut request = json!({"model": "r", "query": "q", "documents": ["a", "b", "c"]});
    if let Some(top_n) = top_n {
        request["top_n"] = json!(top_n);
    }
    let reply = house.sim.run(house.gateway.rerank(Request::from_value(request).unwrap()));
    let sent = house.sim.exchanges();
    assert!(sent.iter().all(|it| it.url.path() == "/v1/rerank"));
    (sent.first().map_or(Value::Null, |it| serde_json::from_slice(&it.body).unwrap()), reply)
}

fn item(index: u32, score: f64) -> Value {
    json!({"index": index, "relevance_score": score})
}

fn ranked(reply: &Response) -> Vec<(u32, f64)> {
    reply.rankings.iter().map(|it| (it.index, it.relevance_score)).collect()
}

#[test]
fn each_provider_is_asked_and_read_as_it_is() {
    let results = json!([item(2, 0.1), item(0, 0.9)]);
    let sent = |more: Value| {
        let mut body = json!({"model": "m", "query": "q", "documents": ["a", "b", "c"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let cohere = json!({"id": "i", "model": "n", "results": results, "usage": {"total_tokens": 7}});
    let jina = json!({"model": "n", "results": results, "usage": {"total_tokens": 7, "prompt_tokens": 7}});
    let voyage = json!({"object": "list", "data": results, "model": "n", "usage": {"total_tokens": 7}});
    for (provider, answer, more) in [
        ("vllm", &cohere, json!({"top_n": 2})),
        ("jina", &jina, json!({"top_n": 2, "return_documents": false})),
        ("fireworks", &voyage, json!({"top_n": 2, "return_documents": false})),
        ("voyage", &voyage, json!({"top_k": 2})),
    ] {
        let (body, reply) = rerank(provider, Some(2), answer);
        let reply = reply.unwrap();
        assert_eq!(body, sent(more), "{provider}");
        assert_eq!(ranked(&reply), [(0, 0.9), (2, 0.1)], "{provider}");
        assert_eq!((reply.model.as_str(), reply.usage.unwrap().input_tokens), ("n", 7));
    }
    let tei = json!([{"index": 1, "score": -2.5}, {"index": 0, "score": 1.5}, {"index": 2, "score": 0}]);
    let (body, reply) = rerank("tei", Some(2), &tei);
    let reply = reply.unwrap();
    assert_eq!(body, json!({"model": "m", "query": "q", "texts": ["a", "b", "c"]}));
    // It has no such limit, so that what is too much is left out here.
    assert_eq!((ranked(&reply), reply.usage), (vec![(0, 1.5), (2, 0.0)], None));
}

#[test]
fn what_is_billed_is_told() {
    let results = json!([item(0, 1.0)]);
    let cohere = json!({"results": results, "meta": {"billed_units": {"search_units": 1.0}}});
    let router = json!({"results": results, "usage": {"search_units": 2, "total_tokens": 150, "cost": 0.004}});
    let silicon =
        json!({"results": results, "meta": {"billed_units": {"input_tokens": 9}, "tokens": {"input_tokens": 9}}});
    for (answer, tokens, units) in [(&cohere, 0, 1), (&router, 150, 2), (&silicon, 9, 0)] {
        let reply = rerank("openrouter", None, answer).1.unwrap();
        let usage = reply.usage.unwrap();
        assert_eq!((usage.input_tokens, usage.search_units, usage.clamped), (tokens, units, false));
    }
    assert_eq!(rerank("openrouter", None, &router).1.unwrap().cost.unwrap().nano_usd, 4_000_000);
}

#[test]
fn rankings_of_other_documents_are_an_error() {
    for (results, reason) in [
        (json!([item(0, 1.0), item(0, 0.5)]), "malformed_response"),
        (json!([item(3, 1.0)]), "malformed_response"),
        (json!([{"index": 0}]), "malformed_response"),
        (json!([{"index": -1, "relevance_score": 1}]), "malformed_response"),
        (json!([]), "empty_response"),
    ] {
        let (_, reply) = rerank("vllm", None, &json!({"results": results}));
        assert_eq!(reply.unwrap_err().get("reason"), Some(reason), "{results}");
    }
    let (_, reply) = rerank("vllm", None, &json!({"error": {"message": "no", "code": 404}}));
    assert_eq!(reply.unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn who_has_none_is_not_asked() {
    let (body, reply) = rerank("openai", None, &json!({}));
    let error = reply.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("documents")));
    assert_eq!(error.to_string(), "documents: openai has no reranking, nothing was sent");
    assert_eq!(body, Value::Null);
}

#[test]
fn who_only_ranks_and_embeds_is_not_asked_to_chat() {
    let house = House::new("voyage", Answer::json(200, &json!({})), "refuse");
    let error = house.chat(json!({"messages": [{"role": "user", "content": "hi"}]})).unwrap_err();
    assert_eq!(error.to_string(), "messages: voyage has no chat, nothing was sent");
}
