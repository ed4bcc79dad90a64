//! The configuration through the public API: what is refused, and in which words.
#![allow(missing_docs)]

use serde_json::json;
use tidegate::{Config, Gateway, Kind};

/// Wrong configurations, and all that is said of them. `SECRET` stands wherever a secret may.
const WRONG: &[(&str, &str)] = &[
    // Unknown keys, with the nearest known one.
    ("[provders.x]", "line 1: provders: unknown key, did you mean 'providers'?"),
    ("\n\n[routes.a]\ntargts = []", "line 4: routes.a.targts: unknown key, did you mean 'targets'?"),
    ("[defaults]\ntimeout = { conect = 1 }", "line 2: defaults.timeout.conect: unknown key, did you mean 'connect'?"),
    (
        "[defaults]\nfoo = 1",
        "line 2: defaults.foo: unknown key, expected one of timeout, retry, breaker, hedge, health_check, balance, sticky_label, limits, concurrency, on_unsupported, on_invalid_output, reject, stream, fallback",
    ),
    (
        "[providers.sim]\nsimulate = { latncy = 1 }",
        "line 2: providers.sim.simulate.latncy: unknown key, did you mean 'latency'?",
    ),
    // Types and ranges.
    ("from_env = 1", "line 1: from_env: expected true or false, got a whole number"),
    ("providers = 3", "line 1: providers: expected a table, got a whole number"),
    ("[[providers]]", "line 1: providers: expected a table, got a list"),
    ("[routes.a]", "line 1: routes.a: the key 'targets' is missing"),
    ("[routes.a]\ntargets = 5", "line 2: routes.a.targets: expected a list, got a whole number"),
    (
        "[routes.a]\ntargets = [\n 'sim/x',\n 3]",
        "line 4: routes.a.targets[1]: expected a string such as \"openai/gpt-5-mini\", or a table with 'target', got a whole number",
    ),
    ("[defaults]\ntimeout = '5s'", "line 2: defaults.timeout: expected a table, got a string"),
    ("[defaults]\ntimeout = ['5s', '10s']", "line 2: defaults.timeout: expected a table, got a list"),
    ("[defaults]\nreject = ['refusal']", "line 2: defaults.reject: expected a table, got a list"),
    (
        "[defaults]\nhedge = { after = 'p0.95' }",
        "line 2: defaults.hedge.after: 'p0.95' is not between p50 and p99.99, such as \"p95\"",
    ),
    (
        "[defaults]\nhedge = { after = '95' }",
        "line 2: defaults.hedge.after: '95' is neither a quantile such as \"p95\" nor a time such as \"800ms\"",
    ),
    (
        "[defaults.timeout]\nconnect = '5'",
        "line 2: defaults.timeout.connect: '5' is not a time, expected one such as \"30s\", \"500ms\", \"1m30s\" or 30 (seconds)",
    ),
    (
        "[defaults.timeout]\nconnect = true",
        "line 2: defaults.timeout.connect: expected a time such as \"30s\", \"500ms\" or 30 (seconds), got true or false",
    ),
    ("[defaults.timeout]\nidle = 0", "line 2: defaults.timeout.idle: is zero, nothing would ever be in time"),
    ("[defaults.timeout]\nidle = '8days'", "line 2: defaults.timeout.idle: '8days' is too long, the most is 7 days"),
    (
        "[defaults.retry]\nmax_attempts = 0",
        "line 2: defaults.retry.max_attempts: 0 is out of range, expected a positive whole number",
    ),
    (
        "[defaults.retry]\nmax_attempts = -1",
        "line 2: defaults.retry.max_attempts: -1 is out of range, expected a positive whole number",
    ),
    (
        "[defaults.retry]\nmax_attempts = 1.5",
        "line 2: defaults.retry.max_attempts: expected a positive whole number, got a number with a fraction",
    ),
    (
        "[defaults.limits]\nbody = '32 mib'",
        "line 2: defaults.limits.body: '32 mib' is not a size, expected one such as \"32MiB\", \"64kB\" or a positive number of bytes",
    ),
    (
        "[defaults.limits]\nbody = 0",
        "line 2: defaults.limits.body: '0' is not a size, expected one such as \"32MiB\", \"64kB\" or a positive number of bytes",
    ),
    (
        "[defaults]\non_unsupported = 'drp'",
        "line 2: defaults.on_unsupported: 'drp' is not one of its values, did you mean 'drop'?",
    ),
    ("[defaults]\non_unsupported = true", "line 2: defaults.on_unsupported: expected a string, got true or false"),
    ("x = 1979-05-27", "line 1: x: no key takes a date: put text in quotes"),
    ("x = 99999999999999999999", "line 1: x: the number does not fit 64 bits"),
    ("x = nan", "line 1: x: expected a finite number"),
    ("a = 1\na = 2", "line 2: duplicate key"),
    // Providers.
    (
        "[providers.opena]\napi_key = 'SECRET'",
        "line 1: providers.opena: 'opena' is not a built-in provider, did you mean 'openai'?",
    ),
    (
        "[providers.corp]",
        "line 1: providers.corp: 'corp' is not a built-in provider: set base_url, and protocol to one of PROTOCOLS",
    ),
    (
        "[providers.corp]\nprotocol = 'openai-chat'",
        "line 1: providers.corp: the key 'base_url' is missing: scheme, host and path prefix, such as \"https://llm.example.com/v1\"",
    ),
    (
        "[providers.corp]\nprotocol = 'opnai-chat'",
        "line 2: providers.corp.protocol: unknown protocol 'opnai-chat', did you mean 'openai-chat'?",
    ),
    ("[providers.'a/b']", "line 1: providers.\"a/b\": a provider's name is not empty and has no '/'"),
    (
        "[providers.openai]\nbase_url = 'ftp://x'",
        "line 2: providers.openai.base_url: expected an address such as \"https://llm.example.com/v1\"",
    ),
    (
        "[providers.openai]\nbase_url = 'https://x/?key=SECRET'",
        "line 2: providers.openai.base_url: has a query or a fragment: keys go into api_key",
    ),
    (
        "[providers.openai]\nbase_url = 'https://u:SECRET@x/'",
        "line 2: providers.openai.base_url: has a user or a password: keys go into api_key",
    ),
    // Secrets.
    ("[providers.openai]\napi_key = ' '", "line 2: providers.openai.api_key: is empty"),
    ("[providers.openai]\napi_key = 5", "line 2: providers.openai.api_key: expected a string, got a whole number"),
    (
        "[providers.openai]\napi_key = \"SECRET\\nX\"",
        "line 2: providers.openai.api_key: cannot stand in a header: it has line breaks or control characters",
    ),
    ("[providers.openai]\napi_keys = []", "line 2: providers.openai.api_keys: is an empty list"),
    (
        "[providers.openai]\napi_key = 'SECRET'\napi_keys = ['SECRET']",
        "line 3: providers.openai.api_keys: goes without api_key: put all keys here",
    ),
    (
        "[providers.openai]\napi_keys = ['SECRET', '${env:TIDEGATE_UNSET}']",
        "line 2: providers.openai.api_keys[1]: the environment variable TIDEGATE_UNSET is not set",
    ),
    (
        "[providers.openai]\napi_key = 'SECRET-${env:X}'",
        "line 2: providers.openai.api_key: a reference is the whole value, in the form ${env:NAME}",
    ),
    (
        "[providers.openai]\napi_key = '${env:X:-SECRET}'",
        "line 2: providers.openai.api_key: a reference is the whole value, in the form ${env:NAME}",
    ),
    (
        "[providers.openai]\napi_key = '${X}'",
        "line 2: providers.openai.api_key: a reference is the whole value, in the form ${env:NAME}",
    ),
    (
        "[providers.openai]\nbase_url = 'https://${env:HOME}/'",
        "line 2: providers.openai.base_url: ${env:NAME} may stand in secrets only (api_key, api_keys and the values of headers)",
    ),
    (
        "[providers.openai]\nheaders = { Authorization = 'SECRET' }",
        "line 2: providers.openai.headers.Authorization: the key goes into api_key",
    ),
    (
        "[providers.openai]\nheaders = { Host = 'SECRET' }",
        "line 2: providers.openai.headers.Host: the gateway writes this header itself",
    ),
    (
        "[providers.openai]\nheaders = { 'a b' = 'SECRET' }",
        "line 2: providers.openai.headers.\"a b\": is not the name of a header",
    ),
    ("[providers.openai]\napi_key = SECRET", "line 2: string values must be quoted, expected literal string"),
    ("[providers.openai]\napi_key = 'SECRET", "line 2: invalid literal string, expected `'`"),
    // Routes.
    ("[routes.a]\ntargets = []", "line 2: routes.a.targets: is an empty list, expected at least one provider/model"),
    (
        "[routes.a]\ntargets = ['gpt-5']",
        "line 2: routes.a.targets[0]: no route is named 'gpt-5': name a route of the configuration (such as a), or provider/model such as openai/gpt-5-mini",
    ),
    (
        "[routes.a]\ntargets = ['opnai/gpt-5']",
        "line 2: routes.a.targets[0]: no provider is named 'opnai', did you mean 'openai'?",
    ),
    (
        "[routes.a]\ntargets = ['corp/gpt-5']",
        "line 2: routes.a.targets[0]: no provider is named 'corp': one that is not built in has a table under [providers]",
    ),
    (
        "[routes.a]\ntargets = ['openai/']",
        "line 2: routes.a.targets[0]: 'openai/' names no model, expected openai/MODEL",
    ),
    ("[routes.a]\ntargets = ['sim/x', 'sim/x']", "line 2: routes.a.targets[1]: 'sim/x' is listed twice"),
    ("[routes.'a/b']\ntargets = ['sim/x']", "line 1: routes.\"a/b\": a route's name is not empty and has no '/'"),
    (
        "[routes.'v1.5']\ntargets = []",
        "line 2: routes.\"v1.5\".targets: is an empty list, expected at least one provider/model",
    ),
    // F88: routes that name each other.
    ("[routes.a]\ntargets = ['a']", "line 2: routes.a.targets[0]: route cycle a -> a"),
    (
        "[routes.a]\ntargets = ['b']\n[routes.b]\ntargets = ['sim/x', 'a']",
        "line 4: routes.b.targets[1]: route cycle a -> b -> a",
    ),
];

