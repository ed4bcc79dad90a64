//! Access tokens of Google Cloud: for the key of a service account, for a person who allowed it, for an identity of another
//! cloud, or from where the process runs.
//!
//! Sources: "Using OAuth 2.0 for server to server applications"; AIP-4112 (service accounts), AIP-4113 (users), AIP-4115
//! (the metadata server) and AIP-4117 (external accounts) of google.aip.dev; "Create short-lived credentials for a service
//! account".

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cached::Cached;
use super::jwt::Key;
use super::tokens::{answer, ask, bearer, missing, no_token, not_an_address, post, post_as};
use super::{Secret, Sign, redact};
use crate::error::{Error, Kind, Result};
use crate::world::{BoxFuture, ConnectTimeout, World};

/// What a token is good for: all that its owner may do in Google Cloud.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How long a token is asked for where nothing else is said.
pub(crate) const LIFETIME: Duration = Duration::from_secs(3600);
/// The metadata server is next door: where nobody answers at once, nobody will.
const CONNECT: Duration = Duration::from_secs(1);
/// What stands for the project in an address until the metadata server says it.
pub(crate) const PROJECT: &str = "{project}";
const FLAVOR: HeaderName = HeaderName::from_static("metadata-flavor");
const USER_PROJECT: HeaderName = HeaderName::from_static("x-goog-user-project");

/// Where access tokens come from.
pub(crate) enum Source {
    /// A service account signs for itself.
    ServiceAccount { email: String, key: Key, token_uri: String },
    /// A person allowed it once (`gcloud auth application-default login`).
    User { client_id: String, client_secret: String, refresh_token: String, token_uri: String },
    /// Another identity is exchanged for one of Google's.
    Federated {
        audience: String,
        subject_token_type: String,
        subject: Subject,
        token_url: String,
        client: Option<Client>,
        /// The project that pays for the exchange, where no client does.
        user_project: Option<String>,
    },
    /// The metadata server of Compute Engine, GKE and Cloud Run at this host.
    Metadata { host: String },
}

/// Who asks for the exchange of an identity.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// Where the token of the other identity is. It is read each time, since it changes.
pub(crate) struct Subject {
    pub(crate) place: Place,
    /// The field that has it, where it comes in an object.
    pub(crate) field: Option<String>,
}

/// A place to read from.
pub(crate) enum Place {
    File(String),
    Url { url: String, headers: Vec<(HeaderName, HeaderValue)> },
}

/// A service account whose token the first one is exchanged for.
pub(crate) struct Impersonation {
    /// Its method `generateAccessToken`.
    pub(crate) url: String,
    pub(crate) delegates: Vec<String>,
    pub(crate) lifetime: Duration,
}

/// Signs with access tokens, fetched once for all callers.
pub(crate) struct Signer {
    source: Source,
    impersonation: Option<Impersonation>,
    /// The project that pays for a person's requests.
    quota_project: Option<HeaderValue>,
    fetched: Cached<Secret>,
    /// The project of the machine.
    project: Cached<String>,
}

/// What token endpoints and the metadata server answer.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

/// What `generateAccessToken` answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Impersonated {
    access_token: String,
    expire_time: String,
}

impl Signer {
    pub(crate) fn new(source: Source, impersonation: Option<Impersonation>, quota: Option<HeaderValue>) -> Self {
        Signer { source, impersonation, quota_project: quota, fetched: Cached::default(), project: Cached::default() }
    }

    /// Whether it can say the project of an address that has a place for it.
    pub(crate) fn knows_its_project(&self) -> bool {
        matches!(self.source, Source::Metadata { .. })
    }

    /// The header with a token, and when it expires.
    async fn fetch(&self, world: &dyn World) -> Result<(Secret, Duration)> {
        let Granted { access_token, expires_in } = self.source.token(world).await?;
        let expires = world.unix_time().saturating_add(Duration::from_secs(expires_in));
        let token = bearer(&access_token)?;
        match &self.impersonation {
            Some(impersonation) => impersonation.token(token, world).await,
            None => Ok((token, expires)),
        }
    }

    /// Puts the project of the machine into an address that has a place for it.
    async fn place(&self, request: &mut Request<Bytes>, world: &dyn World) -> Result<()> {
        let Source::Metadata { host } = &self.source else { return Ok(()) };
        if !request.uri().path().contains(PROJECT) {
            return Ok(());
        }
        let fetch = || async {
            let project = metadata(world, host, "project/project-id").await?;
            Ok((String::from_utf8_lossy(project.trim_ascii()).into_owned(), Duration::MAX))
        };
        let project = self.project.get(world, fetch).await?;
        let uri = request.uri().to_string().replace(PROJECT, &project);
        *request.uri_mut() = uri.parse().map_err(|_| Error::protocol("malformed_response", "it said no project"))?;
        Ok(())
    }

    fn discreet(&self, error: Error) -> Error {
        error.rewrite(|text| self.scrub(text))
    }

