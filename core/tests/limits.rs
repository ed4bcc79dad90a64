//! Limits of concurrency with their queue, the limits that vendors tell, and pools of keys.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::told;
use futures_util::future::{join, join_all};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Gateway, Kind, Request, Response, Result, Retry, Sim, World};

const SECOND: Duration = Duration::from_secs(1);

/// A gateway over `one.test` and `two.test`, with this route.
fn house(route: Value) -> (Sim, Gateway) {
    let sim = Sim::new(1);
    let provider = |host: &str| json!({"protocol": "openai-chat", "base_url": format!("http://{host}/v1")});
    let config = json!({
        "providers": {"one": provider("one.test"), "two": provider("two.test")},
        "routes": {"r": route},
    });
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    (sim, gateway)
}

fn asks(more: Value) -> Request {
    let mut request = json!({"model": "r", "messages": [{"role": "user", "content": "hi"}]});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Request::from_value(request).unwrap()
}

fn says(text: &str) -> Answer {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"});
    Answer::json(200, &json!({"id": "c", "model": "m-1", "choices": [choice]}))
}

fn streams(words: &[&str]) -> Answer {
    let choice = |delta: Value, finish: Value| {
        json!({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}).to_string()
    };
    let words = words.iter().map(|word| choice(json!({"content": word}), Value::Null));
    Answer::sse(words.chain([choice(json!({}), json!("stop")), "[DONE]".to_owned()]))
}

/// When requests came, in milliseconds, and where.
fn came(sim: &Sim) -> Vec<(u128, String)> {
    let exchanges = sim.exchanges();
    let at = |exchange: &tidegate::sim::Exchange| exchange.at.since_start().as_millis();
    exchanges.iter().map(|exchange| (at(exchange), exchange.url.host().unwrap().to_owned())).collect()
}

fn times(sim: &Sim) -> Vec<u128> {
    came(sim).into_iter().map(|(at, _)| at).collect()
}

/// A call that is under way, or waits for it.
fn begun(gateway: &Gateway) -> impl Future<Output = Result<Response>> {
    let mut call = Box::pin(gateway.chat(asks(json!({}))));
    assert!(call.as_mut().now_or_never().is_none());
    call
}

#[test]
fn no_more_are_under_way_than_allowed() {
    let (sim, gateway) = house(json!({"targets": ["one/m"], "concurrency": {"max": 2}}));
    sim.on("one.test", says("hi").after(SECOND));
    let outcomes = sim.run(join_all((0..5).map(|_| gateway.chat(asks(json!({}))))));
    assert_eq!(told(&outcomes), ["hi"; 5]);
    assert_eq!(times(&sim), [0, 0, 1000, 1000, 2000]);
}

#[test]
fn interactive_requests_come_before_batch() {
    let (sim, gateway) = house(json!({"targets": ["one/m"], "concurrency": {"max": 1}}));
    sim.handle("one.test", |exchange| {
        let body: Value = serde_json::from_slice(&exchange.body).unwrap();
        says(body["user"].as_str().unwrap()).after(SECOND)
    });
    let order = Mutex::new(Vec::new());
    let ask = |name: &'static str, priority: &str| {
        let chat = gateway.chat(asks(json!({"priority": priority, "extra": {"user": name}})));
        chat.map(|outcome| order.lock().unwrap().push(outcome.unwrap().text().into_owned()))
    };
    sim.run(join_all([
        ask("first", "batch"),
        ask("b1", "batch"),
        ask("b2", "batch"),
        ask("i1", "interactive"),
        ask("i2", "interactive"),
    ]));
    assert_eq!(*order.lock().unwrap(), ["first", "i1", "i2", "b1", "b2"]);
    let error = Request::from_value(json!({"model": "r", "messages": [], "priority": "interactiv"})).unwrap_err();
    assert_eq!(error.get("field"), Some("messages"));
    let odd = json!({"model": "r", "messages": [{"role": "user", "content": "hi"}], "priority": "btch"});
    let error = Request::from_value(odd).unwrap_err();
    let message = "priority: unknown priority 'btch', expected one of interactive, batch, did you mean 'batch'?";
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_full_queue_refuses_and_nothing_is_sent() {
    let (sim, gateway) = house(json!({"targets": ["one/m"], "concurrency": {"max": 1, "queue": 1}}));
    sim.on("one.test", says("hi").after(SECOND));
    let mut outcomes = sim.run(join_all((0..3).map(|_| gateway.chat(asks(json!({}))))));
    assert_eq!(told(&outcomes), ["hi", "hi", "throttled"]);
    let error = outcomes.pop().unwrap().unwrap_err();
    assert_eq!((error.scope(), error.get("reason")), (Retry::Elsewhere, Some("queue_full")));
    let message = "all 1 places of one/m are taken (concurrency.max) and all 1 of its queue (concurrency.queue), \
                   nothing was sent";
    assert_eq!(error.to_string(), message);
    assert_eq!(sim.exchanges().len(), 2);
    // One that waits makes room for one that is more urgent.
    let (sim, gateway) = house(json!({"targets": ["one/m"], "concurrency": {"max": 1, "queue": 1}}));
    sim.on("one.test", says("hi").after(SECOND));
    let asked =
        ["interactive", "batch", "interactive"].map(|priority| gateway.chat(asks(json!({"priority": priority}))));
    assert_eq!(told(&sim.run(join_all(asked))), ["hi", "throttled", "hi"]);
}

