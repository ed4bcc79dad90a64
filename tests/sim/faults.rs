//! How simulated providers fail: as scripted, by chance, and as their vendors refuse.

use std::time::Duration;

use serde_json::json;
use tidegate::{Error, Gateway, Kind, Request, Retry, Sim, World as _};

use crate::{PROTOCOLS, gateway, says, stream};

#[test]
fn refuses_as_its_provider_does() {
    for protocol in PROTOCOLS {
        // Mistral has other statuses for what is not there, and for what is not as its schema says.
        let (missing, wrong) = if protocol == "mistral" { (400, 422) } else { (404, 400) };
        let sim = Sim::new(1);
        let config = json!({"providers": {"p": {"protocol": protocol, "simulate": {}, "api_key": "wrong"}}});
        let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
        let ask = |model: &str| Request::from_value(json!({"model": model, "messages": says("hi")})).unwrap();
        let error = sim.run(gateway.chat(ask("p/x"))).unwrap_err();
        assert_eq!((error.kind(), error.scope()), (Kind::Unauthenticated, Retry::Elsewhere), "{protocol}: {error:#}");
        let gateway = self::gateway(&sim, protocol, json!({}));
        let error = sim.run(gateway.chat(ask("p/missing-model"))).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (Kind::NotFound, Some(missing)), "{protocol}: {error:#}");
        let extra = Request::from_value(json!({
            "model": "r", "messages": says("hi"),
            "extra": {"temperature": "hot", "generationConfig": {"temperature": "hot"}},
        }))
        .unwrap();
        let error = sim.run(gateway.chat(extra)).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (Kind::InvalidRequest, Some(wrong)), "{protocol}: {error:#}");
    }
}

#[test]
fn a_script_decides_the_first_requests() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let script = json!([
            {"status": 503},
            {"status": 429, "retry_after": "7s"},
            {"text": "as scripted", "times": 2},
            {"refuse": true},
            {"hang": true, "delay": "1s"},
            {"cut_after": 3},
            {},
        ]);
        let gateway = gateway(&sim, protocol, json!({"script": script, "reply": "{model}: {prompt}"}));
        let ask = || sim.run(gateway.chat(Request::from_value(json!({"model": "r", "messages": says("hi")})).unwrap()));
        assert_eq!(ask().unwrap_err().kind(), Kind::Overloaded, "{protocol}");
        let limited = ask().unwrap_err();
        assert_eq!((limited.kind(), limited.wait()), (Kind::RateLimited, Some(Duration::from_secs(7))), "{protocol}");
        assert_eq!(ask().unwrap().text(), "as scripted", "{protocol}");
        assert_eq!(ask().unwrap().text(), "as scripted", "{protocol}");
        assert_eq!(ask().unwrap_err().get("reason"), Some("refused"), "{protocol}");
        assert_eq!(ask().unwrap_err().get("timeout"), Some("first_content"), "{protocol}");
        assert_eq!(ask().unwrap_err().get("reason"), Some("incomplete_body"), "{protocol}");
        assert_eq!(ask().unwrap().text(), "model-1: hi", "{protocol}");
        assert_eq!(ask().unwrap().text(), "model-1: hi", "{protocol}");
    }
}

#[test]
fn a_stream_breaks_off_where_the_script_says() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let script = json!([{"cut_after": 3}, {"cut_after": 0}, {"status": 503, "cut_after": 2}, {"cut_after": 99}]);
        let gateway = gateway(&sim, protocol, json!({"script": script, "reply": "one two three four five"}));
        let ask = || stream(&sim, &gateway, json!({"model": "r", "messages": says("hi")})).1.unwrap_err();
        let partial = |error: &Error| error.partial_response().map(|partial| partial.text().into_owned());
        let cut = ask();
        assert_eq!(
            (cut.kind(), partial(&cut).as_deref()),
            (Kind::StreamIncomplete, Some("one two three ")),
            "{protocol}"
        );
        let before = ask();
        assert_eq!((before.kind(), partial(&before)), (Kind::StreamIncomplete, None), "{protocol}");
        let failed = ask();
        assert_eq!(partial(&failed).as_deref(), Some("one two "), "{protocol}: {failed:#}");
        assert!(matches!(failed.kind(), Kind::Overloaded | Kind::Server), "{protocol}: {failed:#}");
        assert_eq!(partial(&ask()).as_deref(), Some("one two three four five"), "{protocol}");
    }
}

