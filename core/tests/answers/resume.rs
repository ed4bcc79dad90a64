use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidegate::sim::{Answer, End, Piece};
use tidegate::{Event, Kind, Seam, Usage};

use super::*;

fn route(targets: Value, on_interrupt: &str) -> Value {
    json!({"r": {"targets": targets, "stream": {"on_interrupt": on_interrupt}}})
}

fn restarts() -> Value {
    route(json!(["one/m", "two/m"]), "restart")
}

fn texts(events: &[Event]) -> String {
    events.iter().filter_map(Event::text).collect()
}

/// A stream in Anthropic's protocol.
fn claude(text: &str) -> Answer {
    let events = [
        json!({"type": "message_start", "message": {"id": "m", "model": "c-1", "usage": {"input_tokens": 10, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}}),
        json!({"type": "message_stop"}),
    ];
    let piece = |event: &Value| Piece::bytes(format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()));
    Answer { body: events.iter().map(piece).collect(), ..Answer::default() }.header("content-type", "text/event-stream")
}

#[test]
fn by_default_a_stream_that_breaks_off_is_an_error() {
    let routes = json!({"r": {"targets": ["one/m", "two/m"]}});
    let (events, response) = House::new(routes, &[("one", &[breaks(&["Once"])]), ("two", &[])]).stream(hi());
    let error = response.unwrap_err();
    assert_eq!((kinds(&events), error.kind()), (vec!["start", "text"], Kind::StreamIncomplete));
    assert_eq!((partial(&error).text().as_ref(), error.attempt_records().len()), ("Once", 1));
}

#[test]
fn a_restart_is_an_event_and_voids_what_came_before() {
    let answer = streams(&["Another ", "story"]).header("x-request-id", "of-two");
    let first = breaks(&["Once ", "upon"]).header("x-request-id", "of-one");
    let house = House::new(restarts(), &[("one", &[first]), ("two", &[answer])]);
    let (events, response) = house.stream(hi());
    assert_eq!(kinds(&events), ["start", "text", "restart", "start", "text", "end"]);
    assert_eq!(events[3], Event::Restart { target: "two/m".to_owned(), reason: Kind::StreamIncomplete });
    let response = response.unwrap();
    assert_eq!((response.text().as_ref(), response.target.as_str()), ("Another story", "two/m"));
    assert_eq!((response.request_id.as_deref(), response.seams.len()), (Some("of-two"), 0));
    assert_eq!(tried(&response.attempts), [("one/m", Some(Kind::StreamIncomplete)), ("two/m", None)]);
    // Nobody said what the first one used: the same prompt, and nine bytes of text.
    let usage = Usage { input_tokens: 26, output_tokens: 8, estimated: true, ..Usage::default() };
    assert_eq!(response.usage, Some(usage));
    assert_eq!(house.sent_to("one")[0]["messages"], house.sent_to("two")[0]["messages"]);
}

#[test]
fn stalls_and_errors_in_the_middle_are_interruptions_too() {
    let stalls = Answer::sse(says(&["Once"])).then(End::Hang);
    let error = json!({"error": {"message": "broke", "type": "server_error", "code": 500}}).to_string();
    let fails = Answer::sse(says(&["Once"]).into_iter().chain([error]));
    for (first, kind) in [(stalls, Kind::Timeout), (fails, Kind::Server)] {
        let (events, response) =
            House::new(restarts(), &[("one", &[first]), ("two", &[streams(&["two"])])]).stream(hi());
        assert_eq!(events[2], Event::Restart { target: "two/m".to_owned(), reason: kind });
        assert_eq!(response.unwrap().text(), "two");
    }
}

#[test]
fn a_stream_goes_on_at_most_twice_and_within_its_attempts() {
    let routes = |most: u32| {
        let mut routes = route(json!(["one/m", "two/m", "three/m"]), "restart");
        routes["r"]["retry"] = json!({"max_attempts": most});
        routes
    };
    let broken = || [breaks(&["a"]), breaks(&["b"])];
    for (most, restarts) in [(1, 0), (2, 1), (3, 2), (9, 2)] {
        let house = House::new(routes(most), &[("one", &broken()), ("two", &broken()), ("three", &broken())]);
        let (events, response) = house.stream(hi());
        let error = response.unwrap_err();
        assert_eq!(events.iter().filter(|event| event.kind() == "restart").count(), restarts);
        let failed = error.attempt_records().iter().filter(|attempt| attempt.kind == Some(Kind::StreamIncomplete));
        assert_eq!((error.kind(), failed.count()), (Kind::StreamIncomplete, restarts + 1));
        assert_eq!((partial(&error).text().as_ref(), house.sim.exchanges().len()), ("a", restarts + 1));
    }
}

#[test]
fn where_no_target_goes_on_the_interruption_is_the_error() {
    let downs = [down(), down(), down()];
    let house = House::new(restarts(), &[("one", &[breaks(&["Once"]), down(), down()]), ("two", &downs)]);
    let (_, response) = house.stream(hi());
    let error = response.unwrap_err();
    assert_eq!((error.kind(), partial(&error).text().as_ref()), (Kind::StreamIncomplete, "Once"));
    let overloaded = Some(Kind::Overloaded);
    let all = [("one/m", Some(Kind::StreamIncomplete)), ("two/m", overloaded), ("one/m", overloaded)];
    assert_eq!(tried(error.attempt_records()), all);
}

