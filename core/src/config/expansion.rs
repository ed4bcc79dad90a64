//! The targets of a route: those of the routes that it names stand in their places, and those that it may not use are left
//! out.

use std::collections::HashSet;
use std::sync::Arc;

use super::routing::TargetConfig;
use super::settings::Settings;
use super::written::RouteConfig;
use super::{BalanceBy, Choice, Config};
use crate::error::Result;
use crate::model::read::Path;
use crate::policies::balance::Balance;
use crate::target::Target;

/// How deep routes may name routes.
const DEEPEST: usize = 16;

/// The targets of a route as they are found. Each is listed once.
pub(super) struct Expansion<'a> {
    settings: &'a Settings,
    config: &'a Config,
    /// The routes under way, outermost first.
    open: Vec<&'a str>,
    seen: HashSet<&'a str>,
    found: Vec<Found<'a>>,
}

struct Found<'a> {
    target: Arc<Target>,
    choice: Choice,
    region: Option<&'a str>,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(settings: &'a Settings, config: &'a Config) -> Self {
        Expansion { settings, config, open: Vec::new(), seen: HashSet::new(), found: Vec::new() }
    }

    /// Adds the targets of a route.
    pub(super) fn route(&mut self, name: &'a str, table: &'a RouteConfig) -> Result<()> {
        let path = Path::Root.key("routes");
        let path = path.key(name);
        let path = path.key("targets");
        if table.targets.is_empty() {
            return Err(self.config.source.error(path, "is an empty list, expected at least one provider/model"));
        }
        self.open.push(name);
        let mut listed = HashSet::new();
        for (at, entry) in table.targets.iter().enumerate() {
            let path = path.index(at);
            let label = &entry.target;
            if !listed.insert(label) {
                return Err(self.config.source.error(path, format_args!("'{label}' is listed twice")));
            }
            self.entry(&path, entry)?;
        }
        self.open.pop();
        Ok(())
    }

    fn entry(&mut self, path: &Path<'_>, entry: &'a TargetConfig) -> Result<()> {
        let source = &self.config.source;
        let label = entry.target.as_str();
        let inner = self.config.routes.get(label);
        if inner.is_some() && self.open.contains(&label) {
            let cycle = self.open.iter().skip_while(|open| **open != label).chain([&label]);
            let cycle = cycle.copied().collect::<Vec<_>>().join(" -> ");
            return Err(source.error(path, format_args!("route cycle {cycle}")));
        }
        let target = match inner {
            Some(_) if self.open.len() > DEEPEST => {
                return Err(source.error(path, format_args!("routes within routes are more than {DEEPEST} deep")));
            }
            Some(_) if entry.weight.is_some() || entry.region.is_some() || entry.price.is_some() => {
                let problem = format_args!("'{label}' is a route: weight, region and price go with its own targets");
                return Err(source.error(path, problem));
            }
            Some(table) if self.seen.insert(label) => return self.route(label, table),
            Some(_) => return Ok(()),
            None => self.settings.target(label),
        };
        let target =
            target.map_err(|missing| source.error(path, self.settings.explain(&missing, &self.config.routes)))?;
        if self.seen.insert(label) {
            let provider = self.config.providers.get(target.provider());
            let own = provider.and_then(|table| table.region.as_deref().or(table.location.as_deref()));
            self.found.push(Found {
                target: Arc::new(target),
                choice: Choice { weight: entry.weight.unwrap_or(0), price: entry.price },
                region: entry.region.as_deref().or(own),
            });
        }
        Ok(())
    }

    /// The targets that the route may use, and what is known of each. An error where none is left.
    pub(super) fn allowed(self, path: &Path<'_>, table: &RouteConfig) -> Result<(Vec<Arc<Target>>, Vec<Choice>)> {
        let mut left_out = Vec::new();
        let mut refused = |found: &Found<'_>| {
            let label = &found.target.label;
            let why = if let Some(regions) = &table.regions
                && !found.region.is_some_and(|region| regions.iter().any(|allowed| is_in(region, allowed)))
            {
                format!("{label} is in {}", found.region.map_or("no known region", |region| region))
            } else if let Some(most) = table.max_price
                && !found.choice.price.is_some_and(|price| price.within(most))
            {
                match found.choice.price {
                    Some(price) => format!("{label} costs {price}"),
                    None => format!("{label} has no price"),
                }
            } else {
                return false;
            };
            left_out.push(why);
            true
        };
        let (targets, mut choices): (Vec<_>, Vec<_>) =
            self.found.into_iter().filter(|found| !refused(found)).map(|found| (found.target, found.choice)).unzip();
        if targets.is_empty() {
            let problem = format_args!("regions and max_price leave no target: {}", left_out.join(", "));
            return Err(self.config.source.error(path, problem));
        }
        // Where nobody has a weight all are alike.
        if choices.iter().all(|choice| choice.weight == 0) {
            for choice in &mut choices {
                choice.weight = 1;
            }
        }
        Ok((targets, choices))
    }
}

/// Whether a region is one that is allowed: by its name, or by the beginning of it, `europe-*`.
fn is_in(region: &str, allowed: &str) -> bool {
    match allowed.strip_suffix('*') {
        Some(beginning) => region.starts_with(beginning),
        None => region == allowed,
    }
}

/// How a route chooses, with what that needs.
pub(super) fn balance(config: &Config, path: &Path<'_>, table: &RouteConfig, choices: &[Choice]) -> Result<Balance> {
    let source = &config.source;
    let weighs = table.targets.iter().any(|entry| entry.weight.is_some());
    let asked = table.balance.or(config.defaults.balance);
    let by = match asked {
        None if weighs => BalanceBy::Weighted,
        by => by.unwrap_or_default(),
    };
    let label = table.sticky_label.as_ref().or(config.defaults.sticky_label.as_ref());
    if table.sticky_label.is_some() && by != BalanceBy::Sticky {
        return Err(source.error(path.key("sticky_label"), "is for balance = \"sticky\" only"));
    }
    if weighs && !matches!(by, BalanceBy::Weighted | BalanceBy::Sticky) {
        return Err(source.error(path.key("balance"), "goes by other things than the weights that its targets have"));
    }
    if by == BalanceBy::Cheapest && choices.iter().all(|choice| choice.price.is_none()) {
        let problem = "needs the prices of targets: { target = \"...\", price = { input = 0.25, output = 2 } }";
        return Err(source.error(path.key("balance"), problem));
    }
    Ok(match (by, label) {
        (BalanceBy::Sticky, Some(label)) => Balance::Sticky { label: label.clone() },
        (BalanceBy::Sticky, None) => {
            let problem = "needs sticky_label: the label whose value keeps its calls at one target, such as \"user\"";
            return Err(source.error(path.key("balance"), problem));
        }
        (BalanceBy::Ordered, _) => Balance::Ordered,
        (BalanceBy::Weighted, _) => Balance::Weighted,
        (BalanceBy::LeastInFlight, _) => Balance::LeastInFlight,
        (BalanceBy::Latency, _) => Balance::Latency { quantile: SLOW },
        (BalanceBy::Cheapest, _) => Balance::Cheapest,
        (BalanceBy::PromptCache, _) => Balance::PromptCache,
    })
}

/// The quantile of its answers by which a target counts as slow.
const SLOW: f64 = 0.95;
