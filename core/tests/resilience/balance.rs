//! Which target comes first.

use std::collections::HashMap;

use tidegate::{Skipped, Why};

use super::*;

fn shares(calls: &[Seen]) -> HashMap<String, f64> {
    let mut shares = HashMap::new();
    for call in calls {
        *shares.entry(call.result.as_ref().unwrap().target.clone()).or_default() += 1.0 / calls.len() as f64;
    }
    shares
}

fn all_up(house: &House) {
    for host in ["one", "two", "three"] {
        house.on(host, |_, _| text("hi").after(ms(100)));
    }
}

#[test]
fn weights_split_calls_and_what_has_none_is_for_failover() {
    let targets = "targets = [{ target = 'one/m', weight = 80 }, { target = 'two/m', weight = 20 }, 'three/m']";
    let house = House::new(1, targets);
    all_up(&house);
    let shares = shares(&house.load(100, secs(40)));
    assert!((shares["two/m"] - 0.2).abs() < 0.03 && !shares.contains_key("three/m"), "{shares:?}");

    let house = House::new(1, targets);
    house.on("one", |_, _| down()).on("two", |_, _| down()).on("three", |_, _| text("hi"));
    assert_eq!(house.chat("hi").unwrap().target, "three/m");
}

#[test]
fn a_label_keeps_its_calls_at_one_target() {
    let house = House::new(1, "targets = ['one/m', 'two/m', 'three/m']\nbalance = 'sticky'\nsticky_label = 'user'");
    all_up(&house);
    let user = |n: u32| request(&format!("question {n}")).label("user", format!("user {}", n % 60));
    let mut homes: HashMap<u32, String> = HashMap::new();
    for (n, call) in (0..).zip(house.load_with(100, secs(6), user)) {
        let target = call.result.unwrap().target;
        assert_eq!(homes.entry(n % 60).or_insert_with(|| target.clone()), &target);
    }
    let spread = homes.values().filter(|home| *home == "one/m").count();
    assert!((8..=32).contains(&spread), "{spread}");
    // Only those of the one that goes move.
    house.on("one", |_, _| down());
    for (n, call) in (0..).zip(house.load_with(100, secs(6), user)) {
        let target = call.result.unwrap().target;
        assert!(homes[&(n % 60)] == "one/m" || homes[&(n % 60)] == target);
    }
}

#[test]
fn the_cheapest_that_can_do_it_comes_first() {
    let house = House::new(
        1,
        "targets = ['one/m', { target = 'two/m', price = { input = 2, output = 8 } }, { target = 'three/m', price = { input = 0.25, output = 2 } }]\nbalance = 'cheapest'",
    );
    all_up(&house);
    let reply = house.chat("hi").unwrap();
    assert_eq!((reply.target.as_str(), reply.attempts[0].why), ("three/m", Why::Price));
    house.on("three", |_, _| down()).on("two", |_, _| down());
    assert_eq!(house.chat("hi there").unwrap().target, "one/m");
}

#[test]
fn a_conversation_stays_where_its_beginning_is_cached() {
    let house = House::new(1, "targets = ['one/m', 'two/m', 'three/m']\nbalance = 'prompt_cache'");
    all_up(&house);
    for n in 0..10 {
        let mut messages = vec![Message::system("be kind"), Message::user(format!("conversation {n}"))];
        let first = house.sim.run(house.gateway.chat(Request::chat("r", messages.clone()))).unwrap();
        messages.extend([first.message(), Message::user("go on")]);
        let second = house.sim.run(house.gateway.chat(Request::chat("r", messages))).unwrap();
        assert_eq!((first.target, Why::PromptCache), (second.target, second.attempts[0].why));
    }
}

#[test]
fn calls_in_flight_are_evened_out() {
    let house = House::new(1, "targets = ['one/m', 'two/m']\nbalance = 'least_in_flight'");
    house.on("one", |_, _| text("slow").after(secs(3))).on("two", |_, _| text("fast").after(secs(1)));
    let shares = shares(&house.load(40, secs(30)));
    assert!((0.65..0.85).contains(&shares["two/m"]), "{shares:?}");
}

/// A lognormal time whose p95 is 1.47 s; in a brownout one in ten takes ten times as long.
fn times(seed: u64, n: u64, brownout: bool) -> Duration {
    let normal = (-2.0 * chance(seed, n).max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * chance(seed + 1, n)).cos();
    let slow = if brownout && chance(seed + 2, n) < 0.1 { 10.0 } else { 1.0 };
    Duration::from_secs_f64(0.9 * (0.298 * normal).exp() * slow)
}

