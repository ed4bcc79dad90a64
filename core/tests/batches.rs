//! Embeddings of more texts than a provider takes at once, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};
use tidegate::sim::{Answer, End, Exchange};
use tidegate::{Gateway, Kind, Request, Response, Result, Sim, Tick};

/// Gemini takes 100 texts at once.
const LIMIT: usize = 100;
const SECOND: Duration = Duration::from_secs(1);

struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    /// A route `r` to `targets`, of which `a` and `b` are hosts that speak like Gemini.
    fn new(targets: &[&str], attempts: u32) -> Self {
        let sim = Sim::new(1);
        let at = |host: &str| json!({"protocol": "gemini", "base_url": format!("http://{host}"), "api_key": "k"});
        let config = json!({
            "providers": {"a": at("a.test"), "b": at("b.test")},
            "routes": {"r": {"targets": targets, "retry": {"max_attempts": attempts}}},
        });
        let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
        House { sim, gateway }
    }

    /// The vectors of `0`, `1`, … up to `count`.
    fn embed(&self, count: usize) -> Result<Response> {
        self.sim.run(self.gateway.embed(numbers(count)))
    }

    /// The first text of each request to a host, and when it came.
    fn seen(&self, host: &str) -> Vec<(usize, Tick)> {
        let exchanges = self.sim.exchanges();
        let there = exchanges.iter().filter(|it| it.url.host() == Some(host));
        there.map(|it| (texts(it)[0], it.at)).collect()
    }

    fn firsts(&self, host: &str) -> Vec<usize> {
        self.seen(host).into_iter().map(|(first, _)| first).collect()
    }
}

fn numbers(count: usize) -> Request {
    Request::embed("r", (0..count).map(|number| number.to_string()).collect())
}

/// The texts of a request.
fn texts(exchange: &Exchange) -> Vec<usize> {
    let body: Value = serde_json::from_slice(&exchange.body).unwrap();
    let texts = body["requests"].as_array().unwrap().iter();
    texts.map(|it| it["content"]["parts"][0]["text"].as_str().unwrap().parse().unwrap()).collect()
}

/// A vector for each text that says which it is, and a token for each.
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
fn vectors(exchange: &Exchange) -> Answer {
    let texts = texts(exchange);
    assert!(texts.len() <= LIMIT);
    let values: Vec<_> = texts.iter().map(|number| json!({"values": [*number as f32, 1]})).collect();
    Answer::json(200, &json!({"embeddings": values, "usageMetadata": {"promptTokenCount": texts.len()}}))
}

fn overloaded() -> Answer {
    Answer::json(503, &json!({"error": {"code": 503, "message": "full", "status": "UNAVAILABLE"}}))
}

/// Whether the vectors are those of `0`, `1`, … in their order.
fn are_in_order(reply: &Response, count: usize) -> bool {
    let expected: Vec<usize> = (0..count).collect();
    let found = reply.vectors.iter().map(|vector| format!("{}", vector[0]).parse().unwrap());
    found.collect::<Vec<usize>>() == expected
}

#[test]
fn texts_go_in_batches_and_come_back_in_order() {
    let house = House::new(&["a/m"], 1);
    // Those that come first are answered last.
    house.sim.handle("a.test", |it| vectors(it).after(SECOND * u32::try_from(10 - texts(it)[0] / LIMIT).unwrap()));
    let reply = house.embed(250).unwrap();
    assert!(are_in_order(&reply, 250));
    assert_eq!(house.firsts("a.test"), [0, 100, 200]);
    let usage = reply.usage.unwrap();
    assert_eq!((usage.input_tokens, reply.attempts.len()), (250, 1));
    assert_eq!(reply.latency.total, SECOND * 10, "they are under way at the same time");
}

#[test]
fn what_one_request_may_hold_goes_in_one() {
    let house = House::new(&["a/m"], 1);
    house.sim.handle("a.test", vectors);
    assert_eq!(house.embed(LIMIT).unwrap().vectors.len(), LIMIT);
    assert_eq!(house.sim.exchanges().len(), 1);
}

