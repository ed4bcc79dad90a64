//! Access keys for AWS: given, or fetched from where the process runs.
//!
//! Sources: the SDK and tools reference guide, "Container credential provider" and "IMDS credential provider"; the EC2 user
//! guide, "Use the Instance Metadata Service to access instance metadata".

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderName, Method, Request};
use serde::Deserialize;

use super::cached::Cached;
use super::sigv4::{Keys, Scope, sign};
use super::{Sign, redact};
use crate::error::{Error, Kind, Origin, Result, Retry};
use crate::wire::read;
use crate::world::{BoxFuture, ConnectTimeout, World};

/// Where an instance's metadata are.
const METADATA: &str = "http://169.254.169.254/latest";
const SESSION: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const SESSION_TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
/// These services are next door: where nobody answers at once, nobody will.
const CONNECT: Duration = Duration::from_secs(1);
/// The most that one of their answers has.
const ANSWER: usize = 64 << 10;

/// Where access keys come from.
pub(crate) enum Source {
    /// They were given.
    Given(Keys),
    /// The endpoint of a container (ECS, EKS).
    Container { url: String, token: Option<Token> },
    /// The metadata of an instance (EC2).
    Instance,
}

/// What a container's endpoint wants to see.
pub(crate) enum Token {
    Text(String),
    /// The file is read each time: what is in it changes.
    File(String),
}

/// Signs for one service in one region.
pub(crate) struct Signer {
    source: Source,
    region: String,
    service: &'static str,
    fetched: Cached<Keys>,
}

impl Signer {
    pub(crate) fn new(source: Source, region: String, service: &'static str) -> Self {
        Signer { source, region, service, fetched: Cached::default() }
    }

    /// Keys, and when they expire.
    async fn fetch(&self, world: &dyn World) -> Result<(Keys, Duration)> {
        let body = match &self.source {
            Source::Container { url, token } => {
                let token = token.as_ref().map(Token::read).transpose()?;
                let headers = token.as_deref().map(|token| (AUTHORIZATION, token.trim()));
                ask(world, Method::GET, url, headers).await?
            }
            _ => from_instance(world).await?,
        };
        granted(&body)
    }
}

impl Sign for Signer {
    fn sign<'a>(
        &'a self,
        provider: &'a str,
        request: &'a mut Request<Bytes>,
        world: &'a dyn World,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let fetched;
            let keys = if let Source::Given(keys) = &self.source {
                keys
            } else {
                let keys = self.fetched.get(world, || self.fetch(world)).await;
                fetched = keys.map_err(|error| unavailable(provider, &error))?;
                &*fetched
            };
            let scope = Scope { region: &self.region, service: self.service };
            sign(request, keys, scope, world.unix_time())
                .ok_or_else(|| missing(provider, &"the access key has characters that no header takes"))
        })
    }

    fn scrub(&self, text: &str) -> Option<String> {
        let fetched = self.fetched.last();
        let keys = match &self.source {
            Source::Given(keys) => keys,
            _ => fetched.as_deref()?,
        };
        redact(text, keys.secrets())
    }
}

impl Token {
    fn read(&self) -> Result<Cow<'_, str>> {
        match self {
            Token::Text(text) => Ok(text.into()),
            Token::File(path) => std::fs::read_to_string(path).map(Cow::Owned).map_err(|error| {
                Error::new(Kind::Config, format!("the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: {error}"))
            }),
        }
    }
}

/// Shows where the keys come from, never the keys.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Given(_) => "given",
            Source::Container { .. } => "container",
            Source::Instance => "instance",
        };
        f.debug_struct("Signer").field("source", &source).field("region", &self.region).finish_non_exhaustive()
    }
}

/// A session is opened first (IMDSv2): an address alone, which a request forged from outside may have, gets nothing.
async fn from_instance(world: &dyn World) -> Result<Bytes> {
    let url = format!("{METADATA}/api/token");
    let session = text(&ask(world, Method::PUT, &url, Some((SESSION_TTL, "21600"))).await?)?;
    let roles = format!("{METADATA}/meta-data/iam/security-credentials/");
    let list = text(&ask(world, Method::GET, &roles, Some((SESSION, &session))).await?)?;
    let role = list.lines().next().unwrap_or_default().trim();
    if role.is_empty() {
        return Err(Error::new(Kind::NotFound, "this instance has no role"));
    }
    ask(world, Method::GET, &format!("{roles}{role}"), Some((SESSION, &session))).await
}

/// The body of an answer with status 200.
async fn ask(world: &dyn World, method: Method, url: &str, header: Option<(HeaderName, &str)>) -> Result<Bytes> {
    let mut request = Request::builder().method(method).uri(url);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let invalid = |_| Error::new(Kind::Config, "the address or the token of its endpoint is not valid");
    let mut request = request.body(Bytes::new()).map_err(invalid)?;
    request.extensions_mut().insert(ConnectTimeout(CONNECT));
    let (parts, body) = world.fetch(request).await?.into_parts();
    if parts.status != http::StatusCode::OK {
        let message = format!("it answered {}", parts.status.as_u16());
        return Err(match parts.status.as_u16() {
            429 | 500.. => Error::new(Kind::Server, message).retry(Retry::After(Duration::ZERO)),
            _ => Error::new(Kind::NotFound, message),
        });
    }
    read(body, 0, ANSWER).await
}

fn text(body: &[u8]) -> Result<String> {
    String::from_utf8(body.to_vec()).map_err(|_| Error::protocol("malformed_response", "it answered what is no text"))
}

/// What both services answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Granted {
    access_key_id: String,
    secret_access_key: String,
    token: String,
    expiration: String,
}

fn granted(body: &[u8]) -> Result<(Keys, Duration)> {
    // A parser's own words would quote the answer.
    let malformed = || Error::protocol("malformed_response", "it answered no access key");
    let granted: Granted = serde_json::from_slice(body).map_err(|_| malformed())?;
    let expires = humantime::parse_rfc3339(&granted.expiration).ok();
    let expires = expires.and_then(|end| SystemTime::duration_since(&end, UNIX_EPOCH).ok()).ok_or_else(malformed)?;
    let keys = Keys {
        access_key_id: granted.access_key_id,
        secret_access_key: granted.secret_access_key,
        session_token: Some(granted.token),
    };
    Ok((keys, expires))
}

/// The error of keys that did not come. What may pass may be tried again.
fn unavailable(provider: &str, why: &Error) -> Error {
    if why.kind() != Kind::Server {
        return missing(provider, why);
    }
    let message = format!("no access key for provider '{provider}', nothing was sent: {why}");
    Error::new(Kind::Server, message).provider(provider).retry(why.scope())
}

fn missing(provider: &str, why: &dyn fmt::Display) -> Error {
    let advice = "set access_key_id and secret_access_key, profile or api_key in its table";
    Error::new(
        Kind::Unauthenticated,
        format!("no access key for provider '{provider}', nothing was sent: {why} ({advice})"),
    )
    .origin(Origin::Caller)
    .provider(provider)
    .retry(Retry::Elsewhere)
}
