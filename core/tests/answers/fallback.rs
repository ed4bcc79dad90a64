use std::time::Duration;

use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Fallback, FinishReason, Gateway, Kind, Request};

use super::*;

fn routes(fallback: Value) -> Value {
    json!({
        "r": {"targets": ["one/m"], "retry": {"max_attempts": 1}, "fallback": fallback},
        "other": {"targets": ["two/m"], "retry": {"max_attempts": 1}},
    })
}

const BUSY: &str = "We are busy, please try later.";

#[test]
fn a_text_answers_for_a_route_that_failed_and_says_so() {
    let house = House::new(routes(json!({"reply": BUSY})), &[("one", &[down(), down()])]);
    let reply = house.chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.fallback), (BUSY, Some(Fallback::Reply)));
    assert_eq!((reply.model.as_str(), reply.target.as_str(), reply.route.as_str()), ("", "fallback/reply", "r"));
    assert_eq!((reply.finish_reason, &reply.usage), (FinishReason::Stop, &None));
    assert_eq!(tried(&reply.attempts), [("one/m", Some(Kind::Overloaded))]);

    let (events, response) = house.stream(hi());
    assert_eq!(kinds(&events), ["start", "text", "end"]);
    let Event::Start(start) = &events[0] else { panic!("no start") };
    assert_eq!(start.fallback, Some(Fallback::Reply));
    assert_eq!(response.unwrap().fallback, Some(Fallback::Reply));
}

#[test]
fn another_route_answers_before_a_text_does() {
    let both = routes(json!({"route": "other", "reply": BUSY}));
    let house =
        House::new(both, &[("one", &[down(), down(), down()]), ("two", &[text("two"), streams(&["two"]), down()])]);
    let reply = house.chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.fallback), ("two", Some(Fallback::Route)));
    assert_eq!((reply.target.as_str(), reply.route.as_str()), ("two/m", "r"));
    assert_eq!(tried(&reply.attempts), [("one/m", Some(Kind::Overloaded)), ("two/m", None)]);
    let (events, response) = house.stream(hi());
    assert!(matches!(&events[0], Event::Start(start) if start.fallback == Some(Fallback::Route)));
    assert_eq!(response.unwrap().text(), "two");
    let reply = house.chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.attempts.len()), (BUSY, 2));
}

#[test]
fn where_no_fallback_answers_the_error_is_the_routes_own() {
    let house =
        House::new(routes(json!({"route": "other"})), &[("one", &[down()]), ("two", &[Answer::json(500, &json!({}))])]);
    let error = house.chat(hi()).unwrap_err();
    assert_eq!((error.kind(), error.provider_name()), (Kind::Overloaded, Some("one")));
    assert_eq!(tried(error.attempt_records()), [("one/m", Some(Kind::Overloaded)), ("two/m", Some(Kind::Server))]);
}

#[test]
fn what_is_the_requests_own_fault_stays_an_error() {
    let says = |code: &str, status| Answer::json(status, &json!({"error": {"message": "no", "code": code}}));
    let cases = [
        (says("invalid_value", 400), Kind::InvalidRequest),
        (says("content_filter", 400), Kind::ContentFiltered),
        (says("context_length_exceeded", 400), Kind::ContextTooLong),
    ];
    for (answer, kind) in cases {
        let house = House::new(routes(json!({"route": "other", "reply": BUSY})), &[("one", &[answer])]);
        assert_eq!(house.chat(hi()).unwrap_err().kind(), kind);
        assert_eq!(house.sim.exchanges().len(), 1);
    }
    let house = House::new(routes(json!({"reply": BUSY})), &[]);
    let error = house.chat(asked(json!({"stop": ["a", "b", "c", "d", "e"], "model": "nowhere"}))).unwrap_err();
    assert_eq!(error.kind(), Kind::NoRoute);
}

#[test]
fn a_text_answers_nothing_but_chats() {
    let house = House::new(routes(json!({"reply": BUSY})), &[("one", &[down()])]);
    let error = house.sim.run(house.gateway.embed(Request::embed("r", vec!["a".to_owned()]))).unwrap_err();
    assert_eq!(error.kind(), Kind::Overloaded);
}

#[test]
fn after_the_total_timeout_only_a_text_is_left() {
    let mut routes = routes(json!({"route": "other", "reply": BUSY}));
    routes["r"]["timeout"] = json!({"total": "5s"});
    let house = House::new(routes, &[("one", &[text("late").after(Duration::from_secs(60))]), ("two", &[text("two")])]);
    let reply = house.chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.latency.total), (BUSY, Duration::from_secs(5)));
    assert_eq!(house.sim.exchanges().len(), 1);
}

#[test]
fn a_rejected_answer_falls_back_too() {
    let mut routes = routes(json!({"route": "other"}));
    routes["r"]["reject"] = json!({"empty": true});
    let reply = House::new(routes, &[("one", &[text("")]), ("two", &[text("two")])]).chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.fallback), ("two", Some(Fallback::Route)));
}

#[test]
fn the_fallback_of_all_does_not_lead_back_to_itself() {
    let config = json!({
        "defaults": {"retry": {"max_attempts": 1}, "fallback": {"route": "safe", "reply": BUSY}},
        "routes": {
            "r": {"targets": ["one/m"]},
            "safe": {"targets": ["two/m"], "fallback": {"route": "last"}},
            "last": {"targets": ["three/m"]},
        },
    });
    let house = House::with(
        config,
        &[("one", &[down(), down()]), ("two", &[down(), down(), down()]), ("three", &[down(), text("three"), down()])],
    );
    let reply = house.chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.attempts.len()), (BUSY, 3));
    let direct = house.chat(asked(json!({"model": "one/m"}))).unwrap();
    assert_eq!((direct.text().as_ref(), direct.route.as_str()), ("three", "one/m"));
    let last = house.chat(asked(json!({"model": "last"}))).unwrap();
    assert_eq!((last.text().as_ref(), last.attempts.len()), (BUSY, 1));
}

#[test]
fn what_cannot_be_resolved_is_named_with_its_place() {
    let refused = |routes: &str| Gateway::from_toml(routes).err().unwrap().to_string();
    let cycle = "
        routes.a = { targets = [\"sim/a\"], fallback.route = \"b\" }
        routes.b = { targets = [\"sim/b\"], fallback.route = \"a\" }";
    assert_eq!(refused(cycle), "line 3: routes.b.fallback.route: fallback cycle a -> b -> a");
    let own = "routes.a = { targets = [\"sim/a\"], fallback.route = \"a\" }";
    assert_eq!(refused(own), "line 1: routes.a.fallback.route: fallback cycle a -> a");
    let unknown = "routes.support = { targets = [\"sim/a\"], fallback.route = \"suport\" }";
    let hint = "line 1: routes.support.fallback.route: no route is named 'suport', did you mean 'support'?";
    assert_eq!(refused(unknown), hint);
    let empty = "defaults.fallback.reply = \" \"";
    assert_eq!(refused(empty), "line 1: defaults.fallback.reply: is empty, expected a text");
}