#[test]
fn a_few_are_under_way_at_once() {
    let house = House::new(&["a/m"], 1);
    house.sim.handle("a.test", |it| vectors(it).after(SECOND));
    assert!(are_in_order(&house.embed(1000).unwrap(), 1000));
    let at: Vec<u64> = house.seen("a.test").iter().map(|(_, at)| at.since_start().as_secs()).collect();
    assert_eq!(at, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
}

#[test]
fn a_retry_at_the_same_target_pays_only_for_what_failed() {
    let house = House::new(&["a/m"], 2);
    let refused = AtomicUsize::new(0);
    house.sim.handle("a.test", move |it| {
        // The third batch fails once, before the others of its time are done.
        if texts(it)[0] == 200 && refused.fetch_add(1, Ordering::Relaxed) == 0 {
            overloaded()
        } else {
            vectors(it).after(SECOND)
        }
    });
    let reply = house.embed(600).unwrap();
    assert!(are_in_order(&reply, 600));
    assert_eq!(reply.usage.unwrap().input_tokens, 600);
    assert_eq!(reply.attempts.len(), 2, "an attempt is one however many requests it has");
    assert_eq!((reply.attempts[0].kind, reply.attempts[1].kind), (Some(Kind::Overloaded), None));
    // After the failure none was begun, and those under way were kept.
    assert_eq!(house.firsts("a.test"), [0, 100, 200, 300, 200, 400, 500]);
}

#[test]
fn another_target_embeds_all_anew() {
    let house = House::new(&["a/m", "b/m"], 3);
    house.sim.handle("a.test", |it| if texts(it)[0] == 100 { overloaded() } else { vectors(it) });
    house.sim.handle("b.test", vectors);
    let reply = house.embed(250).unwrap();
    assert_eq!(reply.target, "b/m");
    assert!(are_in_order(&reply, 250));
    assert_eq!(house.firsts("b.test"), [0, 100, 200]);
    assert_eq!(reply.usage.unwrap().input_tokens, 250);
}

#[test]
fn what_no_retry_heals_ends_the_others_at_once() {
    let house = House::new(&["a/m"], 3);
    let refusal = json!({"error": {"code": 400, "message": "too long", "status": "INVALID_ARGUMENT"}});
    house.sim.handle("a.test", move |it| {
        if texts(it)[0] == 100 { Answer::json(400, &refusal).after(SECOND) } else { Answer::nothing(End::Hang) }
    });
    let error = house.embed(1000).unwrap_err();
    assert_eq!((error.kind(), error.attempt_records().len()), (Kind::InvalidRequest, 1));
    assert!(house.sim.exchanges().iter().all(|it| it.closed.is_some()));
    assert_eq!(house.sim.exchanges().len(), 4);
}

#[test]
fn each_request_has_the_whole_time_to_its_first_content() {
    let house = House::new(&["a/m"], 1);
    house.sim.handle("a.test", |it| vectors(it).after(SECOND * 15));
    // Twelve take three turns, 45 seconds, and the default is 20.
    assert!(are_in_order(&house.embed(1200).unwrap(), 1200));
}

#[test]
fn dropping_the_call_drops_all_its_requests() {
    let house = House::new(&["a/m"], 1);
    house.sim.handle("a.test", |it| vectors(it).after(SECOND));
    house.sim.run(async {
        assert!(house.gateway.embed(numbers(1000)).now_or_never().is_none());
    });
    let exchanges = house.sim.exchanges();
    assert_eq!(exchanges.len(), 4);
    assert!(exchanges.iter().all(|it| it.closed.is_some_and(|closed| closed.by_client)));
}

#[test]
fn vectors_of_different_lengths_are_an_error() {
    let house = House::new(&["a/m"], 1);
    house.sim.handle("a.test", |it| {
        let length = if texts(it)[0] == 0 { 2 } else { 3 };
        let values: Vec<_> = texts(it).iter().map(|_| json!({"values": vec![1; length]})).collect();
        Answer::json(200, &json!({"embeddings": values}))
    });
    let error = house.embed(150).unwrap_err();
    assert_eq!((error.kind(), error.get("reason")), (Kind::Protocol, Some("malformed_response")));
    assert!(error.to_string().contains("different lengths, 2 and 3"), "{error}");
}

#[test]
fn usage_that_is_not_known_of_a_part_is_not_known() {
    let house = House::new(&["a/m"], 1);
    house.sim.handle("a.test", |it| {
        if texts(it)[0] == 0 {
            return vectors(it);
        }
        let values: Vec<_> = texts(it).iter().map(|_| json!({"values": [1, 1]})).collect();
        Answer::json(200, &json!({"embeddings": values}))
    });
    assert_eq!(house.embed(150).unwrap().usage, None);
}
