use std::time::Duration;

use serde_json::json;
use tidegate::sim::{Answer, End, Piece};
use tidegate::{Content, Event, FinishReason, Kind, Retry};

use super::{House, ask, delta, event, exception, message, stream_of};

fn stop(reason: &str) -> Vec<u8> {
    event("messageStop", json!({"stopReason": reason, "p": "abcd"}))
}

fn block_stop(index: u32) -> Vec<u8> {
    event("contentBlockStop", json!({"contentBlockIndex": index}))
}

fn metadata() -> Vec<u8> {
    let usage = json!({"inputTokens": 2, "outputTokens": 3, "cacheReadInputTokens": 10, "totalTokens": 15});
    event("metadata", json!({"usage": usage, "metrics": {"latencyMs": 1}}))
}

/// A stream with every kind of block.
fn everything() -> Vec<Vec<u8>> {
    vec![
        event("messageStart", json!({"role": "assistant"})),
        delta(0, json!({"reasoningContent": {"text": "Hm"}})),
        delta(0, json!({"reasoningContent": {"text": "m."}})),
        delta(0, json!({"reasoningContent": {"signature": "c2ln"}})),
        block_stop(0),
        delta(1, json!({"text": "See"})),
        delta(1, json!({"text": " é\u{1F600}."})),
        block_stop(1),
        delta(2, json!({"citation": {"title": "book", "sourceContent": [{"text": "so"}]}})),
        delta(2, json!({"text": "So."})),
        block_stop(2),
        event(
            "contentBlockStart",
            json!({"contentBlockIndex": 3, "start": {"toolUse": {"toolUseId": "t0", "name": "code", "type": "server_tool_use"}}}),
        ),
        delta(3, json!({"toolUse": {"input": "{\"x\""}})),
        delta(3, json!({"toolUse": {"input": ":1}"}})),
        block_stop(3),
        event(
            "contentBlockStart",
            json!({"contentBlockIndex": 4, "start": {"toolResult": {"toolUseId": "t0", "status": "success"}}}),
        ),
        delta(4, json!({"toolResult": [{"json": {"y": 2}}]})),
        block_stop(4),
        event(
            "contentBlockStart",
            json!({"contentBlockIndex": 5, "start": {"toolUse": {"toolUseId": "t1", "name": "find"}}}),
        ),
        delta(5, json!({"toolUse": {"input": ""}})),
        delta(5, json!({"toolUse": {"input": "{\"a\": "}})),
        delta(5, json!({"toolUse": {"input": "1.50}"}})),
        block_stop(5),
        event("somethingNew", json!({"contentBlockIndex": 5})),
        stop("tool_use"),
        metadata(),
    ]
}

