//! The way out through an HTTP proxy.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::HeaderValue;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use percent_encoding::percent_decode_str;

use crate::error::Result;
use crate::world::{BoxFuture, ByteStream, Tick, World};

/// A proxy that connects to servers, and what it is told to let us. Travels in the extensions of requests, since a
/// configuration is loaded anew while the world stays. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Proxy(Arc<Inner>);

#[derive(PartialEq, Eq, Hash)]
struct Inner {
    address: Uri,
    /// User and password as the header has them.
    credentials: Option<HeaderValue>,
}

impl Proxy {
    /// From an address such as `http://user:password@proxy.example:3128`. What is wrong with it is said without quoting it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix("http://").ok_or("expected an address such as \"http://proxy.example:3128\"")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(user, host)| (Some(user), host));
        let host: Authority = host.parse().map_err(|_| "has no valid host: user and password are percent-encoded")?;
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(host);
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
        let address = Uri::from_parts(parts).map_err(|_| "is no valid address")?;
        Ok(Proxy(Arc::new(Inner { address, credentials: user.map(basic) })))
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &Uri {
        &self.0.address
    }

    /// The value of `proxy-authorization`.
    pub(crate) fn credentials(&self) -> Option<&HeaderValue> {
        self.0.credentials.as_ref()
    }
}

/// User and password of an address, as the header has them. Source: RFC 7617.
fn basic(user: &str) -> HeaderValue {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let both: Vec<u8> = percent_decode_str(name).chain(Some(b':')).chain(percent_decode_str(password)).collect();
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(both)))
        // Base64 can stand in a header.
        .unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// A world whose requests go through a proxy.
pub(crate) struct Proxied {
    pub(crate) world: Arc<dyn World>,
    pub(crate) proxy: Proxy,
}

impl World for Proxied {
    fn now(&self) -> Tick {
        self.world.now()
    }
    fn unix_time(&self) -> Duration {
        self.world.unix_time()
    }
    fn random(&self) -> u64 {
        self.world.random()
    }
    fn sleep(&self, until: Tick) -> BoxFuture<'static, ()> {
        self.world.sleep(until)
    }
    fn fetch(&self, mut request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<ByteStream>>> {
        request.extensions_mut().insert(self.proxy.clone());
        self.world.fetch(request)
    }
    fn spawn(&self, task: BoxFuture<'static, ()>) -> bool {
        self.world.spawn(task)
    }
}
