//! How names become addresses: as the system does it, or as the caller says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{io, vec};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::world::BoxFuture;

type Resolve = dyn Fn(Name) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync;

/// Looks up names. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Resolver(Arc<Resolve>);

impl Resolver {
    pub(crate) fn new(
        resolve: impl Fn(Name) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync + 'static,
    ) -> Self {
        Resolver(Arc::new(resolve))
    }

    /// The system's, which blocks: it is asked on a thread of its own, and who waits for it can give up.
    pub(crate) fn system() -> Self {
        Resolver::new(|name| Box::pin(async move { Ok(GaiResolver::new().call(name).await?.collect()) }))
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let addresses = (self.0)(name);
        Box::pin(async move { Ok(addresses.await?.into_iter()) })
    }
}
