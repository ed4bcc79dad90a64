use std::time::Duration;

use serde_json::{Value, json};
use tidegate::sim::{Answer, Piece};
use tidegate::{Content, Response, Usage};

use super::{House, answer, ask};

fn answers(content: Value) -> Response {
    House::new(Answer::json(200, &answer(content))).chat(ask()).unwrap()
}

#[test]
fn chunks_become_parts_and_go_back_as_they_came() {
    let content = json!([
        {"type": "thinking", "thinking": [{"type": "text", "text": "One."}], "signature": "c2ln", "closed": true},
        {"type": "thinking", "thinking": [
            {"type": "text", "text": "Two."}, {"type": "tool_reference", "tool": "web_search", "title": "t"}]},
        {"type": "text", "text": "Yes"},
        {"type": "reference", "reference_ids": [0, "k"]},
        {"type": "text", "text": "."},
        {"type": "image_url", "image_url": {"url": "https://x.example/made.png"}},
    ]);
    let house = House::new(Answer::json(200, &answer(content)));
    let reply = house.chat(ask()).unwrap();
    let kinds: Vec<_> = reply.parts.iter().map(tidegate::Part::kind).collect();
    assert_eq!(kinds, ["reasoning", "reasoning", "other", "text", "citation", "text", "other"]);
    assert_eq!((reply.text().as_ref(), reply.reasoning().as_deref()), ("Yes.", Some("One.Two.")));
    assert_eq!(reply.parts[0].state.as_ref().unwrap().data["signature"], "c2ln");

    let said = serde_json::to_value(reply.message()).unwrap();
    house
        .chat(json!({"messages": [{"role": "user", "content": "hi"}, said, {"role": "user", "content": "so?"}]}))
        .unwrap();
    assert_eq!(
        house.sent()["messages"][1]["content"],
        json!([
            {"type": "thinking", "thinking": [{"type": "text", "text": "One."}], "signature": "c2ln"},
            {"type": "thinking", "thinking": [{"type": "text", "text": "Two."}]},
            {"type": "tool_reference", "tool": "web_search", "title": "t"},
            {"type": "text", "text": "Yes"},
            {"type": "reference", "reference_ids": [0, "k"]},
            {"type": "text", "text": "."},
            {"type": "image_url", "image_url": {"url": "https://x.example/made.png"}},
        ])
    );
}

#[test]
fn a_chunk_of_an_odd_form_loses_nothing_but_itself() {
    assert_eq!(answers(json!(["a", {"type": "text", "text": "b"}])).text(), "ab");
    assert_eq!(answers(json!([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "b"}])).text(), "b");
    let new = answers(json!([{"type": "dance", "steps": 3}]));
    assert!(matches!(&new.parts[0].content, Content::Other(other) if other.kind == "dance"));
    let house = House::new(Answer::json(200, &answer(json!([{"type": "text", "text": 7}]))));
    assert_eq!(house.chat(ask()).unwrap_err().get("reason"), Some("malformed_response"));
}

#[test]
fn tools_that_it_ran_itself_are_kept() {
    let call = json!({"id": "D681PevKs", "function": {"name": "web_search", "arguments": "{}"}});
    let messages = json!([
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "D681PevKs", "content": "found"},
        {"role": "assistant", "content": [{"type": "text", "text": "So."}]},
    ]);
    let body =
        json!({"id": "c", "model": "m", "choices": [{"index": 0, "messages": messages, "finish_reason": "stop"}]});
    let reply = House::new(Answer::json(200, &body)).chat(ask()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.tool_calls().count()), ("So.", 0));
    let kinds: Vec<_> = reply.parts.iter().map(tidegate::Part::kind).collect();
    assert_eq!(kinds, ["other", "other", "text"]);
}

#[test]
fn what_it_heard_counts_as_input_once() {
    let counted = |usage: Value| {
        let mut body = answer(json!("ok"));
        body["usage"] = usage;
        House::new(Answer::json(200, &body)).chat(ask()).unwrap().usage.unwrap()
    };
    let heard = |input: u64, heard: u64| Usage {
        input_tokens: input,
        output_tokens: 3,
        input_audio_tokens: heard,
        ..Usage::default()
    };
    let table = [
        (
            json!({"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 83, "prompt_audio_seconds": 6}),
            heard(80, 75),
        ),
        (json!({"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 83, "audio_tokens": 75}), heard(80, 75)),
        (
            json!({"prompt_tokens": 80, "completion_tokens": 3, "total_tokens": 83, "prompt_audio_seconds": 6,
                "prompt_tokens_details": {"audio_tokens": 75}}),
            heard(80, 75),
        ),
        // A field of an odd type is none.
        (
            json!({"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8, "prompt_audio_seconds": {}}),
            heard(5, 0),
        ),
        (
            json!({"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8, "num_cached_tokens": 4}),
            Usage { cached_input_tokens: 4, ..heard(5, 0) },
        ),
    ];
    for (wire, usage) in table {
        assert_eq!(counted(wire.clone()), usage, "{wire}");
    }
}

fn chunk(delta: Value, finish: Value) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
    json!({"id": "c", "object": "chat.completion.chunk", "model": "m-2026", "choices": [choice], "p": "ab"}).to_string()
}

#[test]
fn a_stream_of_chunks_under_any_cut() {
    let thinking = |text: &str, closed: bool| json!([{"type": "thinking", "thinking": [{"type": "text", "text": text}], "closed": closed}]);
    let call = json!({"id": "D681PevKs", "function": {"name": "f", "arguments": "{\"a\": 1}"}, "index": 0});
    let events = [
        chunk(json!({"role": "assistant", "content": ""}), json!(null)),
        chunk(json!({"content": thinking("H", false)}), json!(null)),
        chunk(json!({"content": thinking("m.", true)}), json!(null)),
        chunk(json!({"content": thinking("Again.", true)}), json!(null)),
        chunk(json!({"content": "é\u{1F600}"}), json!(null)),
        chunk(
            json!({"content": [{"type": "text", "text": "!"}, {"type": "reference", "reference_ids": [2]}]}),
            json!(null),
        ),
        chunk(json!({"content": "", "tool_calls": [call]}), json!("tool_calls")),
        "[DONE]".to_owned(),
    ];
    let bytes = events.iter().map(|event| format!("data: {event}\n\n")).collect::<Vec<_>>().concat();
    let mut wanted = None;
    for size in [1, 2, 3, 5, 7, 64, bytes.len()] {
        let pieces = bytes.as_bytes().chunks(size);
        let pieces = pieces.flat_map(|piece| [Piece::bytes(piece.to_vec()), Piece::Wait(Duration::ZERO)]);
        let stream = Answer { body: pieces.collect(), ..Answer::default() }.header("content-type", "text/event-stream");
        let reply = House::new(stream).stream(ask()).unwrap();
        let wanted = wanted.get_or_insert_with(|| reply.parts.clone());
        assert_eq!(reply.parts, *wanted, "in pieces of {size}");
    }
    let parts = wanted.unwrap();
    let kinds: Vec<_> = parts.iter().map(tidegate::Part::kind).collect();
    assert_eq!(kinds, ["reasoning", "reasoning", "text", "citation", "tool_call"]);
    assert_eq!(parts[2].as_text(), Some("é\u{1F600}!"));
}