#[test]
fn a_refused_call_goes_to_the_next_target() {
    let (sim, gateway) = house(json!({"targets": ["one/m", "two/m"], "concurrency": {"max": 1, "queue": 0}}));
    sim.on("one.test", says("one").after(SECOND));
    sim.on("two.test", says("two").after(SECOND));
    let outcomes = sim.run(join_all((0..3).map(|_| gateway.chat(asks(json!({}))))));
    assert_eq!(told(&outcomes), ["one", "two", "throttled"]);
    assert_eq!(came(&sim).len(), 2);
}

#[test]
fn nobody_waits_longer_than_the_queue_or_the_deadline_allows() {
    let route = json!({"targets": ["one/m"], "concurrency": {"max": 1, "queue_timeout": "300ms"}});
    let (sim, gateway) = house(route);
    sim.on("one.test", says("hi").after(SECOND));
    let ask = |more: Value| gateway.chat(asks(more)).map(|outcome| (sim.now(), outcome));
    let outcomes = sim.run(join_all([ask(json!({})), ask(json!({})), ask(json!({"timeout": 0.2}))]));
    let wait = |at: usize| outcomes[at].0.since_start().as_millis();
    let error = |at: usize| outcomes[at].1.as_ref().unwrap_err();
    assert_eq!((wait(1), error(1).kind(), error(1).get("reason")), (300, Kind::Throttled, Some("queue_timeout")));
    let message = "all 1 places of one/m (concurrency.max) stayed taken for 300ms (concurrency.queue_timeout), nothing \
                   was sent";
    assert_eq!(error(1).to_string(), message);
    assert_eq!((wait(2), error(2).kind(), error(2).scope()), (200, Kind::Throttled, Retry::Never));
    assert_eq!(sim.exchanges().len(), 1);
}

#[test]
fn who_stops_waiting_frees_the_place_in_the_queue() {
    let (sim, gateway) = house(json!({"targets": ["one/m"], "concurrency": {"max": 1, "queue": 1}}));
    sim.on("one.test", says("hi").after(SECOND));
    let outcome = sim.run(async {
        let first = begun(&gateway);
        let second = begun(&gateway);
        drop(second);
        join(first, gateway.chat(asks(json!({})))).await
    });
    assert_eq!(told(&[outcome.0, outcome.1]), ["hi", "hi"]);
    assert_eq!(times(&sim), [0, 1000]);
}

#[test]
fn one_that_is_cancelled_gives_its_place_to_the_next() {
    let (sim, gateway) = house(json!({"targets": ["one/m"], "concurrency": {"max": 1}}));
    sim.on("one.test", says("hi").after(SECOND));
    let outcome = sim.run(async {
        let first = begun(&gateway);
        let second = begun(&gateway);
        sim.sleep(sim.now() + SECOND / 2).await;
        drop(first);
        second.await
    });
    assert_eq!(told(&[outcome]), ["hi"]);
    assert_eq!(times(&sim), [0, 500]);
}

