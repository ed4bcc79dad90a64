//! Accounts of Google Cloud: which project and location, and where access tokens come from.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use super::super::{Config, Settings};
use crate::error::{Error, Kind, Result, Retry};
use crate::sim::{Answer, Exchange, Piece, Sim, Upstream};
use crate::world::World as _;

/// Made for these tests, and good for nothing else.
const PEM: &str = include_str!("../../../tests/vertex/google/throwaway-test-key.pem");
const TABLE: &str = "[providers.vertex-gemini]\nproject = 'p1'\nlocation = 'europe-west4'";

fn resolve(text: &str, environment: &[(&str, &str)]) -> Result<Settings> {
    let env = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::resolve_in(&Config::from_toml(text)?, &env)
}

fn base_url(text: &str, environment: &[(&str, &str)]) -> String {
    let settings = resolve(text, environment).unwrap();
    settings.route("vertex-gemini/m").unwrap().targets[0].endpoint.base_url.clone()
}

fn refused(text: &str, environment: &[(&str, &str)]) -> String {
    resolve(text, environment).err().unwrap().to_string()
}

/// A table with these credentials.
fn with(credentials: &Value) -> Settings {
    let text = format!("{TABLE}\ncredentials = '''{credentials}'''");
    resolve(&text, &[]).unwrap()
}

/// A request to Gemini on Vertex AI, signed.
fn signed(settings: &Settings, sim: &Sim) -> Result<http::Request<Bytes>> {
    let route = settings.route("vertex-gemini/m")?;
    let endpoint = &route.targets[0].endpoint;
    let mut request = http::Request::post(endpoint.base_url.clone()).body(Bytes::new()).unwrap();
    sim.run(endpoint.credentials.sign(&endpoint.name, 0, &mut request, sim)).map(|()| request)
}

fn authorization(settings: &Settings, sim: &Sim) -> String {
    signed(settings, sim).unwrap().headers()["authorization"].to_str().unwrap().to_owned()
}

fn service_account() -> Value {
    json!({"type": "service_account", "project_id": "p-of-key", "private_key_id": "key-1", "private_key": PEM,
        "client_email": "me@p.example", "token_uri": "https://oauth.test/token"})
}

fn user() -> Value {
    json!({"type": "authorized_user", "client_id": "id-1", "client_secret": "secret/of+app",
        "refresh_token": "1//refresh-me", "quota_project_id": "payer"})
}

fn granted(token: &str) -> Answer {
    Answer::json(200, &json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}))
}

/// A world in which it is noon, and these hosts answer.
fn noon(upstreams: Vec<(&str, Upstream)>) -> Sim {
    let sim = Sim::new(1);
    let noon = humantime::parse_rfc3339("2026-01-01T12:00:00Z").unwrap();
    sim.set_unix_time(noon.duration_since(std::time::UNIX_EPOCH).unwrap());
    for (host, upstream) in upstreams {
        sim.on(host, upstream);
    }
    sim
}

/// The fields of a form, still escaped.
fn fields(exchange: &Exchange) -> Vec<(String, String)> {
    assert_eq!(exchange.headers["content-type"], "application/x-www-form-urlencoded");
    let body = String::from_utf8(exchange.body.to_vec()).unwrap();
    let field = |field: &str| field.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    body.split('&').map(field).collect()
}

fn field(exchange: &Exchange, name: &str) -> String {
    fields(exchange).into_iter().find(|(known, _)| known == name).unwrap().1
}

#[test]
fn addresses_follow_project_and_location() {
    let at = |location: &str| {
        base_url(&format!("[providers.vertex-gemini]\nproject = 'p1'\nlocation = '{location}'\napi_key = 'k'"), &[])
    };
    let path = "/v1/projects/p1/locations";
    assert_eq!(at("europe-west4"), format!("https://europe-west4-aiplatform.googleapis.com{path}/europe-west4"));
    assert_eq!(at("global"), format!("https://aiplatform.googleapis.com{path}/global"));
    assert_eq!(at("eu"), format!("https://aiplatform.eu.rep.googleapis.com{path}/eu"));
    assert_eq!(at("us"), format!("https://aiplatform.us.rep.googleapis.com{path}/us"));
    let express = "[providers.vertex-gemini]\napi_key = 'k'";
    assert_eq!(base_url(express, &[]), "https://aiplatform.googleapis.com/v1");
    let own = |keys: &str| base_url(&format!("[providers.vertex-gemini]\nbase_url = 'http://a.test/v1'\n{keys}"), &[]);
    assert_eq!(own("api_key = 'k'"), "http://a.test/v1");
    assert_eq!(own("project = 'p1'\nlocation = 'eu'"), "http://a.test/v1/projects/p1/locations/eu");
}

