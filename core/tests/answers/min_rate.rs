//! Streams that are too slow: another target answers while nothing is shown, and later they are interrupted.

use std::time::Duration;

use serde_json::{Value, json};
use tidegate::{Event, Kind, Tick, World};

use super::*;

fn route(stream: Value) -> Value {
    json!({"r": {"targets": ["one/m", "two/m"], "stream": stream}})
}

/// Twenty characters a second, over two seconds.
fn held() -> Value {
    route(json!({"min_rate": {"chars_per_second": 20, "window": "2s"}}))
}

fn texts(events: &[Event]) -> String {
    events.iter().filter_map(Event::text).collect()
}

/// A text of ten characters, so many times.
fn tens(count: usize) -> Vec<&'static str> {
    vec!["ten of it "; count]
}

fn slow(count: usize) -> Answer {
    streams(&tens(count)).paced(Duration::from_secs(1))
}

fn since_start(house: &House) -> Duration {
    house.sim.now() - Tick::default()
}

#[test]
fn a_stream_that_begins_too_slowly_is_answered_elsewhere() {
    let house = House::new(held(), &[("one", &[slow(50)]), ("two", &[streams(&["Here it is"])])]);
    let (events, response) = house.stream(hi());
    let response = response.unwrap();
    assert_eq!((&*texts(&events), &*response.target), ("Here it is", "two/m"), "nothing of the first is shown");
    assert_eq!(tried(&response.attempts), [("one/m", Some(Kind::Timeout)), ("two/m", None)]);
    let message = "fewer than 20 characters a second from one/m within 2s (stream.min_rate)";
    assert_eq!(response.attempts[0].message.as_deref(), Some(message));
    assert_eq!(response.attempts[0].time, Duration::from_secs(2));
    assert!(house.sim.exchanges()[0].closed.unwrap().by_client, "and its connection is closed");
}

#[test]
fn where_nobody_is_faster_it_is_the_error() {
    let house = House::new(held(), &[("one", &[slow(50), slow(50)]), ("two", &[slow(50)])]);
    let (events, response) = house.stream(hi());
    let error = response.unwrap_err();
    assert_eq!((events.len(), error.kind(), error.get("timeout")), (0, Kind::Timeout, Some("min_rate")));
}

#[test]
fn one_that_becomes_slow_is_interrupted_with_what_came() {
    let answer = streams(&["As fast as forty characters can be shown", " and", " then", " slow"]);
    let answer = answer.paced(Duration::from_secs(1));
    let house = House::new(held(), &[("one", std::slice::from_ref(&answer)), ("two", &[streams(&["another"])])]);
    let (events, response) = house.stream(hi());
    let error = response.unwrap_err();
    assert_eq!((error.kind(), error.get("timeout")), (Kind::Timeout, Some("min_rate")));
    assert_eq!(texts(&events), "As fast as forty characters can be shown and then");
    assert_eq!(partial(&error).text(), texts(&events));
    // Two seconds, and those that nine characters bought.
    assert_eq!(since_start(&house), Duration::from_millis(2450));

    let stream = json!({"min_rate": {"chars_per_second": 20, "window": "2s"}, "on_interrupt": "restart"});
    let house = House::new(route(stream), &[("one", &[answer]), ("two", &[streams(&["another"])])]);
    let (events, response) = house.stream(hi());
    assert_eq!(kinds(&events), ["start", "text", "restart", "start", "text", "end"]);
    assert_eq!(response.unwrap().text(), "another");
}

#[test]
fn an_answer_that_is_fast_or_short_or_plain_is_left_alone() {
    let house = House::new(held(), &[("one", &[streams(&["Yes."])])]);
    assert_eq!(house.stream(hi()).1.unwrap().text(), "Yes.");
    assert_eq!(since_start(&house), Duration::ZERO, "all there is need not be waited for");

    let fast = streams(&tens(30)).paced(Duration::from_millis(400));
    let house = House::new(held(), &[("one", &[fast])]);
    assert_eq!(house.stream(hi()).1.unwrap().text().len(), 300);

    let house = House::new(held(), &[("one", &[text("It took a while").after(Duration::from_secs(20))])]);
    assert_eq!(house.chat(hi()).unwrap().text(), "It took a while");
}

#[test]
fn a_route_may_do_without_the_least_rate_of_the_defaults() {
    let own = json!({"r": {"targets": ["one/m"], "stream": {"min_rate": {"chars_per_second": 0}}}});
    let config =
        |routes: Value| json!({"routes": routes, "defaults": {"stream": {"min_rate": {"chars_per_second": 20}}}});
    let house = House::with(config(own), &[("one", &[slow(20)])]);
    assert_eq!(house.stream(hi()).1.unwrap().text().len(), 200);
    let house = House::with(config(json!({"r": {"targets": ["one/m"]}})), &[("one", &[slow(20), slow(20), slow(20)])]);
    assert_eq!(house.stream(hi()).1.unwrap_err().get("timeout"), Some("min_rate"));
}
