//! Accounts of AWS: which key signs, for which region, and from where it comes.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::super::{Config, Settings};
use crate::error::{Error, Kind, Result, Retry};
use crate::sim::{Answer, Sim, Upstream};
use crate::world::World as _;

const CREDENTIALS: (&str, &str) =
    ("AWS_SHARED_CREDENTIALS_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bedrock/aws/credentials"));
const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bedrock/aws/config"));
const KEYS: [(&str, &str); 3] =
    [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "AKIDOFENV"), ("AWS_SECRET_ACCESS_KEY", "secret-of-env")];

fn resolve(text: &str, environment: &[(&str, &str)]) -> Result<Settings> {
    let env = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::resolve_in(&Config::from_toml(text)?, &env)
}

/// A request to the first target of `model`, signed.
fn signed(settings: &Settings, model: &str, sim: &Sim) -> Result<http::Request<Bytes>> {
    let route = settings.route(model)?;
    let endpoint = &route.targets[0].endpoint;
    let mut request =
        http::Request::post(format!("{}/model/m/converse", endpoint.base_url)).body(Bytes::new()).unwrap();
    sim.run(endpoint.credentials.sign(&endpoint.name, 0, &mut request, sim)).map(|()| request)
}

/// Host, and key and scope of the signature; or the whole header where it is none.
fn who(text: &str, environment: &[(&str, &str)], model: &str) -> String {
    let sim = Sim::new(1);
    sim.set_unix_time(Duration::from_secs(1_440_938_160));
    let request = signed(&resolve(text, environment).unwrap(), model, &sim).unwrap();
    let header = request.headers()["authorization"].to_str().unwrap();
    let credential = header.split_once("Credential=").map_or(header, |(_, rest)| rest.split(',').next().unwrap());
    format!("{} {credential}", request.uri().host().unwrap())
}

fn refused(text: &str, environment: &[(&str, &str)]) -> String {
    resolve(text, environment).err().unwrap().to_string()
}

#[test]
fn keys_and_region_come_from_the_table() {
    let table = "[providers.aws]\nprotocol = 'bedrock-converse'\nregion = 'eu-central-1'\naccess_key_id = 'AKID1'\nsecret_access_key = '${env:SECRET}'";
    assert_eq!(
        who(table, &[("SECRET", "s")], "aws/m"),
        "bedrock-runtime.eu-central-1.amazonaws.com AKID1/20150830/eu-central-1/bedrock/aws4_request"
    );
    let own = "[providers.bedrock]\nbase_url = 'http://127.0.0.1:1/v'\nregion = 'us-west-2'\naccess_key_id = 'AKID1'\nsecret_access_key = 's'";
    assert_eq!(who(own, &[], "bedrock/m"), "127.0.0.1 AKID1/20150830/us-west-2/bedrock/aws4_request");
    let plain = "[providers.bedrock]\nregion = 'cn-north-1'\napi_key = 'k'";
    assert_eq!(who(plain, &[], "bedrock/m"), "bedrock-runtime.cn-north-1.amazonaws.com.cn Bearer k");
    let endpoint = "[providers.bedrock]\nbase_url = 'https://vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com'\naccess_key_id = 'AKID1'\nsecret_access_key = 's'";
    assert!(who(endpoint, &[], "bedrock/m").ends_with(" AKID1/20150830/us-west-2/bedrock/aws4_request"));
}

#[test]
fn a_profile_brings_both() {
    let eu = "[providers.bedrock-anthropic]\nprofile = 'eu'";
    assert_eq!(
        who(eu, &[CREDENTIALS, CONFIG], "bedrock-anthropic/m"),
        "bedrock-runtime.eu-central-1.amazonaws.com AKIDOFEU/20150830/eu-central-1/bedrock/aws4_request"
    );
    let other = format!("{eu}\nregion = 'us-west-2'");
    assert!(who(&other, &[CREDENTIALS, CONFIG], "bedrock-anthropic/m").contains("/us-west-2/"));
    let request = signed(&resolve(eu, &[CREDENTIALS, CONFIG]).unwrap(), "bedrock-anthropic/m", &Sim::new(1)).unwrap();
    assert_eq!(request.headers()["x-amz-security-token"], "token-of-eu");
}

