//! Configurations against bad hours, in virtual time.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use tidegate::chaos::{Baseline, Figures, Profile, Report, baseline, simulate};
use tidegate::{Config, Kind};

const ROUTE: &str = r#"routes.chat.targets = ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"]"#;

fn chaos() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/chaos")
}

fn shipped(name: &str) -> (Config, Profile) {
    let config = Config::from_file(chaos().join("tidegate.toml")).unwrap();
    (config, Profile::from_file(chaos().join(format!("profiles/{name}.toml"))).unwrap())
}

/// A minute of a request a second, to two targets that answer after a second.
fn profile(primary: &str, secondary: &str) -> Profile {
    let text = format!(
        r#"
        route = "chat"
        rate = 1
        arrivals = "regular"
        duration = "60s"
        [targets."openai/gpt-5-mini"]
        latency = "1s"
        {primary}
        [targets."anthropic/claude-sonnet-4-5"]
        latency = "1s"
        {secondary}
        "#
    );
    Profile::from_toml(&text).unwrap()
}

fn run(profile: &Profile) -> Report {
    simulate(&Config::from_toml(ROUTE).unwrap(), profile, 1).unwrap()
}

fn attempts(figures: &Figures) -> Vec<(&str, u64)> {
    figures.targets.iter().map(|target| (&*target.target, target.attempts)).collect()
}

#[test]
fn the_same_seed_gives_the_same_report_to_the_byte() {
    let config = Config::from_toml(ROUTE).unwrap();
    let profile = Profile::from_toml(
        r#"
        route = "chat"
        rate = 5
        duration = "10s"
        deadline = "5s"
        [targets."openai/gpt-5-mini"]
        latency = { p50 = "800ms", p95 = "1470ms" }
        error_rate = 0.2
        slow_rate = 0.1
        rate_limit = 30
        events = [{ kind = "flapping", up = "2s", down = "1s", to = "5s" }, { kind = "hang", from = "7s", to = "8s" }]
        [targets."anthropic/claude-sonnet-4-5"]
        latency = { min = "500ms", max = "2s" }
        error_rate = 0.2
        "#,
    )
    .unwrap();
    let text = |seed| {
        let report = simulate(&config, &profile, seed).unwrap();
        format!("{}{}", serde_json::to_string(&report).unwrap(), report.html())
    };
    let first = text(1);
    for _ in 0..100 {
        assert_eq!(text(1), first);
    }
    assert_ne!(text(2), first);
}

#[test]
fn without_a_gateway_the_shipped_profiles_fail_as_often_as_they_say() {
    let expected =
        [("a", 0.01), ("b", 0.05), ("c", 0.208), ("d", 0.068), ("e", 0.505), ("f", 1.0), ("q3-brownout", 0.0)];
    for (name, share) in expected {
        let (config, profile) = shipped(name);
        let figures = baseline(&config, &profile, Baseline::None, 1).unwrap();
        assert!((figures.error_rate - share).abs() < 0.01, "{name}: {}", figures.error_rate);
        assert_eq!(figures.attempts, figures.requests);
        assert!((14_000..16_000).contains(&figures.requests), "{name}: {}", figures.requests);
    }
}

#[test]
fn every_shipped_profile_fits_the_shipped_route() {
    let config = Config::from_file(chaos().join("tidegate.toml")).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(chaos().join("profiles")).unwrap() {
        let mut value: toml::Table = toml::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        value.insert("duration".into(), "1s".into());
        value.insert("rate".into(), 5.into());
        let profile = Profile::from_toml(&value.to_string()).unwrap();
        simulate(&config, &profile, 1).unwrap();
        count += 1;
    }
    assert_eq!(count, 10);
}

#[test]
fn a_gateway_gets_over_an_outage_that_fails_callers_without_one() {
    let report = run(&profile("events = [{ kind = \"outage\", from = \"20s\", to = \"40s\" }]", ""));
    assert_eq!((report.before.requests, report.before.failures), (60, 20));
    assert_eq!(report.before.kinds["overloaded"], 20);
    assert_eq!((report.after.requests, report.after.failures), (60, 0));
    let [secondary, primary] = &report.after.targets[..] else { panic!("two targets") };
    assert_eq!(
        (primary.target.as_str(), secondary.target.as_str()),
        ("openai/gpt-5-mini", "anthropic/claude-sonnet-4-5")
    );
    // How soon it is trusted again is the breaker's to say.
    assert!((20..=40).contains(&primary.answers), "{}", primary.answers);
    assert_eq!(primary.answers + secondary.answers, 60);
    // Points are a second apart, and those of the outage show where requests went instead.
    let point = &report.before.series[30];
    assert_eq!((point.at, point.requests, point.failures, point.p95), (Duration::from_secs(30), 1, 1, None));
    assert_eq!(report.after.series[30].attempts[0], 1);
    let p95 = report.after.series[20].p95;
    assert_eq!(p95, Some(Duration::from_millis(1100)));
}

