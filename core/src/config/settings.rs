//! The configuration resolved: endpoints, and the routes over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::concurrency::{ConcurrencyConfig, ConcurrencyLimit};
use super::endpoint::Resolver;
use super::expansion::{Expansion, balance};
use super::fallback::{FallbackPolicy, link};
use super::health_check::HealthCheckConfig;
use super::hedge::HedgeConfig;
use super::reject::RejectConfig;
use super::sign_in::is_placed;
use super::written::RouteConfig;
use super::{Choice, Config, Limits, RetryPolicy, Route, Timeouts, env};
use crate::auth::Scheme;
use crate::error::{Error, Kind, Result};
use crate::model::read::{Path, suggestion};
use crate::policies::balance::Balance;
use crate::policies::breaker::BreakerPolicy;
use crate::providers;
use crate::target::{Endpoint, StandIn, Target};

/// How many routes an error names.
const SHOWN: usize = 5;

/// Every name, default and secret of a configuration resolved.
pub(crate) struct Settings {
    endpoints: BTreeMap<String, Arc<Endpoint>>,
    routes: BTreeMap<String, Arc<Route>>,
    /// What a model that is asked for as `provider/model` gets: a route without name and targets.
    direct: Route,
}

impl Settings {
    /// Resolves a configuration in the environment of the process.
    pub(crate) fn resolve(config: &Config) -> Result<Self> {
        Settings::resolve_in(config, &env::var)
    }

    /// Resolves a configuration in an environment.
    pub(super) fn resolve_in(config: &Config, env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let source = &config.source;
        let mut resolver = Resolver { source, env, from_env: config.from_env, stand_in: None, proxy: None };
        resolver.proxy = config.network.proxy(&resolver)?;
        Settings::resolve_with(config, &resolver)
    }

    /// Resolves a configuration for a simulation, in which `stand_in` answers for every provider. No key has to be there.
    pub(crate) fn simulated(config: &Config, stand_in: Arc<dyn StandIn>) -> Result<Self> {
        let config = config.unsigned();
        let env = |_: &str| Some("simulated".to_owned());
        let source = &config.source;
        // Nothing is sent, and so nothing through a proxy.
        let stand_in = Some(stand_in);
        Settings::resolve_with(&config, &Resolver { source, env: &env, from_env: false, stand_in, proxy: None })
    }

    fn resolve_with(config: &Config, resolver: &Resolver<'_>) -> Result<Self> {
        let mut endpoints = BTreeMap::new();
        for (name, table) in &config.providers {
            endpoints.insert(name.clone(), Arc::new(resolver.configured(name, table)?));
        }
        for provider in providers::builtin().filter(|provider| !config.providers.contains_key(provider.name)) {
            if let Some(endpoint) = resolver.builtin(provider)? {
                endpoints.insert(endpoint.name.clone(), Arc::new(endpoint));
            }
        }
        let direct = direct(config)?;
        let mut settings = Settings { endpoints, routes: BTreeMap::new(), direct };
        let named = |(name, table): (&String, _)| Ok((name.clone(), settings.named(config, name, table)?));
        let plain = config.routes.iter().map(named).collect::<Result<_>>()?;
        (settings.direct.fallback, settings.routes) = link(&settings, config, plain)?;
        Ok(settings)
    }

    /// The route for a request's `model`: a route's name, or `provider/model`.
    pub(crate) fn route(&self, model: &str) -> Result<Arc<Route>> {
        if let Some(route) = self.routes.get(model) {
            return Ok(Arc::clone(route));
        }
        self.model(model).map(Arc::new).map_err(|missing| {
            Error::new(Kind::NoRoute, self.explain(&missing, &self.routes)).context("field", "model")
        })
    }