#[test]
fn the_deadline_holds_for_all_targets_together() {
    let mut routes = restarts();
    routes["r"]["timeout"] = json!({"total": "40s"});
    let stalls = Answer::sse(says(&["Once"])).then(End::Hang);
    let house = House::new(routes, &[("one", std::slice::from_ref(&stalls)), ("two", std::slice::from_ref(&stalls))]);
    let (events, response) = house.stream(hi());
    assert_eq!(kinds(&events), ["start", "text", "restart", "start", "text"]);
    let error = response.unwrap_err();
    assert_eq!((error.kind(), error.get("timeout")), (Kind::Timeout, Some("total")));
    assert_eq!(house.sim.run(async { tidegate::World::now(&house.sim) }).since_start(), Duration::from_secs(40));
}

#[test]
fn another_model_goes_on_with_the_words_so_far() {
    let routes = route(json!(["one/m", "two/m", "mistral/large"]), "continue");
    let house =
        House::new(routes, &[("one", &[breaks(&["Once ", "upon "])]), ("mistral", &[streams(&[" a", " time"])])]);
    let (events, response) = house.stream(hi());
    assert_eq!(kinds(&events), ["start", "text", "continued", "start", "text", "end"]);
    assert_eq!(texts(&events), "Once upon a time");
    let response = response.unwrap();
    assert_eq!((response.text().as_ref(), response.parts.len()), ("Once upon a time", 1));
    let seam = Seam { at: 10, target: "mistral/large".to_owned(), reason: Kind::StreamIncomplete };
    assert_eq!((&response.seams, response.target.as_str()), (&vec![seam], "mistral/large"));
    let last = json!({"role": "assistant", "content": "Once upon", "prefix": true});
    assert_eq!(house.sent_to("mistral")[0]["messages"][1], last);
    // The words were three tokens of what the second one read.
    assert_eq!(response.usage.map(|usage| (usage.input_tokens, usage.output_tokens)), Some((23, 8)));
}

#[test]
fn a_model_that_takes_no_words_begins_anew() {
    for (model, seam) in [("claude-sonnet-4-5", "continued"), ("claude-opus-4-8", "restart"), ("other", "restart")] {
        let routes = route(json!(["one/m", format!("claude/{model}")]), "continue");
        let house = House::new(routes, &[("one", &[breaks(&["Once"])]), ("claude", &[claude(" upon")])]);
        let (events, response) = house.stream(hi());
        assert_eq!(kinds(&events), ["start", "text", seam, "start", "text", "end"], "{model}");
        assert_eq!(response.unwrap().text(), if seam == "restart" { " upon" } else { "Once upon" });
    }
}

#[test]
fn more_than_text_is_never_spliced() {
    let function = json!({"index": 0, "id": "t", "function": {"name": "buy", "arguments": "{\"a"}});
    let calls = [json!({"content": "I buy"}), json!({"tool_calls": [function]})];
    let tools = json!({"tools": [{"type": "function", "function": {"name": "buy"}}]});
    let schema = json!({"response_format": {"type": "json_object"}});
    let thinks = json!({"reasoning": {"effort": "low"}});
    let thinking = [json!({"reasoning_content": "hm"}), json!({"content": "Once"})];
    let words = || breaks(&["Once"]);
    let cases = [
        (Answer::sse(chunks(&calls)).then(End::Rst), tools, json!({})),
        (words(), schema, json!({})),
        (words(), thinks, json!({})),
        (Answer::sse(chunks(&thinking)).then(End::Rst), json!({}), json!({})),
        (words(), json!({}), json!({"min_chars": 1})),
    ];
    for (first, fields, reject) in cases {
        let mut routes = route(json!(["one/m", "mistral/magistral-medium"]), "continue");
        routes["r"]["reject"] = reject;
        let house = House::new(routes, &[("one", &[first]), ("mistral", &[streams(&["{}"])])]);
        let (events, response) = house.stream(asked(fields.clone()));
        assert!(events.iter().any(|event| event.kind() == "restart"), "{fields}: {events:?}");
        assert_eq!(response.unwrap().text(), "{}");
        assert_eq!(house.sent_to("mistral")[0]["messages"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn an_answer_goes_on_more_than_once() {
    let routes = route(json!(["one/m", "mistral/a", "mistral/b"]), "continue");
    let house =
        House::new(routes, &[("one", &[breaks(&["Once "])]), ("mistral", &[breaks(&["upon "]), streams(&["a time"])])]);
    let (events, response) = house.stream(hi());
    let response = response.unwrap();
    assert_eq!(texts(&events), "Once upon a time");
    let seams: Vec<_> = response.seams.iter().map(|seam| (seam.at, seam.target.as_str())).collect();
    assert_eq!(seams, [(5, "mistral/a"), (10, "mistral/b")]);
    assert_eq!(house.sent_to("mistral")[1]["messages"][1]["content"], "Once upon");
}

#[test]
fn what_is_left_closes_every_connection() {
    let house =
        House::new(restarts(), &[("one", &[breaks(&["Once"])]), ("two", &[streams(&["a", "b"]).then(End::Hang)])]);
    house.sim.run(async {
        let mut stream = house.gateway.stream(hi()).await.unwrap();
        while let Some(event) = stream.next().await {
            if event.unwrap().kind() == "restart" {
                break;
            }
        }
    });
    assert!(house.sim.exchanges().iter().all(|exchange| exchange.closed.is_some()));
}
