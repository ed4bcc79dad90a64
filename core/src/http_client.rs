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
use http::uri::Scheme;
use http_body_util::{BodyDataStream, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_http::decompression::{Decompression, DecompressionBody};
use tower_service::Service;

use crate::proxy::Proxy;
use crate::resolver::Resolver;
use crate::world::{BoxFuture, ByteStream};

/// How long an unused connection is kept.
const POOL_IDLE: Duration = Duration::from_secs(90);
/// The most that the headers of an HTTP/2 answer may have. Over HTTP/1.1 they fit `READ`, and are 100 at most (hyper's).
const HEADER_LIST: u32 = 64 << 10;
/// The most that is read of an HTTP/1.1 answer at once. What a consumer has not taken yet is two of these: 64 KiB.
const READ: usize = 32 << 10;
/// The most that a stream of HTTP/2 sends ahead of its consumer; what its connection sends ahead is many of these, so that
/// consumers that are slow do not hold up the others on it.
const AHEAD: (u32, u32) = (64 << 10, 16 << 20);
/// How long IPv6 has before IPv4 is tried too. Source: RFC 8305, section 5.
const NEXT_FAMILY: Duration = Duration::from_millis(250);
/// How often the system asks a silent peer whether it is still there, and how many times before it gives up.
const KEEPALIVE: (Duration, u32) = (Duration::from_secs(15), 3);

type Body = DecompressionBody<Incoming>;
type BoxError = Box<dyn StdError + Send + Sync>;

/// Connections by host. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: legacy::Client<Connector, Full<Bytes>>,
}

type Tcp = HttpConnector<Resolver>;
type Https = HttpsConnector<Way>;

impl HttpClient {
    /// Connections over plain TCP and over TLS, as the address says, that take `connect` at most to open.
    pub(crate) fn new(tls: rustls::ClientConfig, resolver: Resolver, connect: Duration, proxy: Option<&Proxy>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        tcp.set_happy_eyeballs_timeout(Some(NEXT_FAMILY));
        // Shared out among the addresses of a name, so that a dead one leaves time for the next.
        tcp.set_connect_timeout(Some(connect));
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE.0));
        tcp.set_keepalive_interval(Some(KEEPALIVE.0));
        tcp.set_keepalive_retries(Some(KEEPALIVE.1));
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
        let inner = builder
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(Way { tunnel: proxy.map(|proxy| tunnel(proxy, &tcp)), tcp });
        let client = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .http1_max_buf_size(READ)
            .http2_max_header_list_size(HEADER_LIST)
            .http2_initial_stream_window_size(AHEAD.0)
            .http2_initial_connection_window_size(AHEAD.1)
            .build(Connector { inner, limit: connect });
        HttpClient { client }
    }

    /// Sends a request. The body of the answer comes decompressed.
    pub(crate) async fn send(
        &self,
        request: http::Request<Bytes>,
        broken: fn(&(dyn StdError + 'static)) -> crate::Error,
    ) -> Result<http::Response<ByteStream>, legacy::Error> {
        // Only TLS can agree on HTTP/2, which alone can say that a request was not looked at.
        let again = (request.uri().scheme() == Some(&Scheme::HTTPS)).then(|| request.clone());
        let response = match (self.exchange(request).await, again) {
            (Err(error), Some(again)) if untouched(&error) => self.exchange(again).await?,
            (response, _) => response?,
        };
        Ok(response.map(|body| {
            let pieces = BodyDataStream::new(body);
            Box::pin(pieces.map(move |piece| piece.map_err(|error: BoxError| broken(&*error)))) as ByteStream
        }))
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, legacy::Error> {
        Decompression::new(&self.client).call(request.map(Full::new)).await
    }
}

/// Whether the server says that it has not looked at the request: it refused the stream, or goes away and has seen only
/// earlier ones. Sending it again is no second attempt. Source: RFC 9113, section 8.7.
fn untouched(error: &legacy::Error) -> bool {
    let cause = error.source().and_then(StdError::source).and_then(<dyn StdError>::downcast_ref::<h2::Error>);
    cause.is_some_and(|h2| h2.is_remote() && (h2.is_go_away() || h2.reason() == Some(h2::Reason::REFUSED_STREAM)))
}

/// By a proxy to servers over TLS; to others, who are near, without.
#[derive(Clone)]
struct Way {
    tcp: Tcp,
    tunnel: Option<Tunnel<Tcp>>,
}

fn tunnel(proxy: &Proxy, tcp: &Tcp) -> Tunnel<Tcp> {
    let tunnel = Tunnel::new(proxy.address().clone(), tcp.clone());
    match proxy.credentials() {
        Some(credentials) => tunnel.with_auth(credentials.clone()),
        None => tunnel,
    }
}

impl Service<Uri> for Way {
    type Response = <Tcp as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(BoxError::from)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        match &mut self.tunnel {
            Some(tunnel) if address.scheme() == Some(&Scheme::HTTPS) => {
                let opening = tunnel.call(address);
                Box::pin(async move { Ok(opening.await?) })
            }
            _ => {
                let opening = self.tcp.call(address);
                Box::pin(async move { Ok(opening.await?) })
            }
        }
    }
}

/// Opens connections: name, TCP and TLS together within a limit.
#[derive(Clone)]
struct Connector {
    inner: Https,
    limit: Duration,
}

impl Service<Uri> for Connector {
    type Response = <Https as Service<Uri>>::Response;
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
