//! Resources of Azure: where their API is, and who signs in.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Config, Settings};
use crate::error::{Error, Kind, Result, Retry};
use crate::gateway::Gateway;
use crate::model::{Message, Request};
use crate::providers::MaxTokens;
use crate::sim::{Answer, Sim, Upstream};
use crate::target::Target;
use crate::world::World as _;

const TOKEN_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/azure/identity/token");
const RESOURCE: &str = "https://mine.openai.azure.com";

fn resolve(text: &str, environment: &[(&str, &str)]) -> Result<Settings> {
    let env = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::resolve_in(&Config::from_toml(text)?, &env)
}

fn table(keys: &str) -> String {
    format!("[providers.azure]\nbase_url = '{RESOURCE}'\n{keys}")
}

fn with_target<T>(text: &str, environment: &[(&str, &str)], model: &str, look: impl FnOnce(&Target) -> T) -> T {
    look(&resolve(text, environment).unwrap().route(model).unwrap().targets[0])
}

fn refused(text: &str) -> String {
    resolve(text, &[]).err().unwrap().to_string()
}

/// The header that a request is signed with.
fn signed(settings: &Settings, model: &str, sim: &Sim) -> Result<String> {
    let route = settings.route(model)?;
    let endpoint = &route.targets[0].endpoint;
    let mut request = http::Request::post(&endpoint.base_url).body(bytes::Bytes::new()).unwrap();
    sim.run(endpoint.credentials.sign(&endpoint.name, 0, &mut request, sim))?;
    let headers = request.headers();
    let header = |name: &str| headers.get(name).map(|value| format!("{name}: {}", value.to_str().unwrap()));
    Ok(header("api-key").or_else(|| header("authorization")).unwrap())
}

fn sign(text: &str, environment: &[(&str, &str)], model: &str, sim: &Sim) -> Result<String> {
    signed(&resolve(text, environment).unwrap(), model, sim)
}

/// A world in which tokens are given out at `host`.
fn gives(host: &str, answer: &Value) -> Sim {
    let sim = Sim::new(1);
    sim.set_unix_time(Duration::from_secs(1_700_000_000));
    sim.on(host, Upstream { then: Some(Answer::json(200, answer)), ..Upstream::default() });
    sim
}

fn asked(sim: &Sim) -> (String, String) {
    let exchange = sim.exchanges().pop().unwrap();
    (exchange.url.to_string(), String::from_utf8(exchange.body.to_vec()).unwrap())
}

#[test]
fn the_address_follows_from_resource_and_version() {
    let urls = |keys: &str| {
        with_target(keys, &[], "azure/gpt 5", |target| {
            [target.model_url("/chat/completions"), target.url("/responses")].map(|url| url.replace(RESOURCE, ""))
        })
    };
    let v1 = ["/openai/v1/chat/completions", "/openai/v1/responses"];
    assert_eq!(urls(&table("")), v1);
    assert_eq!(urls(&table("api_version = 'v1'")), v1);
    for ending in ["/", "/openai", "/openai/", "/openai/v1", "/openai/v1/"] {
        assert_eq!(urls(&format!("[providers.azure]\nbase_url = '{RESOURCE}{ending}'")), v1, "{ending}");
    }
    let preview = ["/openai/v1/chat/completions?api-version=preview", "/openai/v1/responses?api-version=preview"];
    assert_eq!(urls(&table("api_version = 'preview'")), preview);
    let dated = [
        "/openai/deployments/gpt%205/chat/completions?api-version=2025-04-01-preview",
        "/openai/responses?api-version=2025-04-01-preview",
    ];
    assert_eq!(urls(&table("api_version = '2025-04-01-preview'")), dated);
    // A proxy has it where it likes.
    let own = "[providers.azure]\nbase_url = 'http://127.0.0.1:9/mine/v1'";
    assert_eq!(urls(own)[0], "http://127.0.0.1:9/mine/v1/chat/completions");
    let named =
        format!("[providers.eu]\nprotocol = 'azure-openai'\nbase_url = '{RESOURCE}'\napi_version = '2024-10-21'");
    let url = with_target(&named, &[], "eu/d", |target| target.model_url("/embeddings"));
    assert_eq!(url, format!("{RESOURCE}/openai/deployments/d/embeddings?api-version=2024-10-21"));
}

#[test]
fn an_older_version_has_the_older_fields() {
    let quirks = |version: &str| {
        with_target(&table(&format!("api_version = '{version}'")), &[], "azure/d", |target| {
            let dialect = target.dialect();
            (dialect.max_tokens, dialect.stream_usage, dialect.developer_role)
        })
    };
    assert_eq!(quirks("2024-02-01"), (MaxTokens::MaxTokens, false, false));
    assert_eq!(quirks("2024-10-21"), (MaxTokens::MaxCompletionTokens, true, false));
    assert_eq!(quirks("2024-12-01-preview"), (MaxTokens::MaxCompletionTokens, true, true));
    assert_eq!(quirks("preview"), (MaxTokens::MaxCompletionTokens, true, true));
}

