//! What answers where a route fails, resolved once: names become routes, and cycles are errors.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::settings::Settings;
use super::{Config, Route};
use crate::error::Result;
use crate::model::read::Path;

/// How many fallbacks may follow each other.
const DEEPEST: usize = 16;

/// What answers where a route fails: another route, and where that fails too or there is none, a text. The response's
/// `fallback` says so, as does the first event of a stream, and its `attempts` say what failed.
///
/// It is for failures that are not the caller's: an invalid request, a prompt that is too long and one that a content policy
/// or a guard refuses stay errors. A stream that breaks off after its first content does too. The time is the call's own:
/// once `timeout.total` has passed, only a text can answer.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FallbackConfig {
    /// The route to ask instead, or a `provider/model`. Where it comes from `[defaults]`, the routes that it leads to have
    /// no further one of it.
    route: Option<String>,
    /// The text to answer a chat with, such as `We are busy, please try later.` No model is asked.
    reply: Option<String>,
}

/// What answers where a route fails.
#[derive(Clone, Debug, Default)]
pub struct FallbackPolicy {
    /// Another route.
    pub route: Option<Arc<Route>>,
    /// A text, where there is no other route or it fails too.
    pub reply: Option<Arc<str>>,
}

/// Ties routes to their fallbacks: what models that are asked for directly fall back to, and the routes by name.
pub(super) fn link(
    settings: &Settings,
    config: &Config,
    plain: BTreeMap<String, Route>,
) -> Result<(FallbackPolicy, BTreeMap<String, Arc<Route>>)> {
    let defaults = &config.defaults.fallback;
    let mut reached = HashSet::new();
    let mut next = defaults.route.as_deref();
    while let Some((name, table)) = next.and_then(|name| config.routes.get_key_value(name)) {
        next = if reached.insert(name.as_str()) { table.fallback.route.as_deref() } else { None };
    }
    let names: Vec<_> = config.routes.keys().map(String::as_str).collect();
    let mut linking = Linking { settings, config, plain, linked: BTreeMap::new(), open: Vec::new(), reached };
    for name in names {
        linking.route(name)?;
    }
    let path = Path::Root.key("defaults");
    let path = path.key("fallback");
    let route = defaults.route.as_deref().map(|name| linking.find(&path.key("route"), name)).transpose()?;
    let reply = linking.reply(&path, defaults)?;
    Ok((FallbackPolicy { route, reply }, linking.linked))
}

struct Linking<'a> {
    settings: &'a Settings,
    config: &'a Config,
    /// The routes that are not linked yet.
    plain: BTreeMap<String, Route>,
    linked: BTreeMap<String, Arc<Route>>,
    /// The routes under way, the first to fail first.
    open: Vec<&'a str>,
    /// Where the fallback of all routes leads: those it leads to cannot have it.
    reached: HashSet<&'a str>,
}

impl<'a> Linking<'a> {
    /// Links a route of the configuration, unless it is.
    fn route(&mut self, name: &'a str) -> Result<()> {
        let (Some(table), Some(mut route)) = (self.config.routes.get(name), self.plain.remove(name)) else {
            return Ok(());
        };
        let (own, defaults) = (&table.fallback, &self.config.defaults.fallback);
        let path = Path::Root.key("routes");
        let path = path.key(name);
        let path = path.key("fallback");
        self.open.push(name);
        route.fallback.route = match (&own.route, &defaults.route) {
            (Some(other), _) => Some(self.find(&path.key("route"), other)?),
            (None, Some(other)) if !self.reached.contains(name) => {
                let path = Path::Root.key("defaults");
                let path = path.key("fallback");
                Some(self.find(&path.key("route"), other)?)
            }
            _ => None,
        };
        self.open.pop();
        route.fallback.reply = match self.reply(&path, own)? {
            Some(text) => Some(text),
            None => defaults.reply.as_deref().map(Arc::from),
        };
        self.linked.insert(name.to_owned(), Arc::new(route));
        Ok(())
    }

    /// The route that a fallback names.
    fn find(&mut self, path: &Path<'_>, name: &'a str) -> Result<Arc<Route>> {
        let source = &self.config.source;
        if let Some(at) = self.open.iter().position(|open| *open == name) {
            let cycle = self.open.iter().skip(at).chain([&name]).copied().collect::<Vec<_>>().join(" -> ");
            return Err(source.error(path, format_args!("fallback cycle {cycle}")));
        }
        if self.open.len() > DEEPEST {
            return Err(source.error(path, format_args!("more than {DEEPEST} fallbacks follow each other")));
        }
        self.route(name)?;
        match self.linked.get(name) {
            Some(route) => Ok(Arc::clone(route)),
            // A model that is named here falls back to nothing but the text of all: anything else might lead back here.
            None => match self.settings.model(name) {
                Ok(mut route) => {
                    route.fallback.reply = self.config.defaults.fallback.reply.as_deref().map(Arc::from);
                    Ok(Arc::new(route))
                }
                Err(missing) => Err(source.error(path, self.settings.explain(&missing, &self.config.routes))),
            },
        }
    }

    fn reply(&self, path: &Path<'_>, table: &FallbackConfig) -> Result<Option<Arc<str>>> {
        match table.reply.as_deref() {
            Some(text) if text.trim().is_empty() => {
                Err(self.config.source.error(path.key("reply"), "is empty, expected a text"))
            }
            text => Ok(text.map(Arc::from)),
        }
    }
}
