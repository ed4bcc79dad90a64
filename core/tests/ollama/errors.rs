use serde_json::json;
use tidegate::sim::Answer;
use tidegate::{Gateway, Kind, Retry, Sim};

use super::{House, ask};

#[test]
fn statuses_and_words() {
    let table = [
        (400, "registry.ollama.ai/library/gemma3:1b does not support tools", Kind::InvalidRequest, false),
        (400, "invalid options: top_k", Kind::InvalidRequest, false),
        (400, "the input length exceeds the context length", Kind::ContextTooLong, false),
        (401, "unauthorized", Kind::Unauthenticated, false),
        (403, "this model requires a subscription", Kind::PermissionDenied, false),
        (404, "model 'qwen3' not found", Kind::NotFound, false),
        (429, "too many concurrent requests", Kind::RateLimited, true),
        (429, "you have reached your hourly usage limit", Kind::QuotaExhausted, false),
        (500, "model requires more system memory (5.0 GiB) than is available (3.9 GiB)", Kind::Server, false),
        (500, "llama runner process has terminated: exit status 2", Kind::Server, true),
        (502, "upstream error", Kind::Server, true),
        (503, "server busy, please try again. maximum pending requests exceeded", Kind::Overloaded, true),
    ];
    for (status, words, kind, again) in table {
        for body in [json!({"error": words}), json!({"error": {"message": words}})] {
            let error = House::new(Answer::json(status, &body)).chat(ask()).unwrap_err();
            assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{body}");
            assert_eq!(matches!(error.scope(), Retry::After(_)), again, "{body}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[test]
fn what_one_model_cannot_do_another_may() {
    let words = json!({"error": "\"gemma3:1b\" does not support thinking"});
    let error = House::new(Answer::json(400, &words)).chat(ask()).unwrap_err();
    assert_eq!((error.kind(), error.scope()), (Kind::InvalidRequest, Retry::Elsewhere));
}

#[test]
fn the_cloud_needs_a_key_and_the_server_here_does_not() {
    let sim = Sim::new(1);
    let gateway = Gateway::builtin().unwrap().with_world(sim.clone());
    let mut request = ask();
    "ollama-cloud/gpt-oss:120b".clone_into(&mut request.model);
    let error = sim.run(gateway.chat(request)).unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthenticated);
    assert!(error.to_string().contains("OLLAMA_API_KEY"), "{error}");
    sim.on("o.test", Answer::json(200, &super::ok()));
    let config = json!({"providers": {"ollama": {"base_url": "http://o.test", "api_key": "k"}}});
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    let mut request = ask();
    "ollama/qwen3".clone_into(&mut request.model);
    sim.run(gateway.chat(request)).unwrap();
    assert_eq!(sim.exchanges().last().unwrap().headers["authorization"], "Bearer k");
}