#[test]
fn the_environment_is_used_where_it_is_asked_for() {
    let signed = "bedrock-runtime.eu-west-1.amazonaws.com AKIDOFENV/20150830/eu-west-1/bedrock/aws4_request";
    assert_eq!(who("from_env = true", &KEYS, "bedrock/m"), signed);
    let named = "from_env = true\n[providers.aws]\nprotocol = 'bedrock-converse'";
    assert_eq!(who(named, &KEYS, "aws/m"), signed);
    let bearer = [KEYS[0], KEYS[1], KEYS[2], ("AWS_BEARER_TOKEN_BEDROCK", "token")];
    assert_eq!(who("from_env = true", &bearer, "bedrock/m"), "bedrock-runtime.eu-west-1.amazonaws.com Bearer token");
    assert!(
        who("from_env = true", &[CREDENTIALS, CONFIG], "bedrock/m")
            .ends_with("AKIDOFDEFAULT/20150830/us-east-1/bedrock/aws4_request")
    );
    let profile = [CREDENTIALS, CONFIG, ("AWS_PROFILE", "eu")];
    assert!(who("from_env = true", &profile, "bedrock/m").contains("AKIDOFEU"));

    let missing = |text: &str| signed_error(text, &KEYS);
    assert_eq!(missing("[providers.bedrock]\nregion = 'eu-west-1'").kind(), Kind::Unauthenticated);
    // An address of one's own never gets them.
    let own = missing("from_env = true\n[providers.bedrock]\nbase_url = 'https://a.example'");
    assert_eq!((own.kind(), own.scope()), (Kind::Unauthenticated, Retry::Elsewhere));
    let advice = resolve("", &KEYS).unwrap().route("bedrock/m").unwrap_err().to_string();
    assert_eq!(advice, "provider 'bedrock' has an address in each region: set region in [providers.bedrock]");
}

fn signed_error(text: &str, environment: &[(&str, &str)]) -> Error {
    signed(&resolve(text, environment).unwrap(), "bedrock/m", &Sim::new(1)).unwrap_err()
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let table =
        |keys: &str| refused(&format!("[providers.bedrock]\nregion = 'eu-west-1'\n{keys}"), &[CREDENTIALS, CONFIG]);
    let rows = [
        ("access_key_id = 'a'", "access_key_id: needs secret_access_key too"),
        ("secret_access_key = 'a'", "secret_access_key: needs access_key_id too"),
        ("session_token = 'a'", "session_token: needs access_key_id too"),
        (
            "access_key_id = 'a'\nsecret_access_key = 'b'\napi_key = 'c'",
            "access_key_id: goes without api_key: set one of them",
        ),
        (
            "access_key_id = 'a'\nsecret_access_key = 'b'\nprofile = 'eu'",
            "profile: goes without access_key_id: set one of them",
        ),
        ("profile = 'eu'\napi_key = 'c'", "profile: goes without api_key: set one of them"),
        ("profile = 'nobody'", "profile: no profile 'nobody' is in the files credentials and config of ~/.aws"),
        (
            "profile = 'role'",
            "profile: this profile has role_arn, which is not followed: name one with an access key of its own",
        ),
    ];
    for (keys, want) in rows {
        assert!(table(keys).ends_with(want), "{}", table(keys));
    }
    let region = refused("[providers.bedrock]\nregion = 'EU/1'", &[]);
    assert!(region.ends_with("region: expected a region such as \"eu-central-1\""), "{region}");
    let none = refused("[providers.bedrock]\napi_key = 'k'", &[]);
    assert!(none.ends_with("the key 'region' is missing, such as \"eu-central-1\""), "{none}");
    let other = refused("[providers.openai]\nregion = 'eu-west-1'", &[]);
    assert!(other.contains("region: is for AWS"), "{other}");
    let unsigned = "[providers.bedrock]\nbase_url = 'http://a.example'\naccess_key_id = 'a'\nsecret_access_key = 'b'";
    assert!(refused(unsigned, &[]).contains("the key 'region' is missing"));
}

