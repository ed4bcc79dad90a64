//! Retries are paid for, so that those who wait for the end of an outage do not make it worse.

use tidegate::Skipped;

use super::*;

/// The most requests that reached the hosts for each call, in any ten seconds after the first second.
fn amplification(house: &House, calls: &[Seen]) -> f64 {
    let sent: Vec<_> = house.sim.exchanges().iter().map(|exchange| exchange.at.since_start()).collect();
    let within = |times: &[Duration], from: u64| {
        times.iter().filter(|at| (secs(from)..secs(from + 10)).contains(*at)).count() as f64
    };
    let asked: Vec<_> = calls.iter().map(|call| call.at.since_start()).collect();
    let windows = 1..=asked.last().unwrap().as_secs().saturating_sub(10);
    windows.map(|from| within(&sent, from) / within(&asked, from)).fold(0.0, f64::max)
}

#[test]
fn without_a_breaker_an_outage_of_everything_costs_a_tenth_more() {
    for seed in 1..=3 {
        for targets in ["['one/m', 'two/m']", "['one/m']", "['one/m', 'two/m', 'three/m']"] {
            let house = House::new(seed, &format!("targets = {targets}\nbreaker = {{ enabled = false }}"));
            for host in ["one", "two", "three"] {
                house.on(host, |_, _| down().after(ms(20)));
            }
            let calls = house.load(50, secs(60));
            assert_eq!(failed(&calls), 1.0);
            let amplification = amplification(&house, &calls);
            assert!(amplification <= 1.10, "{amplification} at {targets}, seed {seed}");
        }
    }
}

#[test]
fn with_a_breaker_it_costs_next_to_nothing_and_fails_at_once() {
    let house = House::new(1, "targets = ['one/m', 'two/m']");
    for host in ["one", "two"] {
        house.on(host, |_, _| down().after(ms(20)));
    }
    let calls = house.load(50, secs(60));
    assert_eq!(failed(&calls), 1.0);
    let attempts = house.sim.exchanges().len() as f64 / calls.len() as f64;
    assert!(attempts <= 0.2, "{attempts}");
    let open = calls.iter().filter(|call| call.at.since_start() > secs(1));
    assert!(quantile(open, 0.98) <= ms(5));
    let error = calls.last().unwrap().result.as_ref().unwrap_err();
    assert!(error.to_string().contains("one/m") && error.to_string().contains("two/m"), "{error}");
}

#[test]
fn a_thousand_that_fail_at_once_are_bounded_and_come_back_apart() {
    let house = House::new(
        3,
        "targets = ['one/m']\nbreaker = { enabled = false }\nretry = { base_delay = '2s', max_attempts = 2, budget = { floor = 1000 } }",
    );
    house.on("one", |_, _| down());
    house.sim.run(join_all((0..1000).map(|n| house.gateway.chat(request(&format!("question {n}"))))));
    let retries: Vec<_> = house.sim.exchanges()[1000..].iter().map(|exchange| exchange.at.since_start()).collect();
    assert_eq!(retries.len(), 1000);
    let busiest = (0..20).map(|n| retries.iter().filter(|at| at.as_millis() / 100 == n).count()).max();
    assert!(busiest.unwrap() <= 100, "{busiest:?}");

    let house = House::new(3, "targets = ['one/m']\nbreaker = { enabled = false }");
    house.on("one", |_, _| down());
    let calls = house.sim.run(join_all((0..1000).map(|n| house.gateway.chat(request(&format!("question {n}"))))));
    assert!(house.reached("one") <= 1120, "{}", house.reached("one"));
    let refused = |call: &Result<Response>| {
        call.as_ref().unwrap_err().attempt_records().iter().any(|attempt| attempt.skipped == Some(Skipped::RetryBudget))
    };
    assert!(calls.iter().filter(|call| refused(call)).count() >= 880);
}

#[test]
fn a_target_that_is_well_is_always_gone_on_to() {
    let house = House::new(1, "targets = ['one/m', 'two/m']\nbreaker = { enabled = false }");
    house.on("one", |_, _| down()).on("two", |_, _| text("here"));
    assert_eq!(failed(&house.load(50, secs(30))), 0.0);
}

#[test]
fn layers_of_retries_do_not_multiply() {
    // A service that asks this gateway, and tries three times itself: it passes on the header that it got.
    let house = House::new(1, "targets = ['one/m']\nbreaker = { enabled = false }");
    house.on("one", |_, _| down().after(ms(20)));
    let mut asked = 0_usize;
    for n in 0..500 {
        for attempt in 0..3 {
            let mut request = request(&format!("question {n}"));
            request.retry_attempt = attempt;
            house.sim.run(house.gateway.chat(request)).unwrap_err();
        }
        asked += 1;
        house.sim.advance(ms(20));
    }
    let per_call = house.reached("one") as f64 / asked as f64;
    assert!(per_call <= 1.21, "{per_call}");
    // Each says how often it was tried before, and a first one says nothing.
    let exchanges = house.sim.exchanges();
    let tried = |n: usize| exchanges[n].headers.get("x-retry-attempt").map(|value| value.to_str().unwrap().to_owned());
    assert_eq!((tried(0), tried(1)), (None, Some("1".to_owned())));
}