#[test]
fn a_stream_holds_its_place_to_its_end() {
    for read in [true, false] {
        let (sim, gateway) = house(json!({"targets": ["one/m"], "concurrency": {"max": 1}}));
        sim.on("one.test", streams(&["a", "b", "c"]).paced(SECOND));
        sim.run(async {
            let mut first = gateway.stream(asks(json!({}))).await.unwrap();
            let mut second = Box::pin(gateway.stream(asks(json!({}))));
            assert!(second.as_mut().now_or_never().is_none());
            if read {
                while let Some(event) = first.next().await {
                    event.unwrap();
                }
            }
            // Whether it is read to its end or dropped where it stands.
            let kept = read.then_some(first);
            assert!(second.await.unwrap().collect().await.is_ok());
            drop(kept);
        });
        assert_eq!(times(&sim), [0, if read { 4000 } else { 0 }]);
    }
}

#[test]
fn targets_do_not_share_their_places_and_routes_do() {
    let sim = Sim::new(1);
    let config = json!({
        "providers": {"one": {"protocol": "openai-chat", "base_url": "http://one.test/v1"}},
        "defaults": {"concurrency": {"max": 1}},
        "routes": {"a": {"targets": ["one/m"]}, "b": {"targets": ["one/m"], "concurrency": {"max": 2}}},
    });
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    sim.on("one.test", says("hi").after(SECOND));
    let ask = |model: &str| gateway.chat(asks(json!({"model": model})));
    let outcomes = sim.run(join_all([ask("a"), ask("one/n"), ask("one/m"), ask("b"), ask("b")]));
    assert_eq!(told(&outcomes), ["hi"; 5]);
    // `a` and `one/m` may be one together, and `b` two with them.
    assert_eq!(times(&sim), [0, 0, 0, 1000, 2000]);
}

#[test]
fn an_adaptive_limit_finds_what_the_target_can_take() {
    let route = json!({
        "targets": ["one/m"],
        "concurrency": {"max": 200, "adaptive": true, "queue": 1000, "queue_timeout": "1h"},
        "timeout": {"total": "2h"},
    });
    let (sim, gateway) = house(route);
    // It answers in a second, and slows down in proportion where more than 10 ask at once.
    let ends = Arc::new(Mutex::new(Vec::<u128>::new()));
    let most = Arc::new(Mutex::new(0_usize));
    let (open, peak) = (Arc::clone(&ends), Arc::clone(&most));
    sim.handle("one.test", move |exchange| {
        let now = exchange.at.since_start().as_millis();
        let mut open = open.lock().unwrap();
        open.retain(|end| *end > now);
        let busy = open.len() + 1;
        let mut peak = peak.lock().unwrap();
        *peak = busy.max(*peak);
        let latency = SECOND * u32::try_from(busy.max(10)).unwrap() / 10;
        open.push(now + latency.as_millis());
        says("hi").after(latency)
    });
    let outcomes = sim.run(join_all((0..600).map(|_| gateway.chat(asks(json!({}))))));
    assert!(outcomes.iter().all(Result::is_ok));
    let most = *most.lock().unwrap();
    assert!((20..80).contains(&most), "{most}");
}

#[test]
fn a_table_that_makes_no_sense_is_refused() {
    let refused = |text: &str| Gateway::from_toml(text).err().unwrap().to_string();
    assert_eq!(
        refused("[defaults]\nconcurrency = { max = 5, min = 2 }"),
        "line 2: defaults.concurrency.min: is of use with adaptive = true only"
    );
    assert_eq!(
        refused("[routes.r]\ntargets = ['openai/m']\nconcurrency = { max = 5, adaptive = true, initial = 9 }"),
        "line 3: routes.r.concurrency.initial: is not between min and max"
    );
    assert!(refused("[defaults]\nconcurrency = { queue = 5 }").contains("max"));
    assert!(refused("[defaults]\nconcurrency = { max = 0 }").contains("defaults.concurrency.max"));
}
