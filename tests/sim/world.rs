//! The simulated world: its clock, its chance, and its network.

use std::time::Duration;

use futures_util::future::{Either, join_all, pending, select};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use tidegate::sim::{Answer, End, Piece, Upstream};
use tidegate::{ConnectTimeout, Error, Kind, Result, Retry, Sim, Tick, World};

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u64) -> Tick {
    Tick::new(Duration::from_secs(seconds))
}

async fn get(sim: &Sim, url: &str) -> Result<(u16, Vec<u8>)> {
    let mut request = http::Request::get(url).body("".into()).unwrap();
    request.extensions_mut().insert(ConnectTimeout(3 * SECOND));
    let response = sim.fetch(request).await?;
    let status = response.status().as_u16();
    let pieces: Vec<_> = response.into_body().try_collect().await?;
    Ok((status, pieces.concat()))
}

fn fails(sim: &Sim, script: impl Into<Upstream>) -> Error {
    sim.on("a.test", script);
    sim.run(get(sim, "http://a.test/")).unwrap_err()
}

#[test]
fn time_jumps_to_the_next_moment_that_somebody_waits_for() {
    let sim = Sim::new(1);
    let order = std::sync::Mutex::new(Vec::new());
    sim.run(join_all([3, 1, 2].map(|seconds| {
        let (sim, order) = (&sim, &order);
        async move {
            sim.sleep(at(seconds * 3600)).await;
            order.lock().unwrap().push((seconds, sim.now()));
        }
    })));
    assert_eq!(*order.lock().unwrap(), [(1, at(3600)), (2, at(7200)), (3, at(10800))]);
    sim.run(sim.sleep(at(5)));
    assert_eq!(sim.now(), at(10800), "the past is over at once");
}

#[test]
fn the_wall_clock_can_be_set_and_goes_with_the_other_one() {
    let sim = Sim::new(1);
    assert_eq!(sim.unix_time(), Duration::from_secs(1_767_225_600));
    sim.advance(10 * SECOND);
    sim.set_unix_time(100 * SECOND);
    sim.advance(SECOND);
    assert_eq!((sim.now(), sim.unix_time()), (at(11), 101 * SECOND));
}

#[test]
fn the_same_seed_gives_the_same_chance() {
    let numbers = |seed| {
        let sim = Sim::new(seed);
        [sim.random(), sim.clone().random(), sim.random()]
    };
    assert_eq!(numbers(7), numbers(7));
    assert_ne!(numbers(7), numbers(8));
}

#[test]
fn a_dropped_sleep_does_not_hold_the_clock() {
    let sim = Sim::new(1);
    let first = sim.run(select(sim.sleep(at(1)), sim.sleep(at(1000))));
    assert!(matches!(first, Either::Left(_)));
    drop(first);
    assert_eq!(sim.try_run(pending::<()>()).unwrap_err().kind(), Kind::Timeout);
    assert_eq!(sim.now(), at(1));
}

#[test]
fn a_future_may_be_woken_by_another_thread() {
    let sim = Sim::new(1);
    let (sender, receiver) = futures_util::future::abortable(pending::<()>());
    let thread = std::thread::spawn(move || receiver.abort());
    assert!(sim.run(sender).is_err());
    thread.join().unwrap();
}

