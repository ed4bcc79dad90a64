//! Another configuration without a restart.

use std::sync::Mutex;

use tidegate::{Config, HealthState, Kind};

use super::*;

#[test]
fn calls_under_way_end_as_they_began_and_what_is_known_stays() {
    let house = House::new(1, "targets = ['one/m', 'two/m']");
    house.on("one", |_, _| down()).on("three", |_, _| text("three"));
    house.on("two", |_, n| text("two").after(if n < 5 { ms(0) } else { secs(1) }));
    for n in 0..5 {
        house.chat(&format!("question {n}")).unwrap();
    }
    let reload = async {
        house.sim.sleep(house.sim.now() + ms(300)).await;
        house.gateway.reload(&Config::from_toml(&config("targets = ['one/m', 'three/m']")).unwrap()).unwrap();
        house.gateway.chat(request("after")).await.unwrap()
    };
    let (before, after) = house.sim.run(futures_util::future::join(house.gateway.chat(request("before")), reload));
    assert_eq!((before.unwrap().target.as_str(), after.target.as_str()), ("two/m", "three/m"));
    assert_eq!(after.attempts[0].skipped, Some(tidegate::Skipped::Breaker), "its breaker is open still");
    assert_eq!(house.gateway.health()[0].state, HealthState::Open);
}

#[test]
fn a_wrong_one_changes_nothing_and_says_why() {
    let house = House::new(1, "targets = ['one/m']");
    house.on("one", |_, _| text("one"));
    let wrong = Config::from_toml(&config("targets = ['four/m']")).unwrap();
    let error = house.gateway.reload(&wrong).unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (Kind::Config, Some("routes.r.targets[0]")));
    assert_eq!(house.chat("still there?").unwrap().target, "one/m");
    assert_eq!(house.gateway.reload_file().unwrap_err().kind(), Kind::Config);
}

#[test]
fn a_file_is_watched() {
    let sim = Sim::new(1);
    let file = std::env::temp_dir().join(format!("tidegate-watch-{}.toml", std::process::id()));
    std::fs::write(&file, config("targets = ['one/m']")).unwrap();
    let gateway = Gateway::from_file(&file).unwrap().with_world(sim.clone());
    for (host, words) in [("one.test", "one"), ("two.test", "two")] {
        sim.handle(host, move |_| text(words));
    }
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let notes = Arc::clone(&seen);
    let note = move |outcome: Result<Config>| {
        notes.lock().unwrap().push(outcome.map_or_else(|error| error.to_string(), |_| "taken".into()));
    };
    let _watched = gateway.watch(secs(1), note).unwrap();
    let ask = || {
        sim.run(sim.sleep(sim.now() + secs(3)));
        sim.run(gateway.chat(request("who?"))).unwrap().target
    };
    assert_eq!(ask(), "one/m");
    std::fs::write(&file, config("targets = ['two/m']")).unwrap();
    assert_eq!(ask(), "two/m");
    std::fs::write(&file, "routes.r.targets = 7").unwrap();
    assert_eq!(ask(), "two/m");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(ask(), "two/m");
    let seen = seen.lock().unwrap();
    assert_eq!((seen.len(), seen[0].as_str()), (2, "taken"), "{seen:?}");
    assert!(seen[1].contains("routes.r.targets"), "{seen:?}");
}

#[test]
fn a_change_before_the_first_look_is_taken_and_none_after_the_watch_has_ended() {
    let sim = Sim::new(1);
    let file = std::env::temp_dir().join(format!("tidegate-watch-ends-{}.toml", std::process::id()));
    let change = |host: &str| std::fs::write(&file, config(&format!("targets = ['{host}/m']"))).unwrap();
    change("one");
    let gateway = Gateway::from_file(&file).unwrap().with_world(sim.clone());
    let look = || {
        sim.run(sim.sleep(sim.now() + secs(3)));
        gateway.explain(request("who?")).unwrap().candidates[0].target.clone()
    };
    // One that panics has no say in what becomes of the file.
    let watched = gateway.watch(secs(1), |_| panic!("on purpose")).unwrap();
    change("two");
    assert_eq!(look(), "two/m");
    change("three");
    assert_eq!(look(), "three/m");
    drop(watched);
    change("one");
    assert_eq!(look(), "three/m");
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let refused = |gateway: &Gateway, every| gateway.watch(every, |_| {}).unwrap_err();
    let error = refused(&Gateway::builtin().unwrap(), secs(1));
    assert!(error.to_string().contains("not made of a file"), "{error}");
    let file = std::env::temp_dir().join(format!("tidegate-watch-never-{}.toml", std::process::id()));
    std::fs::write(&file, config("targets = ['one/m']")).unwrap();
    let error = refused(&Gateway::from_file(&file).unwrap(), secs(0));
    assert_eq!((error.kind(), error.get("field")), (Kind::Config, Some("every")));
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn a_reload_under_load_fails_nobody() {
    let house = House::new(1, "targets = ['one/m']");
    house.on("one", |_, _| text("one").after(ms(300))).on("two", |_, _| text("two").after(ms(300)));
    let reloads = async {
        for n in 0..20 {
            house.sim.sleep(house.sim.now() + ms(100)).await;
            let target = if n % 2 == 0 { "two/m" } else { "one/m" };
            house.gateway.reload(&Config::from_toml(&config(&format!("targets = ['{target}']"))).unwrap()).unwrap();
        }
    };
    let calls = join_all((0..400_u32).map(|n| {
        let house = &house;
        async move {
            house.sim.sleep(Tick::default() + ms(5) * n).await;
            house.gateway.chat(request(&format!("question {n}"))).await
        }
    }));
    let (calls, ()) = house.sim.run(futures_util::future::join(calls, reloads));
    assert!(calls.iter().all(Result::is_ok));
    assert!(house.reached("one") > 100 && house.reached("two") > 100);
}
