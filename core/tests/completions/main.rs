//! OpenAI's legacy completions, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

use std::time::Duration;

use serde_json::{Value, json};
use tidegate::sim::{Answer, Exchange, Piece, Upstream};
use tidegate::{FinishReason, Gateway, Kind, Request, Response, Result, Sim};

/// What comes of a request to `provider`, and what was sent.
fn call(provider: &str, mut request: Value, upstream: impl Into<Upstream>) -> (Result<Response>, Vec<Exchange>) {
    let sim = Sim::new(1);
    sim.on("c.test", upstream);
    let table = json!({"protocol": "openai-completions", "base_url": "http://c.test/v1", "api_key": "k"});
    let retry = json!({"retry": {"max_attempts": 1}});
    let config = json!({"providers": {provider: table}, "defaults": retry});
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    request["model"] = format!("{provider}/m").into();
    let stream = request.as_object_mut().unwrap().remove("stream").is_some();
    let outcome = sim.run(async {
        let request = Request::from_value(request)?;
        if stream { gateway.stream(request).await?.collect().await } else { gateway.chat(request).await }
    });
    (outcome, sim.exchanges())
}

fn completion(choice: Value) -> Value {
    let usage = json!({"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8});
    json!({"id": "cmpl-1", "object": "text_completion", "model": "m-2026", "choices": [choice], "usage": usage})
}

fn plain(text: &str) -> Answer {
    Answer::json(200, &completion(json!({"text": text, "index": 0, "logprobs": null, "finish_reason": "stop"})))
}

fn prompt(messages: Value) -> String {
    let (outcome, sent) = call("any", json!({"messages": messages}), plain("ok"));
    outcome.unwrap();
    assert_eq!(sent[0].url.path(), "/v1/completions");
    serde_json::from_slice::<Value>(&sent[0].body).unwrap()["prompt"].as_str().unwrap().to_owned()
}

#[test]
fn one_message_is_the_prompt_and_several_are_a_transcript() {
    assert_eq!(prompt(json!([{"role": "user", "content": " def f(x):\n"}])), " def f(x):\n");
    assert_eq!(prompt(json!([{"role": "system", "content": "Once"}])), "Once");
    let parts = json!([{"type": "text", "text": "a"}, {"type": "file", "text": "b"}]);
    assert_eq!(prompt(json!([{"role": "user", "content": parts}])), "ab");
    let turns = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi", "name": "Ann"},
        {"role": "assistant", "content": [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "Hello."}]},
        {"role": "user", "content": "Who?"},
    ]);
    assert_eq!(prompt(turns), "System: Be brief.\n\nAnn: Hi\n\nAssistant: Hello.\n\nUser: Who?\n\nAssistant:");
    let begun = json!([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "I am"}]);
    assert_eq!(prompt(begun), "User: Hi\n\nAssistant: I am");
}

#[test]
fn what_has_no_form_as_text_is_refused_by_name() {
    let hi = json!([{"role": "user", "content": "hi"}]);
    let picture = json!([{"role": "user", "content": [{"type": "image", "url": "https://x.example/a.png"}]}]);
    let called = json!([{"role": "user", "content": "hi"},
        {"role": "assistant", "content": [{"type": "tool_call", "id": "1", "name": "f", "arguments": "{}"}]},
        {"role": "tool", "tool_call_id": "1", "content": "x"}]);
    let table = [
        (json!({"messages": hi, "tools": [{"name": "f"}]}), "tools"),
        (json!({"messages": hi, "response_format": {"type": "json_object"}}), "response_format"),
        (json!({"messages": hi, "reasoning": {"effort": "low"}}), "reasoning"),
        (json!({"messages": hi, "extra": {"n": 2}}), "extra.n"),
        (json!({"messages": picture}), "messages[0].content[0]"),
        (json!({"messages": called}), "messages[1].content[0]"),
        (json!({"messages": [{"role": "assistant", "content": [{"type": "reasoning", "text": "hm"}]}]}), "messages"),
    ];
    for (request, field) in table {
        let (outcome, sent) = call("any", request, plain("ok"));
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.get("field"), sent.len()), (Kind::Unsupported, Some(field), 0));
    }
}

#[test]
fn openais_quirks_are_those_of_its_chats() {
    let request = json!({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 9, "top_k": 3});
    assert_eq!(call("openai", request.clone(), plain("ok")).0.unwrap_err().get("field"), Some("top_k"));
    let (outcome, sent) = call("any", request, plain("ok"));
    outcome.unwrap();
    let body: Value = serde_json::from_slice(&sent[0].body).unwrap();
    assert_eq!(body, json!({"model": "m", "prompt": "hi", "max_tokens": 9, "top_k": 3}));
    assert_eq!(sent[0].headers["authorization"], "Bearer k");
    let stops = json!({"messages": [{"role": "user", "content": "hi"}], "stop": ["1", "2", "3", "4", "5"]});
    assert_eq!(call("openai", stops.clone(), plain("ok")).0.unwrap_err().get("field"), Some("stop"));
    call("any", stops, plain("ok")).0.unwrap();
}

