//! Anthropic's API on Vertex AI.

use serde_json::{Value, json};
use tidegate::sim::{Answer, Piece};
use tidegate::{FinishReason, Kind};

use super::{House, ask, request, unsupported};

fn house(answer: Answer) -> House {
    House::of("vertex-anthropic", "claude-sonnet-4-5@20250929", answer)
}

fn message() -> Value {
    json!({"id": "msg_vrtx_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
        "content": [{"type": "text", "text": "hello"}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 3, "output_tokens": 2, "cache_read_input_tokens": 4}})
}

fn stream(events: &[Value]) -> Answer {
    let piece = |event: &Value| {
        let name = event["type"].as_str().unwrap_or("error");
        Piece::bytes(format!("event: {name}\ndata: {event}       \n\n"))
    };
    Answer { body: events.iter().map(piece).collect(), ..Answer::default() }
        .header("content-type", "text/event-stream; charset=utf-8")
}

fn start() -> Value {
    json!({"type": "message_start", "message": {"id": "msg_vrtx_1", "model": "claude", "content": [],
        "usage": {"input_tokens": 3, "output_tokens": 1}}})
}

fn delta(text: &str) -> Value {
    json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
}

#[test]
fn the_body_is_anthropics_but_for_what_the_address_says() {
    let house = house(Answer::json(200, &message()));
    let reply = house.chat(ask()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.id.as_deref()), ("hello", Some("msg_vrtx_1")));
    assert_eq!(reply.usage.unwrap().input_tokens, 7);
    assert_eq!(
        house.sent(),
        json!({"anthropic_version": "vertex-2023-10-16", "max_tokens": 8192,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]})
    );
    let path = "/v1/projects/p1/locations/eu/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict";
    assert_eq!(house.path(), path);
    assert!(!house.sim.exchanges()[0].headers.contains_key("anthropic-version"));
}

#[test]
fn a_stream_is_anthropics_too() {
    let house = house(stream(&[
        json!({"type": "vertex_event", "usage": {}}),
        start(),
        json!({"type": "ping"}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        delta("hel"),
        delta("lo"),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}),
        json!({"type": "message_stop"}),
    ]));
    let reply = house.stream(ask()).1.unwrap();
    assert_eq!((reply.text().as_ref(), reply.finish_reason), ("hello", FinishReason::Stop));
    assert_eq!(reply.usage.unwrap().output_tokens, 9);
    assert!(house.path().ends_with(":streamRawPredict"));
    assert_eq!(house.sent()["stream"], true);

    let cut = self::house(stream(&[start(), delta("a")])).stream(ask()).1.unwrap_err();
    assert_eq!((cut.kind(), cut.partial_response().unwrap().text().as_ref()), (Kind::StreamIncomplete, "a"));
}

#[test]
fn errors_are_either_ones() {
    let google = json!({"error": {"code": 429, "message": "Quota exceeded for aiplatform.googleapis.com/online", "status": "RESOURCE_EXHAUSTED"}});
    let own = json!({"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 1"}});
    let table = [
        (429, google.clone(), Kind::RateLimited),
        (429, json!([google.clone()]), Kind::RateLimited),
        (
            403,
            json!([{"error": {"code": 403, "message": "denied", "status": "PERMISSION_DENIED"}}]),
            Kind::PermissionDenied,
        ),
        (400, own, Kind::ContextTooLong),
        (
            529,
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
            Kind::Overloaded,
        ),
    ];
    for (status, body, kind) in table {
        let error = house(Answer::json(status, &body)).chat(ask()).unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
    }
    // And so are those inside a stream.
    let failed = house(stream(&[start(), delta("a"), google])).stream(ask()).1.unwrap_err();
    assert_eq!((failed.kind(), failed.partial_response().unwrap().text().as_ref()), (Kind::RateLimited, "a"));
    let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let failed = house(stream(&[start(), delta("a"), overloaded])).stream(ask()).1.unwrap_err();
    assert_eq!(failed.kind(), Kind::Overloaded);
}

#[test]
fn neither_addresses_nor_uploads() {
    let ask = |source: Value| {
        let content = json!([{"type": "text", "text": "see"}, source]);
        request(json!({"model": "r", "messages": [{"role": "user", "content": content}]}))
    };
    for source in
        [json!({"type": "image", "url": "https://a.example/b.png"}), json!({"type": "file", "file_id": "file-1"})]
    {
        let house = house(Answer::json(200, &message()));
        let error = unsupported(&house, house.chat(ask(source)));
        assert_eq!(error.get("field"), Some("messages[0].content[1]"));
        assert!(error.to_string().contains("give the bytes"), "{error}");
    }
    let bytes = json!({"type": "image", "data": "AAAA", "mime": "image/png"});
    assert!(house(Answer::json(200, &message())).chat(ask(bytes)).is_ok());
}

#[test]
fn there_are_no_embeddings() {
    let house = house(Answer::json(200, &message()));
    let error = unsupported(&house, house.embed(json!({"model": "r", "input": ["a"]})));
    assert_eq!(error.get("field"), Some("input"));
}
