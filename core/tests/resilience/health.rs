//! What the gateway knows of its targets, and how it finds out by itself.

use tidegate::HealthState;

use super::*;

#[test]
fn figures_of_each_target() {
    let house = House::new(1, "targets = ['one/m']");
    house.on("one", |_, n| if n % 10 == 9 { down() } else { text("hi").after(ms(100 * (n + 1) % 1000)) });
    house.load(10, secs(10));
    let health = house.gateway.health();
    let [one] = &health[..] else { panic!("{health:?}") };
    assert_eq!((one.target.as_str(), one.state, one.in_flight), ("one/m", HealthState::Well, 0));
    assert!(one.requests > 100 && one.failures >= 10, "{one:?}");
    assert!((0.05..0.2).contains(&one.failure_rate), "{one:?}");
    let (p50, p99) = (one.total.p50.unwrap(), one.total.p99.unwrap());
    assert!((0.3..0.7).contains(&p50) && (0.8..1.0).contains(&p99), "{one:?}");
}

#[test]
fn checks_find_an_outage_before_a_caller_does() {
    let house = House::new(
        1,
        "targets = ['one/m', 'two/m']\nhealth_check = { interval = '1s', timeout = '500ms' }\nbreaker = { failures = 2 }",
    );
    house.on("one", |exchange, _| match exchange.at.since_start().as_secs() {
        10..30 => Answer::nothing(tidegate::sim::End::Hang),
        _ => text("hi"),
    });
    house.on("two", |_, _| text("here"));
    house.chat("the first call begins with the checks").unwrap();
    let pass = |seconds| house.sim.run(house.sim.sleep(house.sim.now() + secs(seconds)));
    pass(15);
    let one = || house.gateway.health().into_iter().find(|one| one.target == "one/m").unwrap();
    assert_eq!(one().state, HealthState::Open, "{:?}", one());
    let before = house.sim.now();
    assert_eq!((house.chat("now").unwrap().target.as_str(), house.sim.now()), ("two/m", before));
    // And that it is over.
    pass(60);
    assert_eq!(one().state, HealthState::Well, "{:?}", one());
    assert_eq!(house.chat("and now").unwrap().target, "one/m");
}

#[test]
fn a_target_that_answers_callers_is_not_asked() {
    let house = House::new(1, "targets = ['one/m']\nhealth_check = { interval = '5s' }");
    house.on("one", |_, _| text("hi"));
    let calls = house.load(2, secs(60));
    assert_eq!(house.reached("one"), calls.len());
}

#[test]
fn observers_are_told_when_a_state_changes() {
    let house = House::new(1, "targets = ['one/m', 'two/m']");
    house.on("one", |exchange, _| if exchange.at.since_start() < secs(3) { down() } else { text("hi") });
    house.on("two", |_, _| text("here"));
    let seen: Arc<std::sync::Mutex<Vec<(String, HealthState)>>> = Arc::default();
    let notes = Arc::clone(&seen);
    let _observed =
        house.gateway.observe_health(move |health| notes.lock().unwrap().push((health.target.clone(), health.state)));
    house.load(10, secs(20));
    let states: Vec<_> = seen.lock().unwrap().iter().map(|(target, state)| (target.clone(), *state)).collect();
    assert!(states.iter().all(|(target, _)| target == "one/m"), "{states:?}");
    let mut states: Vec<_> = states.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states[..2], [HealthState::Failing, HealthState::Open]);
    assert_eq!(states.pop(), Some(HealthState::Well));
    assert!(states.contains(&HealthState::Probing) && states.contains(&HealthState::Returning), "{states:?}");
}

#[test]
fn an_observer_that_panics_fails_nobody_and_one_that_is_dropped_is_told_no_more() {
    let house = House::new(1, "targets = ['one/m', 'two/m']\nbreaker = { failures = 1 }");
    house.on("one", |_, _| down()).on("two", |_, _| text("here"));
    let told = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let _panics = house.gateway.observe_health(|_| panic!("on purpose"));
    let counts = house.gateway.observe_health(move |_| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(house.chat("first").unwrap().target, "two/m");
    assert_eq!(told.load(std::sync::atomic::Ordering::Relaxed), 1);
    drop(counts);
    assert_eq!(Arc::strong_count(&told), 1, "what it holds is let go of");
    house.load(10, secs(20));
    assert_eq!(told.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn to_explain_asks_nobody_and_counts_nowhere() {
    let house = House::new(1, "targets = ['one/m', 'two/m']\nhealth_check = { interval = '1s' }");
    house.on("one", |_, _| text("hi")).on("two", |_, _| text("hi"));
    assert_eq!(house.gateway.explain(request("what if?")).unwrap().candidates.len(), 2);
    house.sim.run(house.sim.sleep(house.sim.now() + secs(10)));
    assert_eq!((house.reached("one"), house.reached("two")), (0, 0));
    assert_eq!(house.gateway.health(), []);
}
