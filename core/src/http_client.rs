//! The HTTP client below [`Live`](crate::Live): hyper's pooled client, rustls, decompression.
//!
//! Not reqwest, which wraps the same three: it parses each address twice more and copies each header map to follow
//! redirects, and that costs half as much again as a whole request does here (see `tests/bench`). Redirects and retries,
//! which must not happen, are absent instead of switched off.
#![allow(clippy::disallowed_methods, reason = "the limit on connecting is a connector's, below World")]

use std::error::Error as StdError;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::Uri;
use http_body_util::{BodyDataStream, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_http::decompression::Decompression;
use tower_service::Service;

use crate::world::{BoxFuture, ByteStream};

/// How long an unused connection is kept.
const POOL_IDLE: Duration = Duration::from_secs(90);
/// The most that the headers of an HTTP/2 answer may have; HTTP/1.1 is bounded by hyper (100 headers).
const HEADER_LIST: u32 = 64 << 10;
/// How often the system asks a silent peer whether it is still there, and how many times before it gives up.
const KEEPALIVE: (Duration, u32) = (Duration::from_secs(15), 3);

type BoxError = Box<dyn StdError + Send + Sync>;

/// Connections by host. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: legacy::Client<Connector, Full<Bytes>>,
}

impl HttpClient {
    /// Connections over plain TCP and over TLS, as the address says, that take `connect` at most to open.
    pub(crate) fn new(tls: rustls::ClientConfig, connect: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE.0));
        tcp.set_keepalive_interval(Some(KEEPALIVE.0));
        tcp.set_keepalive_retries(Some(KEEPALIVE.1));
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
        let inner = builder.https_or_http().enable_http1().enable_http2().wrap_connector(tcp);
        let client = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .http2_max_header_list_size(HEADER_LIST)
            .http2_adaptive_window(true)
            .build(Connector { inner, limit: connect });
        HttpClient { client }
    }

    /// Sends a request. The body of the answer comes decompressed.
    pub(crate) async fn send(
        &self,
        request: http::Request<Bytes>,
        broken: fn(&(dyn StdError + 'static)) -> crate::Error,
    ) -> Result<http::Response<ByteStream>, legacy::Error> {
        let response = Decompression::new(&self.client).call(request.map(Full::new)).await?;
        Ok(response.map(|body| {
            let pieces = BodyDataStream::new(body);
            Box::pin(pieces.map(move |piece| piece.map_err(|error: BoxError| broken(&*error)))) as ByteStream
        }))
    }
}

/// Opens connections: name, TCP and TLS together within a limit.
#[derive(Clone)]
struct Connector {
    inner: HttpsConnector<HttpConnector>,
    limit: Duration,
}

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let opening = tokio::time::timeout(self.limit, self.inner.call(address));
        Box::pin(async move { opening.await? })
    }
}