#[test]
fn every_wrong_configuration_is_refused_with_its_line_and_key() {
    for (text, expected) in WRONG {
        let error = Gateway::from_toml(text).err().unwrap_or_else(|| panic!("accepted: {text}"));
        assert_eq!(error.kind(), Kind::Config, "{text}");
        let protocols = tidegate::providers::protocols().collect::<Vec<_>>().join(", ");
        assert_eq!(error.to_string(), expected.replace("PROTOCOLS", &protocols), "{text}");
        assert!(!format!("{error:#}").contains("SECRET"), "{text}");
    }
}

#[cfg(not(feature = "structured-output"))]
#[test]
fn what_a_small_build_cannot_do_is_refused_by_name() {
    let refused = |key: &str| {
        let text = format!("[defaults]\n{key}\n[routes.a]\ntargets = ['sim/x']\n{key}");
        Config::from_toml(&text).map(drop).map_err(|error| error.to_string())
    };
    let because = "is not part of this build, which is without the feature structured-output";
    assert_eq!(refused("on_invalid_output = 'accept'"), Ok(()));
    for value in ["fail", "retry", "failover"] {
        let expected = format!("line 2: defaults.on_invalid_output: {because}");
        assert_eq!(refused(&format!("on_invalid_output = '{value}'")), Err(expected));
    }
    assert_eq!(refused("reject.pattern = 'x'"), Err(format!("line 2: defaults.reject.pattern: {because}")));
}

