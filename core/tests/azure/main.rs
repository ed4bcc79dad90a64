//! Azure's OpenAI, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

use std::time::Duration;

use serde_json::{Value, json};
use tidegate::sim::{Answer, Exchange, Upstream};
use tidegate::{Content, Error, FinishReason, Gateway, Kind, Request, Response, Result, Retry, Sim};

/// What comes of a request to a deployment of the resource that `keys` add to, and what was sent.
fn call(keys: Value, mut request: Value, upstream: impl Into<Upstream>) -> (Result<Response>, Vec<Exchange>) {
    let sim = Sim::new(1);
    sim.on("mine.openai.azure.com", upstream);
    let mut table = json!({"base_url": "https://mine.openai.azure.com", "api_key": "k"});
    table.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let retry = json!({"retry": {"max_attempts": 1}});
    let gateway = Gateway::from_value(json!({"providers": {"azure": table}, "defaults": retry})).unwrap();
    let gateway = gateway.with_world(sim.clone());
    request["model"] = "azure/my-gpt".into();
    let stream = request.as_object_mut().unwrap().remove("stream").is_some();
    let outcome = sim.run(async {
        let embeds = request.get("input").is_some();
        let request = Request::from_value(request)?;
        match (embeds, stream) {
            (true, _) => gateway.embed(request).await,
            (false, true) => gateway.stream(request).await?.collect().await,
            (false, false) => gateway.chat(request).await,
        }
    });
    (outcome, sim.exchanges())
}

fn ask() -> Value {
    json!({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 9})
}

fn safe() -> Value {
    json!({"hate": {"filtered": false, "severity": "safe"}, "jailbreak": {"filtered": false, "detected": false}})
}

fn answer(message: Value) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-5-2026",
        "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": safe()}],
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null, "message": message, "content_filter_results": safe()}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
    })
}

fn hello() -> Value {
    answer(json!({"role": "assistant", "content": "hello", "refusal": null}))
}

#[test]
fn a_request_goes_to_the_deployment_with_the_key() {
    let sent = |keys: Value, request: Value, body: &Value| {
        let (outcome, sent) = call(keys, request, Answer::json(200, body));
        outcome.unwrap();
        let body: Value = serde_json::from_slice(&sent[0].body).unwrap();
        (sent[0].url.to_string().replace("https://mine.openai.azure.com", ""), sent[0].headers["api-key"].clone(), body)
    };
    let (url, key, body) = sent(json!({}), ask(), &hello());
    assert_eq!((url.as_str(), key.to_str().unwrap()), ("/openai/v1/chat/completions", "k"));
    assert_eq!((&body["model"], &body["max_completion_tokens"]), (&json!("my-gpt"), &json!(9)));
    let (url, _, body) = sent(json!({"api_version": "2024-02-01"}), ask(), &hello());
    assert_eq!(url, "/openai/deployments/my-gpt/chat/completions?api-version=2024-02-01");
    assert_eq!(body["max_tokens"], 9);
    let vectors = json!({"data": [{"index": 0, "embedding": [0.5]}], "usage": {"prompt_tokens": 1, "total_tokens": 1}});
    let (url, _, body) = sent(json!({"api_version": "2024-10-21"}), json!({"input": ["a"]}), &vectors);
    assert_eq!(url, "/openai/deployments/my-gpt/embeddings?api-version=2024-10-21");
    assert_eq!(body["input"], json!(["a"]));
    assert_eq!(
        sent(json!({"api_version": "preview"}), json!({"input": ["a"]}), &vectors).0,
        "/openai/v1/embeddings?api-version=preview"
    );
    let text = json!({"id": "cmpl-1", "choices": [{"text": "x", "index": 0, "finish_reason": "stop"}]});
    let completions = json!({"protocol": "openai-completions", "api_version": "2024-10-21"});
    let (url, key, _) = sent(completions, ask(), &text);
    assert_eq!(url, "/openai/deployments/my-gpt/completions?api-version=2024-10-21");
    assert_eq!(key, "k");
}

