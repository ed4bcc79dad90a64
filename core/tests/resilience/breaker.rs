//! A target that is down is left alone, and comes back one probe at a time.

use tidegate::{HealthState, Kind, Skipped};

use super::*;

#[test]
fn five_failures_open_it_and_then_callers_do_not_notice() {
    let house = House::new(1, "targets = ['one/m', 'two/m']");
    house.on("one", |_, _| down().after(ms(300))).on("two", |_, _| text("here").after(ms(50)));
    let calls = house.load(10, secs(4));
    assert_eq!(failed(&calls), 0.0);
    // Ten a second, three of which are under way at once before the first is back, and a probe or two.
    assert!(house.reached("one") <= 10, "{}", house.reached("one"));
    let last = calls.last().unwrap().result.as_ref().unwrap();
    assert_eq!((last.attempts[0].skipped, last.attempts[0].kind), (Some(Skipped::Breaker), Some(Kind::Overloaded)));
    assert_eq!(last.attempts[1].why.as_str(), "failover");
    assert!(calls.last().unwrap().took < ms(60), "it waited for nothing");
    let health = house.gateway.health();
    assert_eq!((health[0].target.as_str(), health[0].state), ("one/m", HealthState::Open));
    assert!(health[0].retry_in.is_some() && health[0].last_error.as_ref().unwrap().contains("503"));
    assert_eq!(health[1].state, HealthState::Well);
}

#[test]
fn with_nothing_else_it_fails_at_once_and_says_why() {
    let house = House::new(1, "targets = ['one/m']\nretry = { max_attempts = 1 }");
    house.on("one", |_, _| down());
    for n in 0..5 {
        house.chat(&format!("question {n}")).unwrap_err();
    }
    let before = house.sim.now();
    let error = house.chat("once more").unwrap_err();
    assert_eq!((error.kind(), house.sim.now()), (Kind::Overloaded, before));
    assert_eq!((house.reached("one"), error.get("breaker")), (5, Some("open")));
    assert!(error.wait().unwrap() <= secs(2) && error.is_retryable());
    assert!(error.to_string().contains("nothing was sent"), "{error}");
}

#[test]
fn the_call_that_opens_it_says_what_it_met() {
    let house = House::new(1, "targets = ['one/m']");
    house.on("one", |_, _| down());
    let errors: Vec<_> = (0..5).map(|n| house.chat(&format!("question {n}")).unwrap_err().to_string()).collect();
    assert!(errors[0].starts_with("all 3 attempts failed: one/m: overloaded (503)"), "{}", errors[0]);
    assert!(errors[4].starts_with("the only attempt failed: one/m: overloaded (503)"), "{}", errors[4]);
    assert!(errors[4].contains("one/m: passed over (breaker"), "{}", errors[4]);
}

#[test]
fn a_thousand_callers_send_one_probe() {
    let house = House::new(1, "targets = ['one/m']\nretry = { max_attempts = 1 }");
    house.on(
        "one",
        |exchange, _| {
            if exchange.at.since_start() < secs(3) { down() } else { text("back").after(ms(500)) }
        },
    );
    house.load(10, secs(1));
    house.sim.advance(secs(5));
    let before = house.reached("one");
    let calls = house.sim.run(join_all((0..1000).map(|n| house.gateway.chat(request(&format!("question {n}"))))));
    assert_eq!(calls.iter().filter(|call| call.is_ok()).count(), 1);
    assert_eq!(house.reached("one") - before, 1);
    // Then they come back by and by.
    let calls = house.load(100, secs(10));
    let first = failed(calls.iter().filter(|call| call.at < calls[0].at + ms(300)));
    let late = failed(calls.iter().filter(|call| call.at > calls[0].at + secs(6)));
    assert!(first > 0.3 && late == 0.0, "{first} {late}");
}

#[test]
fn what_flaps_is_probed_less_and_less() {
    let house = House::new(7, "targets = ['one/m', 'two/m']");
    house.on("one", |exchange, _| if exchange.at.since_start().as_secs() / 5 % 2 == 1 { down() } else { text("up") });
    house.on("two", |_, _| text("here"));
    let calls = house.load(50, secs(120));
    assert_eq!(failed(&calls), 0.0);
    let exchanges = house.sim.exchanges();
    let bad = exchanges
        .iter()
        .filter(|exchange| exchange.url.host() == Some("one.test") && exchange.at.since_start().as_secs() / 5 % 2 == 1);
    let bad: Vec<_> = bad.map(|exchange| exchange.at.since_start().as_secs()).collect();
    let late = bad.iter().filter(|second| **second >= 60).count();
    assert!(bad.len() < 60 && late <= 25, "{} in all, {late} in the second minute", bad.len());
}