#[test]
fn a_value_is_refused_in_the_same_words_without_the_line() {
    let wrong = json!({"routes": {"support": {"targets": ["sim/x"], "timeout": {"conect": "5s"}}}});
    let error = Config::from_value(wrong).unwrap_err();
    assert_eq!(error.to_string(), "routes.support.timeout.conect: unknown key, did you mean 'connect'?");
    assert_eq!(error.get("field"), Some("routes.support.timeout.conect"));
    assert_eq!(error.get("line"), None);
}

#[test]
fn null_counts_as_absent_in_a_value() {
    Config::from_value(json!({"from_env": null, "providers": {"openai": {"api_key": null}}})).unwrap();
}

#[test]
fn a_file_is_named_with_its_line() {
    let folder = std::env::temp_dir().join(format!("tidegate-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("tidegate.toml");
    std::fs::write(&file, "[routes.a]\ntargts = []").unwrap();
    let error = Config::from_file(&file).unwrap_err();
    let missing = Config::from_file(folder.join("other.toml")).unwrap_err();
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    let binary = Config::from_file(&file).unwrap_err();
    std::fs::write(&file, vec![b'\n'; (4 << 20) + 1]).unwrap();
    let large = Config::from_file(&file).unwrap_err();
    std::fs::remove_dir_all(&folder).unwrap();

    let name = file.display().to_string();
    assert_eq!(error.to_string(), format!("{name}:2: routes.a.targts: unknown key, did you mean 'targets'?"));
    assert_eq!(error.get("file"), Some(name.as_str()));
    assert_eq!(error.get("line"), Some("2"));
    assert!(missing.to_string().contains("other.toml: the configuration cannot be read: "), "{missing}");
    assert_eq!(binary.to_string(), format!("{name}: the configuration is not UTF-8 text"));
    assert_eq!(large.to_string(), format!("{name}: the configuration is larger than 4194304 bytes"));
}

#[test]
fn debug_shows_references_and_hides_secrets() {
    let config = Config::from_toml(
        "[providers.openai]\napi_keys = ['SECRET', '${env:OPENAI_API_KEY}']\nheaders = { x-team = 'SECRET' }",
    )
    .unwrap();
    let text = format!("{config:?} {config:#?}");
    assert!(text.contains("${env:OPENAI_API_KEY}"), "{text}");
    assert!(!text.contains("SECRET"), "{text}");
}

#[test]
fn the_committed_schema_is_up_to_date() {
    let schema = format!("{:#}\n", Config::schema());
    assert!(
        schema == include_str!("../config.schema.json"),
        "core/config.schema.json is out of date: \
         cargo run -p tidegate --example config_schema > core/config.schema.json"
    );
}