    /// The error of a request that could not be signed. Where nothing was configured and no metadata server is, none will
    /// be.
    fn missing(&self, provider: &str, why: &Error) -> Error {
        let alone = self.knows_its_project() && why.kind() != Kind::Server;
        missing(provider, why, alone.then_some("set credentials, credentials_file or api_key in its table"))
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
            let refused = |error| self.missing(provider, &self.discreet(error));
            self.place(request, world).await.map_err(refused)?;
            let token = self.fetched.get(world, || self.fetch(world)).await.map_err(refused)?;
            request.headers_mut().insert(AUTHORIZATION, token.0.clone());
            if let Some(project) = &self.quota_project {
                request.headers_mut().entry(USER_PROJECT).or_insert_with(|| project.clone());
            }
            Ok(())
        })
    }

    fn scrub(&self, text: &str) -> Option<String> {
        let token = self.fetched.last();
        let given = match &self.source {
            Source::User { client_secret, refresh_token, .. } => [Some(&**client_secret), Some(&**refresh_token)],
            Source::Federated { client: Some(client), .. } => [Some(&*client.secret), None],
            _ => [None, None],
        };
        redact(text, token.as_deref().and_then(Secret::words).into_iter().chain(given.into_iter().flatten()))
    }
}

/// Shows where the tokens come from, never what they are got for.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::ServiceAccount { .. } => "service account",
            Source::User { .. } => "user",
            Source::Federated { .. } => "federated",
            Source::Metadata { .. } => "metadata server",
        };
        f.debug_struct("Signer").field("source", &source).finish_non_exhaustive()
    }
}

impl Source {
    async fn token(&self, world: &dyn World) -> Result<Granted> {
        match self {
            Source::ServiceAccount { email, key, token_uri } => {
                let now = world.unix_time().as_secs();
                let claims = json!({"iss": email, "scope": SCOPE, "aud": token_uri, "iat": now,
                    "exp": now + LIFETIME.as_secs()});
                let assertion = key.sign(&claims).ok_or_else(|| Error::new(Kind::Config, "the key signs nothing"))?;
                let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                post(world, token_uri, &[("grant_type", grant), ("assertion", &assertion)]).await
            }
            Source::User { client_id, client_secret, refresh_token, token_uri } => {
                let fields = [
                    ("grant_type", "refresh_token"),
                    ("client_id", client_id),
                    ("client_secret", client_secret),
                    ("refresh_token", refresh_token),
                ];
                post(world, token_uri, &fields).await
            }
            Source::Federated { audience, subject_token_type, subject, token_url, client, user_project } => {
                let subject = subject.read(world).await?;
                let mut fields = vec![
                    ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                    ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                    ("audience", audience),
                    ("scope", SCOPE),
                    ("subject_token", &subject),
                    ("subject_token_type", subject_token_type),
                ];
                // A client brings its own project.
                let project = user_project.as_ref().filter(|_| client.is_none());
                let options = project.map(|project| json!({ "userProject": project }).to_string());
                fields.extend(options.as_deref().map(|options| ("options", options)));
                match client {
                    Some(client) => post_as(world, token_url, &client.header()?, &fields).await,
                    None => post(world, token_url, &fields).await,
                }
            }
            Source::Metadata { host } => {
                answer(&metadata(world, host, "instance/service-accounts/default/token").await?)
            }
        }
    }
}

impl Client {
    /// HTTP's basic authentication.
    fn header(&self) -> Result<Secret> {
        let pair = STANDARD.encode(format!("{}:{}", self.id, self.secret));
        Secret::new(&format!("Basic {pair}")).ok_or_else(no_token)
    }
}

impl Subject {
    async fn read(&self, world: &dyn World) -> Result<String> {
        let text = match &self.place {
            Place::File(path) => std::fs::read(path).map(Bytes::from).map_err(|error| {
                Error::new(Kind::Config, format!("the file of credential_source cannot be read: {error}"))
            })?,
            Place::Url { url, headers } => {
                let mut request = Request::get(url).body(Bytes::new()).map_err(|_| not_an_address())?;
                request.headers_mut().extend(headers.iter().cloned());
                ask(world, request).await?
            }
        };
        let malformed = || Error::protocol("malformed_response", "credential_source has no token");
        let token = match &self.field {
            Some(field) => {
                let object: Value = answer(&text)?;
                object.get(field).and_then(Value::as_str).map(str::to_owned)
            }
            None => String::from_utf8(text.trim_ascii().to_vec()).ok(),
        };
        token.filter(|token| !token.is_empty()).ok_or_else(malformed)
    }
}

impl Impersonation {
    async fn token(&self, first: Secret, world: &dyn World) -> Result<(Secret, Duration)> {
        let body = json!({"scope": [SCOPE], "lifetime": format!("{}s", self.lifetime.as_secs()),
            "delegates": self.delegates});
        let request = Request::post(&self.url).header(CONTENT_TYPE, "application/json").header(AUTHORIZATION, first.0);
        let request = request.body(Bytes::from(body.to_string())).map_err(|_| not_an_address())?;
        let granted: Impersonated = answer(&ask(world, request).await?)?;
        let expires = humantime::parse_rfc3339(&granted.expire_time).ok();
        let expires = expires.and_then(|end| SystemTime::duration_since(&end, UNIX_EPOCH).ok());
        Ok((bearer(&granted.access_token)?, expires.ok_or_else(no_token)?))
    }
}

/// What the metadata server says.
async fn metadata(world: &dyn World, host: &str, what: &str) -> Result<Bytes> {
    let request = Request::get(format!("http://{host}/computeMetadata/v1/{what}")).header(FLAVOR, "Google");
    let mut request = request.body(Bytes::new()).map_err(|_| not_an_address())?;
    request.extensions_mut().insert(ConnectTimeout(CONNECT));
    ask(world, request).await
}