#[test]
fn the_same_first_attempts_fail_with_and_without_a_gateway() {
    let report = run(&profile("error_rate = 0.1", ""));
    let first_failures = report.before.failures;
    assert!((1..20).contains(&first_failures), "{first_failures}");
    assert_eq!(report.after.targets[1].answers, 60 - first_failures);
}

#[test]
fn the_baselines_try_as_the_sdks_do() {
    let config = Config::from_toml(ROUTE).unwrap();
    let down = profile("events = [{ kind = \"outage\" }]", "");
    let figures = |which| baseline(&config, &down, which, 1).unwrap();
    let three = figures(Baseline::ThreeTries);
    assert_eq!(
        (three.failures, attempts(&three)),
        (60, vec![("anthropic/claude-sonnet-4-5", 0), ("openai/gpt-5-mini", 180)])
    );
    // Three failures of 100 ms, and two waits that are 1.125 to 1.5 s together.
    let time = three.latency_all.p50;
    assert!((1425..=1800).contains(&time.as_millis()), "{time:?}");
    let fallback = figures(Baseline::RetryAndFallback);
    assert_eq!((fallback.failures, fallback.attempts), (0, 240));
    let refused = profile("events = [{ kind = \"outage\", status = 400 }]", "");
    assert_eq!(baseline(&config, &refused, Baseline::ThreeTries, 1).unwrap().attempts, 60);
}

#[test]
fn every_event_does_what_it_says() {
    let before = |primary: &str| {
        let text = format!("events = [{{ from = \"10s\", to = \"30s\", {primary} }}]");
        run(&profile(&text, "")).before
    };
    assert_eq!(before("kind = \"outage\", status = 500").kinds["server"], 20);
    assert_eq!(before("kind = \"refuse\"").kinds["connection"], 20);
    assert_eq!(before("kind = \"errors\", error_rate = 1.0, status = 429").kinds["rate_limited"], 20);
    assert_eq!(before("kind = \"flapping\", up = \"5s\", down = \"5s\"").failures, 10);
    assert_eq!(before("kind = \"slow\", slow_factor = 3").latency.p95, Duration::from_secs(3));
    let brownout = before("kind = \"brownout\", slow_rate = 0.5, slow_factor = 4");
    assert_eq!((brownout.latency.p50, brownout.latency.p95), (Duration::from_secs(1), Duration::from_secs(4)));
    let hang = before("kind = \"hang\"");
    assert_eq!((hang.kinds["timeout"], hang.latency_all.p999), (20, Duration::from_secs(600)));
}

#[test]
fn the_deadline_is_the_callers() {
    let text = "events = [{ kind = \"hang\" }]";
    let mut value: toml::Table = toml::from_str(&format!(
        "route = \"chat\"\nrate = 1\nduration = \"10s\"\ndeadline = \"3s\"\n\
         [targets.\"openai/gpt-5-mini\"]\nlatency = \"1s\"\n{text}\n"
    ))
    .unwrap();
    let config = Config::from_toml("routes.chat.targets = [\"openai/gpt-5-mini\"]").unwrap();
    let report = simulate(&config, &Profile::from_toml(&value.to_string()).unwrap(), 1).unwrap();
    for figures in [&report.before, &report.after] {
        assert_eq!(figures.failures, figures.requests);
        assert_eq!(
            (figures.latency_all.p50, figures.latency_all.p999),
            (Duration::from_secs(3), Duration::from_secs(3))
        );
    }
    value.remove("deadline");
    let report = simulate(&config, &Profile::from_toml(&value.to_string()).unwrap(), 1).unwrap();
    assert_eq!(report.before.latency_all.p50, Duration::from_secs(600));
}