#[test]
fn the_environment_names_resource_key_and_version() {
    let environment = [
        ("AZURE_OPENAI_ENDPOINT", "https://theirs.openai.azure.com/"),
        ("AZURE_OPENAI_API_KEY", "key-of-env"),
        ("OPENAI_API_VERSION", "2024-10-21"),
    ];
    let sim = Sim::new(1);
    let url = with_target("from_env = true", &environment, "azure/d", |target| target.model_url("/chat/completions"));
    assert_eq!(url, "https://theirs.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21");
    assert_eq!(sign("from_env = true", &environment, "azure/d", &sim).unwrap(), "api-key: key-of-env");
    // A resource of the table has the table's version, and gets the key where it is Azure's.
    let own = format!("from_env = true\n{}", table(""));
    let url = with_target(&own, &environment, "azure/d", |target| target.model_url("/chat/completions"));
    assert_eq!(url, format!("{RESOURCE}/openai/v1/chat/completions"));
    assert_eq!(sign(&own, &environment, "azure/d", &sim).unwrap(), "api-key: key-of-env");
    for host in ["https://proxy.example", "https://mine.westeurope.cloudapp.azure.com", "http://mine.openai.azure.com"]
    {
        let other = format!("from_env = true\n[providers.azure]\nbase_url = '{host}'");
        assert_eq!(sign(&other, &environment, "azure/d", &sim).unwrap_err().kind(), Kind::Unauthenticated, "{host}");
    }
    assert!(resolve("", &environment).unwrap().route("azure/d").is_err());
    let missing = sign(&table(""), &[], "azure/d", &sim).unwrap_err().to_string();
    assert!(missing.contains("set api_key, client_secret or managed_identity in [providers.azure]"), "{missing}");
}

#[test]
fn an_application_signs_in_once_for_all() {
    let granted =
        json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "token-1"});
    let sim = gives("login.microsoftonline.com", &granted);
    let keys = "tenant_id = 'contoso.example'\nclient_id = 'app-1'\nclient_secret = '${env:SECRET}'";
    let settings = resolve(&table(keys), &[("SECRET", "s+c r&t")]).unwrap();
    for _ in 0..3 {
        assert_eq!(signed(&settings, "azure/d", &sim).unwrap(), "authorization: Bearer token-1");
    }
    assert_eq!(sim.exchanges().len(), 1);
    let (url, body) = asked(&sim);
    assert_eq!(url, "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token");
    assert_eq!(
        body,
        "grant_type=client_credentials&client_id=app-1&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default&client_secret=s%2Bc%20r%26t"
    );
    // A new one is there before the old one has ended.
    sim.run(sim.sleep(sim.now() + Duration::from_secs(3400)));
    signed(&settings, "azure/d", &sim).unwrap();
    assert_eq!(sim.exchanges().len(), 2);

    let sovereign =
        "authority_host = 'https://login.microsoftonline.us/'\nscope = 'https://cognitiveservices.azure.us/.default'";
    let sim = gives("login.microsoftonline.us", &granted);
    sign(&table(&format!("{keys}\n{sovereign}")), &[("SECRET", "s")], "azure/d", &sim).unwrap();
    let (url, body) = asked(&sim);
    assert!(
        url.starts_with("https://login.microsoftonline.us/contoso") && body.contains("azure.us%2F.default"),
        "{body}"
    );
}

#[test]
fn a_workload_signs_in_with_the_token_of_its_file() {
    let sim = gives("login.microsoftonline.com", &json!({"access_token": "token-2", "expires_in": "3599"}));
    let keys = format!("tenant_id = 't'\nclient_id = 'c'\nfederated_token_file = '{TOKEN_FILE}'");
    assert_eq!(sign(&table(&keys), &[], "azure/d", &sim).unwrap(), "authorization: Bearer token-2");
    let body = asked(&sim).1;
    assert!(body.contains("client-assertion-type%3Ajwt-bearer&client_assertion=token-of-the-workload"), "{body}");
    let missing = keys.replace("/token'", "/none'");
    let error = sign(&table(&missing), &[], "azure/d", &sim).unwrap_err();
    assert_eq!((error.kind(), error.scope()), (Kind::Unauthenticated, Retry::Elsewhere));
    assert!(error.to_string().contains("federated_token_file cannot be read"), "{error}");
}

