//! What a right configuration resolves to.

mod aws;
mod azure;
mod google;

use std::time::Duration;

use super::{Config, OnUnsupported, Settings};
use crate::error::Kind;
use crate::target::Target;

const ENVIRONMENT: &[(&str, &str)] =
    &[("OPENAI_API_KEY", "key-of-openai"), ("CORP_KEY", "key-of-corp"), ("GROQ_API_KEY", "key-of-groq")];

fn settings(text: &str) -> Settings {
    let env = |name: &str| ENVIRONMENT.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::resolve_in(&Config::from_toml(text).unwrap(), &env).unwrap()
}

/// What a request to the first target of `model` is signed with.
fn authorization(settings: &Settings, model: &str) -> Option<String> {
    let route = settings.route(model).unwrap();
    let endpoint = &route.targets[0].endpoint;
    let mut request = http::Request::post(endpoint.base_url.clone()).body(bytes::Bytes::new()).unwrap();
    let world = crate::sim::Sim::new(1);
    world.run(endpoint.credentials.sign(&endpoint.name, 0, &mut request, &world)).ok()?;
    request.headers().get(http::header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned())
}

fn labels(settings: &Settings, route: &str) -> Vec<String> {
    settings.route(route).unwrap().targets.iter().map(|target| target.label.clone()).collect()
}

#[test]
fn a_route_overrides_the_defaults_key_by_key() {
    let settings = settings(
        r#"
        [defaults]
        timeout = { connect = "2s", idle = 1.5 }
        retry = { max_attempts = 5 }
        limits = { body = "2MiB" }
        on_unsupported = "drop"
        [routes.a]
        targets = ["sim/one", "sim/org/two"]
        timeout = { idle = "1m30s" }
        retry = { base_delay = 0 }
        limits = { event = 1000 }
        on_unsupported = "refuse"
        "#,
    );
    let route = settings.route("a").unwrap();
    assert_eq!(route.name, "a");
    assert_eq!(labels(&settings, "a"), ["sim/one", "sim/org/two"]);
    assert_eq!(route.targets[1].model, "org/two");
    assert_eq!(route.timeout.connect, Duration::from_secs(2));
    assert_eq!(route.timeout.idle, Duration::from_secs(90));
    assert_eq!(route.timeout.total, Duration::from_secs(600));
    assert_eq!((route.retry.max_attempts, route.retry.base_delay), (5, Duration::ZERO));
    assert_eq!((route.limits.body, route.limits.event), (2 << 20, 1000));
    assert_eq!(route.on_unsupported, OnUnsupported::Refuse);

    let direct = settings.route("sim/three").unwrap();
    assert_eq!(direct.name, "sim/three");
    assert_eq!(direct.timeout.idle, Duration::from_millis(1500));
    assert_eq!(direct.on_unsupported, OnUnsupported::Drop);
}

#[test]
fn a_route_within_a_route_gives_its_targets_once() {
    let settings = settings(
        "routes.a.targets = ['sim/1', 'b', 'c', 'sim/4']\nroutes.b.targets = ['sim/2', 'sim/1']\nroutes.c.targets = ['b', 'sim/3']",
    );
    assert_eq!(labels(&settings, "a"), ["sim/1", "sim/2", "sim/3", "sim/4"]);
    assert_eq!(labels(&settings, "c"), ["sim/2", "sim/1", "sim/3"]);
    // Each of them has an attempt, unless the configuration says how many there are.
    assert_eq!(["a", "c"].map(|name| settings.route(name).unwrap().retry.max_attempts), [4, 3]);
}

#[test]
fn keys_come_from_where_they_are_asked_for_and_go_nowhere_else() {
    let key = |text: &str, model: &str| authorization(&settings(text), model);
    let bearer = |key: &str| Some(format!("Bearer {key}"));
    assert_eq!(key("", "openai/x"), None);
    assert_eq!(key("[providers.openai]", "openai/x"), None);
    assert_eq!(key("from_env = true", "openai/x"), bearer("key-of-openai"));
    assert_eq!(key("from_env = true\n[providers.openai]", "openai/x"), bearer("key-of-openai"));
    assert_eq!(key("from_env = true\nproviders.openai.api_key = 'own'", "openai/x"), bearer("own"));
    assert_eq!(key("providers.openai.api_key = '${env:CORP_KEY}'", "openai/x"), bearer("key-of-corp"));
    // An address of one's own never gets a stored key.
    assert_eq!(key("from_env = true\nproviders.openai.base_url = 'https://proxy.example'", "openai/x"), None);
    // Neither does a simulation.
    assert_eq!(key("from_env = true\nproviders.openai.simulate = {}", "openai/x"), None);
    let corp = "from_env = true\n[providers.corp]\nprotocol = 'openai-chat'\nbase_url = 'https://corp.example/v1/'";
    assert_eq!(key(corp, "corp/x"), None);
}

#[test]
fn an_address_replaces_that_of_a_provider_and_leaves_its_quirks() {
    let settings = settings("[providers.openai]\nbase_url = 'https://proxy.example/v9/'\nheaders = { X-Team = 'a' }");
    let route = settings.route("openai/x").unwrap();
    let target: &Target = &route.targets[0];
    assert_eq!(target.url("/chat"), "https://proxy.example/v9/chat");
    assert_eq!(*target.dialect(), crate::providers::Dialect::OPENAI);
    assert!(target.endpoint.headers["x-team"].is_sensitive());
}

#[test]
fn a_model_that_leads_nowhere_is_explained() {
    let settings = settings("routes.support.targets = ['sim/x']");
    let wrong = [
        ("suport", "no route is named 'suport', did you mean 'support'?"),
        (
            "gpt-5",
            "no route is named 'gpt-5': name a route of the configuration (such as support), or provider/model such as openai/gpt-5-mini",
        ),
        ("opnai/gpt-5", "no provider is named 'opnai', did you mean 'openai'?"),
        ("openai/", "'openai/' names no model, expected openai/MODEL"),
        (
            "",
            "no route is named '': name a route of the configuration (such as support), or provider/model such as openai/gpt-5-mini",
        ),
    ];
    for (model, expected) in wrong {
        let error = settings.route(model).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::NoRoute, expected));
    }
}