#[test]
fn a_rate_limit_says_how_long_to_wait() {
    let report = run(&profile("rate_limit = 20", ""));
    assert_eq!((report.before.failures, report.before.kinds["rate_limited"]), (40, 40));
    // The gateway heeds the wait that the first refusal asks for, if not what the answers before said.
    let [(_, secondary), (_, primary)] = attempts(&report.after)[..] else { panic!("two targets") };
    assert!((20..=21).contains(&primary), "{primary}");
    assert_eq!((secondary, report.after.failures), (40, 0));
}

#[test]
fn health_checks_are_no_attempts() {
    let config = Config::from_toml(&format!("{ROUTE}\nroutes.chat.health_check = {{ interval = \"5s\" }}")).unwrap();
    let after = simulate(&config, &profile("", ""), 1).unwrap().after;
    // The primary answers callers all the time: only the other one is asked.
    assert!((4..=15).contains(&after.checks), "{}", after.checks);
    assert_eq!((after.attempts, after.hedges, after.failures), (60, 0, 0));
}

#[test]
fn cost_is_exact_and_counts_all_answers() {
    let mut value: toml::Table = toml::from_str(
        r#"
        route = "chat"
        rate = 1
        arrivals = "regular"
        duration = "10s"
        prompt_tokens = 1000
        output_tokens = 3
        [targets."openai/gpt-5-mini"]
        latency = "1s"
        price = { input = 0.0375, output = 2.0 }
        "#,
    )
    .unwrap();
    let config = Config::from_toml("routes.chat.targets = [\"openai/gpt-5-mini\"]").unwrap();
    let cost = |value: &toml::Table| {
        let report = simulate(&config, &Profile::from_toml(&value.to_string()).unwrap(), 1).unwrap();
        assert_eq!(report.before.cost, report.after.cost);
        report.after.cost.nano_usd
    };
    assert_eq!(cost(&value), 10 * (1000 * 375 / 10 + 3 * 2000));
    value["targets"]["openai/gpt-5-mini"].as_table_mut().unwrap().insert("error_rate".into(), 1.0.into());
    assert_eq!(cost(&value), 0);
}

#[test]
fn no_key_no_file_and_no_token_is_needed_in_any_protocol() {
    let config = Config::from_toml(
        r#"
        from_env = true
        [providers.openai]
        api_keys = ["${env:TIDEGATE_NO_SUCH_1}", "${env:TIDEGATE_NO_SUCH_2}"]
        [providers.eu]
        protocol = "openai-chat"
        base_url = "https://llm.eu.example.com/v1"
        headers = { x-team = "${env:TIDEGATE_NO_SUCH_3}" }
        [providers.aws]
        protocol = "bedrock-converse"
        profile = "no-such-profile"
        [providers.google]
        protocol = "vertex-gemini"
        credentials_file = "/no/such/file.json"
        [providers.azure]
        protocol = "azure-openai"
        base_url = "https://no-such.openai.azure.com"
        tenant_id = "t"
        client_id = "c"
        client_secret = "${env:TIDEGATE_NO_SUCH_4}"
        scope = "https://cognitiveservices.azure.us/.default"
        "#,
    )
    .unwrap();
    let named = ["openai", "eu", "aws", "google", "azure", "anthropic", "gemini", "mistral", "cohere"];
    let others = ["ollama", "openai-responses", "openai-completions", "bedrock-anthropic", "vertex-anthropic"];
    let others = others.map(|protocol| format!("sim-{protocol}"));
    for label in named.into_iter().chain(others.iter().map(String::as_str)) {
        let profile = Profile::from_toml(&format!(
            "route = \"{label}/m\"\nrate = 1\nduration = \"3s\"\n[targets.\"{label}/m\"]\nlatency = \"1s\"\n"
        ));
        let after = simulate(&config, &profile.unwrap(), 1).unwrap().after;
        assert!(after.requests > 0);
        assert_eq!((label, after.kinds.into_keys().collect()), (label, Vec::<String>::new()));
    }
}