/// Everything that can be seen of four streams at a provider that fails in every way.
fn log(gateway: &Gateway, seed: u64) -> String {
    let sim = Sim::new(seed);
    let gateway = gateway.with_world(sim.clone());
    let mut log = String::new();
    for turn in 0..4 {
        let (events, end) = stream(&sim, &gateway, json!({"model": "r", "messages": says(&format!("turn {turn}"))}));
        log += &format!("{:?} {end:?}\n", sim.now());
        log += &serde_json::to_string(&events).unwrap();
    }
    log
}

#[test]
fn the_same_seed_gives_the_same_log() {
    let simulate = json!({
        "latency": {"min": "10ms", "max": "900ms"}, "chunk_delay": {"min": "1ms", "max": "50ms"},
        "error_rate": 0.1, "rate_limit_rate": 0.1, "break_rate": 0.2,
    });
    for protocol in PROTOCOLS {
        let gateway = gateway(&Sim::new(0), protocol, simulate.clone());
        let first = log(&gateway, 7);
        assert!((0..100).all(|_| log(&gateway, 7) == first), "{protocol}");
        assert_ne!(log(&gateway, 8), first, "{protocol}");
    }
}

#[test]
fn a_seed_of_its_own_makes_a_provider_independent_of_the_world() {
    let texts = |world: u64, seed: u64| {
        let sim = Sim::new(world);
        let gateway = gateway(&sim, "openai-chat", json!({"seed": seed, "error_rate": 0.5}));
        let ask = || Request::from_value(json!({"model": "r", "messages": says("hi")})).unwrap();
        (0..20)
            .map(|_| sim.run(gateway.chat(ask())).map(|reply| reply.id).map_err(|error| error.kind()))
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(1, 5), texts(2, 5));
    assert_ne!(texts(1, 5), texts(1, 6));
}

#[test]
fn rates_are_kept() {
    let sim = Sim::new(3);
    let simulate = json!({"error_rate": 0.3, "error_status": 500, "rate_limit_rate": 0.2});
    let config = json!({
        "providers": {"p": {"protocol": "openai-chat", "simulate": simulate}},
        // Without the breaker, which would leave alone what fails as often.
        "routes": {"r": {"targets": ["p/m"], "retry": {"max_attempts": 1}, "breaker": {"enabled": false}}},
    });
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    let ask = || Request::from_value(json!({"model": "r", "messages": says("hi")})).unwrap();
    let kinds: Vec<_> = (0..1000).map(|_| sim.run(gateway.chat(ask())).err().map(|error| error.kind())).collect();
    let share = |kind: Option<Kind>| kinds.iter().filter(|seen| **seen == kind).count();
    assert!((250..350).contains(&share(Some(Kind::Server))), "{}", share(Some(Kind::Server)));
    assert!((150..250).contains(&share(Some(Kind::RateLimited))), "{}", share(Some(Kind::RateLimited)));
    assert_eq!(share(None) + share(Some(Kind::Server)) + share(Some(Kind::RateLimited)), 1000);
}

#[test]
fn an_hour_of_outage_takes_no_time() {
    let sim = Sim::new(1);
    let config = json!({
        "providers": {"p": {"protocol": "openai-chat", "simulate": {"script": [{"status": 503, "delay": "1h"}]}}},
        "routes": {"r": {"targets": ["p/m"], "timeout": {"first_content": "2h", "total": "3h"}}},
    });
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    let reply =
        sim.run(gateway.chat(Request::from_value(json!({"model": "r", "messages": says("hi")})).unwrap())).unwrap();
    assert_eq!(reply.attempts.len(), 2);
    assert_eq!(reply.attempts[0].kind, Some(Kind::Overloaded));
    assert!(sim.now().since_start() >= Duration::from_secs(3600));
}

#[test]
fn wrong_settings_are_refused_with_their_place() {
    let rows = [
        (json!({"latency": "fast"}), "latency"),
        (json!({"latency": {"min": "2s", "max": "1s"}}), "longer than max"),
        (json!({"error_rate": 1.5}), "between 0 and 1"),
        (json!({"error_status": 200}), "400 to 599"),
        (json!({"script": [{"status": 503, "text": "x"}]}), "at most one of"),
        (json!({"script": [{"stauts": 503}]}), "stauts"),
        (json!({"speed": 1}), "speed"),
    ];
    for (simulate, part) in rows {
        let config = json!({"providers": {"p": {"protocol": "openai-chat", "simulate": simulate}}});
        let error = Gateway::from_value(config).err().unwrap();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.to_string().contains("providers.p.simulate"), "{error}");
    }
}
