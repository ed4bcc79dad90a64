//! A second request where the first takes long: the first good answer counts.

use tidegate::sim::End;
use tidegate::{Kind, Why};

use super::*;

const FIXED: &str = "targets = ['one/m', 'two/m']\nhedge = { after = '500ms', max_share = 1 }";

/// Lets hedges be earned: a share of the calls, of which none is saved up at first.
fn warm(house: &House) {
    for n in 0..3 {
        house.chat(&format!("earlier question {n}")).unwrap();
    }
}

/// `one` takes long once it is asked for the fourth time.
fn slow_from_the_fourth(house: &House, slow: Answer) {
    house.on("one", move |_, n| if n < 3 { text("one") } else { slow.clone() });
}

#[test]
fn the_second_answers_where_the_first_takes_long() {
    let house = House::new(1, FIXED);
    slow_from_the_fourth(&house, text("late").after(secs(10)));
    house.on("two", |_, _| text("two").after(ms(100)));
    warm(&house);
    let before = house.sim.now();
    let reply = house.chat("now").unwrap();
    assert_eq!((&*reply.text(), house.sim.now() - before), ("two", ms(600)));
    let [first, second] = &reply.attempts[..] else { panic!("{:?}", reply.attempts) };
    assert_eq!((first.kind, first.why), (Some(Kind::Cancelled), Why::First));
    assert!(first.estimated_tokens.is_some(), "what it may have cost is said");
    assert_eq!((second.kind, second.why, second.target.as_str()), (None, Why::Hedge, "two/m"));
    let exchanges = house.sim.exchanges();
    let closed = exchanges[3].closed.unwrap();
    assert!(closed.by_client && closed.at - before == ms(600), "the loser is closed when the other wins");
}

#[test]
fn an_error_never_beats_a_later_success() {
    for (first, second) in
        [(down().after(ms(700)), text("good").after(ms(900))), (text("good").after(ms(900)), down().after(ms(100)))]
    {
        let house = House::new(1, FIXED);
        slow_from_the_fourth(&house, first);
        house.on("two", move |_, _| second.clone());
        warm(&house);
        let reply = house.chat("now").unwrap();
        assert_eq!(reply.text(), "good");
        let kinds: Vec<_> = reply.attempts.iter().map(|attempt| attempt.kind).collect();
        assert!(kinds.contains(&Some(Kind::Overloaded)) && kinds.contains(&None), "{kinds:?}");
    }
}

#[test]
fn ten_thousand_races_have_the_first_good_answer() {
    let house = House::new(
        1,
        "targets = ['one/m', 'two/m']\nbreaker = { enabled = false }\nretry = { max_attempts = 2 }\nhedge = { after = '100ms', max_share = 1 }",
    );
    let answer = |seed: u64| {
        move |_: &Exchange, n: u64| {
            let time = Duration::from_secs_f64(0.01 + chance(seed, n));
            if chance(seed + 7, n) < 0.2 { down().after(time) } else { text("good").after(time) }
        }
    };
    house.on("one", answer(1)).on("two", answer(2));
    let calls = house.load(200, secs(50));
    let exchanges = house.sim.exchanges();
    let cancelled: Vec<_> = exchanges.iter().filter(|exchange| exchange.closed.unwrap().by_client).collect();
    assert!(cancelled.len() > 1000);
    for call in &calls {
        // One that fails has two failed attempts: while one is under way, an error decides nothing.
        match &call.result {
            Ok(reply) => {
                let winner = reply.attempts.iter().find(|attempt| attempt.kind.is_none()).unwrap();
                assert_eq!(winner.status, Some(200));
            }
            Err(error) => {
                let failures = error.attempt_records().iter().filter(|record| record.status == Some(503));
                assert_eq!(failures.count(), 2, "{error:#}");
            }
        }
    }
    // A loser is closed at the moment when its call is answered.
    let ends: Vec<_> = calls.iter().map(|call| call.at + call.took).collect();
    assert!(cancelled.iter().all(|exchange| ends.contains(&exchange.closed.unwrap().at)));
}

