//! The configuration: one strict file, or the same keys as a plain value.

mod aws;
mod azure;
mod breaker;
mod concurrency;
mod endpoint;
mod env;
mod expansion;
mod fallback;
mod google;
mod health_check;
mod hedge;
mod network;
mod pattern;
mod read;
mod reject;
mod route;
mod routing;
mod settings;
mod sign_in;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod value;
mod written;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path as FilePath, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Result;
use crate::model::read::Path;
use crate::providers;
#[cfg(test)]
pub(crate) use concurrency::Adaptive;
pub(crate) use concurrency::ConcurrencyLimit;
pub(crate) use health_check::HealthCheck;
use network::NetworkConfig;
use read::Reader;
pub(crate) use reject::{OnExhausted, Rejects};
pub(crate) use route::{Limits, OnInvalidOutput, OnUnsupported, RetryPolicy, Route, Timeouts};
pub(crate) use routing::{BalanceBy, Choice};
pub(crate) use settings::Settings;
pub(crate) use source::Source;
pub(crate) use stream::OnInterrupt;
pub(crate) use value::{Period, positive};
use written::{Defaults, ProviderConfig, RouteConfig};

/// Why a key is refused that this build cannot honour.
const NOT_IN_THIS_BUILD: &str = "is not part of this build, which is without the feature structured-output";

/// The configuration as written: providers, and routes over their models.
///
/// It is strict: a key that is unknown or has the wrong type is an error that names file, line and key. The environment
/// is read when a gateway is made of it, and only for `${env:NAME}` and `from_env`.
///
/// ```
/// let config = tidegate::Config::from_toml(r#"
///     [providers.eu]
///     protocol = "openai-chat"
///     base_url = "https://llm.eu.example.com/v1"
///     api_key = "not-a-real-key"
///
///     [routes.support]
///     targets = ["eu/llama-4"]
/// "#)?;
/// let error = tidegate::Config::from_toml("[route.support]").unwrap_err();
/// assert_eq!(error.to_string(), "line 1: route: unknown key, did you mean 'routes'?");
/// # Ok::<(), tidegate::Error>(())
/// ```
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(
    title = "Tidegate configuration",
    description = "Providers, and routes over their models. Unknown keys are errors."
)]
pub struct Config {
    /// Whether built-in providers without a key take theirs from their environment variable, such as `GROQ_API_KEY`.
    /// One with its own `base_url` does not. Default: false.
    from_env: bool,
    /// The way out.
    network: NetworkConfig,
    /// Providers by name. A built-in name brings protocol and address; any other says `protocol` and `base_url`.
    providers: BTreeMap<String, ProviderConfig>,
    /// What holds for every route that does not say otherwise.
    defaults: Defaults,
    /// Routes by name: what requests ask for as `model`.
    routes: BTreeMap<String, RouteConfig>,
    #[serde(skip)]
    source: Source,
}

impl Config {
    /// Reads a TOML file.
    pub fn from_file(path: impl AsRef<FilePath>) -> Result<Self> {
        let (source, text) = Source::open(path.as_ref())?;
        Config::parse(source, &text)
    }

    /// Reads TOML text.
    pub fn from_toml(text: &str) -> Result<Self> {
        Config::parse(Source::default(), text)
    }

    /// Reads the same keys as a plain value. Keys that are null count as absent.
    pub fn from_value(value: Value) -> Result<Self> {
        Config::read(Source::default(), value)
    }

    /// The file that it was read from, if it was.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.source.file().map(PathBuf::from)
    }

    /// The JSON Schema of the configuration, for editors and for the types of other languages.
    pub fn schema() -> Value {
        schemars::schema_for!(Config).to_value()
    }

    fn parse(mut source: Source, text: &str) -> Result<Self> {
        let value = source.parse(text)?;
        Config::read(source, value)
    }

    fn read(source: Source, value: Value) -> Result<Self> {
        let config = strict(&source, value)?;
        Ok(Config { source, ..config })
    }

    /// The same routes and policies over providers that need no keys, for a simulation: every provider has its table.
    fn unsigned(&self) -> Config {
        let mut providers: BTreeMap<_, _> =
            self.providers.iter().map(|(name, table)| (name.clone(), table.unsigned())).collect();
        for provider in providers::builtin() {
            providers.entry(provider.name.to_owned()).or_default();
        }
        Config { providers, ..self.clone() }
    }
}

/// Reads a plain value into a type of strict keys, which the errors name.
pub(crate) fn strict<T: DeserializeOwned>(source: &Source, value: Value) -> Result<T> {
    T::deserialize(Reader::new(value, &Path::Root))
        .map_err(|problem| source.error(problem.path.unwrap_or_default(), problem.message))
}

/// Shows references to secrets, never secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("from_env", &self.from_env)
            .field("network", &self.network)
            .field("providers", &self.providers)
            .field("defaults", &self.defaults)
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}