#[test]
fn a_managed_identity_is_asked_where_it_is() {
    let granted =
        json!({"access_token": "token-3", "expires_on": "1700086400", "resource": "r", "token_type": "Bearer"});
    let sim = gives("169.254.169.254", &granted);
    let keys = table("managed_identity = true\nclient_id = 'mine'");
    assert_eq!(sign(&keys, &[], "azure/d", &sim).unwrap(), "authorization: Bearer token-3");
    let exchange = sim.exchanges().pop().unwrap();
    assert_eq!(
        exchange.url.to_string(),
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=mine"
    );
    assert_eq!(exchange.headers["metadata"], "true");

    let platform = [("IDENTITY_ENDPOINT", "http://169.254.130.4:8081/msi/token"), ("IDENTITY_HEADER", "secret-of-it")];
    let sim = gives("169.254.130.4", &granted);
    assert_eq!(
        sign(&table("managed_identity = true"), &platform, "azure/d", &sim).unwrap(),
        "authorization: Bearer token-3"
    );
    let exchange = sim.exchanges().pop().unwrap();
    assert!(
        exchange
            .url
            .to_string()
            .ends_with("?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com")
    );
    assert_eq!(exchange.headers["x-identity-header"], "secret-of-it");
    // Its header goes to no other machine, and no other identity stands in.
    for url in ["http://evil.example/msi/token", "http://169.254.evil.example/msi/token", "https://10.0.0.4:2377/token"]
    {
        let elsewhere = [("IDENTITY_ENDPOINT", url), platform[1]];
        let error = resolve(&table("managed_identity = true"), &elsewhere).err().unwrap();
        assert!(error.to_string().contains("managed_identity: IDENTITY_ENDPOINT"), "{error}");
    }
}

#[test]
fn a_name_of_another_vendor_takes_no_credentials_of_a_cloud() {
    for keys in [
        "[providers.mistral]\nprotocol = 'azure-openai'\nbase_url = 'https://x.services.ai.azure.com'",
        "[providers.anthropic]\nprotocol = 'vertex-anthropic'\nproject = 'p-12345'\nlocation = 'eu'",
        "[providers.anthropic]\nprotocol = 'bedrock-anthropic'\nregion = 'eu-central-1'",
    ] {
        let error = resolve(keys, &[]).err().unwrap().to_string();
        assert!(error.contains("is another vendor's name: give the table one of your own"), "{error}");
    }
}

#[test]
fn a_simulation_asks_nobody_for_a_token() {
    let keys = table("simulate = {}\ntenant_id = 't'\nclient_id = 'c'\nclient_secret = 's'");
    let sim = gives("login.microsoftonline.com", &json!({"access_token": "t", "expires_in": 3600}));
    let gateway = Gateway::from_toml(&keys).unwrap().with_world(sim.clone());
    sim.run(gateway.chat(Request::chat("azure/d", vec![Message::user("hi")]))).unwrap();
    assert_eq!(sim.exchanges().len(), 0);
}

#[test]
fn what_signs_writes_its_header_itself() {
    let keys = table("managed_identity = true\nheaders = { authorization = 'Bearer mine' }");
    let error = resolve(&keys, &[]).err().unwrap().to_string();
    assert!(error.contains("headers.authorization: the gateway writes this header itself"), "{error}");
}

