use std::time::Duration;

use serde_json::{Value, json};
use tidegate::sim::{Answer, End, Piece};
use tidegate::{FinishReason, Kind, Retry};

use super::{House, answer, ask};

fn line(message: Value) -> String {
    let chunk =
        json!({"model": "qwen3:latest", "created_at": "2026-07-28T06:38:03.2Z", "message": message, "done": false});
    format!("{chunk}\n")
}

fn text(words: &str) -> String {
    line(json!({"role": "assistant", "content": words}))
}

fn end() -> String {
    format!("{}\n", answer(json!({"role": "assistant", "content": ""})))
}

/// A stream with everything.
fn everything() -> String {
    let call = |city: &str| json!({"function": {"index": 0, "name": "weather", "arguments": {"city": city}}});
    [
        line(json!({"role": "assistant", "content": "", "thinking": "Hm"})),
        line(json!({"role": "assistant", "content": "", "thinking": "m."})),
        text("See"),
        text(" \u{e9}\u{1F600}."),
        line(json!({"role": "assistant", "content": "", "tool_calls": [call("Oslo"), call("Bod\u{f8}")]})),
        line(json!({"role": "assistant", "content": "", "tool_calls": [call("Bergen")]})),
        end(),
    ]
    .concat()
}

fn stream_of(body: &str) -> Answer {
    typed(body, "application/x-ndjson")
}

fn typed(body: &str, kind: &str) -> Answer {
    Answer { body: vec![Piece::bytes(body.to_owned().into_bytes())], ..Answer::default() }.header("content-type", kind)
}

#[test]
fn a_stream_with_everything_under_any_cut() {
    let bytes = everything().into_bytes();
    let mut wanted = None;
    for size in [1, 2, 3, 5, 7, 11, 64, 1000, bytes.len()] {
        let pieces = bytes.chunks(size).flat_map(|piece| [Piece::bytes(piece.to_vec()), Piece::Wait(Duration::ZERO)]);
        let house = House::new(
            Answer { body: pieces.collect(), ..Answer::default() }.header("content-type", "application/x-ndjson"),
        );
        let (events, reply) = house.stream(ask());
        let reply = reply.unwrap();
        assert_eq!(events, *wanted.get_or_insert_with(|| events.clone()), "in pieces of {size}");
        assert_eq!((reply.text().as_ref(), reply.reasoning().as_deref()), ("See \u{e9}\u{1F600}.", Some("Hmm.")));
        let calls: Vec<_> = reply.tool_calls().map(|call| (call.id.as_str(), call.arguments.as_str())).collect();
        assert_eq!(
            calls,
            [
                ("tidegate_2026-07-28T0638032Z_1", "{\"city\":\"Oslo\"}"),
                ("tidegate_2026-07-28T0638032Z_2", "{\"city\":\"Bod\u{f8}\"}"),
                ("tidegate_2026-07-28T0638032Z_3", "{\"city\":\"Bergen\"}"),
            ]
        );
        assert_eq!((reply.finish_reason, reply.usage.unwrap().output_tokens), (FinishReason::ToolCalls, 289));
    }
}

#[test]
fn a_stream_under_any_type() {
    // Proxies give it a type of their own, and the last line need not end.
    for kind in ["application/json", "application/json; charset=utf-8", "text/plain", "application/x-ndjson"] {
        let house = House::new(typed(everything().trim_end(), kind));
        let reply = house.stream(ask()).1.unwrap();
        assert_eq!((reply.text().as_ref(), reply.tool_calls().count()), ("See \u{e9}\u{1F600}.", 3), "{kind}");
        assert_eq!(house.sent()["stream"], json!(true));
    }
    // A server that does not stream has one line.
    let whole = answer(json!({"role": "assistant", "content": "See."})).to_string();
    let reply = House::new(typed(&whole, "application/json")).stream(ask()).1.unwrap();
    assert_eq!((reply.text().as_ref(), reply.finish_reason), ("See.", FinishReason::Stop));
}

#[test]
fn a_stream_that_is_never_done_is_incomplete() {
    for body in [text("See"), format!("{}{}", text("See"), r#"{"model": "qwen3", "mess"#)] {
        let error = House::new(stream_of(&body)).stream(ask()).1.unwrap_err();
        assert_eq!((error.kind(), error.partial_response().unwrap().text().as_ref()), (Kind::StreamIncomplete, "See"));
        assert!(matches!(error.scope(), Retry::After(_)));
    }
    let broken = stream_of(&text("See")).then(End::Rst);
    assert_eq!(House::new(broken).stream(ask()).1.unwrap_err().kind(), Kind::StreamIncomplete);
    let error = House::new(stream_of("")).stream(ask()).1.unwrap_err();
    assert_eq!(error.kind(), Kind::StreamIncomplete);
}

#[test]
fn errors_inside_a_stream_keep_the_partial_answer() {
    let rows = [
        (json!({"error": "an error was encountered while running the model"}), Kind::Server),
        (json!({"error": "the input length exceeds the context length"}), Kind::ContextTooLong),
        (json!({"error": {"message": "server busy, please try again"}}), Kind::Overloaded),
    ];
    for (last, kind) in rows {
        let error = House::new(stream_of(&format!("{}{last}\n", text("See")))).stream(ask()).1.unwrap_err();
        assert_eq!((error.kind(), error.partial_response().unwrap().text().as_ref()), (kind, "See"));
    }
}