#[test]
fn the_keys_and_models_of_a_region_share_its_fate() {
    let house = House::new(1, "targets = ['one/a', 'one/b', 'one/c', 'two/m']\nretry = { max_attempts = 4 }");
    // Nobody is there: as a partition looks.
    house.sim.on("one.test", tidegate::sim::Upstream { refuse: true, ..Default::default() });
    house.on("two", |_, _| text("here"));
    for n in 0..2 {
        house.chat(&format!("question {n}")).unwrap();
    }
    let reply = house.chat("and now").unwrap();
    let skipped = reply.attempts.iter().filter(|attempt| attempt.skipped == Some(Skipped::Breaker)).count();
    assert_eq!((skipped, reply.target.as_str()), (3, "two/m"));
    assert!(reply.attempts[0].message.as_ref().unwrap().contains("http://one.test"));
}

#[test]
fn a_poison_request_does_not_take_a_target_from_others() {
    let house = House::new(1, "targets = ['one/m']");
    house.on("one", |exchange, _| {
        let poison = String::from_utf8_lossy(&exchange.body).contains("poison");
        if poison { Answer::json(500, &json!({"error": {"message": "oh"}})) } else { text("fine") }
    });
    for n in 0..10 {
        house.chat(&format!("question {n}")).unwrap();
    }
    for n in 0..20 {
        let before = house.reached("one");
        let error = house.chat("poison").unwrap_err();
        // As long as the budget pays for a second try.
        let most = if n < 15 { 2 } else { 1 };
        assert_eq!((error.kind(), (1..=most).contains(&(house.reached("one") - before))), (Kind::Server, true));
    }
    house.chat("and others?").unwrap();
    assert_eq!(house.gateway.health()[0].state, HealthState::Well);
}

#[test]
fn what_callers_do_wrong_opens_nothing() {
    for (status, code) in
        [(400, "bad"), (429, "rate_limit_exceeded"), (401, "invalid_api_key"), (400, "content_filter")]
    {
        let house = House::new(1, "targets = ['one/m']\nretry = { max_attempts = 1 }");
        house.on("one", move |_, n| match n {
            0..20 => Answer::json(status, &json!({"error": {"message": "no", "code": code}})),
            _ => text("fine"),
        });
        for n in 0..20 {
            house.chat(&format!("question {n}")).unwrap_err();
        }
        house.chat("and now?").unwrap();
    }
}

#[test]
fn one_percent_of_noise_opens_nothing() {
    let house = House::new(1, "targets = ['one/m', 'two/m']");
    house.on("one", |_, n| if chance(3, n) < 0.01 { down() } else { text("hi") });
    house.on("two", |_, n| if chance(4, n) < 0.01 { down() } else { text("hi") });
    let calls = house.load(50, secs(200));
    assert_eq!(failed(&calls), 0.0);
    let skipped =
        calls.iter().filter(|call| call.result.as_ref().unwrap().attempts.iter().any(|a| a.skipped.is_some()));
    assert_eq!(skipped.count(), 0);
}

#[test]
fn a_deadline_that_ends_an_attempt_counts_against_its_target() {
    let house = House::new(1, "targets = ['one/m']\ntimeout = { total = '2s' }");
    house.on("one", |_, _| Answer::nothing(tidegate::sim::End::Hang));
    for n in 0..5 {
        assert_eq!(house.chat(&format!("question {n}")).unwrap_err().kind(), Kind::Timeout);
    }
    let error = house.chat("once more").unwrap_err();
    assert_eq!(error.get("breaker"), Some("open"), "{error:#}");
}

#[test]
fn a_route_that_says_how_its_breaker_is_has_one() {
    let routes = "targets = ['one/m']\nretry = { max_attempts = 1 }\nbreaker = { max_open = '9s' }\n[defaults]\nbreaker = { enabled = false }";
    let house = House::new(1, routes);
    house.on("one", |_, _| down());
    for n in 0..6 {
        house.chat(&format!("question {n}")).unwrap_err();
    }
    assert_eq!(house.reached("one"), 5);
}