#[test]
fn the_project_may_be_that_of_the_key_and_the_place_that_of_the_environment() {
    let table = format!("[providers.vertex-gemini]\nlocation = 'global'\ncredentials = '''{}'''", service_account());
    assert!(base_url(&table, &[]).contains("/projects/p-of-key/"));
    let environment =
        [("GOOGLE_CLOUD_PROJECT", "p-of-env"), ("GOOGLE_CLOUD_LOCATION", "us-east5"), ("GCE_METADATA_HOST", "m.test")];
    let url = base_url("from_env = true", &environment);
    assert_eq!(url, "https://us-east5-aiplatform.googleapis.com/v1/projects/p-of-env/locations/us-east5");
    // Without being asked for, it is not read.
    let error = resolve("", &environment).unwrap().route("vertex-gemini/m").unwrap_err().to_string();
    let want = "provider 'vertex-gemini' has an address in each project and location: set project and location in \
                [providers.vertex-gemini]";
    assert_eq!(error, want);
}

#[test]
fn a_service_account_signs_for_itself_once_an_hour() {
    let requests = vec![granted("token-of-robot-1"), granted("token-of-robot-2")];
    let sim = noon(vec![("oauth.test", Upstream { requests, ..Upstream::default() })]);
    let settings = with(&service_account());
    assert_eq!(authorization(&settings, &sim), "Bearer token-of-robot-1");
    assert_eq!(authorization(&settings, &sim), "Bearer token-of-robot-1");
    sim.run(sim.sleep(sim.now() + Duration::from_secs(56 * 60)));
    assert_eq!(authorization(&settings, &sim), "Bearer token-of-robot-2");

    let asked = &sim.exchanges()[0];
    assert_eq!(field(asked, "grant_type"), "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer");
    let assertion = field(asked, "assertion");
    let [header, claims, signature] = assertion.split('.').collect::<Vec<_>>()[..] else { panic!("{assertion}") };
    let read = |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    assert_eq!(read(header), json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"}));
    let noon = 1_767_268_800;
    assert_eq!(
        read(claims),
        json!({"iss": "me@p.example", "scope": "https://www.googleapis.com/auth/cloud-platform",
            "aud": "https://oauth.test/token", "iat": noon, "exp": noon + 3600})
    );
    let der: String = PEM.lines().filter(|line| !line.starts_with("-----")).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key());
    let message = format!("{header}.{claims}");
    public.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
}