#[test]
fn answers_arrive_when_and_as_scripted() {
    let sim = Sim::new(1);
    sim.on(
        "https://a.test/v1",
        vec![
            Answer::json(201, &json!({"a": 1})).after(2 * SECOND),
            Answer::sse(["x", "y", "[DONE]"]).paced(SECOND).header("x-id", "7"),
        ],
    );
    assert_eq!(sim.run(get(&sim, "https://a.test/v1/x?y=z")).unwrap(), (201, b"{\"a\":1}".to_vec()));
    assert_eq!(sim.now(), at(2));
    sim.run(async {
        let response = sim.fetch(http::Request::get("http://a.test:81/").body("".into()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["x-id"], "7");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut body = response.into_body();
        let mut seen = Vec::new();
        while let Some(bytes) = body.next().await {
            seen.push((sim.now(), bytes.unwrap()));
        }
        let want = [(at(2), "data: x\n\n".into()), (at(3), "data: y\n\n".into()), (at(4), "data: [DONE]\n\n".into())];
        assert_eq!(seen, want);
    });
    assert_eq!(sim.run(get(&sim, "http://a.test/")).unwrap_err().get("reason"), Some("reset"));
    let scripted: Vec<_> = sim.exchanges().iter().map(|exchange| exchange.scripted).collect();
    assert_eq!(scripted, [true, true, false]);
}

#[test]
fn faults_are_those_of_a_real_network() {
    let sim = Sim::new(1);
    let refused = fails(&sim, Upstream::refused());
    assert_eq!((refused.kind(), refused.get("reason")), (Kind::Connection, Some("refused")));
    assert_eq!(refused.scope(), Retry::Elsewhere);
    assert_eq!(refused.to_string(), "no connection to a.test: refused");

    let unknown = sim.run(get(&sim, "http://nobody.test/")).unwrap_err();
    assert_eq!((unknown.kind(), unknown.get("reason")), (Kind::Connection, Some("dns")));

    let black_hole = fails(&sim, Upstream { black_hole: true, ..Upstream::default() });
    assert_eq!((black_hole.kind(), black_hole.get("timeout")), (Kind::Timeout, Some("connect")));
    assert_eq!(sim.now(), at(3));

    let rows = [(End::Rst, "reset"), (End::Fin, "closed"), (End::Close, "closed"), (End::Keep, "closed")];
    for (end, reason) in rows {
        let silent = fails(&sim, Answer::nothing(end));
        assert_eq!((silent.kind(), silent.get("reason")), (Kind::Connection, Some(reason)), "{end:?}");
        assert_eq!(silent.scope(), Retry::After(Duration::ZERO));
    }
    for end in [End::Rst, End::Fin] {
        let cut = fails(&sim, Answer::json(200, &json!({})).then(end));
        assert_eq!((cut.kind(), cut.get("reason")), (Kind::Protocol, Some("incomplete_body")), "{end:?}");
    }
    sim.on("a.test", Answer::json(200, &json!({})).then(End::Hang));
    assert_eq!(sim.try_run(get(&sim, "http://a.test/")).unwrap_err().kind(), Kind::Timeout);
}

#[test]
fn what_the_client_drops_is_recorded() {
    let sim = Sim::new(1);
    sim.on("a.test", Answer::sse(["1", "2", "3"]).paced(SECOND));
    sim.run(async {
        let request = http::Request::post("http://a.test/chat").header("x", "y").body("body".into()).unwrap();
        let mut body = sim.fetch(request).await.unwrap().into_body();
        body.next().await;
        body.next().await;
    });
    sim.run(get(&sim, "http://a.test/")).unwrap();
    let [dropped, whole] = &sim.exchanges()[..] else { panic!("two requests were sent") };
    assert_eq!((dropped.method.as_str(), dropped.url.path(), &dropped.body[..]), ("POST", "/chat", &b"body"[..]));
    assert_eq!((dropped.at, dropped.sent, &dropped.headers["x"]), (at(0), 18, &"y".parse().unwrap()));
    let closed = dropped.closed.unwrap();
    assert_eq!((closed.at, closed.by_client), (at(1), true));
    let closed = whole.closed.unwrap();
    assert_eq!((whole.sent, closed.at, closed.by_client), (27, at(3), false));
}

#[test]
fn a_handler_sees_the_request_and_the_time() {
    let sim = Sim::new(1);
    sim.handle("a.test", |exchange| match exchange.at < at(3600) {
        true => Answer::json(503, &json!({})),
        false => Answer { body: vec![Piece::bytes(exchange.body.clone())], ..Answer::default() },
    });
    assert_eq!(sim.run(get(&sim, "http://a.test/")).unwrap().0, 503);
    sim.advance(3600 * SECOND);
    assert_eq!(sim.run(get(&sim, "http://a.test/")).unwrap(), (200, Vec::new()));
}

#[test]
fn scripts_are_strict_data() {
    let script = json!({
        "connections": [{"open": "rst"}, {"requests": [{"status": 500}]}],
        "requests": [{
            "delay": 1000,
            "body": ["a", {"repeat": ["b", {"wait": 500}], "times": 2}, {"base64": "YQ==", "times": 3}],
            "cuts": [1, 4],
        }],
        "then": {"raw": [{"wait": 250}], "end": "fin"},
    });
    let sim = Sim::new(1);
    sim.on("a.test", serde_json::from_value::<Upstream>(script).unwrap());
    assert_eq!(sim.run(get(&sim, "http://a.test/")).unwrap_err().get("reason"), Some("reset"));
    assert_eq!(sim.run(get(&sim, "http://a.test/")).unwrap().0, 500);
    assert_eq!(sim.run(get(&sim, "http://a.test/")).unwrap(), (200, b"abbaaa".to_vec()));
    assert_eq!(sim.now(), at(2));
    assert_eq!(sim.run(get(&sim, "http://a.test/")).unwrap_err().get("reason"), Some("closed"));
    assert_eq!(sim.now().since_start(), Duration::from_millis(2250));

    for wrong in
        [json!({"request": []}), json!({"then": {"body": [{"text": "a", "wait": 1}]}}), json!({"then": {"end": "x"}})]
    {
        assert!(serde_json::from_value::<Upstream>(wrong.clone()).is_err(), "{wrong}");
    }
}
