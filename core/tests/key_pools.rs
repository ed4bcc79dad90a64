//! Keys that do not work, and the limits that vendors tell before they refuse.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::told;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tidegate::sim::{Answer, Exchange};
use tidegate::{Gateway, Kind, Request, Response, Result, Sim, World};

/// Which keys work at `one.test`, and with which status the others are refused.
#[derive(Clone, Default)]
struct Keys(Arc<Mutex<Vec<&'static str>>>);

impl Keys {
    fn work(&self, keys: &[&'static str]) {
        keys.clone_into(&mut self.0.lock().unwrap());
    }
}

/// A gateway over `one.test`, which takes the keys `k0` and `k1` as `keys` say, and `two.test`, which answers.
struct House {
    sim: Sim,
    gateway: Gateway,
    keys: Keys,
}

impl House {
    fn new(status: u16, code: &str, targets: Value) -> Self {
        let sim = Sim::new(1);
        let keys = Keys::default();
        let (works, refusal) = (keys.clone(), refuses(status, code));
        sim.handle("one.test", move |exchange| {
            if works.0.lock().unwrap().contains(&&*key(exchange)) { says("one") } else { refusal.clone() }
        });
        sim.on("two.test", says("two"));
        let config = json!({
            "providers": {
                "one": {"protocol": "openai-chat", "base_url": "http://one.test/v1", "api_keys": ["k0", "k1"]},
                "two": {"protocol": "openai-chat", "base_url": "http://two.test/v1"},
            },
            "routes": {"r": {"targets": targets, "retry": {"max_attempts": 3}}},
        });
        let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
        House { sim, gateway, keys }
    }

    fn ask(&self) -> Result<Response> {
        self.sim.run(self.gateway.chat(asks("r")))
    }

    /// The keys with which `one.test` was asked since the request number `from`.
    fn tried(&self, from: usize) -> Vec<String> {
        let exchanges = self.sim.exchanges();
        exchanges.iter().skip(from).filter(|exchange| exchange.url.host() == Some("one.test")).map(key).collect()
    }

    fn seen(&self) -> usize {
        self.sim.exchanges().len()
    }
}

fn key(exchange: &Exchange) -> String {
    let header = exchange.headers.get("authorization").map_or("", |value| value.to_str().unwrap());
    header.strip_prefix("Bearer ").unwrap_or_default().to_owned()
}

fn asks(model: &str) -> Request {
    Request::from_value(json!({"model": model, "messages": [{"role": "user", "content": "hi"}]})).unwrap()
}

fn says(text: &str) -> Answer {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"});
    Answer::json(200, &json!({"id": "c", "model": "m-1", "choices": [choice]}))
}

fn refuses(status: u16, code: &str) -> Answer {
    Answer::json(status, &json!({"error": {"message": "no", "type": code, "code": code}}))
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// F73, F69: one refusal is enough for all calls; the other key stands in.
#[test]
fn a_key_that_is_refused_rests_and_is_back_once_it_works() {
    for (status, code, rest) in [(401, "invalid_api_key", 30), (403, "forbidden", 30), (429, "insufficient_quota", 60)]
    {
        let house = House::new(status, code, json!(["one/m"]));
        house.keys.work(&["k1"]);
        for _ in 0..20 {
            assert_eq!(house.ask().unwrap().text(), "one", "{code}");
        }
        assert_eq!(house.tried(0).iter().filter(|key| *key == "k0").count(), 1, "{code}");
        // It still fails after its rest, and rests for twice as long.
        house.sim.advance(seconds(rest));
        for wait in [0, rest, 2 * rest - 1 - rest] {
            house.sim.advance(seconds(wait));
            for _ in 0..10 {
                house.ask().unwrap();
            }
        }
        assert_eq!(house.tried(0).iter().filter(|key| *key == "k0").count(), 2, "{code}");
        house.keys.work(&["k0", "k1"]);
        house.sim.advance(seconds(2 * rest));
        let from = house.seen();
        for _ in 0..20 {
            house.ask().unwrap();
        }
        let again = house.tried(from).iter().filter(|key| *key == "k0").count();
        assert!((4..=16).contains(&again), "{code}: both keys bear the load again: {again}");
    }
}

/// F74: where the provider itself refuses all keys, calls go elsewhere, and come back with its end.
#[test]
fn an_outage_of_all_keys_is_probed_and_passes() {
    let house = House::new(401, "invalid_api_key", json!(["one/m", "two/m"]));
    for _ in 0..5 {
        assert_eq!(house.ask().unwrap().text(), "two");
    }
    assert_eq!(house.tried(0).len(), 2);
    for _ in 0..60 {
        house.sim.advance(seconds(10));
        assert_eq!(house.ask().unwrap().text(), "two");
    }
    // Each key once in 30 s, for ten minutes.
    let probes = house.tried(0).len();
    assert!((30..=45).contains(&probes), "{probes}");
    house.keys.work(&["k0", "k1"]);
    house.sim.advance(seconds(30));
    assert_eq!(house.ask().unwrap().text(), "one");
}

#[test]
fn where_no_key_works_the_error_says_what_the_provider_said() {
    let house = House::new(401, "invalid_api_key", json!(["one/m"]));
    assert_eq!(house.ask().unwrap_err().kind(), Kind::Unauthenticated);
    let from = house.seen();
    let error = house.ask().unwrap_err();
    assert_eq!((error.kind(), house.seen(), error.wait()), (Kind::Unauthenticated, from, Some(seconds(30))));
    assert!(error.to_string().contains("of one failed and rests for another 30s, nothing was sent"), "{error}");
    house.keys.work(&["k0", "k1"]);
    house.sim.advance(seconds(30));
    assert_eq!(house.ask().unwrap().text(), "one");
}

#[test]
fn many_calls_at_once_try_a_rested_key_once() {
    let house = House::new(401, "invalid_api_key", json!(["one/m"]));
    house.keys.work(&["k1"]);
    for _ in 0..10 {
        house.ask().unwrap();
    }
    house.sim.advance(seconds(30));
    let from = house.seen();
    let outcomes = house.sim.run(join_all((0..50).map(|_| house.gateway.chat(asks("r")))));
    assert!(outcomes.iter().all(Result::is_ok), "{:?}", told(&outcomes));
    assert_eq!(house.tried(from).iter().filter(|key| *key == "k0").count(), 1);
}

/// What no key may do does not take the keys from other calls.
#[test]
fn a_forbidden_model_leaves_the_others_alone() {
    let house = House::new(403, "forbidden", json!(["one/m"]));
    for _ in 0..3 {
        let error = house.sim.run(house.gateway.chat(asks("one/secret"))).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (Kind::PermissionDenied, Some(403)));
    }
    house.keys.work(&["k0", "k1"]);
    assert_eq!(house.ask().unwrap().text(), "one");
    assert_eq!(house.sim.run(house.gateway.chat(asks("one/secret"))).unwrap().text(), "one");
}

/// A gateway over `one.test`, whose answers have these headers, and these targets.
fn limited(headers: &[(&str, &str)], targets: Value) -> (Sim, Gateway) {
    let sim = Sim::new(1);
    let answer = headers.iter().fold(says("one"), |answer, (name, value)| answer.header(*name, *value));
    sim.on("one.test", answer);
    sim.on("two.test", says("two"));
    let provider = |host: &str| json!({"protocol": "openai-chat", "base_url": format!("http://{host}/v1")});
    let config = json!({
        "providers": {"one": provider("one.test"), "two": provider("two.test")},
        "routes": {"r": {"targets": targets}},
    });
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    (sim, gateway)
}

#[test]
fn a_limit_that_is_used_up_sends_the_next_call_elsewhere() {
    let used_up = [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "60s")];
    let (sim, gateway) = limited(&used_up, json!(["one/m", "two/m"]));
    let ask = || sim.run(gateway.chat(asks("r"))).unwrap().text().into_owned();
    assert_eq!([ask(), ask(), ask()], ["one", "two", "two"]);
    sim.advance(seconds(60));
    assert_eq!([ask(), ask()], ["one", "two"]);
}

#[test]
fn a_call_waits_for_the_window_where_there_is_nothing_else_and_time_enough() {
    let used_up = |reset| [("ratelimit-remaining", "0"), ("ratelimit-reset", reset)];
    let (sim, gateway) = limited(&used_up("4"), json!(["one/m"]));
    for at in [0, 4, 8] {
        sim.run(gateway.chat(asks("r"))).unwrap();
        assert_eq!(sim.now().since_start(), seconds(at));
    }
    let (sim, gateway) = limited(&used_up("3600"), json!(["one/m"]));
    sim.run(gateway.chat(asks("r"))).unwrap();
    let error = sim.run(gateway.chat(asks("r"))).unwrap_err();
    assert_eq!((error.kind(), error.wait()), (Kind::RateLimited, Some(seconds(3600))));
    assert_eq!(error.to_string(), "the rate limit of one/m is used up for another 1h, nothing was sent");
    assert_eq!(sim.exchanges().len(), 1);
}

#[test]
fn calls_under_way_count_before_their_answers_say_so() {
    let left = [("x-ratelimit-limit", "9"), ("x-ratelimit-remaining", "2"), ("x-ratelimit-reset", "30")];
    let (sim, gateway) = limited(&left, json!(["one/m", "two/m"]));
    sim.run(gateway.chat(asks("r"))).unwrap();
    sim.on("one.test", says("one").after(seconds(1)));
    let outcomes = sim.run(join_all((0..4).map(|_| gateway.chat(asks("r")))));
    assert_eq!(told(&outcomes), ["one", "one", "two", "two"]);
}