#[test]
fn a_person_has_a_refresh_token() {
    let sim = noon(vec![("oauth2.googleapis.com", granted("token-of-person").into())]);
    let request = signed(&with(&user()), &sim).unwrap();
    assert_eq!(request.headers()["authorization"], "Bearer token-of-person");
    assert_eq!(request.headers()["x-goog-user-project"], "payer");
    let asked = &sim.exchanges()[0];
    let want = [
        ("grant_type", "refresh_token"),
        ("client_id", "id-1"),
        ("client_secret", "secret%2Fof%2Bapp"),
        ("refresh_token", "1%2F%2Frefresh-me"),
    ];
    assert_eq!(fields(asked), want.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn an_identity_of_another_cloud_is_exchanged() {
    let federated = |from: &Value| {
        json!({"type": "external_account", "audience": "//iam.googleapis.com/pool", "credential_source": from,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "https://sts.test/v1/token"})
    };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vertex/google/subject.json");
    let format = json!({"type": "json", "subject_token_field_name": "token"});
    let plain = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vertex/google/subject.txt");
    let url = json!({"url": "http://id.test/token", "headers": {"Metadata": "True"}, "format": format});
    for from in [json!({"file": file, "format": format}), json!({"file": plain}), url] {
        let identity = Answer::json(200, &json!({"token": "token-of-elsewhere"}));
        let sim = noon(vec![("sts.test", granted("token-of-pool").into()), ("id.test", identity.into())]);
        assert_eq!(authorization(&with(&federated(&from)), &sim), "Bearer token-of-pool");
        let exchanges = sim.exchanges();
        let asked = exchanges.last().unwrap();
        assert_eq!(field(asked, "subject_token"), "token-of-elsewhere");
        assert_eq!(field(asked, "audience"), "%2F%2Fiam.googleapis.com%2Fpool");
        if exchanges.len() == 2 {
            assert_eq!(exchanges[0].headers["metadata"], "True");
        }
    }
}

#[test]
fn an_identity_is_exchanged_as_its_file_says() {
    let subject = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vertex/google/subject.txt");
    let account = json!({"type": "external_account", "audience": "a", "credential_source": {"file": subject},
        "subject_token_type": "t", "token_url": "https://sts.test/v1/token", "workforce_pool_user_project": "payer"});
    let asked = |account: &Value| {
        let robot = json!({"accessToken": "token-of-robot", "expireTime": "2026-01-01T13:00:00Z"});
        let sim =
            noon(vec![("sts.test", granted("token-of-pool").into()), ("iam.test", Answer::json(200, &robot).into())]);
        authorization(&with(account), &sim);
        sim.exchanges()
    };
    let person = asked(&account);
    assert_eq!(field(&person[0], "options"), "%7B%22userProject%22%3A%22payer%22%7D");
    assert!(!person[0].headers.contains_key("authorization"));

    // A client brings its own project.
    let mut account = account;
    account["client_id"] = "id-1".into();
    account["client_secret"] = "secret-of-app".into();
    account["service_account_impersonation_url"] = "https://iam.test/robot:generateAccessToken".into();
    account["service_account_impersonation"] = json!({"token_lifetime_seconds": 600});
    let client = asked(&account);
    assert_eq!(client[0].headers["authorization"], format!("Basic {}", STANDARD.encode("id-1:secret-of-app")));
    assert!(fields(&client[0]).iter().all(|(name, _)| name != "options"));
    let body: Value = serde_json::from_slice(&client[1].body).unwrap();
    assert_eq!(body["lifetime"], "600s");

    account["client_secret"] = Value::Null;
    let error = refused(&format!("{TABLE}\ncredentials = '''{account}'''"), &[]);
    assert!(error.contains("lacks client_secret, which goes with client_id"), "{error}");
}

#[test]
fn one_account_may_stand_in_for_another() {
    let url = "https://iam.test/v1/projects/-/serviceAccounts/robot:generateAccessToken";
    let settings = with(&json!({"type": "impersonated_service_account", "source_credentials": user(),
        "service_account_impersonation_url": url, "delegates": ["d"]}));
    let robot = json!({"accessToken": "token-of-robot", "expireTime": "2026-01-01T13:00:00Z"});
    let sim = noon(vec![
        ("oauth2.googleapis.com", granted("token-of-person").into()),
        ("iam.test", Answer::json(200, &robot).into()),
    ]);
    assert_eq!(authorization(&settings, &sim), "Bearer token-of-robot");
    let asked = &sim.exchanges()[1];
    assert!(url.ends_with(asked.url.path()));
    assert_eq!(asked.headers["authorization"], "Bearer token-of-person");
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!((&body["lifetime"], &body["delegates"]), (&json!("3600s"), &json!(["d"])));
}

#[test]
fn the_metadata_server_is_asked_where_nothing_else_is_known() {
    let sim = noon(vec![("metadata.google.internal", granted("token-of-machine").into())]);
    let environment = [("GOOGLE_CLOUD_PROJECT", "p1"), ("GOOGLE_CLOUD_LOCATION", "global")];
    let settings = resolve("from_env = true", &environment).unwrap();
    assert_eq!(authorization(&settings, &sim), "Bearer token-of-machine");
    let asked = &sim.exchanges()[0];
    assert_eq!(asked.url.path(), "/computeMetadata/v1/instance/service-accounts/default/token");
    assert_eq!(asked.headers["metadata-flavor"], "Google");

    // Its project too, where nobody else knows it.
    let requests = vec![Answer { body: vec![Piece::bytes("p-of-machine\n")], ..Answer::default() }, granted("token-2")];
    let sim = noon(vec![("metadata.google.internal", Upstream { requests, ..Upstream::default() })]);
    let settings = resolve("from_env = true", &environment[1..]).unwrap();
    for _ in 0..2 {
        let request = signed(&settings, &sim).unwrap();
        assert_eq!(request.uri().path(), "/v1/projects/p-of-machine/locations/global");
    }
    assert_eq!(sim.exchanges()[0].url.path(), "/computeMetadata/v1/project/project-id");
    assert_eq!(sim.exchanges().len(), 2);
    // Where there is none, it says what to do.
    let error = failed(&resolve("from_env = true", &environment).unwrap(), &noon(vec![]));
    assert_eq!((error.kind(), error.scope()), (Kind::Unauthenticated, Retry::Elsewhere));
    assert!(error.to_string().ends_with("(set credentials, credentials_file or api_key in its table)"), "{error}");

    // An address of one's own never gets its token, and a plain key needs none.
    let own = "from_env = true\n[providers.vertex-gemini]\nbase_url = 'https://a.example'";
    assert_eq!(signed(&resolve(own, &environment).unwrap(), &sim).unwrap_err().kind(), Kind::Unauthenticated);
    let keyed = format!("from_env = true\n{TABLE}\napi_key = 'key-1'");
    let request = signed(&resolve(&keyed, &environment).unwrap(), &sim).unwrap();
    assert_eq!(request.headers().get("authorization"), None);
    assert_eq!(request.headers()["x-goog-api-key"], "key-1");
}

#[test]
fn the_files_of_the_environment_come_before_it() {
    let adc = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vertex/google/application_default_credentials.json");
    let folder = adc.strip_suffix("/application_default_credentials.json").unwrap();
    let place = [("GOOGLE_CLOUD_PROJECT", "p1"), ("GOOGLE_CLOUD_LOCATION", "global")];
    for file in [("GOOGLE_APPLICATION_CREDENTIALS", adc), ("CLOUDSDK_CONFIG", folder)] {
        let sim = noon(vec![("oauth2.googleapis.com", granted("token-of-file").into())]);
        let settings = resolve("from_env = true", &[place[0], place[1], file]).unwrap();
        assert_eq!(authorization(&settings, &sim), "Bearer token-of-file");
    }
    // What is wrong there fails those who ask for it, and no other.
    let broken = [place[0], place[1], ("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/at-all.json")];
    assert!(resolve("from_env = true", &broken).is_ok());
    let asked = refused(&format!("from_env = true\n{TABLE}"), &broken);
    assert!(asked.contains("providers.vertex-gemini: the file of GOOGLE_APPLICATION_CREDENTIALS: "), "{asked}");
}

fn failed(settings: &Settings, sim: &Sim) -> Error {
    let error = signed(settings, sim).unwrap_err();
    assert!(error.to_string().starts_with("no access token for provider 'vertex-gemini', nothing was sent: "));
    error
}

#[test]
fn a_refused_token_says_why_and_no_secret() {
    let body = json!({"error": "invalid_grant", "error_description": "1//refresh-me has expired"});
    let sim = noon(vec![("oauth2.googleapis.com", Answer::json(400, &body).into())]);
    let settings = with(&user());
    let error = failed(&settings, &sim);
    assert_eq!((error.kind(), error.scope()), (Kind::Unauthenticated, Retry::Elsewhere));
    assert!(
        error.to_string().ends_with("oauth2.googleapis.com answered 400: invalid_grant: [redacted] has expired"),
        "{error}"
    );
    let route = settings.route("vertex-gemini/m").unwrap();
    let shown = format!("{:?}", route.targets[0].endpoint.credentials);
    assert!(!shown.contains("secret") && !shown.contains("refresh"), "{shown}");

    let sim = noon(vec![("oauth2.googleapis.com", Answer::json(503, &json!({})).into())]);
    let error = failed(&with(&user()), &sim);
    assert_eq!((error.kind(), error.scope()), (Kind::Server, Retry::After(Duration::ZERO)));
    let sim = noon(vec![("oauth2.googleapis.com", Answer::json(200, &json!({"access_token": 1})).into())]);
    let error = failed(&with(&user()), &sim);
    assert!(error.to_string().ends_with("the answer has no access token"), "{error}");
}

#[test]
fn a_token_that_comes_back_in_an_error_is_hidden() {
    let sim = noon(vec![("oauth2.googleapis.com", granted("token-of-person").into())]);
    let settings = with(&user());
    signed(&settings, &sim).unwrap();
    let route = settings.route("vertex-gemini/m").unwrap();
    let error = Error::new(Kind::Server, "you sent token-of-person");
    assert_eq!(route.targets[0].endpoint.credentials.scrub(error).to_string(), "you sent [redacted]");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let rows = [
        (
            "api_key = 'k'\nproject = 'p1'",
            "the key 'location' is missing, such as \"global\", \"eu\" or \"europe-west4\"",
        ),
        ("api_key = 'k'\nlocation = 'eu'", "the key 'project' is missing, such as \"my-project-123\""),
        ("", "the key 'project' is missing, such as \"my-project-123\""),
        ("project = 'p/1'\nlocation = 'eu'", "project: expected a project such as \"my-project-123\""),
        ("project = 'p1'\nlocation = 'EU'", "location: expected a location such as \"europe-west4\""),
        ("base_url = 'http://a.test'\nproject = 'p1'", "project: needs location too"),
        ("base_url = 'http://a.test'\nlocation = 'eu'", "location: needs project too"),
        (
            "base_url = 'http://a.test/projects/p'\nproject = 'p1'\nlocation = 'eu'",
            "base_url: names a project: leave out project and location, or end it before",
        ),
        ("credentials = 'x'\ncredentials_file = 'x'", "credentials_file: goes without credentials: set one of them"),
        ("credentials = 'x'\napi_key = 'x'", "credentials: goes without api_key: set one of them"),
        ("credentials_file = '/nowhere/x.json'", "credentials_file: '/nowhere/x.json': "),
        ("credentials = 'x'", "credentials: is not the JSON of credentials, "),
        ("credentials = '{}'", "credentials: lacks type"),
        (
            "region = 'eu'",
            "region: is for AWS (bedrock-converse, bedrock-anthropic), and this provider speaks vertex-gemini",
        ),
    ];
    for (keys, want) in rows {
        let error = refused(&format!("[providers.vertex-gemini]\n{keys}"), &[]);
        assert!(error.contains(want), "{keys}: {error}");
    }
    let other = refused("[providers.bedrock]\nproject = 'p'", &[]);
    assert!(other.contains("project: is for Google Cloud (vertex-gemini, vertex-anthropic)"), "{other}");
}

#[test]
fn credentials_that_lead_nowhere_are_refused() {
    let change = |of: Value, key: &str, value: Value| {
        let mut of = of;
        of[key] = value;
        of
    };
    let external = |from: Value| {
        json!({"type": "external_account", "audience": "a", "credential_source": from, "subject_token_type": "t",
            "token_url": "https://sts.test"})
    };
    let rows = [
        (change(service_account(), "private_key", "-----BEGIN".into()), "private_key is no RSA key in PEM"),
        (change(service_account(), "client_email", Value::Null), "lacks client_email"),
        (change(service_account(), "token_uri", "http://a.test".into()), "has a token_uri that is no https address"),
        (change(user(), "refresh_token", Value::Null), "lacks refresh_token"),
        (
            change(user(), "type", "gdch_service_account".into()),
            "is of type gdch_service_account, which is not followed",
        ),
        (change(user(), "type", "S3cret".into()), "is of type another kind, which is not followed"),
        (external(json!({"environment_id": "aws1"})), "exchanges a signature of AWS, which is not followed"),
        (external(json!({"executable": {}})), "has its token from a program or a certificate: let a file have it"),
        (json!({"type": "impersonated_service_account"}), "lacks source_credentials"),
    ];
    for (credentials, want) in rows {
        let error = refused(&format!("{TABLE}\ncredentials = '''{credentials}'''"), &[]);
        assert!(error.contains(&format!("credentials: {want}")), "{error}");
    }
}
