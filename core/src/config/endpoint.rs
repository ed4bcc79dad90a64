//! Endpoints: a provider's table, what is known of the provider, and its keys, made into one.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::azure;
use super::sign_in::{SignIn, is_placed};
use super::source::Source;
use super::value::SecretText;
use super::written::ProviderConfig;
use crate::auth::{Credentials, Scheme, Secret};
use crate::codec::{Codec, Provider};
use crate::error::Result;
use crate::model::read::{Path, suggestion};
use crate::providers;
use crate::proxy::Proxy;
use crate::simulate::{SimulateConfig, Simulation};
use crate::target::{Endpoint, StandIn};

/// Protocols that exist, of which a build may lack some.
const PLANNED: [&str; 13] = [
    "anthropic",
    "azure-openai",
    "bedrock-anthropic",
    "bedrock-converse",
    "cohere",
    "gemini",
    "mistral",
    "ollama",
    "openai-chat",
    "openai-completions",
    "openai-responses",
    "vertex-anthropic",
    "vertex-gemini",
];

/// Headers that the gateway or its connection writes.
const OWN_HEADERS: [&str; 10] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Those that it writes where it signs in to a cloud.
const SIGNED_HEADERS: [&str; 4] = ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];

/// What the gateway itself puts behind a base URL.
const ENDPOINTS: [&str; 8] =
    ["/chat/completions", "/messages", "/embeddings", "/responses", "/v2/chat", "/v2/embed", "/api/chat", "/api/embed"];

/// The address of a simulated provider that has none. Nothing is ever sent to it.
const NOWHERE: &str = "http://sim.invalid/v1";

/// What endpoints are made with.
pub(super) struct Resolver<'a> {
    pub(super) source: &'a Source,
    /// The environment: from a variable to its value.
    pub(super) env: &'a dyn Fn(&str) -> Option<String>,
    /// Whether built-in providers take their keys from it.
    pub(super) from_env: bool,
    /// Answers for all providers, in a simulation of a whole configuration.
    pub(super) stand_in: Option<Arc<dyn StandIn>>,
    /// The way out.
    pub(super) proxy: Option<Proxy>,
}

