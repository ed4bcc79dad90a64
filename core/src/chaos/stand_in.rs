//! Answers in place of every provider of a configuration, each in its own wire format, as the profile says.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream;
use http::header::{HeaderName, HeaderValue};
use http::response::Parts;

use super::network::{Network, Quota, What};
use crate::error::Result;
use crate::fault;
use crate::model::Request;
use crate::sim::play;
use crate::simulate::{Outcome, SimulateConfig, Simulation};
use crate::target::{StandIn, Target};
use crate::wire::read;
use crate::world::{BoxFuture, ByteStream, World};

/// The label that says which call it is.
pub(super) const CALL: &str = "simulated_call";
/// What every model answers.
const REPLY: &str = "Your order left us this morning. It should be with you within two working days.";
/// The most that an answer has.
const LARGEST: usize = 1 << 20;

/// The limit of requests, what is left of it, and when it is renewed.
const ANTHROPIC: [&str; 3] = [
    "anthropic-ratelimit-requests-limit",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
];
const OTHERS: [&str; 3] =
    ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"];

/// The providers.
pub(super) struct Providers {
    network: Arc<Network>,
    vendors: Mutex<HashMap<String, Arc<Vendor>>>,
}

/// What writes the answers of one target.
struct Vendor {
    simulation: Simulation,
    /// Its answer, which is written once: all are the same.
    answer: Mutex<Option<(Parts, Bytes)>>,
}

impl Providers {
    pub(super) fn new(network: Arc<Network>) -> Self {
        Providers { network, vendors: Mutex::default() }
    }

    fn vendor(&self, target: &Target) -> Result<Arc<Vendor>> {
        let mut vendors = self.vendors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vendor) = vendors.get(&target.label) {
            return Ok(Arc::clone(vendor));
        }
        let config = SimulateConfig { reply: Some(REPLY.to_owned()), ..SimulateConfig::default() };
        let simulation = Simulation::new(config, target.endpoint.codec.protocol())?;
        let vendor = Arc::new(Vendor { simulation, answer: Mutex::default() });
        vendors.insert(target.label.clone(), Arc::clone(&vendor));
        Ok(vendor)
    }
}

impl Vendor {
    async fn answer(
        &self,
        target: &Target,
        host: &str,
        request: &http::Request<Bytes>,
        quota: Option<Quota>,
        world: Arc<dyn World>,
    ) -> Result<http::Response<ByteStream>> {
        let known = self.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (mut parts, body) = if let Some(known) = known {
            known
        } else {
            let answer = self.simulation.answer_with(request, &Outcome::default(), &*world, target);
            let (parts, body) = play(answer, host, Arc::clone(&world)).await?.into_parts();
            let answer = (parts, read(body, 0, LARGEST).await?);
            self.answer.lock().unwrap_or_else(PoisonError::into_inner).insert(answer).clone()
        };
        if let Some(quota) = quota {
            parts.headers.extend(left(quota, target.endpoint.codec.protocol(), world.unix_time()));
        }
        let body: ByteStream = Box::pin(stream::iter([Ok(body)]));
        Ok(http::Response::from_parts(parts, body))
    }
}

/// What vendors say of a quota beside an answer: those that speak Anthropic's protocol give the moment of its renewal, the
/// others the time until then.
fn left(quota: Quota, protocol: &str, now: Duration) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let Quota { limit, left, renewed } = quota;
    let anthropic = protocol.ends_with("anthropic");
    let names = if anthropic { ANTHROPIC } else { OTHERS };
    let renewed = if anthropic {
        humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + now + renewed).to_string()
    } else {
        humantime::format_duration(renewed).to_string().replace(' ', "")
    };
    let values = [
        HeaderValue::from_str(&limit.to_string()),
        HeaderValue::from_str(&left.to_string()),
        HeaderValue::from_str(&renewed),
    ];
    names.map(HeaderName::from_static).into_iter().zip(values).filter_map(|(name, value)| Some((name, value.ok()?)))
}

impl StandIn for Providers {
    fn has_hosts(&self) -> bool {
        true
    }

    fn fetch<'a>(
        &'a self,
        target: &'a Target,
        asked: &'a Request,
        request: http::Request<Bytes>,
        world: Arc<dyn World>,
    ) -> BoxFuture<'a, Result<http::Response<ByteStream>>> {
        Box::pin(async move {
            let call = asked.labels.get(CALL).and_then(|call| call.parse().ok());
            let host = target.provider();
            let Some((fate, _under_way)) = self.network.ask(&target.label, call, world.now()) else {
                return Err(fault::no_connection(host, "dns"));
            };
            world.sleep(world.now() + fate.after).await;
            let (status, retry_after) = match fate.what {
                What::Answer => return self.vendor(target)?.answer(target, host, &request, fate.quota, world).await,
                What::Hang => pending().await,
                What::Refused => return Err(fault::no_connection(host, "refused")),
                What::Failure(status) => (status, None),
                What::Limited(wait) => (429, Some(wait)),
            };
            let outcome = Outcome { status: Some(status), retry_after, ..Outcome::default() };
            let answer = self.vendor(target)?.simulation.answer_with(&request, &outcome, &*world, target);
            play(answer, host, world).await
        })
    }
}
