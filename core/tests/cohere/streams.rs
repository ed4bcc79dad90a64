use std::time::Duration;

use serde_json::{Value, json};
use tidegate::sim::{Answer, End, Piece};
use tidegate::{Content, FinishReason, Kind, Retry};

use super::{House, answer, ask};

fn event(data: Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap())
}

fn piece(kind: &str, index: u32, message: Value) -> String {
    event(json!({"type": kind, "index": index, "delta": {"message": message}}))
}

fn start() -> String {
    let nothing = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
    event(json!({"id": "c-1", "type": "message-start", "delta": {"message": nothing}}))
}

fn text(words: &str) -> String {
    piece("content-delta", 1, json!({"content": {"text": words}}))
}

fn end(reason: &str) -> String {
    let usage = answer(json!(null))["usage"].take();
    event(json!({"type": "message-end", "delta": {"finish_reason": reason, "usage": usage}}))
}

fn source() -> Value {
    json!({"start": 0, "end": 3, "text": "See", "sources": [{"type": "tool", "id": "t0:0"}], "type": "TEXT_CONTENT"})
}

/// A stream with every kind of event.
fn everything() -> String {
    [
        start(),
        piece("content-start", 0, json!({"content": {"type": "thinking", "thinking": ""}})),
        piece("content-delta", 0, json!({"content": {"thinking": "Hm"}})),
        piece("content-delta", 0, json!({"content": {"thinking": "m."}})),
        event(json!({"type": "content-end", "index": 0})),
        piece("content-start", 1, json!({"content": {"type": "text", "text": ""}})),
        text("See"),
        piece("citation-start", 0, json!({"citations": source()})),
        event(json!({"type": "citation-end", "index": 0})),
        text(" \u{e9}\u{1F600}."),
        event(json!({"type": "content-end", "index": 1})),
        piece("content-start", 2, json!({"content": {"type": "table", "text": "a"}})),
        piece("content-delta", 2, json!({"content": {"text": "b"}})),
        event(json!({"type": "content-end", "index": 2})),
        event(json!({"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "I will"}}})),
        event(json!({"type": "tool-plan-delta", "delta": {"message": {"tool_plan": " look."}}})),
        piece(
            "tool-call-start",
            0,
            json!({"tool_calls": {"id": "t1", "type": "function", "function": {"name": "find", "arguments": ""}}}),
        ),
        piece("tool-call-delta", 0, json!({"tool_calls": {"function": {"arguments": "{\"a\": "}}})),
        piece(
            "tool-call-start",
            1,
            json!({"tool_calls": {"id": "t2", "type": "function", "function": {"name": "stop", "arguments": "{}"}}}),
        ),
        piece("tool-call-delta", 0, json!({"tool_calls": {"function": {"arguments": "1.50}"}}})),
        event(json!({"type": "tool-call-end", "index": 0})),
        event(json!({"type": "somethingNew", "index": 0})),
        end("TOOL_CALL"),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat()
}

fn stream_of(body: &str) -> Answer {
    Answer { body: vec![Piece::bytes(body.to_owned().into_bytes())], ..Answer::default() }
        .header("content-type", "text/event-stream")
}

#[test]
fn a_stream_with_every_kind_of_event_under_any_cut() {
    let bytes = everything().into_bytes();
    let mut wanted = None;
    for size in [1, 2, 3, 5, 7, 11, 64, 1000, bytes.len()] {
        let pieces = bytes.chunks(size).flat_map(|piece| [Piece::bytes(piece.to_vec()), Piece::Wait(Duration::ZERO)]);
        let house = House::new(
            Answer { body: pieces.collect(), ..Answer::default() }.header("content-type", "text/event-stream"),
        );
        let (events, reply) = house.stream(ask());
        let reply = reply.unwrap();
        assert_eq!(events, *wanted.get_or_insert_with(|| events.clone()), "in pieces of {size}");
        assert_eq!(reply.id.as_deref(), Some("c-1"));
        assert_eq!((reply.text().as_ref(), reply.reasoning().as_deref()), ("See \u{e9}\u{1F600}.", Some("Hmm.")));
        let kinds: Vec<_> = reply.parts.iter().map(tidegate::Part::kind).collect();
        assert_eq!(kinds, ["reasoning", "text", "citation", "other", "reasoning", "tool_call", "tool_call"]);
        assert_eq!(serde_json::to_value(&reply.parts[2].state).unwrap()["data"], source());
        let Content::Other(other) = &reply.parts[3].content else { panic!("{:?}", reply.parts) };
        assert_eq!(other.data, json!({"type": "table", "text": "ab"}));
        assert_eq!(reply.parts[4].state.as_ref().unwrap().data["tool_plan"], "I will look.");
        let calls: Vec<_> = reply.tool_calls().map(|call| (call.id.as_str(), call.arguments.as_str())).collect();
        assert_eq!(calls, [("t1", "{\"a\": 1.50}"), ("t2", "{}")]);
        assert_eq!((reply.finish_reason, reply.usage.unwrap().input_tokens), (FinishReason::ToolCalls, 71));
    }
    let sent = House::new(stream_of(&everything()));
    sent.stream(ask()).1.unwrap();
    assert_eq!(
        (&sent.sent()["stream"], &sent.sim.exchanges()[0].headers["accept"]),
        (&json!(true), &"text/event-stream".parse().unwrap())
    );
}

#[test]
fn a_plan_without_a_call_is_kept_too() {
    let plan = event(json!({"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "I wi"}}}));
    let reply = House::new(stream_of(&[start(), plan, end("MAX_TOKENS")].concat())).stream(ask()).1.unwrap();
    assert_eq!(reply.parts[0].state.as_ref().unwrap().data["tool_plan"], "I wi");
    assert_eq!((reply.text().as_ref(), reply.reasoning(), reply.finish_reason), ("", None, FinishReason::Length));
}

#[test]
fn a_stream_ends_with_message_end_and_nothing_else() {
    let cut = [start(), text("See")].concat();
    for body in [cut.clone(), format!("{cut}data: [DONE]\n\n")] {
        let error = House::new(stream_of(&body)).stream(ask()).1.unwrap_err();
        assert_eq!((error.kind(), error.partial_response().unwrap().text().as_ref()), (Kind::StreamIncomplete, "See"));
        assert!(matches!(error.scope(), Retry::After(_)));
    }
    let broken = stream_of(&cut).then(End::Rst);
    assert_eq!(House::new(broken).stream(ask()).1.unwrap_err().kind(), Kind::StreamIncomplete);
}

#[test]
fn errors_inside_a_stream_keep_the_partial_answer() {
    let error = |delta: Value| event(json!({"type": "message-end", "delta": delta}));
    let rows = [
        (error(json!({"finish_reason": "ERROR", "error": "the model fell over"})), Kind::Server, "fell over"),
        (error(json!({"finish_reason": "ERROR", "error": "too many tokens: 9"})), Kind::ContextTooLong, "too many"),
        ("data: {\"id\": \"x\", \"message\": \"internal server error\"}\n\n".to_owned(), Kind::Server, "internal"),
    ];
    for (last, kind, words) in rows {
        let body = [start(), text("See"), last].concat();
        let error = House::new(stream_of(&body)).stream(ask()).1.unwrap_err();
        assert_eq!((error.kind(), error.partial_response().unwrap().text().as_ref()), (kind, "See"));
        assert!(error.to_string().contains(words), "{error}");
    }
    // What was written before the model gave up is an answer, if not a good one.
    let reply = House::new(stream_of(&[start(), text("See"), end("ERROR")].concat())).stream(ask()).1.unwrap();
    assert_eq!((reply.text().as_ref(), reply.finish_reason), ("See", FinishReason::Other));
    let error = House::new(stream_of(&[start(), end("TIMEOUT")].concat())).stream(ask()).1.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
}

#[test]
fn probabilities_come_with_their_words() {
    let delta = event(json!({"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "See"}}},
        "logprobs": {"text": "See", "token_ids": [1], "logprobs": [-0.25]}}));
    let reply = House::new(stream_of(&[start(), delta, end("COMPLETE")].concat())).stream(ask()).1.unwrap();
    assert_eq!((reply.logprobs[0].token.as_str(), reply.logprobs[0].logprob), ("See", -0.25));
}
