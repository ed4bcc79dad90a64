//! Simulated providers.

use std::sync::Arc;

use bytes::Bytes;

use crate::error::Result;
use crate::target::Target;
use crate::world::{ByteStream, World};

/// How a provider is simulated.
pub struct Simulation {}

impl Simulation {
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