#[test]
fn its_responses_are_at_the_same_resource() {
    let item = json!({"type": "message", "role": "assistant", "id": "m", "status": "completed",
        "content": [{"type": "output_text", "text": "hello", "annotations": []}]});
    let body = json!({"id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5", "output": [item]});
    for (keys, path) in [
        (json!({"protocol": "openai-responses"}), "/openai/v1/responses"),
        (
            json!({"protocol": "openai-responses", "base_url": "https://mine.openai.azure.com/openai/v1"}),
            "/openai/v1/responses",
        ),
        (
            json!({"protocol": "openai-responses", "api_version": "2025-04-01-preview"}),
            "/openai/responses?api-version=2025-04-01-preview",
        ),
    ] {
        let (outcome, sent) =
            call(keys, json!({"messages": [{"role": "user", "content": "hi"}]}), Answer::json(200, &body));
        assert_eq!(outcome.unwrap().text(), "hello");
        assert_eq!(sent[0].url.path_and_query().unwrap(), path);
        assert_eq!(sent[0].headers["api-key"], "k");
    }
}

#[test]
fn an_answer_beside_what_the_filters_say() {
    let (outcome, _) = call(json!({}), ask(), Answer::json(200, &hello()).header("apim-request-id", "req-1"));
    let reply = outcome.unwrap();
    assert_eq!((reply.text().as_ref(), reply.model.as_str(), reply.parts.len()), ("hello", "gpt-5-2026", 1));
    assert_eq!(reply.request_id.as_deref(), Some("req-1"));
    let mut filtered = answer(json!({"role": "assistant", "content": ""}));
    filtered["choices"][0]["finish_reason"] = "content_filter".into();
    let reply = call(json!({}), ask(), Answer::json(200, &filtered)).0.unwrap();
    assert_eq!(reply.finish_reason, FinishReason::ContentFilter);
    // On its caller's own data.
    let found = json!({"content": "so it is", "title": "Book", "url": "https://x.example/a", "filepath": "a.md", "chunk_id": "0"});
    let context = json!({"citations": [found, {"content": "and so", "filepath": "b.md", "url": null}], "intent": "[]"});
    let message = json!({"role": "assistant", "content": "Yes [doc1].", "end_turn": true, "context": context});
    let reply = call(json!({}), ask(), Answer::json(200, &answer(message))).0.unwrap();
    let cited = reply.parts.iter().filter_map(|part| match &part.content {
        Content::Citation(citation) => {
            Some((citation.url.as_deref(), citation.title.as_deref(), citation.cited_text.as_deref()))
        }
        _ => None,
    });
    assert_eq!(
        cited.collect::<Vec<_>>(),
        [(Some("https://x.example/a"), Some("Book"), Some("so it is")), (None, Some("b.md"), Some("and so"))]
    );
}

#[test]
fn a_stream_with_verdicts_before_between_and_after() {
    let chunk = |id: &str, choices: Value| {
        json!({"id": id, "object": "chat.completion.chunk", "model": "gpt-5", "choices": choices}).to_string()
    };
    let say = |text: &str| {
        chunk(
            "c-1",
            json!([{"index": 0, "delta": {"content": text}, "finish_reason": null, "content_filter_results": {}}]),
        )
    };
    let offsets = json!({"check_offset": 44, "start_offset": 44, "end_offset": 198});
    let verdict = |finish: Value| {
        chunk(
            "",
            json!([{"index": 0, "finish_reason": finish, "content_filter_results": safe(), "content_filter_offsets": offsets}]),
        )
    };
    let first = json!({"id": "", "object": "", "created": 0, "model": "", "choices": [],
        "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": safe()}]})
    .to_string();
    let end = chunk("c-1", json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]));
    let usage =
        json!({"id": "c-1", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}})
            .to_string();
    let stream = || {
        let mut request = ask();
        request["stream"] = true.into();
        request
    };
    let events = [
        first.clone(),
        say("hel"),
        verdict(json!(null)),
        say("lo"),
        end,
        verdict(json!(null)),
        usage,
        "[DONE]".to_owned(),
    ];
    let (outcome, sent) = call(json!({}), stream(), Answer::sse(&events));
    let reply = outcome.unwrap();
    assert_eq!((reply.text().as_ref(), reply.id.as_deref(), reply.model.as_str()), ("hello", Some("c-1"), "gpt-5"));
    assert_eq!(reply.usage.as_ref().unwrap().total_tokens(), 7);
    assert!(String::from_utf8_lossy(&sent[0].body).contains("include_usage"));
    // Filtered as it was written.
    let events = [first.clone(), say("hel"), verdict(json!("content_filter")), "[DONE]".to_owned()];
    assert_eq!(call(json!({}), stream(), Answer::sse(&events)).0.unwrap().finish_reason, FinishReason::ContentFilter);
    let error = json!({"error": filtered_error()}).to_string();
    let error = call(json!({}), stream(), Answer::sse([first, say("hel"), error])).0.unwrap_err();
    assert_eq!((error.kind(), error.get("filtered")), (Kind::ContentFiltered, Some("hate (high), jailbreak")));
    assert_eq!(error.partial_response().unwrap().text(), "hel");
    // An older version sends no usage, and is not asked for it.
    let (_, sent) = call(json!({"api_version": "2024-02-01"}), stream(), Answer::sse(["[DONE]"]));
    assert!(!String::from_utf8_lossy(&sent[0].body).contains("stream_options"));
}

