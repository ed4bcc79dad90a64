//! Plays a case on a simulated network and a virtual clock.

use std::time::Duration;

use faultd::Script;
use futures_util::future::{Either, select};
use tidegate::{Gateway, Sim, World as _};

use crate::case::{Call, Cancel, Case};
use crate::outcome::{Outcome, ask};
use crate::words::place;

/// What a cancelled call might still do is done within this.
const LATER: Duration = Duration::from_secs(3600);

/// Plays a case, once for each of its seeds.
pub fn run(case: &Case) -> Result<(), String> {
    let seeds = case.seeds.unwrap_or(1);
    let upstreams = &case.script.upstreams;
    let config = place(&case.config, &|| upstreams.keys().map(|name| (name.as_str(), address(name))).collect());
    let gateway = Gateway::from_value(config).map_err(|error| format!("{error:#}"))?;
    let mut moments = Vec::new();
    for seed in 0..seeds {
        let sim = play(case, &gateway, seed).map_err(|problem| format!("seed {seed}: {problem}"))?;
        if let Some(spread) = &case.then.spread {
            moments.extend(times(&sim, &spread.upstream).get(spread.request));
        }
    }
    case.then.spread.as_ref().map_or(Ok(()), |spread| spread.check(&moments))
}

/// A world with the upstreams of the script.
pub fn world(seed: u64, script: &Script) -> Sim {
    let sim = Sim::new(seed);
    let addresses = script.upstreams.keys().map(|name| (name.clone(), address(name))).collect();
    for (name, upstream) in &script.upstreams {
        let mut upstream = upstream.clone();
        upstream.place(&addresses);
        sim.on(&address(name), upstream);
    }
    sim
}

fn address(upstream: &str) -> String {
    format!("{upstream}.test")
}

/// When an upstream got its requests, in milliseconds.
fn times(sim: &Sim, upstream: &str) -> Vec<u64> {
    let host = address(upstream);
    let exchanges = sim.exchanges().into_iter().filter(|exchange| exchange.url.host() == Some(&host));
    exchanges.map(|exchange| milliseconds(exchange.at.since_start())).collect()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).expect("a case takes less than the age of the universe")
}

fn play(case: &Case, gateway: &Gateway, seed: u64) -> Result<Sim, String> {
    let sim = world(seed, &case.script);
    let gateway = gateway.with_world(sim.clone());
    for (number, call) in case.calls.iter().enumerate() {
        let started = sim.now();
        let outcome = sim.try_run(outcome(&gateway, &sim, call)).map_err(|error| format!("call {number}: {error}"))?;
        let took = milliseconds(sim.now() - started);
        call.expect.check(&outcome, Some(took)).map_err(|problem| format!("call {number}: {problem}"))?;
        if call.cancel.is_some() {
            sim.run(sim.sleep(sim.now() + LATER));
        }
    }
    for (name, seen) in &case.then.upstreams {
        seen.check(&times(&sim, name)).map_err(|problem| format!("upstream {name}: {problem}"))?;
    }
    let unscripted = sim.exchanges().into_iter().find(|exchange| !exchange.scripted);
    unscripted.map_or(Ok(sim), |exchange| Err(format!("{} got a request without a scripted answer", exchange.url)))
}

async fn outcome(gateway: &Gateway, sim: &Sim, call: &Call) -> Outcome {
    let (events, at) = match &call.cancel {
        Some(Cancel::AfterEvents(events)) => (Some(*events), None),
        Some(Cancel::AtMs(at)) => (None, Some(*at)),
        Some(Cancel::AfterRequests(_)) => panic!("`after_requests` is for sockets"),
        None => (None, None),
    };
    let answer = Box::pin(ask(gateway, call, events));
    let result = match at {
        None => answer.await,
        Some(at) => match select(answer, sim.sleep(sim.now() + Duration::from_millis(at))).await {
            Either::Left((result, _)) => result,
            Either::Right(((), _)) => None,
        },
    };
    result.map_or(Outcome::Cancelled, Outcome::of)
}
