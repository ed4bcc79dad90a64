//! Who makes the calls: a caller with a gateway, and callers without.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream};

use super::network::{Fate, Network, What, chance};
use super::profile::{Arrivals, Profile};
use super::stand_in::CALL;
use crate::config::Period;
use crate::error::{Kind, Result};
use crate::gateway::Gateway;
use crate::model::{Message, Request};
use crate::providers::status::classify;
use crate::sim::Sim;
use crate::world::{Tick, World, fraction};

/// The longest wait between two tries of the SDKs.
const LONGEST: Duration = Duration::from_secs(8);
/// They wait as long as they are asked to, up to this.
const HEEDED: Duration = Duration::from_secs(60);
/// How often they try a target.
pub(super) const TRIES: u32 = 3;

/// How a call ended: the target that answered, or what went wrong.
pub(super) type Ended = Result<String, Kind>;

/// Makes all calls of a profile, each when its time has come, and waits for their ends.
pub(super) fn run(
    profile: &Profile,
    seed: u64,
    world: &Sim,
    network: &Network,
    call: impl AsyncFn(u64) -> Ended,
) -> Result<()> {
    let call = &call;
    let calls = stream::iter((0..).zip(arrivals(profile, seed))).then(|(number, at)| async move {
        world.sleep(at).await;
        number
    });
    world.try_run(calls.for_each_concurrent(None, |number| async move {
        let began = world.now();
        let ended = call(number).await;
        network.ended(number, began, world.now(), ended.as_deref().map_err(|kind| kind.as_str()));
    }))
}

/// When requests come.
fn arrivals(profile: &Profile, seed: u64) -> impl Iterator<Item = Tick> {
    let Period(duration) = profile.duration;
    let (rate, arrivals) = (profile.rate, profile.arrivals);
    let mut chance = chance(seed, [u64::MAX; 3]);
    let mut at = 0.0;
    std::iter::from_fn(move || {
        let now = at;
        at += match arrivals {
            Arrivals::Regular => 1.0 / rate,
            Arrivals::Random => -(1.0 - chance.share()).ln() / rate,
        };
        Some(Tick::new(Duration::from_secs_f64(now)))
    })
    .take_while(move |at| at.since_start() < duration)
}

/// A call through the gateway.
pub(super) async fn ask_gateway(gateway: &Gateway, profile: &Profile, number: u64) -> Ended {
    // No two questions are the same, as with real ones: some policies tell calls apart by them.
    let question = Message::user(format!("Where is order {number}?"));
    let mut request = Request::chat(profile.route.as_str(), vec![question]).label(CALL, number.to_string());
    request.timeout = profile.deadline.map(|Period(time)| time);
    gateway.chat(request).await.map(|reply| reply.target).map_err(|error| error.kind())
}

/// A call without a gateway: up to so many tries at each target, in order.
pub(super) async fn ask_directly(
    world: &Sim,
    network: &Arc<Network>,
    profile: &Profile,
    number: u64,
    targets: &[String],
    tries: u32,
) -> Ended {
    let timer = world.sleep(world.now() + profile.patience());
    let call = async {
        let mut last = Kind::NoRoute;
        for target in targets {
            match ask_target(world, network, number, target, tries).await {
                Ok(()) => return Ok(target.clone()),
                Err(kind) => last = kind,
            }
        }
        Err(last)
    };
    match select(Box::pin(call), timer).await {
        Either::Left((ended, _)) => ended,
        Either::Right(((), _)) => Err(Kind::Timeout),
    }
}

/// As the vendors' SDKs do it: what may pass is tried again after half a second, doubled each time, up to a quarter of which
/// is taken off by chance.
async fn ask_target(world: &Sim, network: &Arc<Network>, number: u64, target: &str, tries: u32) -> Result<(), Kind> {
    let mut failures = 0;
    loop {
        let Some((Fate { after, what, .. }, _under_way)) = network.ask(target, Some(number), world.now()) else {
            return Err(Kind::NoRoute);
        };
        world.sleep(world.now() + after).await;
        let (kind, again, asked) = match what {
            What::Answer => return Ok(()),
            What::Hang => std::future::pending().await,
            What::Refused => (Kind::Connection, true, None),
            What::Limited(wait) => (Kind::RateLimited, true, Some(wait).filter(|wait| *wait <= HEEDED)),
            What::Failure(status) => {
                let again = status >= 500 || matches!(status, 408 | 409 | 429);
                let kind = http::StatusCode::from_u16(status).map_or(Kind::Server, |status| classify(status).0);
                (kind, again, None)
            }
        };
        failures += 1;
        if failures >= tries || !again {
            return Err(kind);
        }
        let part = 1.0 - 0.25 * fraction(world.random());
        let backoff = (Duration::from_millis(250) * (1 << failures.min(16))).min(LONGEST).mul_f64(part);
        world.sleep(world.now() + asked.unwrap_or(backoff)).await;
    }
}