#[test]
fn a_brownout_is_shifted_away_from_within_seconds() {
    for seed in [10, 20, 30] {
        let house = House::new(seed, "targets = ['one/m', 'two/m']\nbalance = 'latency'");
        house.on("one", move |exchange, n| text("hi").after(times(seed, n, exchange.at.since_start() >= secs(60))));
        house.on("two", move |_, n| text("hi").after(times(seed + 5, n, false)));
        let calls = house.load(50, secs(180));
        assert_eq!(failed(&calls), 0.0);
        let between =
            |from, to| calls.iter().filter(move |call| (secs(from)..secs(to)).contains(&call.at.since_start()));
        let p95 = quantile(between(70, 180), 0.95);
        assert!(p95 <= secs(2), "{p95:?} with seed {seed}");
        let share = |from, to| {
            let ours = between(from, to).filter(|call| call.result.as_ref().unwrap().target == "one/m").count();
            ours as f64 / between(from, to).count() as f64
        };
        assert!(share(10, 60) > 0.3 && share(75, 180) < 0.1, "{} {}", share(10, 60), share(75, 180));
        assert!(house.sim.exchanges().len() as f64 <= 1.05 * calls.len() as f64);
    }
}

#[test]
fn what_fails_at_once_is_not_the_fastest() {
    let house = House::new(1, "targets = ['one/m', 'two/m']\nbalance = 'latency'\nbreaker = { enabled = false }");
    house.on("one", |_, _| down().after(ms(5))).on("two", |_, _| text("hi").after(secs(1)));
    let calls = house.load(20, secs(60));
    let tried = house.reached("one") as f64 / calls.len() as f64;
    assert_eq!(failed(&calls), 0.0);
    assert!(tried < 0.6, "{tried}");
}

#[test]
fn regions_and_prices_leave_targets_out() {
    let routes = "targets = [{ target = 'one/m', region = 'us-east-1' }, { target = 'two/m', region = 'eu-central-1' }, 'three/m']\nregions = ['eu-*']";
    let house = House::new(1, routes);
    all_up(&house);
    assert_eq!(house.chat("hi").unwrap().target, "two/m");
    let error =
        Gateway::from_toml(&config("targets = ['one/m']\nmax_price = { input = 1, output = 4 }")).err().unwrap();
    assert_eq!(
        (error.get("field"), error.to_string().contains("one/m has no price")),
        (Some("routes.r"), true),
        "{error}"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (routes, field) in [
        ("targets = ['one/m']\nbalance = 'sticky'", "routes.r.balance"),
        ("targets = ['one/m']\nsticky_label = 'user'", "routes.r.sticky_label"),
        ("targets = [{ target = 'one/m', weight = 3 }]\nbalance = 'latency'", "routes.r.balance"),
        ("targets = ['one/m']\nbalance = 'cheapest'", "routes.r.balance"),
        ("targets = ['one/m']\nbalance = 'fastest'", "routes.r.balance"),
        ("targets = [{ target = 'one/m', wieght = 3 }]", "routes.r.targets[0].wieght"),
        ("targets = ['one/m']\nhedge = { after = 'soon' }", "routes.r.hedge.after"),
        ("targets = ['one/m']\nhedge = { max_share = 3 }", "routes.r.hedge.max_share"),
        ("targets = ['one/m']\nbreaker = { failures = 0 }", "routes.r.breaker.failures"),
    ] {
        let error = Gateway::from_toml(&config(routes)).err().unwrap();
        assert_eq!(error.get("field"), Some(field), "{error}");
    }
}

#[test]
fn a_request_is_explained_before_it_is_sent() {
    let house = House::new(1, "targets = ['one/m', 'two/m', 'three/m']\nretry = { max_attempts = 2 }");
    house.on("one", |_, _| down()).on("two", |_, _| text("hi"));
    for n in 0..5 {
        house.chat(&format!("question {n}")).unwrap();
    }
    let sent = house.sim.exchanges().len();
    let plan = house.gateway.explain(request("and now?")).unwrap();
    assert_eq!(house.sim.exchanges().len(), sent);
    let targets: Vec<_> = plan.candidates.iter().map(|one| (one.target.as_str(), one.skipped)).collect();
    assert_eq!(targets, [("one/m", Some(Skipped::Breaker)), ("two/m", None), ("three/m", None)]);
    assert!(plan.candidates[0].message.as_ref().unwrap().contains("nothing was sent"));
    assert_eq!((plan.max_attempts, plan.hedge_after), (2, None));
}