#[test]
fn mistakes_name_the_place_and_the_key() {
    let target = "[targets.\"openai/gpt-5-mini\"]\nlatency = \"1s\"\n";
    let head = "route = \"chat\"\nrate = 1\nduration = \"1s\"\n";
    let cases = [
        (format!("{head}rte = 1\n{target}"), "line 4: rte: unknown key, did you mean 'rate'?"),
        (
            format!("{head}{target}eror_rate = 0.1\n"),
            "line 6: targets.\"openai/gpt-5-mini\".eror_rate: unknown key, did you mean 'error_rate'?",
        ),
        (
            format!("{head}{target}error_rate = 1.5\n"),
            "line 6: targets.\"openai/gpt-5-mini\".error_rate: 1.5 is out of range, expected a share between 0 and 1",
        ),
        (
            format!("{head}{target}events = [{{ kind = \"outag\" }}]\n"),
            "line 6: targets.\"openai/gpt-5-mini\".events[0].kind: 'outag' is not one of its values, did you mean 'outage'?",
        ),
        (
            format!("{head}{target}events = [{{ kind = \"outage\", up = \"1s\" }}]\n"),
            "line 6: targets.\"openai/gpt-5-mini\".events[0]: an event of this kind has no key 'up'",
        ),
        (
            format!("{head}{target}events = [{{ kind = \"slow\", from = \"2s\", to = \"1s\" }}]\n"),
            "line 6: targets.\"openai/gpt-5-mini\".events[0]: 'to' is not after 'from'",
        ),
        (
            format!("{head}{target}events = [{{ kind = \"errors\" }}]\n"),
            "line 6: targets.\"openai/gpt-5-mini\".events[0]: the key 'error_rate' is missing",
        ),
        (
            format!("{head}[targets.a]\nlatency = {{ p50 = \"2s\", p95 = \"1s\" }}\n"),
            "line 5: targets.a.latency: p50 (2s) is longer than p95 (1s)",
        ),
        (
            format!("{head}[targets.a]\nlatency = {{ p50 = \"2s\", p59 = \"1s\" }}\n"),
            "line 5: targets.a.latency.p59: unknown key, did you mean 'p50'?",
        ),
        (
            format!("{head}[targets.a]\nlatency = 5\n"),
            "line 5: targets.a.latency: expected a time such as \"800ms\", { p50 = \"800ms\", p95 = \"1470ms\" } or { min, max }, got a whole number",
        ),
        (
            "route = \"chat\"\nrate = 50000\nduration = \"1h\"\n[targets.a]\nlatency = \"1s\"\n".to_owned(),
            "line 3: duration: at this rate there are more than 10000000 requests: make it shorter",
        ),
        (
            "route = \"chat\"\nrate = 0\nduration = \"1h\"\n".to_owned(),
            "line 2: rate: 0 is out of range, expected requests a second, 0.001 to 100000",
        ),
    ];
    for (text, message) in cases {
        let error = Profile::from_toml(&text).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Config, message));
    }
}

#[test]
fn a_profile_that_does_not_fit_the_configuration_is_refused() {
    let config = Config::from_toml(ROUTE).unwrap();
    let head = "rate = 1\nduration = \"1s\"\n";
    let table = |label: &str| format!("[targets.\"{label}\"]\nlatency = \"1s\"\n");
    let (one, other) = (table("openai/gpt-5-mini"), table("anthropic/claude-sonnet-4-5"));
    let cases = [
        (
            format!("route = \"cat\"\n{head}{one}"),
            "line 1: route: no route is named 'cat', did you mean 'chat'?".to_owned(),
        ),
        (
            format!("route = \"chat\"\n{head}{one}"),
            "line 4: targets: route 'chat' has the target 'anthropic/claude-sonnet-4-5', which has no table here"
                .to_owned(),
        ),
        (
            format!("route = \"chat\"\n{head}{one}{other}{}", table("openai/gpt-5-mimi")),
            "line 8: targets.\"openai/gpt-5-mimi\": no route has this target, did you mean 'openai/gpt-5-mini'?"
                .to_owned(),
        ),
    ];
    for (text, message) in cases {
        let error = simulate(&config, &Profile::from_toml(&text).unwrap(), 1).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (Kind::Config, message));
    }
}

#[test]
fn the_page_stands_alone_and_names_cannot_break_it() {
    let config = Config::from_toml("routes.\"<b>\".targets = [\"sim/<script>\"]").unwrap();
    let profile = Profile::from_toml(
        "route = \"<b>\"\nrate = 1\nduration = \"10s\"\n[targets.\"sim/<script>\"]\nlatency = \"1s\"\nerror_rate = 0.5\n",
    );
    let html = simulate(&config, &profile.unwrap(), 1).unwrap().html();
    assert!(html.contains("sim/&lt;script&gt;") && html.contains("Route &lt;b&gt;"));
    for bad in ["<script", "http:", "https:", "NaN", "inf"] {
        assert!(!html.contains(bad), "{bad}");
    }
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
}
