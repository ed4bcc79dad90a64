//! Where an attempt goes: a model of a configured provider.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::auth::{Credentials, escape};
use crate::capabilities::{self, Family};
use crate::codec::Codec;
use crate::error::Result;
use crate::model::Request;
use crate::providers::Dialect;
use crate::proxy::Proxy;
use crate::world::{BoxFuture, ByteStream, World};

/// Where simulated providers are that have no address.
const NOWHERE: &str = "http://sim.invalid/";

/// A provider as configured: every key of its table resolved.
pub struct Endpoint {
    /// The name in the configuration, such as `openai` or `eu`.
    pub name: String,
    /// How it speaks.
    pub codec: &'static dyn Codec,
    /// Scheme, host and path prefix, without a slash at the end.
    pub base_url: String,
    /// How operations are addressed below it.
    pub addressing: Addressing,
    /// Its key, and how it is sent.
    pub credentials: Credentials,
    /// How it differs from its protocol.
    pub dialect: Dialect,
    /// Headers to add to every request.
    pub headers: http::HeaderMap,
    /// The proxy on the way to it.
    pub(crate) proxy: Option<Proxy>,
    /// Set where the provider is simulated: no socket is ever opened for it.
    pub simulation: Option<Arc<dyn StandIn>>,
}

/// Answers in place of the network.
pub trait StandIn: Send + Sync {
    /// Whether the addresses of the endpoints that it answers for mean something.
    fn has_hosts(&self) -> bool {
        false
    }

    /// Answers what was `asked`, which is encoded in `request`.
    fn fetch<'a>(
        &'a self,
        target: &'a Target,
        asked: &'a Request,
        request: http::Request<Bytes>,
        world: Arc<dyn World>,
    ) -> BoxFuture<'a, Result<http::Response<ByteStream>>>;
}

impl Endpoint {
    /// Scheme and host, which all keys and models of a region share. A simulated provider has its name, since it has no host.
    pub fn origin(&self) -> &str {
        let nowhere = |stand_in: &Arc<dyn StandIn>| !stand_in.has_hosts() || self.base_url.starts_with(NOWHERE);
        if self.simulation.as_ref().is_some_and(nowhere) {
            return &self.name;
        }
        let host = self.base_url.find("://").map_or(0, |scheme| scheme + "://".len());
        let path = self.base_url.get(host..).and_then(|rest| rest.find('/'));
        path.and_then(|path| self.base_url.get(..host + path)).unwrap_or(&self.base_url)
    }
}

/// How operations are addressed below a base URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Addressing {
    /// By their path.
    #[default]
    Path,
    /// By their path and a version: `?api-version=preview` (Azure's v1 API).
    Version(String),
    /// So too, and those of a model below `/deployments/MODEL` (Azure's dated versions).
    Deployment(String),
}

/// One model of one endpoint.
pub struct Target {
    /// The provider.
    pub endpoint: Arc<Endpoint>,
    /// The provider's name for the model.
    pub model: String,
    /// `provider/model`, as callers and attempts name it.
    pub label: String,
    /// What is known of the model, once that was asked for.
    family: OnceLock<Option<&'static Family>>,
}

impl Target {
    /// A model of an endpoint.
    pub fn new(endpoint: Arc<Endpoint>, model: impl Into<String>) -> Self {
        let model = model.into();
        let label = format!("{}/{model}", endpoint.name);
        Target { endpoint, model, label, family: OnceLock::new() }
    }

    /// The provider's name.
    pub fn provider(&self) -> &str {
        &self.endpoint.name
    }

    /// How the provider differs from its protocol.
    pub fn dialect(&self) -> &Dialect {
        &self.endpoint.dialect
    }

    /// What is known of the model. Nothing where the provider's names for models may mean anything.
    pub fn family(&self) -> Option<&'static Family> {
        let find = || capabilities::family(self.endpoint.codec.protocol(), &self.model);
        *self.family.get_or_init(|| if self.dialect().known_models { find() } else { None })
    }

    /// The full address of a path below the base URL.
    pub fn url(&self, path: &str) -> String {
        let mut url = String::with_capacity(self.endpoint.base_url.len() + path.len());
        url.push_str(&self.endpoint.base_url);
        url.push_str(path);
        if let Addressing::Version(version) | Addressing::Deployment(version) = &self.endpoint.addressing {
            url.push_str("?api-version=");
            url.push_str(version);
        }
        url
    }

    /// The full address of an operation of the model, which stands in the address where the API is addressed so.
    pub fn model_url(&self, operation: &str) -> String {
        let Addressing::Deployment(_) = &self.endpoint.addressing else { return self.url(operation) };
        let mut path = "/deployments/".to_owned();
        escape(&self.model, &mut path);
        path.push_str(operation);
        self.url(&path)
    }

    /// The full address of a path below the root of an API. Its users may have written one of `ends` behind the root, which
    /// the path brings itself: the version of the vendor's API, or that of its OpenAI-like one.
    pub(crate) fn url_below(&self, ends: &[&str], path: &str) -> String {
        let base = self.endpoint.base_url.as_str();
        let root = ends.iter().find_map(|end| base.strip_suffix(end)).unwrap_or(base);
        format!("{root}{path}")
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}