fn filtered_error() -> Value {
    json!({
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "type": null, "param": "prompt", "code": "content_filter", "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {
            "hate": {"filtered": true, "severity": "high"}, "violence": {"filtered": false, "severity": "low"},
            "jailbreak": {"filtered": true, "detected": true}}},
    })
}

#[test]
fn errors_by_status_and_by_code() {
    let said = |code: &str, message: &str| json!({"error": {"code": code, "message": message}});
    let table = [
        (400, json!({"error": filtered_error()}), Kind::ContentFiltered),
        (400, said("OperationNotSupported", "The operation does not work with the model."), Kind::InvalidRequest),
        (
            401,
            said("401", "Access denied due to invalid subscription key or wrong API endpoint."),
            Kind::Unauthenticated,
        ),
        (401, said("PermissionDenied", "The principal lacks the required data action."), Kind::PermissionDenied),
        (401, json!({"statusCode": 401, "message": "Unauthorized. Access token is missing."}), Kind::Unauthenticated),
        (403, said("AuthenticationTypeDisabled", "Key based authentication is disabled."), Kind::PermissionDenied),
        (404, said("DeploymentNotFound", "The API deployment for this resource does not exist."), Kind::NotFound),
        (404, said("404", "Resource not found"), Kind::NotFound),
        (408, said("Timeout", "The operation was timeout."), Kind::Timeout),
        (
            429,
            said("429", "Requests have exceeded token rate limit of your current OpenAI S0 pricing tier."),
            Kind::RateLimited,
        ),
        (500, said("InternalServerError", "Backend returned unexpected response."), Kind::Server),
        (503, said("ServiceUnavailable", "No capacity."), Kind::Overloaded),
    ];
    let failed = |answer: Answer| -> Error { call(json!({}), ask(), answer).0.unwrap_err() };
    for (status, body, kind) in table {
        let error = failed(Answer::json(status, &body));
        assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{body}");
        let message = body.pointer("/error/message").or(body.get("message")).unwrap().as_str().unwrap();
        assert!(error.to_string().contains(message), "{error}");
    }
    let filtered = failed(Answer::json(400, &json!({"error": filtered_error()})));
    assert_eq!((filtered.get("filtered"), filtered.scope()), (Some("hate (high), jailbreak"), Retry::Never));
    // The form of the v1 API.
    let results = json!([{"blocked": true, "source_type": "prompt",
        "content_filter_results": {"self_harm": {"filtered": true, "severity": "medium"}}}]);
    let newer = json!({"error": {"code": "content_filter", "message": "Filtered.", "content_filters": results}});
    assert_eq!(failed(Answer::json(400, &newer)).get("filtered"), Some("self_harm (medium)"));
    let limited =
        Answer::json(429, &said("429", "Slow down.")).header("retry-after-ms", "1500").header("retry-after", "2");
    assert_eq!(failed(limited).wait(), Some(Duration::from_millis(1500)));
}
