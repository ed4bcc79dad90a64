//! Simulated providers: no key, no network, and their own wire formats.

mod config;

use std::sync::Arc;

use bytes::Bytes;

pub use self::config::{Outcome, SimulateConfig, Span};
use crate::auth::Scheme;
use crate::codec::Provider;
use crate::error::{Error, Kind, Result};
use crate::providers::Dialect;
use crate::target::Target;
use crate::world::{ByteStream, World};

/// The providers that are simulated without any configuration, one for each wire format.
pub(crate) static PROVIDERS: &[Provider] = &[Provider {
    name: "sim",
    protocol: "openai-chat",
    base_url: "http://sim.invalid/v1",
    key_env: &[],
    auth: Scheme::None,
    dialect: Dialect::OPENAI,
    simulated: true,
}];

/// The protocols that can be simulated.
const PROTOCOLS: &[&str] = &["openai-chat"];

/// A simulated provider.
pub struct Simulation {
    #[expect(dead_code, reason = "the model comes with the next commit")]
    config: SimulateConfig,
}

impl Simulation {
    /// A simulation of a provider that speaks `protocol`.
    pub fn new(config: SimulateConfig, protocol: &str) -> Result<Self> {
        if !PROTOCOLS.contains(&protocol) {
            let known = PROTOCOLS.join(", ");
            return Err(Error::new(
                Kind::Config,
                format!("protocol '{protocol}' cannot be simulated: remove simulate, or use one of {known}"),
            ));
        }
        Ok(Simulation { config })
    }

    /// Answers in place of the network.
    pub(crate) async fn fetch(
        &self,
        target: &Target,
        request: http::Request<Bytes>,
        world: Arc<dyn World>,
    ) -> Result<http::Response<ByteStream>> {
        let _ = target;
        world.fetch(request).await
    }
}