fn granted(id: &str, expires: &str) -> Answer {
    Answer::json(
        200,
        &json!({"Code": "Success", "AccessKeyId": id, "SecretAccessKey": "secret-from-next-door",
            "Token": "token-from-next-door", "Expiration": expires}),
    )
}

/// A world in which it is noon.
fn noon() -> Sim {
    let sim = Sim::new(1);
    let noon = humantime::parse_rfc3339("2026-01-01T12:00:00Z").unwrap();
    sim.set_unix_time(noon.duration_since(std::time::UNIX_EPOCH).unwrap());
    sim
}

#[test]
fn an_instance_gives_its_keys_over_a_session_once() {
    let sim = noon();
    let text = |text: &str| Answer { body: vec![crate::sim::Piece::bytes(text.to_owned())], ..Answer::default() };
    let requests = vec![
        text("session"),
        text("role-of-mine\n"),
        granted("AKID1", "2026-01-01T13:00:00Z"),
        text("session"),
        text("role-of-mine"),
        granted("AKID2", "2026-01-01T19:00:00Z"),
    ];
    sim.on("169.254.169.254", Upstream { requests, ..Upstream::default() });
    let settings = resolve("from_env = true", &KEYS[..1]).unwrap();
    let key = || {
        let request = signed(&settings, "bedrock/m", &sim).unwrap();
        assert_eq!(request.headers()["x-amz-security-token"], "token-from-next-door");
        let header = request.headers()["authorization"].to_str().unwrap().to_owned();
        header.split_once("Credential=").unwrap().1.split('/').next().unwrap().to_owned()
    };
    assert_eq!([key(), key()], ["AKID1", "AKID1"]);
    // Five minutes before their end they are fetched anew.
    sim.run(sim.sleep(sim.now() + Duration::from_secs(56 * 60)));
    assert_eq!([key(), key()], ["AKID2", "AKID2"]);
    let seen: Vec<_> = sim.exchanges().iter().map(|it| format!("{} {}", it.method, it.url.path())).collect();
    let once = [
        "PUT /latest/api/token",
        "GET /latest/meta-data/iam/security-credentials/",
        "GET /latest/meta-data/iam/security-credentials/role-of-mine",
    ];
    assert_eq!(seen, [once, once].concat());
    assert_eq!(sim.exchanges()[1].headers["x-aws-ec2-metadata-token"], "session");
    assert!(!format!("{:?}", settings.route("bedrock/m").unwrap().targets[0].endpoint.credentials).contains("AKID"));
}

#[test]
fn a_container_gives_its_keys_for_its_token() {
    let sim = noon();
    sim.on("169.254.170.2", granted("AKID1", "2026-01-01T13:00:00Z"));
    let environment = [
        KEYS[0],
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in"),
    ];
    let settings = resolve("from_env = true", &environment).unwrap();
    let request = signed(&settings, "bedrock/m", &sim).unwrap();
    assert!(request.headers()["authorization"].to_str().unwrap().contains("AKID1/20260101/eu-west-1"));
    let asked = &sim.exchanges()[0];
    assert_eq!(
        (asked.url.path(), asked.headers["authorization"].to_str().unwrap()),
        ("/v2/credentials/x", "let me in")
    );
}

#[test]
fn without_keys_nothing_is_sent() {
    let answers = [
        (Answer { status: Some(404), ..Answer::default() }, "it answered 404"),
        (Answer::json(200, &json!({"Code": "Failed", "secret": "x"})), "it answered no access key"),
    ];
    for (answer, want) in answers {
        let sim = noon();
        sim.on("169.254.170.2", answer);
        let environment = [KEYS[0], ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")];
        let error = signed(&resolve("from_env = true", &environment).unwrap(), "bedrock/m", &sim).unwrap_err();
        assert_eq!((error.kind(), error.scope()), (Kind::Unauthenticated, Retry::Elsewhere));
        assert!(error.to_string().contains(want), "{error}");
    }
    let off = [KEYS[0], ("AWS_EC2_METADATA_DISABLED", "true")];
    let error = signed(&resolve("from_env = true", &off).unwrap(), "bedrock/m", &Sim::new(1)).unwrap_err();
    assert!(error.to_string().starts_with("no key for provider 'bedrock'"), "{error}");
}
