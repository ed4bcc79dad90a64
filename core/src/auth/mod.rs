//! Keys, and what `sign` does with them.

pub(crate) mod aws;
pub(crate) mod azure;
mod cached;
mod form;
pub(crate) mod google;
pub(crate) mod jwt;
pub(crate) mod sigv4;
mod tokens;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

pub(crate) use self::form::escape;
use self::form::form;
use crate::error::{Error, Kind, Result, Retry};
use crate::world::{BoxFuture, World};

/// A secret: it can be sent, and it cannot be printed or serialized.
#[derive(Clone)]
pub struct Secret(HeaderValue);

impl Secret {
    /// A secret from its text. `None` where it is empty or cannot stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let mut value = HeaderValue::from_str(text.trim()).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some(Secret(value))
    }
}

/// What stands for a key in a text.
const REDACTED: &str = "[redacted]";
/// A shorter key is a word like any other, and no secret.
const SHORTEST: usize = 8;

impl Secret {
    /// The key without the word `Bearer` before it.
    fn words(&self) -> Option<&str> {
        let text = self.0.to_str().ok()?;
        Some(text.strip_prefix("Bearer ").unwrap_or(text))
    }
}

/// Takes secrets out of a text. `None` where it has none of them.
fn redact<'s>(text: &str, secrets: impl Iterator<Item = &'s str>) -> Option<String> {
    let mut found = secrets.filter(|secret| secret.len() >= SHORTEST && text.contains(secret));
    let first = text.replace(found.next()?, REDACTED);
    Some(found.fold(first, |text, secret| text.replace(secret, REDACTED)))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// How a key is sent. Keys travel in headers only, never in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// The key as the value of this header.
    Header(&'static str),
    /// Requests are signed with an access key of AWS for this service; a plain key is sent as `Bearer`.
    Aws(&'static str),
    /// Requests carry an access token of Google Cloud as `Bearer`; a plain key is sent as `x-goog-api-key`.
    Google,
    /// The key as `api-key`; without one, requests carry an access token of Microsoft Entra ID as `Bearer`.
    Azure,
    /// Not at all: a local server. A key that is configured all the same is sent as `Bearer`.
    None,
}

impl Scheme {
    /// Whether it is a cloud's, which takes other credentials than a key too.
    pub(crate) fn is_cloud(self) -> bool {
        matches!(self, Scheme::Aws(_) | Scheme::Google | Scheme::Azure)
    }

    /// The header that carries the key.
    pub(crate) fn header(self) -> HeaderName {
        match self {
            Scheme::Header(name) => HeaderName::from_static(name),
            Scheme::Google => HeaderName::from_static("x-goog-api-key"),
            Scheme::Azure => HeaderName::from_static("api-key"),
            Scheme::Bearer | Scheme::Aws(_) | Scheme::None => AUTHORIZATION,
        }
    }
}

/// Signs where there is no key to send: what it sends is made for each request, or fetched first.
pub(crate) trait Sign: fmt::Debug + Send + Sync {
    /// Signs a finished request.
    fn sign<'a>(
        &'a self,
        provider: &'a str,
        request: &'a mut http::Request<Bytes>,
        world: &'a dyn World,
    ) -> BoxFuture<'a, Result<()>>;

    /// Takes its secrets out of a text. `None` where it has none of them.
    fn scrub(&self, text: &str) -> Option<String>;
}

/// An endpoint's keys, ready to be sent.
#[derive(Clone, Debug)]
pub struct Credentials {
    scheme: Scheme,
    /// The finished header values, so that signing copies nothing.
    headers: Vec<Secret>,
    /// Signs where there is no key to send.
    signer: Option<Arc<dyn Sign>>,
    /// Where a missing key should come from.
    advice: String,
}

impl Credentials {
    /// Credentials for `keys`; with none, a scheme that needs one fails when it signs.
    pub fn new(scheme: Scheme, keys: &[Secret]) -> Self {
        let headers = keys.iter().filter_map(|key| Self::header_value(scheme, key)).collect();
        Credentials { scheme, headers, signer: None, advice: "set api_key in its table".to_owned() }
    }

    /// Signs so where there is no key.
    #[must_use]
    pub(crate) fn with_signer(self, signer: Option<Arc<dyn Sign>>) -> Self {
        Credentials { signer, ..self }
    }

    /// Says where a missing key should come from.
    #[must_use]
    pub(crate) fn advise(self, advice: String) -> Self {
        Credentials { advice, ..self }
    }

    /// Takes the keys out of an error: some providers repeat them in their answers.
    pub(crate) fn scrub(&self, error: Error) -> Error {
        let error = match &self.signer {
            Some(signer) => error.rewrite(|text| signer.scrub(text)),
            None => error,
        };
        error.rewrite(|text| redact(text, self.headers.iter().filter_map(Secret::words)))
    }

    fn header_value(scheme: Scheme, key: &Secret) -> Option<Secret> {
        match scheme {
            Scheme::Header(_) | Scheme::Google | Scheme::Azure => Some(key.clone()),
            Scheme::Bearer | Scheme::Aws(_) | Scheme::None => {
                let mut bytes = b"Bearer ".to_vec();
                bytes.extend_from_slice(key.0.as_bytes());
                let mut value = HeaderValue::from_bytes(&bytes).ok()?;
                value.set_sensitive(true);
                Some(Secret(value))
            }
        }
    }

    /// How many keys there are.
    pub(crate) fn count(&self) -> usize {
        self.headers.len()
    }

    /// Signs the finished request with one of the keys. Completes at once but for keys that have to be fetched first.
    pub async fn sign(
        &self,
        provider: &str,
        key: usize,
        request: &mut http::Request<Bytes>,
        world: &dyn World,
    ) -> Result<()> {
        match (self.headers.get(key), &self.signer, self.scheme) {
            (Some(Secret(value)), _, scheme) => {
                request.headers_mut().insert(scheme.header(), value.clone());
                Ok(())
            }
            (None, Some(signer), _) => signer.sign(provider, request, world).await,
            (None, None, Scheme::None) => Ok(()),
            (None, None, _) => Err(Error::new(
                Kind::Unauthenticated,
                format!("no key for provider '{provider}', nothing was sent: {}", self.advice),
            )
            .origin(crate::error::Origin::Caller)
            .provider(provider)
            .retry(Retry::Elsewhere)),
        }
    }
}
