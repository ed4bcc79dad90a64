use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Event, Kind, Request, Response, Result, Retry};

use super::*;

const GOOD: &str = "{\"is\": \"good\"}";

fn route(reject: Value) -> Value {
    json!({"r": {"targets": ["one/m", "two/m"], "reject": reject}})
}

/// A chat whose first answer is this one, and what became of it.
fn cascade(reject: Value, first: Answer, request: Request) -> Result<Response> {
    House::new(route(reject), &[("one", &[first]), ("two", &[text(GOOD)])]).chat(request)
}

fn refusal() -> Answer {
    message(json!({"role": "assistant", "content": null, "refusal": "I will not"}), "stop")
}

#[test]
fn an_answer_that_will_not_do_sends_the_call_on() {
    let cut = |reason: &str| message(json!({"role": "assistant", "content": "words"}), reason);
    let json_wanted = json!({"response_format": {"type": "json_object"}});
    let cases = [
        ("empty", json!(true), text(" \n"), json!({})),
        ("empty", json!(true), message(json!({"role": "assistant", "content": null}), "stop"), json!({})),
        ("refusal", json!(true), refusal(), json!({})),
        ("truncated", json!(true), cut("length"), json!({})),
        ("content_filter", json!(true), cut("content_filter"), json!({})),
        ("invalid_json", json!(true), text("Here you are: {}"), json_wanted),
        ("min_chars", json!(7), text("schön!"), json!({})),
        ("pattern", json!("(?i)as an ai"), text("As an AI, I cannot"), json!({})),
    ];
    for (key, value, first, fields) in cases {
        let reply = cascade(json!({key: value}), first, asked(fields)).unwrap();
        assert_eq!(tried(&reply.attempts), [("one/m", Some(Kind::InvalidOutput)), ("two/m", None)], "{key}");
        assert_eq!((reply.text().as_ref(), reply.rejected.as_deref()), (GOOD, None), "{key}");
    }
}

#[test]
fn what_is_not_asked_for_rejects_nothing() {
    let call = json!({"id": "t", "type": "function", "function": {"name": "buy", "arguments": "{}"}});
    let calls = message(json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls");
    let all = json!({"empty": true, "min_chars": 20, "invalid_json": true});
    let tools = json!({"tools": [{"type": "function", "function": {"name": "buy"}}]});
    assert_eq!(cascade(all, calls, asked(tools)).unwrap().target, "one/m");
    // Prose is no broken JSON where nobody asked for JSON.
    assert_eq!(cascade(json!({"invalid_json": true}), text("prose"), hi()).unwrap().target, "one/m");
    assert_eq!(cascade(json!({"min_chars": 0}), refusal(), hi()).unwrap().target, "one/m");
    assert_eq!(cascade(json!({"min_chars": 6}), text("schön!"), hi()).unwrap().target, "one/m");
}

#[test]
fn a_route_overrides_the_defaults_key_by_key() {
    let config = json!({
        "defaults": {"reject": {"empty": true, "min_chars": 20}},
        "routes": {"r": {"targets": ["one/m"], "reject": {"min_chars": 0}}},
    });
    let house = House::with(config, &[("one", &[text("short"), text("")])]);
    assert_eq!(house.chat(hi()).unwrap().text(), "short");
    assert_eq!(house.chat(hi()).unwrap_err().get("reject"), Some("empty"));
}

#[test]
fn where_no_target_is_left_the_error_has_the_answer() {
    let house = House::new(route(json!({"min_chars": 20})), &[("one", &[text("one")]), ("two", &[text("private")])]);
    let error = house.chat(hi()).unwrap_err();
    assert_eq!((error.kind(), error.scope(), error.http_status()), (Kind::InvalidOutput, Retry::Elsewhere, Some(200)));
    assert_eq!((error.get("reject"), error.provider_name()), (Some("min_chars"), Some("two")));
    assert!(error.to_string().ends_with("the answer is rejected: it has fewer than 20 characters (two/m)"), "{error}");
    assert!(!format!("{error:?}").contains("private"));
    assert_eq!((partial(&error).text().as_ref(), partial(&error).target.as_str()), ("private", "two/m"));
    assert_eq!(partial(&error).usage.as_ref().map(|usage| usage.output_tokens), Some(5));
}

#[test]
fn the_last_rejected_answer_can_be_taken_after_all() {
    let reject = json!({"min_chars": 20, "on_exhausted": "accept"});
    let both = House::new(route(reject.clone()), &[("one", &[text("one")]), ("two", &[text("two")])]);
    let reply = both.chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.rejected.as_deref()), ("two", Some("min_chars")));
    let rejected = Some(Kind::InvalidOutput);
    assert_eq!(tried(&reply.attempts), [("one/m", rejected), ("two/m", rejected)]);

    let outage = House::new(route(reject), &[("one", &[text("one")]), ("two", &[down(), down()])]);
    let reply = outage.chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.target.as_str()), ("one", "one/m"));
}

