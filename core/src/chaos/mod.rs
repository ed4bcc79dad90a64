//! Tries a policy before it is shipped: a route's configuration against a bad hour, in virtual time.
//!
//! A [`Profile`] says how many requests come and what the targets do: how fast they are, how often they fail, when they are
//! down. [`simulate`] makes these requests through a real [`Gateway`] of the [`Config`], and once more without one, and hands
//! out the figures of both. Nothing is sent, no key is needed, and an hour takes seconds. The same seed gives the same
//! report, to the byte.
//!
//! ```
//! use tidegate::chaos::{Profile, simulate};
//! use tidegate::Config;
//!
//! let config = Config::from_toml(r#"
//!     [routes.support]
//!     targets = ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"]
//! "#)?;
//! let profile = Profile::from_toml(r#"
//!     route = "support"
//!     rate = 20
//!     duration = "30s"
//!
//!     [targets."openai/gpt-5-mini"]
//!     latency = { p50 = "800ms", p95 = "1470ms" }
//!     events = [{ kind = "outage", from = "10s", to = "15s" }]
//!
//!     [targets."anthropic/claude-sonnet-4-5"]
//!     latency = { p50 = "900ms", p95 = "1600ms" }
//! "#)?;
//! let report = simulate(&config, &profile, 1)?;
//! assert!(report.before.error_rate > 0.1);
//! assert_eq!(report.after.failures, 0);
//! assert!(report.html().starts_with("<!doctype html>"));
//! # Ok::<(), tidegate::Error>(())
//! ```

mod client;
mod event;
mod html;
mod latency;
mod network;
mod profile;
mod report;
mod stand_in;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::profile::Profile;
pub use self::report::{Figures, Percentiles, Point, Report, Share};

use self::client::{TRIES, ask_directly, ask_gateway, run};
use self::network::Network;
use self::profile::TargetProfile;
use self::stand_in::Providers;
use self::tally::Tally;
use crate::config::{Config, Period};
use crate::error::Result;
use crate::gateway::Gateway;
use crate::model::read::suggestion;
use crate::sim::Sim;

/// What callers do who have no gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Baseline {
    /// One try at the first target.
    None,
    /// Up to three tries at the first target, as the vendors' SDKs make them: again after half a second, then after one.
    ThreeTries,
    /// That, and then the same at the second target.
    RetryAndFallback,
}

/// Runs a profile through the gateway that a configuration makes, and without one. Provider keys, and the variables that
/// they come from, need not be there; every target of the route has a table in the profile.
pub fn simulate(config: &Config, profile: &Profile, seed: u64) -> Result<Report> {
    let run = Run::new(config, profile, seed)?;
    let before = run.baseline(Baseline::None)?;
    let after = run.gateway()?;
    let Period(duration) = profile.duration;
    let route = profile.route.clone();
    Ok(Report { route, seed, rate: profile.rate, duration, step: tally::step(duration), before, after })
}

/// The figures of the same requests for callers without a gateway, who keep to the route's targets.
pub fn baseline(config: &Config, profile: &Profile, baseline: Baseline, seed: u64) -> Result<Figures> {
    Run::new(config, profile, seed)?.baseline(baseline)
}

/// What runs have in common.
struct Run<'a> {
    config: &'a Config,
    profile: Arc<Profile>,
    seed: u64,
    /// The targets of the route, in order.
    targets: Vec<String>,
}

impl<'a> Run<'a> {
    fn new(config: &'a Config, profile: &Profile, seed: u64) -> Result<Self> {
        let mut run = Run { config, profile: Arc::new(profile.clone()), seed, targets: Vec::new() };
        let gateway = run.connect(&run.network(), &Sim::new(seed))?;
        let settings = gateway.settings();
        let route = settings.route(&profile.route);
        let route = route.map_err(|error| profile.source.error("route", error))?;
        run.targets = route.targets.iter().map(|target| target.label.clone()).collect();
        let tables: &BTreeMap<String, TargetProfile> = &profile.targets;
        if let Some(missing) = run.targets.iter().find(|label| !tables.contains_key(*label)) {
            let problem = format_args!("route '{}' has the target '{missing}', which has no table here", profile.route);
            return Err(profile.error(None, problem));
        }
        let known: Vec<_> = settings.targets().map(|target| &*target.label).collect();
        let known = || known.iter().copied().chain(run.targets.iter().map(String::as_str));
        match tables.keys().find(|label| known().all(|target| target != *label)) {
            Some(label) => {
                let hint = suggestion(label, known());
                Err(profile.error(Some(label), format_args!("no route has this target{hint}")))
            }
            None => Ok(run),
        }
    }

    /// The targets, of which nothing has been asked yet.
    fn network(&self) -> Arc<Network> {
        let Period(duration) = self.profile.duration;
        let tally = Tally::new(duration, self.profile.targets.keys());
        Network::new(Arc::clone(&self.profile), self.seed, tally)
    }

    fn connect(&self, network: &Arc<Network>, world: &Sim) -> Result<Gateway> {
        Gateway::simulated(self.config, Arc::new(Providers::new(Arc::clone(network))), world.clone())
    }

    fn gateway(&self) -> Result<Figures> {
        let (world, network) = (Sim::new(self.seed), self.network());
        let gateway = self.connect(&network, &world)?;
        let call = async |number| ask_gateway(&gateway, &self.profile, number).await;
        run(&self.profile, self.seed, &world, &network, call)?;
        Ok(network.tally().figures())
    }

    fn baseline(&self, baseline: Baseline) -> Result<Figures> {
        let (targets, tries) = match baseline {
            Baseline::None => (1, 1),
            Baseline::ThreeTries => (1, TRIES),
            Baseline::RetryAndFallback => (2, TRIES),
        };
        let targets = self.targets.get(..targets).unwrap_or(&self.targets);
        let (world, network) = (Sim::new(self.seed), self.network());
        let call = async |number| ask_directly(&world, &network, &self.profile, number, targets, tries).await;
        run(&self.profile, self.seed, &world, &network, call)?;
        Ok(network.tally().figures())
    }
}