    /// The route of a model that is named as `provider/model`.
    pub(super) fn model<'m>(&self, label: &'m str) -> Result<Route, Missing<'m>> {
        let target = self.target(label)?;
        let (name, choices) = (target.label.clone(), vec![Choice::default()]);
        Ok(Route { name, targets: vec![Arc::new(target)], choices, ..self.direct.clone() })
    }

    /// The routes whose targets are to be asked how they are.
    pub(crate) fn checked(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.routes.values().filter(|route| route.health_check.is_some())
    }

    /// The target that `provider/model` names.
    pub(super) fn target<'m>(&self, label: &'m str) -> Result<Target, Missing<'m>> {
        match label.split_once('/') {
            None => Err(Missing::Route(label)),
            Some((provider, "")) => Err(Missing::Model(provider)),
            Some((provider, model)) => match self.endpoints.get(provider) {
                Some(endpoint) => Ok(Target::new(Arc::clone(endpoint), model)),
                None => Err(Missing::Provider(provider)),
            },
        }
    }

    /// Every target that a route names.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        self.routes.values().flat_map(|route| &route.targets).map(|target| &**target)
    }

    pub(super) fn explain<T>(&self, missing: &Missing<'_>, routes: &BTreeMap<String, T>) -> String {
        let (what, name, hint, otherwise) = match missing {
            Missing::Model(provider) => return format!("'{provider}/' names no model, expected {provider}/MODEL"),
            Missing::Provider(name) if providers::provider(name).is_some_and(|known| is_placed(known.base_url)) => {
                let google = providers::provider(name).is_some_and(|known| known.auth == Scheme::Google);
                let place = if google { "project and location" } else { "region" };
                return format!("provider '{name}' has an address in each {place}: set {place} in [providers.{name}]");
            }
            Missing::Provider(name) if providers::provider(name).is_some() => {
                return format!("provider '{name}' has no address of its own: set base_url in [providers.{name}]");
            }
            Missing::Route(name) if self.endpoints.contains_key(*name) => {
                return format!("'{name}' is a provider: name one of its models too, as {name}/MODEL");
            }
            Missing::Route(name) => {
                let hint = suggestion(name, routes.keys().map(String::as_str));
                let known: Vec<_> = routes.keys().take(SHOWN).map(String::as_str).collect();
                let known = if known.is_empty() { String::new() } else { format!(" (such as {})", known.join(", ")) };
                let otherwise =
                    format!(": name a route of the configuration{known}, or provider/model such as openai/gpt-5-mini");
                ("route", name, hint, otherwise)
            }
            Missing::Provider(name) => {
                let hint = suggestion(name, self.endpoints.keys().map(String::as_str));
                ("provider", name, hint, ": one that is not built in has a table under [providers]".to_owned())
            }
        };
        let advice = if hint.is_empty() { otherwise } else { hint };
        format!("no {what} is named '{name}'{advice}")
    }

    fn named(&self, config: &Config, name: &str, table: &RouteConfig) -> Result<Route> {
        if name.is_empty() || name.contains('/') {
            let path = Path::Root.key("routes");
            return Err(config.source.error(path.key(name), "a route's name is not empty and has no '/'"));
        }
        let mut expansion = Expansion::new(self, config);
        expansion.route(name, table)?;
        let path = Path::Root.key("routes");
        let path = path.key(name);
        let (targets, choices) = expansion.allowed(&path, table)?;
        let mut retry = table.retry.over(self.direct.retry);
        if table.retry.max_attempts.or(config.defaults.retry.max_attempts).is_none() {
            // A target that is never tried would be listed in vain.
            retry.max_attempts = retry.max_attempts.max(u32::try_from(targets.len()).unwrap_or(u32::MAX));
        }
        Ok(Route {
            name: name.to_owned(),
            balance: balance(config, &path, table, &choices)?,
            targets,
            choices,
            timeout: table.timeout.over(self.direct.timeout),
            retry,
            breaker: table.breaker.over(self.direct.breaker),
            hedge: HedgeConfig::over(table.hedge.as_ref(), self.direct.hedge),
            health_check: HealthCheckConfig::over(table.health_check.as_ref(), self.direct.health_check),
            limits: table.limits.over(self.direct.limits),
            concurrency: concurrency(config, table.concurrency.as_ref(), &Path::Root.key("routes").key(name))?
                .or(self.direct.concurrency),
            on_unsupported: table.on_unsupported.unwrap_or(self.direct.on_unsupported),
            on_invalid_output: table.on_invalid_output.unwrap_or(self.direct.on_invalid_output),
            reject: table.reject.over(&config.defaults.reject),
            on_interrupt: table.stream.on_interrupt.unwrap_or(self.direct.on_interrupt),
            min_rate: table.stream.min_rate(self.direct.min_rate),
            fallback: FallbackPolicy::default(),
        })
    }
}

/// The defaults, as a route without name and targets.
fn direct(config: &Config) -> Result<Route> {
    let defaults = &config.defaults;
    Ok(Route {
        name: String::new(),
        targets: Vec::new(),
        choices: Vec::new(),
        balance: Balance::Ordered,
        breaker: defaults.breaker.over(Some(BreakerPolicy::default())),
        hedge: HedgeConfig::over(defaults.hedge.as_ref(), None),
        health_check: HealthCheckConfig::over(defaults.health_check.as_ref(), None),
        timeout: defaults.timeout.over(Timeouts::default()),
        retry: defaults.retry.over(RetryPolicy::default()),
        limits: defaults.limits.over(Limits::default()),
        concurrency: concurrency(config, defaults.concurrency.as_ref(), &Path::Root.key("defaults"))?,
        on_unsupported: defaults.on_unsupported.unwrap_or_default(),
        on_invalid_output: defaults.on_invalid_output.unwrap_or_default(),
        reject: RejectConfig::default().over(&defaults.reject),
        on_interrupt: defaults.stream.on_interrupt.unwrap_or_default(),
        min_rate: defaults.stream.min_rate(None),
        fallback: FallbackPolicy::default(),
    })
}

/// The limit of concurrency that the table at `path` sets.
fn concurrency(
    config: &Config,
    table: Option<&ConcurrencyConfig>,
    path: &Path<'_>,
) -> Result<Option<ConcurrencyLimit>> {
    let resolved = table.map(ConcurrencyConfig::resolve).transpose();
    resolved.map_err(|(key, problem)| config.source.error(path.key("concurrency").key(key), problem))
}

/// Why a name leads nowhere.
pub(super) enum Missing<'m> {
    Route(&'m str),
    Provider(&'m str),
    /// The provider, of a name that ends at the slash.
    Model(&'m str),
}
