//! An account of AWS: its region, and where its access keys come from.
//!
//! Sources: the SDK and tools reference guide, "Shared config and credentials files" and "Container credential provider".

use std::collections::BTreeMap;
use std::sync::Arc;

use super::endpoint::Resolver;
use super::sign_in::{self, SignIn};
use super::written::ProviderConfig;
use crate::auth::Sign;
use crate::auth::aws::{Signer, Source, Token};
use crate::auth::sigv4::Keys;
use crate::error::Result;
use crate::model::read::Path;

/// What the address of a service has in place of the region.
const REGION: &str = "{region}";
/// Where a container finds its keys when its variable has a path only.
const CONTAINER: &str = "http://169.254.170.2";
/// The hosts to which a container's token is sent without TLS: this machine, and those of ECS and EKS.
const NEXT_DOOR: [&str; 6] = ["127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
/// Other ways to keys that a profile may name.
const ELSEWHERE: [&str; 6] =
    ["role_arn", "credential_process", "sso_session", "sso_start_url", "web_identity_token_file", "login_session"];

type Profile = BTreeMap<String, String>;

/// The keys of a table that are for AWS.
pub(super) fn keys(table: &ProviderConfig) -> sign_in::Keys {
    sign_in::Keys {
        cloud: "AWS (bedrock-converse, bedrock-anthropic)",
        set: vec![
            ("region", table.region.is_some()),
            ("access_key_id", table.access_key_id.is_some()),
            ("secret_access_key", table.secret_access_key.is_some()),
            ("session_token", table.session_token.is_some()),
            ("profile", table.profile.is_some()),
        ],
    }
}

/// The address of a service in a region; `None` where it needs one and there is none.
pub(super) fn in_region(url: &str, region: Option<&str>) -> Option<String> {
    if !url.contains(REGION) {
        return Some(url.to_owned());
    }
    let region = region?;
    let url = url.replace(REGION, region);
    // China's regions are under a name of their own.
    Some(if region.starts_with("cn-") { format!("{url}.cn") } else { url })
}

impl Resolver<'_> {
    /// The account that a table names, or, with `ambient`, the one that the process runs in.
    pub(super) fn aws(
        &self,
        path: &Path<'_>,
        table: &ProviderConfig,
        service: &'static str,
        ambient: bool,
    ) -> Result<SignIn> {
        let profile = match &table.profile {
            Some(name) => Some(self.profile(path, name)?),
            None => None,
        };
        let given = self.given(path, table)?;
        if given.is_some() && profile.is_some() {
            return Err(self.source.error(path.key("profile"), "goes without access_key_id: set one of them"));
        }
        let region = self.region(path, table, profile.as_ref(), ambient)?;
        let source = match (given, profile) {
            (Some(keys), _) => Some(Source::Given(keys)),
            (None, Some(profile)) => Some(Source::Given(self.keys_of(path, table, &profile)?)),
            (None, None) if ambient => self.surrounding(),
            (None, None) => None,
        };
        let signer = match (source, &region) {
            (Some(source), Some(region)) => {
                Some(Arc::new(Signer::new(source, region.clone(), service)) as Arc<dyn Sign>)
            }
            (Some(_), None) => {
                let problem = "the key 'region' is missing, such as \"eu-central-1\": requests are signed for it";
                return Err(self.source.error(path, problem));
            }
            (None, _) => None,
        };
        Ok(SignIn { signer, region, ..SignIn::default() })
    }

    /// The keys in the table itself.
    fn given(&self, path: &Path<'_>, table: &ProviderConfig) -> Result<Option<Keys>> {
        let (id, secret) = match (&table.access_key_id, &table.secret_access_key, &table.session_token) {
            (Some(id), Some(secret), _) => (id, secret),
            (Some(_), None, _) => {
                return Err(self.source.error(path.key("access_key_id"), "needs secret_access_key too"));
            }
            (None, Some(_), _) => {
                return Err(self.source.error(path.key("secret_access_key"), "needs access_key_id too"));
            }
            (None, None, Some(_)) => {
                return Err(self.source.error(path.key("session_token"), "needs access_key_id too"));
            }
            (None, None, None) => return Ok(None),
        };
        if table.api_key.is_some() || table.api_keys.is_some() {
            return Err(self.source.error(path.key("access_key_id"), "goes without api_key: set one of them"));
        }
        let token = table.session_token.as_ref();
        Ok(Some(Keys {
            access_key_id: self.text(&path.key("access_key_id"), id)?,
            secret_access_key: self.text(&path.key("secret_access_key"), secret)?,
            session_token: token.map(|token| self.text(&path.key("session_token"), token)).transpose()?,
        }))
    }

    fn region(
        &self,
        path: &Path<'_>,
        table: &ProviderConfig,
        profile: Option<&Profile>,
        ambient: bool,
    ) -> Result<Option<String>> {
        let env = || ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| (self.env)(name));
        let region = table.region.clone().or_else(|| profile?.get("region").cloned());
        let region = region.or_else(|| ambient.then(env).flatten());
        let region = region.or_else(|| ambient.then(|| self.default_profile()?.get("region").cloned()).flatten());
        let region = region.or_else(|| table.base_url.as_deref().and_then(region_of));
        let is_region = |region: &String| {
            !region.is_empty() && region.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        };
        match region {
            Some(region) if !is_region(&region) => {
                Err(self.source.error(path.key("region"), "expected a region such as \"eu-central-1\""))
            }
            region => Ok(region),
        }
    }

    /// The keys of where the process runs: its environment, the default profile, the container, the instance.
    fn surrounding(&self) -> Option<Source> {
        let env = self.env;
        if let (Some(access_key_id), Some(secret_access_key)) = (env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"))
        {
            let session_token = env("AWS_SESSION_TOKEN");
            return Some(Source::Given(Keys { access_key_id, secret_access_key, session_token }));
        }
        // Where keys are to come from is said; that it is another way than those here is no reason to take others.
        if env("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
            return None;
        }
        if let Some(profile) = self.default_profile() {
            if ELSEWHERE.iter().any(|key| profile.contains_key(*key)) {
                return None;
            }
            if let Some(keys) = keys_in(&profile) {
                return Some(Source::Given(keys));
            }
        }
        let relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").map(|path| format!("{CONTAINER}{path}"));
        if let Some(url) = relative.or_else(|| env("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
            if !is_safe(&url) {
                return None;
            }
            let token = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(Token::File);
            let token = token.or_else(|| env("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(Token::Text));
            return Some(Source::Container { url, token });
        }
        let disabled = env("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        (!disabled).then_some(Source::Instance)
    }

    fn default_profile(&self) -> Option<Profile> {
        self.find_profile(&(self.env)("AWS_PROFILE").unwrap_or_else(|| "default".to_owned()))
    }

    fn profile(&self, path: &Path<'_>, name: &str) -> Result<Profile> {
        let missing = || {
            let problem = format!("no profile '{name}' is in the files credentials and config of ~/.aws");
            self.source.error(path.key("profile"), problem)
        };
        self.find_profile(name).ok_or_else(missing)
    }

    /// A profile in both files: what `credentials` says counts before what `config` says.
    fn find_profile(&self, name: &str) -> Option<Profile> {
        let home = || (self.env)("HOME").or_else(|| (self.env)("USERPROFILE"));
        let file = |variable: &str, name: &str| {
            let path = (self.env)(variable).or_else(|| Some(format!("{}/.aws/{name}", home()?)))?;
            std::fs::read_to_string(path).ok()
        };
        let config = file("AWS_CONFIG_FILE", "config").and_then(|text| section(&text, &["profile ", ""], name));
        let keys = file("AWS_SHARED_CREDENTIALS_FILE", "credentials").and_then(|text| section(&text, &[""], name));
        let (config, keys) = match (config, keys) {
            (None, None) => return None,
            (config, keys) => (config.unwrap_or_default(), keys.unwrap_or_default()),
        };
        Some(config.into_iter().chain(keys).collect())
    }

    fn keys_of(&self, path: &Path<'_>, table: &ProviderConfig, profile: &Profile) -> Result<Keys> {
        if table.api_key.is_some() || table.api_keys.is_some() {
            return Err(self.source.error(path.key("profile"), "goes without api_key: set one of them"));
        }
        if let Some(key) = ELSEWHERE.iter().find(|key| profile.contains_key(**key)) {
            // Its own key, if it has one, is that by which the other is got.
            let problem =
                format!("this profile has {key}, which is not followed: name one with an access key of its own");
            return Err(self.source.error(path.key("profile"), problem));
        }
        let missing = || self.source.error(path.key("profile"), "this profile has no access key");
        keys_in(profile).ok_or_else(missing)
    }
}

fn keys_in(profile: &Profile) -> Option<Keys> {
    Some(Keys {
        access_key_id: profile.get("aws_access_key_id")?.clone(),
        secret_access_key: profile.get("aws_secret_access_key")?.clone(),
        session_token: profile.get("aws_session_token").cloned(),
    })
}

/// The section of a profile, whose name stands behind one of `prefixes`.
fn section(text: &str, prefixes: &[&str], name: &str) -> Option<Profile> {
    let mut found: Option<Profile> = None;
    let mut inside = false;
    for line in text.lines() {
        // What is indented belongs to the key above.
        if line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        if let Some(title) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            inside = prefixes.iter().any(|prefix| title.trim().strip_prefix(prefix).map(str::trim) == Some(name));
            if inside {
                found.get_or_insert_default();
            }
        } else if let (true, Some(profile), Some((key, value))) = (inside, &mut found, line.split_once('=')) {
            profile.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found
}

/// The region in an address of AWS's own: `bedrock-runtime.eu-central-1.amazonaws.com`.
fn region_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', ':']).next()?;
    let labels = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com")?;
    let labels = labels.strip_suffix(".vpce").unwrap_or(labels);
    labels.rsplit_once('.').map(|(_, region)| region.to_owned())
}

/// Whether a token may be sent there.
fn is_safe(url: &str) -> bool {
    let uri = url.parse::<http::Uri>().ok();
    uri.is_some_and(|uri| match uri.scheme_str() {
        Some("https") => true,
        Some("http") => uri.host().is_some_and(|host| NEXT_DOOR.contains(&host)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_in_either_spelling() {
        let text = "# mine\n[default]\nregion = us-east-1\n\n[profile eu]\nRegion=eu-central-1\ns3 =\n  region = x\n[other]\nregion = y\n[profile eu]\nsso_session = z\n";
        let eu = section(text, &["profile ", ""], "eu").unwrap();
        assert_eq!(eu.get("region").map(String::as_str), Some("eu-central-1"));
        assert!(eu.contains_key("sso_session"));
        assert_eq!(section(text, &["profile ", ""], "default").unwrap().len(), 1);
        assert!(section(text, &[""], "eu").is_none());
        assert!(section(text, &["profile ", ""], "missing").is_none());
    }

    #[test]
    fn addresses_of_aws_say_their_region() {
        let table = [
            ("https://bedrock-runtime.eu-central-1.amazonaws.com", Some("eu-central-1")),
            ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn/x", Some("cn-north-1")),
            ("https://vpce-0a.bedrock-runtime.us-west-2.vpce.amazonaws.com", Some("us-west-2")),
            ("http://127.0.0.1:8080", None),
            ("https://amazonaws.com.example.com", None),
        ];
        for (url, region) in table {
            assert_eq!(region_of(url).as_deref(), region, "{url}");
        }
        let url = "https://bedrock-runtime.{region}.amazonaws.com";
        assert_eq!(in_region(url, Some("cn-north-1")).unwrap(), "https://bedrock-runtime.cn-north-1.amazonaws.com.cn");
        assert_eq!(in_region(url, None), None);
    }

    #[test]
    fn tokens_go_next_door_or_over_tls() {
        assert!(
            ["http://169.254.170.23/v1", "https://a.test", "http://[::1]:80/x", "http://localhost"]
                .iter()
                .all(|url| is_safe(url))
        );
        assert!(["http://a.test", "http://169.254.169.254.a.test", "169.254.170.2"].iter().all(|url| !is_safe(url)));
    }
}
