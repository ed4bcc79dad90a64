//! Anthropic's own API on Bedrock.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{FinishReason, Kind};

use super::{CLAUDE, House, ask, event, exception, request, stream_of};

fn house(answer: Answer) -> House {
    House::of("bedrock-anthropic", CLAUDE, answer)
}

fn message() -> Value {
    json!({"id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": [{"type": "text", "text": "hello"}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 3, "output_tokens": 2, "cache_read_input_tokens": 4}})
}

fn chunk(inner: Value) -> Vec<u8> {
    event("chunk", json!({"bytes": STANDARD.encode(inner.to_string()), "p": "abc"}))
}

#[test]
fn the_body_is_anthropics_but_for_what_the_address_says() {
    let house = house(Answer::json(200, &message()));
    let reply = house.chat(ask()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.id.as_deref()), ("hello", Some("msg_bdrk_1")));
    assert_eq!(reply.usage.unwrap().input_tokens, 7);
    assert_eq!(
        house.sent(),
        json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 8192,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]})
    );
    let sent = &house.sim.exchanges()[0];
    let path = "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke";
    assert_eq!((sent.url.path(), sent.headers.contains_key("anthropic-version")), (path, false));
    assert_eq!(sent.headers["authorization"], "Bearer k");
}

#[test]
fn a_stream_comes_in_chunks() {
    let start = json!({"type": "message_start", "message": {"id": "msg_1", "model": "claude", "content": [],
        "usage": {"input_tokens": 3, "output_tokens": 1}}});
    let end = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}});
    let delta =
        |text: &str| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}});
    let stop = json!({"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 3}});
    let house = house(stream_of(&[
        chunk(start.clone()),
        chunk(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})),
        chunk(delta("hel")),
        event("chunk", json!({})),
        chunk(delta("lo")),
        chunk(json!({"type": "content_block_stop", "index": 0})),
        chunk(end),
        chunk(stop),
    ]));
    let reply = house.stream(ask()).1.unwrap();
    assert_eq!((reply.text().as_ref(), reply.finish_reason), ("hello", FinishReason::Stop));
    assert_eq!(reply.usage.unwrap().output_tokens, 9);
    let sent = &house.sim.exchanges()[0];
    assert!(sent.url.path().ends_with("/invoke-with-response-stream"));
    assert_eq!(house.sent().get("stream"), None);

    let broken =
        self::house(stream_of(&[chunk(start.clone()), chunk(delta("a")), exception("throttlingException", "slow")]));
    let error = broken.stream(ask()).1.unwrap_err();
    assert_eq!((error.kind(), error.partial_response().unwrap().text().as_ref()), (Kind::RateLimited, "a"));
    let cut = self::house(stream_of(&[chunk(start), chunk(delta("a"))])).stream(ask()).1.unwrap_err();
    assert_eq!(cut.kind(), Kind::StreamIncomplete);
    let odd = self::house(stream_of(&[event("chunk", json!({"bytes": "*"}))])).stream(ask()).1.unwrap_err();
    assert_eq!(odd.get("reason"), Some("malformed_response"));
}

#[test]
fn errors_are_bedrocks() {
    let words = json!({"message": "You don't have access to the model with the specified model ID."});
    assert_eq!(house(Answer::json(403, &words)).chat(ask()).unwrap_err().kind(), Kind::PermissionDenied);
}

#[test]
fn neither_addresses_nor_uploads() {
    let image = |source: Value| json!({"model": "r", "messages": [{"role": "user", "content": [{"type": "text", "text": "see"}, source]}]});
    for source in
        [json!({"type": "image", "url": "https://a.example/b.png"}), json!({"type": "file", "file_id": "file-1"})]
    {
        let error = house(Answer::json(200, &message())).chat(request(image(source))).unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (Kind::Unsupported, Some("messages[0].content[1]")));
    }
    let bytes = json!({"type": "image", "data": "AAAA", "mime": "image/png"});
    assert!(house(Answer::json(200, &message())).chat(request(image(bytes))).is_ok());
}

#[test]
fn what_is_broken_behind_the_end_changes_nothing_wherever_the_stream_is_cut() {
    let start = json!({"type": "message_start", "message": {"id": "msg_1", "model": "claude", "content": []}});
    let end = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}});
    let text = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}});
    let whole = [start, text, end, json!({"type": "message_stop"})].map(chunk).concat();
    let mut broken = chunk(json!({"type": "ping"}));
    broken.reverse();
    // In one piece with the end, and apart from it.
    for cuts in [Vec::new(), vec![whole.len() as u64]] {
        let answer = Answer { cuts, ..stream_of(&[whole.clone(), broken.clone()]) };
        assert_eq!(house(answer).stream(ask()).1.unwrap().text(), "hello");
    }
}