#[test]
fn the_process_signs_in_where_it_is_asked_to() {
    let application = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "secret-of-env")];
    let granted = json!({"access_token": "token-4", "expires_in": 3599});
    let from_env = format!("from_env = true\n{}", table(""));
    let sim = gives("login.microsoftonline.com", &granted);
    assert_eq!(sign(&from_env, &application, "azure/d", &sim).unwrap(), "authorization: Bearer token-4");
    assert!(asked(&sim).1.ends_with("&client_secret=secret-of-env"));
    let elsewhere = format!("{from_env}\nauthority_host = 'https://login.microsoftonline.us'");
    let government = gives("login.microsoftonline.us", &granted);
    assert_eq!(sign(&elsewhere, &application, "azure/d", &government).unwrap(), "authorization: Bearer token-4");
    let workload = [application[0], application[1], ("AZURE_FEDERATED_TOKEN_FILE", TOKEN_FILE)];
    sign(&from_env, &workload, "azure/d", &sim).unwrap();
    assert!(asked(&sim).1.ends_with("&client_assertion=token-of-the-workload"));
    let sim = gives("169.254.169.254", &granted);
    assert_eq!(sign(&from_env, &[], "azure/d", &sim).unwrap(), "authorization: Bearer token-4");
    // Not at an address of one's own, not unasked, and not where the table says no.
    let named = format!("from_env = true\n[providers.eu]\nprotocol = 'azure-openai'\nbase_url = '{RESOURCE}'");
    assert_eq!(sign(&named, &[], "eu/d", &sim).unwrap(), "authorization: Bearer token-4");
    let proxy = from_env.replace(RESOURCE, "https://proxy.example");
    let none = format!("{from_env}\nmanaged_identity = false");
    for text in [&proxy, &none, &table("")] {
        assert_eq!(sign(text, &[], "azure/d", &sim).unwrap_err().kind(), Kind::Unauthenticated, "{text}");
    }
    let keyed = [("AZURE_OPENAI_API_KEY", "key-of-env")];
    assert_eq!(sign(&none, &keyed, "azure/d", &sim).unwrap(), "api-key: key-of-env");
    // What the table says counts before the key of the environment.
    let managed = format!("{from_env}\nmanaged_identity = true");
    let key = [("AZURE_OPENAI_API_KEY", "key-of-env")];
    assert_eq!(sign(&managed, &key, "azure/d", &sim).unwrap(), "authorization: Bearer token-4");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let rows = [
        ("api_version = 'v2'", "'v2' is no version, expected v1, preview, latest or a date such as 2024-10-21"),
        ("api_version = '2024-1-21'", "is no version"),
        ("client_secret = 's'", "client_secret: needs tenant_id and client_id too"),
        ("tenant_id = 't'\nclient_id = 'c'", "tenant_id: needs client_secret or federated_token_file too"),
        ("client_id = 'c'", "client_id: needs client_secret, federated_token_file or managed_identity too"),
        ("federated_token_file = 'f'\nclient_secret = 's'", "federated_token_file: goes without client_secret"),
        ("managed_identity = true\nclient_secret = 's'", "managed_identity: goes without client_secret"),
        ("managed_identity = true\napi_key = 'k'", "managed_identity: goes without api_key"),
        ("tenant_id = 't/u'\nclient_id = 'c'\nclient_secret = 's'", "tenant_id: expected the id or the domain"),
        (
            "authority_host = 'http://a.example'\ntenant_id = 't'\nclient_id = 'c'\nclient_secret = 's'",
            "authority_host: expected an address",
        ),
        (
            "managed_identity = true\nauthority_host = 'https://a.example'",
            "authority_host: needs client_secret or federated",
        ),
        ("scope = 's'", "scope: needs client_secret, federated_token_file or managed_identity too"),
    ];
    for (keys, problem) in rows {
        let error = refused(&table(keys));
        assert!(error.contains(problem), "{error}");
    }
    let at = |ending: &str| {
        refused(&format!("[providers.azure]\nbase_url = '{RESOURCE}{ending}'\napi_version = '2024-10-21'"))
    };
    assert!(
        at("/openai/v1").contains("base_url: is that of the v1 API and api_version a date"),
        "{}",
        at("/openai/v1")
    );
    assert!(at("/openai/deployments/d").contains("base_url: names a deployment"));
    let nowhere = refused("[providers.openai]\nprotocol = 'azure-openai'\napi_version = '2024-10-21'");
    assert!(
        nowhere.contains("providers.openai.protocol: 'openai' has no resource on Azure: set base_url"),
        "{nowhere}"
    );
    let elsewhere = refused("[providers.openai]\napi_version = '2024-10-21'");
    assert_eq!(
        elsewhere.split_once(": ").unwrap().1,
        "providers.openai.api_version: is for Azure (azure-openai), and this provider speaks openai-chat"
    );
}

#[test]
fn a_refused_sign_in_says_why_and_no_secret() {
    let failed = |status: u16, body: &Value| -> Error {
        let sim = Sim::new(1);
        sim.on("login.microsoftonline.com", Answer::json(status, body));
        let keys = "tenant_id = 't'\nclient_id = 'c'\nclient_secret = 'secret-of-mine'";
        sign(&table(keys), &[], "azure/d", &sim).unwrap_err()
    };
    let said = json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret: secret-of-mine."});
    let error = failed(401, &said);
    assert_eq!((error.kind(), error.scope()), (Kind::Unauthenticated, Retry::Elsewhere));
    let text = format!("{error:#}");
    assert!(
        text.contains("no access token for provider 'azure', nothing was sent") && text.contains("AADSTS7000215"),
        "{text}"
    );
    assert!(!text.contains("secret-of-mine"), "{text}");
    // Where no machine of Azure's is, it is said what to do.
    let alone = sign(&table("managed_identity = true"), &[], "azure/d", &Sim::new(1)).unwrap_err();
    assert_eq!((alone.kind(), alone.scope()), (Kind::Unauthenticated, Retry::Elsewhere));
    assert!(alone.to_string().contains("(set api_key, client_secret or federated_token_file in its table)"), "{alone}");
    // What may pass may be tried again.
    assert_eq!(failed(503, &json!({})).scope(), Retry::After(Duration::ZERO));
    assert_eq!(failed(200, &json!({"access_token": "t"})).kind(), Kind::Unauthenticated);
}