#[test]
fn a_stream_with_every_kind_of_block_under_any_cut() {
    let bytes = everything().concat();
    let mut wanted = None;
    for size in [1, 2, 3, 5, 7, 11, 13, 64, 1000, bytes.len()] {
        let pieces = bytes.chunks(size).flat_map(|piece| [Piece::bytes(piece.to_vec()), Piece::Wait(Duration::ZERO)]);
        let answer = Answer { body: pieces.collect(), ..Answer::default() };
        let house = House::new(answer.header("content-type", "application/vnd.amazon.eventstream"));
        let (events, reply) = house.stream(ask());
        let reply = reply.unwrap();
        let wanted = wanted.get_or_insert_with(|| events.clone());
        assert_eq!(events, *wanted, "in pieces of {size}");
        assert_eq!((reply.text().as_ref(), reply.reasoning().as_deref()), ("See é\u{1F600}.So.", Some("Hmm.")));
        assert_eq!(reply.parts[0].state.as_ref().unwrap().data["signature"], "c2ln");
        let call = reply.tool_calls().next().unwrap();
        assert_eq!((call.id.as_str(), call.name.as_str(), call.arguments.as_str()), ("t1", "find", "{\"a\": 1.50}"));
        assert_eq!(reply.finish_reason, FinishReason::ToolCalls);
        let usage = reply.usage.unwrap();
        assert_eq!((usage.input_tokens, usage.cached_input_tokens, usage.output_tokens), (12, 10, 3));
        let others: Vec<_> = reply
            .parts
            .iter()
            .filter_map(|part| match &part.content {
                Content::Other(other) => Some((other.kind.as_str(), other.data.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(
            others,
            [
                (
                    "server_tool_use",
                    json!({"toolUseId": "t0", "name": "code", "type": "server_tool_use", "input": {"x": 1}})
                ),
                ("toolResult", json!({"toolUseId": "t0", "status": "success", "content": [{"json": {"y": 2}}]})),
            ]
        );
        let sent = &house.sim.exchanges()[0];
        assert_eq!(sent.url.path(), "/model/amazon.nova-lite-v1%3A0/converse-stream");
        assert_eq!(sent.headers["accept"], "application/vnd.amazon.eventstream");
    }
}

#[test]
fn the_end_is_message_stop_and_the_usage_may_follow() {
    let house = House::new(stream_of(&[delta(0, json!({"text": "a"})), stop("end_turn")]));
    let reply = house.stream(ask()).1.unwrap();
    let estimated = reply.usage.as_ref().unwrap().estimated;
    assert_eq!((reply.text().as_ref(), reply.finish_reason, estimated), ("a", FinishReason::Stop, true));

    // What comes late is waited for, but not for ever.
    let hangs = Answer { end: End::Hang, ..stream_of(&[delta(0, json!({"text": "a"})), stop("end_turn")]) };
    assert_eq!(House::new(hangs).stream(ask()).1.unwrap().text(), "a");

    let cut = House::new(stream_of(&[delta(0, json!({"text": "a"})), block_stop(0)])).stream(ask()).1.unwrap_err();
    assert_eq!(cut.kind(), Kind::StreamIncomplete);
    assert_eq!(cut.partial_response().unwrap().text(), "a");
    let mut half = [delta(0, json!({"text": "a"})), stop("end_turn")].concat();
    half.truncate(half.len() - 1);
    let cut = House::new(stream_of(&[half])).stream(ask()).1.unwrap_err();
    assert_eq!((cut.kind(), cut.partial_response().unwrap().text().as_ref()), (Kind::StreamIncomplete, "a"));
}

#[test]
fn exceptions_are_errors_with_the_partial_answer() {
    let table = [
        ("throttlingException", "Too many tokens, please wait", Kind::RateLimited, true),
        ("serviceUnavailableException", "busy", Kind::Overloaded, true),
        ("internalServerException", "oops", Kind::Server, true),
        ("modelStreamErrorException", "oops", Kind::Server, true),
        ("validationException", "Input is too long for requested model.", Kind::ContextTooLong, false),
        ("validationException", "no", Kind::InvalidRequest, false),
        ("somethingNewException", "no", Kind::Server, true),
    ];
    for (kind, words, want, again) in table {
        let error = House::new(stream_of(&[exception(kind, words)])).stream(ask()).1.unwrap_err();
        assert_eq!((error.kind(), matches!(error.scope(), Retry::After(_))), (want, again), "{kind} {words}");
        assert!(error.to_string().ends_with(words), "{error}");

        let later = House::new(stream_of(&[delta(0, json!({"text": "a"})), exception(kind, words)]));
        let error = later.stream(ask()).1.unwrap_err();
        assert_eq!((error.kind(), error.partial_response().unwrap().text().as_ref()), (want, "a"), "{kind} {words}");
    }
    let unmodelled = message(
        &[(":message-type", "error"), (":error-code", "InternalError"), (":error-message", "it \"broke\"")],
        b"",
    );
    let error = House::new(stream_of(&[unmodelled])).stream(ask()).1.unwrap_err();
    assert_eq!((error.kind(), error.to_string().ends_with("it \"broke\"")), (Kind::Server, true), "{error}");
}

#[test]
fn a_broken_message_is_an_error_and_what_came_before_is_kept() {
    let mut broken = stop("end_turn");
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    let error = House::new(stream_of(&[delta(0, json!({"text": "a"})), broken])).stream(ask()).1.unwrap_err();
    assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("malformed_response")));
    assert_eq!(error.partial_response().unwrap().text(), "a");
    let page = Answer { body: vec![Piece::bytes("<html>")], ..Answer::default() }.header("content-type", "text/html");
    assert_eq!(House::new(page).stream(ask()).1.unwrap_err().get("reason"), Some("malformed_response"));
}

#[test]
fn a_document_in_place_of_a_stream_and_a_stream_called_a_document() {
    let whole = Answer::json(200, &super::answer(json!([{"text": "all at once"}])));
    assert_eq!(House::new(whole).stream(ask()).1.unwrap().text(), "all at once");
    let misnamed = stream_of(&everything()).header("content-type", "application/json");
    assert_eq!(House::new(misnamed).stream(ask()).1.unwrap().text(), "See é\u{1F600}.So.");
}

#[test]
fn blocks_that_nobody_announced() {
    let house = House::new(stream_of(&[
        delta(7, json!({"text": "a"})),
        delta(9, json!({"reasoningContent": {"redactedContent": "b3BhcXVl"}})),
        delta(8, json!({"image": {"source": {"bytes": "AA"}}})),
        delta(8, json!({"image": {"format": "png", "source": {"bytes": "AA"}}})),
        stop("end_turn"),
    ]));
    let (events, reply) = house.stream(ask());
    let reply = reply.unwrap();
    assert_eq!(reply.text(), "a");
    assert_eq!(reply.parts[1].state.as_ref().unwrap().data["redactedContent"], "b3BhcXVl");
    assert!(
        matches!(&reply.parts[2].content, Content::Image(image) if image.to_url().as_deref() == Some("data:image/png;base64,AAAA"))
    );
    assert!(matches!(events.first(), Some(Event::Start(_))) && matches!(events.last(), Some(Event::End(_))));
}