impl Resolver<'_> {
    /// A built-in provider as it is without configuration. `None` where every account has its own address, and where
    /// this build lacks the protocol.
    pub(super) fn builtin(&self, provider: &Provider) -> Result<Option<Endpoint>> {
        let Some(codec) = providers::codec(provider.protocol) else { return Ok(None) };
        // What is wrong in the environment must not fail those who ask for nothing of it.
        let nothing = ProviderConfig::default();
        let keys = self.stored_keys(provider);
        let sign_in = self.sign_in(&Path::Root, &nothing, provider, provider.protocol, !keys.is_empty(), self.from_env);
        let sign_in = sign_in.unwrap_or_default();
        let base_url = self.base_url(&Path::Root, &nothing, provider, &sign_in, provider.simulated);
        let Ok(base_url) = base_url else { return Ok(None) };
        let (addressing, dialect) = azure::refine(sign_in.azure, provider.dialect.clone());
        let simulation = provider
            .simulated
            .then(|| Simulation::new(SimulateConfig::default(), provider.protocol))
            .transpose()?
            .map(|simulation| Arc::new(simulation) as Arc<dyn StandIn>);
        Ok(Some(Endpoint {
            name: provider.name.to_owned(),
            codec,
            base_url,
            addressing,
            credentials: Credentials::new(provider.auth, &keys).with_signer(sign_in.signer).advise(self.key_advice(
                provider.name,
                Some(provider),
                provider.auth,
            )),
            dialect,
            headers: HeaderMap::new(),
            proxy: self.proxy.clone(),
            simulation,
        }))
    }

    /// The provider of a `[providers.NAME]` table.
    pub(super) fn configured(&self, name: &str, table: &ProviderConfig) -> Result<Endpoint> {
        let path = Path::Root.key("providers");
        let path = path.key(name);
        if name.is_empty() || name.contains('/') {
            return Err(self.source.error(path, "a provider's name is not empty and has no '/'"));
        }
        let known = providers::provider(name);
        let codec = self.codec(&path, name, table, known)?;
        // A built-in provider made to speak another protocol keeps its address and nothing else, unless it is another one of
        // the same family.
        let like = known
            .filter(|known| providers::are_akin(known.protocol, codec.protocol()))
            .unwrap_or_else(|| providers::of_protocol(codec.protocol()));
        if known.is_some_and(|known| known.auth != like.auth) && like.auth.is_cloud() {
            // Its address would get to see what is a cloud's, or the cloud's address its keys.
            let problem = format_args!("'{name}' is another vendor's name: give the table one of your own");
            return Err(self.source.error(path.key("protocol"), problem));
        }
        let simulation = self.simulation(&path, table, known, codec)?;
        let simulated = simulation.is_some();
        if known.is_some_and(|known| known.auth != Scheme::Azure)
            && codec.protocol() == "azure-openai"
            && table.base_url.is_none()
            && !simulated
        {
            let problem = format_args!("'{name}' has no resource on Azure: set base_url, or call the table azure");
            return Err(self.source.error(path.key("protocol"), problem));
        }

        // What the process has goes to no other address than the vendor's own.
        let own = table.base_url.as_deref().is_none_or(|url| like.auth == Scheme::Azure && azure::is_azure(url));
        let mut keys = self.keys(&path, table)?;
        if let Some(known) = known
            && keys.is_empty()
            && own
            && !simulated
            && !azure::signs_in(table)
        {
            keys = self.stored_keys(known);
        }
        let ambient = self.from_env && own && keys.is_empty() && !simulated;
        let keyed = !keys.is_empty();
        let sign_in = self.sign_in(&path, table, like, codec.protocol(), keyed, ambient)?;
        let base_url = self.base_url(&path, table, known.unwrap_or(like), &sign_in, simulated)?;
        // A simulation opens no socket, and so asks nobody for a token.
        let signer = sign_in.signer.filter(|_| !simulated || matches!(like.auth, Scheme::Aws(_)));
        let signs = signer.is_some();
        let (addressing, dialect) = azure::refine(sign_in.azure, like.dialect.clone());
        // A simulated provider asks for no key, and checks the one that it is given. A server of the caller's own may need
        // none: it is the one to say so.
        let own_server = known.is_none() && (table.base_url.is_some() || !is_placed(like.base_url));
        let auth =
            if (simulated || own_server) && keys.is_empty() && signer.is_none() { Scheme::None } else { like.auth };
        let vendor = known.filter(|_| own);
        Ok(Endpoint {
            name: name.to_owned(),
            codec,
            base_url,
            addressing,
            credentials: Credentials::new(auth, &keys)
                .with_signer(signer)
                .advise(self.key_advice(name, vendor, like.auth)),
            dialect,
            headers: self.headers(&path, table, like.auth, signs)?,
            proxy: self.proxy.clone(),
            simulation,
        })
    }

    fn codec(
        &self,
        path: &Path<'_>,
        name: &str,
        table: &ProviderConfig,
        known: Option<&Provider>,
    ) -> Result<&'static dyn Codec> {
        let Some(protocol) = table.protocol.as_deref().or(known.map(|known| known.protocol)) else {
            let hint = suggestion(name, providers::builtin().map(|provider| provider.name));
            let advice = if hint.is_empty() {
                let known: Vec<_> = providers::protocols().collect();
                format!(": set base_url, and protocol to one of {}", known.join(", "))
            } else {
                hint
            };
            return Err(self.source.error(path, format_args!("'{name}' is not a built-in provider{advice}")));
        };
        providers::codec(protocol).ok_or_else(|| {
            let path = path.key("protocol");
            let built: Vec<_> = providers::protocols().collect();
            if PLANNED.contains(&protocol) {
                let built = built.join(", ");
                return self
                    .source
                    .error(path, format_args!("protocol '{protocol}' is not part of this build, which has {built}"));
            }
            let hint = suggestion(protocol, built.iter().copied());
            let hint = if hint.is_empty() { format!(", expected one of {}", built.join(", ")) } else { hint };
            self.source.error(path, format_args!("unknown protocol '{protocol}'{hint}"))
        })
    }

    fn simulation(
        &self,
        path: &Path<'_>,
        table: &ProviderConfig,
        known: Option<&Provider>,
        codec: &dyn Codec,
    ) -> Result<Option<Arc<dyn StandIn>>> {
        if let Some(stand_in) = &self.stand_in {
            return Ok(Some(Arc::clone(stand_in)));
        }
        let asked = table.simulate.clone();
        let asked = asked.or_else(|| known.is_some_and(|known| known.simulated).then(SimulateConfig::default));
        let Some(asked) = asked else { return Ok(None) };
        Simulation::new(asked, codec.protocol())
            .map(|simulation| Some(Arc::new(simulation) as Arc<dyn StandIn>))
            .map_err(|error| self.source.error(path.key("simulate"), error))
    }

    /// The address, without a slash at the end.
    fn base_url(
        &self,
        path: &Path<'_>,
        table: &ProviderConfig,
        known: &Provider,
        sign_in: &SignIn,
        simulated: bool,
    ) -> Result<String> {
        let Some(url) = table.base_url.as_deref().or(sign_in.endpoint()) else {
            return match known.base_url {
                "" if simulated => Ok(NOWHERE.to_owned()),
                "" => Err(self.source.error(
                    path,
                    "the key 'base_url' is missing: scheme, host and path prefix, such as \"https://llm.example.com/v1\"",
                )),
                url => match sign_in.address(url) {
                    Ok(url) => Ok(url),
                    Err(_) if simulated => Ok(NOWHERE.to_owned()),
                    Err(problem) => Err(self.source.error(path, problem)),
                },
            };
        };
        let problem = match url.parse::<http::Uri>() {
            // The address itself may hold a key in these parts, so no message quotes it.
            _ if url.contains(['?', '#']) => "has a query or a fragment: keys go into api_key",
            _ if ENDPOINTS.iter().any(|end| url.trim_end_matches('/').ends_with(end)) => {
                "names one operation: end it before, such as \"https://llm.example.com/v1\""
            }
            _ if url.contains('@') => "has a user or a password: keys go into api_key",
            Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) => {
                let url = sign_in.own_address(url.trim_end_matches('/').to_owned());
                return url.map_err(|problem| self.source.error(path.key("base_url"), problem));
            }
            _ => "expected an address such as \"https://llm.example.com/v1\"",
        };
        Err(self.source.error(path.key("base_url"), problem))
    }

    /// The keys that the table brings.
    fn keys(&self, path: &Path<'_>, table: &ProviderConfig) -> Result<Vec<Secret>> {
        let path_many = path.key("api_keys");
        match (&table.api_key, &table.api_keys) {
            (Some(_), Some(_)) => Err(self.source.error(path_many, "goes without api_key: put all keys here")),
            (Some(key), None) => Ok(vec![self.secret(&path.key("api_key"), key)?]),
            (None, Some(keys)) if keys.is_empty() => Err(self.source.error(path_many, "is an empty list")),
            (None, Some(keys)) => {
                keys.iter().enumerate().map(|(at, key)| self.secret(&path_many.index(at), key)).collect()
            }
            (None, None) => Ok(Vec::new()),
        }
    }

    fn secret(&self, path: &Path<'_>, written: &SecretText) -> Result<Secret> {
        Secret::new(&self.text(path, written)?).ok_or_else(|| {
            self.source.error(path, "cannot stand in a header: it has line breaks or control characters")
        })
    }

    pub(super) fn text(&self, path: &Path<'_>, written: &SecretText) -> Result<String> {
        match written {
            SecretText::Literal(text) => Ok(text.clone()),
            SecretText::Env(name) => (self.env)(name)
                .ok_or_else(|| self.source.error(path, format_args!("the environment variable {name} is not set"))),
        }
    }

    /// The key in the first of a provider's variables that is set.
    fn stored_keys(&self, provider: &Provider) -> Vec<Secret> {
        let mut names = provider.key_env.iter().filter(|_| self.from_env);
        names.find_map(|name| (self.env)(name)).and_then(|key| Secret::new(&key)).into_iter().collect()
    }

    /// Where a missing key should come from: the table, or the environment where that may be read.
    fn key_advice(&self, name: &str, vendor: Option<&Provider>, auth: Scheme) -> String {
        let keys = match auth {
            Scheme::Aws(_) => "access_key_id and secret_access_key, profile or api_key",
            Scheme::Google => "credentials, credentials_file or api_key",
            Scheme::Azure => "api_key, client_secret or managed_identity",
            _ => "api_key",
        };
        let table = format!("set {keys} in [providers.{name}]");
        match vendor.map(|vendor| vendor.key_env).unwrap_or_default() {
            [] if auth == Scheme::Google && !self.from_env => {
                format!("{table}, or from_env = true to take the application default credentials")
            }
            [] => table,
            names if self.from_env => format!("{} is not set in the environment; or {table}", names.join(" or ")),
            [first, ..] => format!("{table}, or from_env = true to take {first}"),
        }
    }

    fn headers(&self, path: &Path<'_>, table: &ProviderConfig, auth: Scheme, signs: bool) -> Result<HeaderMap> {
        let path = path.key("headers");
        let mut headers = HeaderMap::new();
        for (name, value) in &table.headers {
            let path = path.key(name);
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| self.source.error(path, "is not the name of a header"))?;
            if header == auth.header() {
                return Err(self.source.error(path, "the key goes into api_key"));
            }
            if OWN_HEADERS.contains(&header.as_str()) || (signs && SIGNED_HEADERS.contains(&header.as_str())) {
                return Err(self.source.error(path, "the gateway writes this header itself"));
            }
            let mut value = HeaderValue::from_str(&self.text(&path, value)?).map_err(|_| {
                self.source.error(path, "cannot stand in a header: it has line breaks or control characters")
            })?;
            value.set_sensitive(true);
            headers.insert(header, value);
        }
        Ok(headers)
    }
}
