//! Access tokens of Microsoft Entra ID: for the secret of an application, for the token of a workload, or for the managed
//! identity of where the process runs.
//!
//! Microsoft's own crates would bring a second HTTP client with a pipeline of its own, which neither virtual time nor the
//! scripted network reach, for what are three requests.
//!
//! Sources: "Microsoft identity platform and the OAuth 2.0 client credentials flow"; "How to use managed identities on a
//! virtual machine to acquire an access token"; "How to use managed identities for App Service"; "Managed identities in
//! Azure Container Apps".

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use super::cached::Cached;
use super::tokens::{answer, ask, bearer, missing, no_token, not_an_address, post};
use super::{Secret, Sign, form, redact};
use crate::error::{Error, Kind, Result};
use crate::world::{BoxFuture, ConnectTimeout, World};

/// Where a machine has its identity.
const MACHINE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const MACHINE_VERSION: &str = "2018-02-01";
const PLATFORM_VERSION: &str = "2019-08-01";
const METADATA: HeaderName = HeaderName::from_static("metadata");
const IDENTITY: HeaderName = HeaderName::from_static("x-identity-header");
/// What a token is for, behind the resource.
const DEFAULT: &str = "/.default";
/// These services are next door: where nobody answers at once, nobody will.
const CONNECT: Duration = Duration::from_secs(1);

/// Who signs in.
pub(crate) enum Source {
    /// An application with its secret.
    Secret { application: Application, secret: String },
    /// A workload, by the token in this file. It is read each time: what is in it changes.
    Workload { application: Application, file: String },
    /// The managed identity that an app service or a container app offers at an address of its own.
    Platform { url: String, header: HeaderValue, client_id: Option<String> },
    /// The managed identity of a machine.
    Machine { client_id: Option<String> },
}

/// An application in a tenant.
pub(crate) struct Application {
    /// Where it signs in, such as `https://login.microsoftonline.com`.
    pub(crate) authority: String,
    pub(crate) tenant: String,
    pub(crate) id: String,
}

/// Signs with access tokens, fetched once for all callers.
pub(crate) struct Signer {
    source: Source,
    scope: String,
    fetched: Cached<Secret>,
}

/// What all of them answer. The numbers come as numbers or as text.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds from now.
    expires_in: Option<Value>,
    /// Seconds since 1970.
    expires_on: Option<Value>,
}

impl Signer {
    pub(crate) fn new(source: Source, scope: String) -> Self {
        Signer { source, scope, fetched: Cached::default() }
    }

    /// The header with a token, and when it expires.
    async fn fetch(&self, world: &dyn World) -> Result<(Secret, Duration)> {
        let granted = self.source.token(world, &self.scope).await?;
        let seconds = |value: &Option<Value>| match value {
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_u64(),
            None => None,
        };
        let expires = match (seconds(&granted.expires_in), seconds(&granted.expires_on)) {
            (Some(left), _) => world.unix_time().saturating_add(Duration::from_secs(left)),
            (None, Some(moment)) => Duration::from_secs(moment),
            (None, None) => return Err(no_token()),
        };
        Ok((bearer(&granted.access_token)?, expires))
    }
}

impl Signer {
    /// The error of a request that could not be signed. Where no machine of Azure's is, there is no identity either.
    fn missing(&self, provider: &str, why: &Error) -> Error {
        let alone = matches!(self.source, Source::Machine { .. }) && why.kind() != Kind::Server;
        missing(provider, why, alone.then_some("set api_key, client_secret or federated_token_file in its table"))
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
            let token = self.fetched.get(world, || self.fetch(world)).await;
            let token = token.map_err(|error| self.missing(provider, &error.rewrite(|text| self.scrub(text))))?;
            request.headers_mut().insert(AUTHORIZATION, token.0.clone());
            Ok(())
        })
    }

    fn scrub(&self, text: &str) -> Option<String> {
        let token = self.fetched.last();
        let given = match &self.source {
            Source::Secret { secret, .. } => Some(secret.as_str()),
            Source::Platform { header, .. } => header.to_str().ok(),
            Source::Workload { .. } | Source::Machine { .. } => None,
        };
        redact(text, token.as_deref().and_then(Secret::words).into_iter().chain(given))
    }
}

impl Source {
    async fn token(&self, world: &dyn World, scope: &str) -> Result<Granted> {
        match self {
            Source::Secret { application, secret } => {
                application.token(world, scope, &[("client_secret", secret)]).await
            }
            Source::Workload { application, file } => {
                let assertion = std::fs::read_to_string(file).map_err(|error| {
                    Error::new(Kind::Config, format!("the file of federated_token_file cannot be read: {error}"))
                })?;
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                let proof = [("client_assertion_type", kind), ("client_assertion", assertion.trim())];
                application.token(world, scope, &proof).await
            }
            Source::Platform { url, header, client_id } => {
                let query = managed(PLATFORM_VERSION, scope, client_id.as_deref());
                next_door(world, &format!("{url}?{query}"), IDENTITY, header.clone()).await
            }
            Source::Machine { client_id } => {
                let query = managed(MACHINE_VERSION, scope, client_id.as_deref());
                next_door(world, &format!("{MACHINE}?{query}"), METADATA, HeaderValue::from_static("true")).await
            }
        }
    }
}

impl Application {
    async fn token(&self, world: &dyn World, scope: &str, proof: &[(&str, &str)]) -> Result<Granted> {
        let url = format!("{}/{}/oauth2/v2.0/token", self.authority, self.tenant);
        let mut fields = vec![("grant_type", "client_credentials"), ("client_id", &*self.id), ("scope", scope)];
        fields.extend_from_slice(proof);
        post(world, &url, &fields).await
    }
}

/// What a managed identity is asked: the resource is the scope without its last part.
fn managed(version: &str, scope: &str, client_id: Option<&str>) -> String {
    let resource = scope.strip_suffix(DEFAULT).unwrap_or(scope);
    let mut fields = vec![("api-version", version), ("resource", resource)];
    fields.extend(client_id.map(|id| ("client_id", id)));
    form(&fields)
}

async fn next_door(world: &dyn World, url: &str, name: HeaderName, value: HeaderValue) -> Result<Granted> {
    let request = Request::get(url).header(name, value).body(Bytes::new());
    let mut request = request.map_err(|_| not_an_address())?;
    request.extensions_mut().insert(ConnectTimeout(CONNECT));
    answer(&ask(world, request).await?)
}

/// Shows who signs in, never with what.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Secret { .. } => "application",
            Source::Workload { .. } => "workload",
            Source::Platform { .. } => "identity of the platform",
            Source::Machine { .. } => "identity of the machine",
        };
        f.debug_struct("Signer").field("source", &source).field("scope", &self.scope).finish_non_exhaustive()
    }
}