#[test]
fn a_deadline_that_passes_elsewhere_does_not_lose_it() {
    let late = text("two").after(Duration::from_secs(60));
    let mut routes = route(json!({"min_chars": 20, "on_exhausted": "accept"}));
    routes["r"]["timeout"] = json!({"total": "5s"});
    let reply = House::new(routes, &[("one", &[text("one")]), ("two", &[late])]).chat(hi()).unwrap();
    assert_eq!((reply.text().as_ref(), reply.rejected.as_deref()), ("one", Some("min_chars")));
}

#[test]
fn a_stream_goes_on_elsewhere_before_its_first_content_only() {
    let refuses = Answer::sse(chunks(&[json!({"role": "assistant"}), json!({"refusal": "I will"})]));
    let reject = json!({"empty": true, "refusal": true, "min_chars": 20});
    for first in [refuses, streams(&[])] {
        let house = House::new(
            route(reject.clone()),
            &[("one", &[first]), ("two", &[streams(&["an answer of ", "many words"])])],
        );
        let (events, response) = house.stream(hi());
        assert_eq!(kinds(&events), ["start", "text", "end"]);
        assert_eq!(tried(&response.unwrap().attempts), [("one/m", Some(Kind::InvalidOutput)), ("two/m", None)]);
    }
    let house = House::new(route(reject), &[("one", &[streams(&["sh", "ort"])]), ("two", &[])]);
    let (events, response) = house.stream(hi());
    let error = response.unwrap_err();
    assert_eq!((kinds(&events), error.get("reject")), (vec!["start", "text"], Some("min_chars")));
    assert_eq!((error.scope(), partial(&error).text().as_ref()), (Retry::Never, "short"));
    assert_eq!(tried(error.attempt_records()), [("one/m", Some(Kind::InvalidOutput))]);
}

#[test]
fn a_stream_that_is_taken_after_all_says_so_at_its_end() {
    let reject = json!({"min_chars": 20, "on_exhausted": "accept"});
    let (events, response) = House::new(route(reject), &[("one", &[streams(&["short"])])]).stream(hi());
    let Some(Event::End(end)) = events.last() else { panic!("no end") };
    assert_eq!(end.rejected.as_deref(), Some("min_chars"));
    assert_eq!(response.unwrap().rejected.as_deref(), Some("min_chars"));
}

#[test]
fn a_function_of_the_callers_judges_last() {
    let house = |check: fn(&Response) -> Option<String>| {
        let reject = json!({"empty": true, "check": "grounded"});
        let house = House::new(route(reject), &[("one", &[text("guess")]), ("two", &[text("fact")])]);
        House { gateway: house.gateway.with_check("grounded", check), ..house }
    };
    let reply = house(|reply| (reply.text() == "guess").then(|| "no source".to_owned())).chat(hi()).unwrap();
    assert_eq!((reply.target.as_str(), reply.attempts.len()), ("two/m", 2));
    let error = house(|reply| Some(format!("{} guesses", reply.target))).chat(hi()).unwrap_err();
    assert_eq!(error.get("reject"), Some("check"));
    assert!(error.to_string().ends_with("the answer is rejected: two/m guesses (two/m)"), "{error}");
}

#[test]
fn a_function_that_panics_rejects_nothing() {
    let house = House::new(route(json!({"check": "broken"})), &[("one", &[text("fine")])]);
    let gateway = house.gateway.with_check("broken", |_| panic!("a mistake of the caller's"));
    assert_eq!(house.sim.run(gateway.chat(hi())).unwrap().text(), "fine");
}

#[test]
fn a_function_that_hangs_is_ended_by_the_deadline() {
    let mut routes = route(json!({"check": "slow"}));
    routes["r"]["timeout"] = json!({"total": "5s"});
    let house = House::new(routes, &[("one", &[text("fine")])]);
    let gateway = house.gateway.with_async_check("slow", |_| futures_util::future::pending().boxed());
    let error = house.sim.run(gateway.chat(hi())).unwrap_err();
    assert_eq!((error.kind(), error.get("timeout")), (Kind::Timeout, Some("total")));
}

#[test]
fn a_function_that_is_not_there_is_an_error_before_anything_is_sent() {
    let house = House::new(route(json!({"check": "typo"})), &[("one", &[text("fine")])]);
    let error = house.chat(hi()).unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("reject.check names the function 'typo'"), "{error}");
    assert!(house.sim.exchanges().is_empty());
}

#[test]
fn a_pattern_that_is_none_is_named_with_its_place() {
    let error =
        tidegate::Config::from_toml("routes.r = { targets = [\"sim/a\"], reject.pattern = \"(\" }").unwrap_err();
    assert_eq!(error.to_string(), "line 1: routes.r.reject.pattern: is not a regular expression: unclosed group");
}