#[test]
fn answers_are_read_to_the_last_field() {
    let hi = || json!({"messages": [{"role": "user", "content": "hi"}]});
    let read = |choice: Value| call("any", hi(), Answer::json(200, &completion(choice))).0.unwrap();
    let lists = json!({"tokens": ["a", "b"], "token_logprobs": [null, -0.5], "text_offset": [0, 1],
        "top_logprobs": [null, {"c": -2.0, "b": -0.5}]});
    let reply =
        read(json!({"text": "ab", "index": 0, "logprobs": lists, "finish_reason": "length", "stop_reason": null}));
    assert_eq!((reply.text().as_ref(), reply.finish_reason, reply.logprobs.len()), ("ab", FinishReason::Length, 2));
    assert_eq!(reply.logprobs[1].top.iter().map(|top| top.token.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(reply.usage.unwrap().total_tokens(), 8);
    let newer = json!({"content": [{"token": "a", "logprob": -0.1, "top_logprobs": []}]});
    let reply =
        read(json!({"text": "a", "logprobs": newer, "finish_reason": "stop", "stop_reason": "\n", "reasoning": "hm"}));
    assert_eq!((reply.logprobs.len(), reply.stop_sequence.as_deref()), (1, Some("\n")));
    assert_eq!((reply.reasoning().as_deref(), reply.text().as_ref()), (Some("hm"), "a"));
    let empty = read(json!({"text": "", "index": 0, "finish_reason": "content_filter"}));
    assert_eq!(empty.finish_reason, FinishReason::ContentFilter);
    let nothing = call("any", hi(), Answer::json(200, &json!({"id": "c", "choices": []}))).0.unwrap_err();
    assert_eq!(nothing.get("reason"), Some("empty_response"));
    let failed =
        call("any", hi(), Answer::json(200, &json!({"error": {"message": "Busy.", "code": 503}}))).0.unwrap_err();
    assert_eq!(failed.kind(), Kind::Overloaded);
}

fn piece(text: &str, finish: Value) -> String {
    let choice = json!({"text": text, "index": 0, "logprobs": null, "finish_reason": finish});
    json!({"id": "cmpl-1", "object": "text_completion", "model": "m-2026", "choices": [choice]}).to_string()
}

#[test]
fn a_stream_is_read_under_any_cut_and_ends_with_its_marker() {
    let ask = || json!({"messages": [{"role": "user", "content": "hi"}], "stream": true});
    let usage = json!({"id": "cmpl-1", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}});
    let events = [piece("Hé", json!(null)), piece("llo", json!("stop")), usage.to_string(), "[DONE]".to_owned()];
    let bytes = events.iter().map(|event| format!("data: {event}\n\n")).collect::<Vec<_>>().concat();
    for size in [1, 3, 7, bytes.len()] {
        let pieces = bytes.as_bytes().chunks(size);
        let pieces = pieces.flat_map(|piece| [Piece::bytes(piece.to_vec()), Piece::Wait(Duration::ZERO)]);
        let answer = Answer { body: pieces.collect(), ..Answer::default() }.header("content-type", "text/event-stream");
        let (outcome, sent) = call("openai", ask(), answer);
        let reply = outcome.unwrap();
        assert_eq!(
            (reply.text().as_ref(), reply.usage.as_ref().unwrap().total_tokens()),
            ("Héllo", 7),
            "in pieces of {size}"
        );
        assert!(String::from_utf8_lossy(&sent[0].body).contains(r#""stream_options":{"include_usage":true}"#));
    }
    let cut = |provider, count| call(provider, ask(), Answer::sse(&events[..count])).0;
    // OpenAI's ends with the sentinel, that of others with a finish reason at the least.
    assert_eq!(cut("openai", 3).unwrap_err().kind(), Kind::StreamIncomplete);
    assert_eq!(cut("any", 3).unwrap().text(), "Héllo");
    let error = cut("any", 1).unwrap_err();
    assert_eq!((error.kind(), error.partial_response().unwrap().text().as_ref()), (Kind::StreamIncomplete, "Hé"));
}

#[test]
fn embeddings_stand_beside_it() {
    let sim = Sim::new(1);
    let body = json!({"model": "e", "data": [{"index": 0, "embedding": [0.5, 1.0]}], "usage": {"prompt_tokens": 1}});
    sim.on("c.test", Answer::json(200, &body));
    let table = json!({"protocol": "openai-completions", "base_url": "http://c.test/v1", "api_key": "k"});
    let gateway = Gateway::from_value(json!({"providers": {"any": table}})).unwrap().with_world(sim.clone());
    let reply = sim.run(gateway.embed(Request::embed("any/e", vec!["a".to_owned()]))).unwrap();
    assert_eq!(reply.vectors, [[0.5, 1.0]]);
    assert_eq!(sim.exchanges()[0].url.path(), "/v1/embeddings");
}