#[test]
fn none_for_what_must_not_be_sent_twice_nor_once_a_stream_has_begun() {
    let house = House::new(1, FIXED);
    slow_from_the_fourth(&house, text("late").after(secs(2)));
    house.on("two", |_, _| text("two"));
    warm(&house);
    let mut unsafe_to_repeat = request("charge the card");
    unsafe_to_repeat.hedge = false;
    let reply = house.sim.run(house.gateway.chat(unsafe_to_repeat)).unwrap();
    assert_eq!((&*reply.text(), house.reached("two")), ("late", 0));

    let house = House::new(1, FIXED);
    let chunk = |text: &str| {
        json!({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": text}}]}).to_string()
    };
    let stop =
        json!({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}).to_string();
    let stream = Answer::sse([chunk("a"), chunk("b"), stop, "[DONE]".to_owned()]).paced(ms(900));
    house.on("one", move |_, n| if n < 3 { text("one") } else { stream.clone() }).on("two", |_, _| text("two"));
    warm(&house);
    let reply = house.sim.run(async { house.gateway.stream(request("now")).await?.collect().await }).unwrap();
    assert_eq!((&*reply.text(), house.reached("two")), ("ab", 0));
}

#[test]
fn no_more_than_their_share_and_none_while_everything_fails() {
    let house = House::new(
        1,
        "targets = ['one/m', 'two/m']\nhedge = { after = '100ms', max_share = 0.05 }\nbreaker = { enabled = false }",
    );
    for host in ["one", "two"] {
        house.on(host, |_, _| text("slow").after(secs(1)));
    }
    let calls = house.load(50, secs(40));
    let extra = house.sim.exchanges().len() - calls.len();
    assert!(extra <= calls.len() / 20, "{extra}");

    let house = House::new(
        1,
        "targets = ['one/m', 'two/m']\nhedge = { after = '100ms', max_share = 1 }\nretry = { max_attempts = 2 }\nbreaker = { enabled = false }",
    );
    for host in ["one", "two"] {
        house.on(host, |_, _| down().after(secs(1)));
    }
    let calls = house.load(50, secs(40));
    let hedges = calls.iter().flat_map(|call| call.result.as_ref().unwrap_err().attempt_records());
    let hedges = hedges.filter(|record| record.why == Why::Hedge).count();
    assert!(hedges < 120, "{hedges}: only until it was known that both fail");
}

/// Twenty of each thousand, at random places: were each slow by its own chance, there would be more now and then than may be
/// hedged, and the slowest thousandth would be those.
fn is_slow(seed: u64, n: u64) -> bool {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than a thousand")]
    let mut places = (0..).map(|draw| (chance(seed * 100 + n / 1000, draw) * 1000.0) as u64);
    let mut slow = std::collections::BTreeSet::new();
    while slow.len() < 20 {
        slow.extend(places.next());
    }
    slow.contains(&(n % 1000))
}

#[test]
fn two_percent_of_slow_answers_are_hardly_noticed() {
    let run = |hedge: &str| {
        let house = House::new(5, &format!("targets = ['one/m', 'two/m']\n{hedge}"));
        for (host, seed) in [("one", 11), ("two", 12)] {
            house.on(host, move |_, n| {
                let base = 0.5 + chance(seed, n);
                let factor = if is_slow(seed, n) { 10.0 } else { 1.0 };
                text("hi").after(Duration::from_secs_f64(base * factor))
            });
        }
        let calls = house.load(50, secs(200));
        assert_eq!(failed(&calls), 0.0);
        let extra = house.sim.exchanges().len() - calls.len();
        (quantile(&calls, 0.99), quantile(&calls, 0.999), extra as f64 / calls.len() as f64)
    };
    let (p99, p999, none) = run("");
    let (hedged_p99, hedged_p999, extra) = run("hedge = { max_share = 0.02 }");
    assert_eq!(none, 0.0);
    assert!(extra <= 0.02, "{extra}");
    assert!(
        hedged_p99 <= p99 / 2 && hedged_p999.as_secs_f64() <= 0.35 * p999.as_secs_f64(),
        "{p99:?} {hedged_p99:?} {p999:?} {hedged_p999:?}"
    );
}

#[test]
fn a_black_hole_costs_no_more_than_the_delay() {
    let house = House::new(1, FIXED);
    slow_from_the_fourth(&house, Answer::nothing(End::Hang));
    house.on("two", |_, _| text("two"));
    warm(&house);
    let before = house.sim.now();
    assert_eq!(house.chat("now").unwrap().text(), "two");
    assert_eq!(house.sim.now() - before, ms(500));
}

#[test]
fn the_time_in_a_queue_of_ours_is_not_the_targets() {
    let house = House::new(1, &format!("{FIXED}\nconcurrency = {{ max = 1 }}"));
    house.on("one", |_, n| text("one").after(if n == 4 { secs(10) } else { ms(400) }));
    house.on("two", |_, _| text("two").after(ms(100)));
    warm(&house);
    let both = async |begun: Tick| {
        let call = async |words: &str| {
            let reply = house.gateway.chat(request(words)).await.unwrap();
            (reply.text().into_owned(), house.sim.now() - begun)
        };
        futures_util::future::join(call("now"), call("behind it")).await
    };
    let (first, second) = house.sim.run(both(house.sim.now()));
    assert_eq!(first, ("one".to_owned(), ms(400)));
    assert_eq!(second, ("two".to_owned(), ms(1000)), "sent after 400 ms, hedged 500 ms later");
    // Each is sent at once to a target that answers within the delay.
    let (first, second) = house.sim.run(both(house.sim.now()));
    assert_eq!((first.1, second.1), (ms(400), ms(800)));
    assert_eq!(house.reached("two"), 1);
}
