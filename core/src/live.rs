//! The real world: the system's clocks, its randomness, and HTTP over reqwest. The only file that may touch them.
#![allow(clippy::disallowed_methods, reason = "this is the one place where the outside is let in")]

use std::collections::HashMap;
use std::error::Error as StdError;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::StreamExt;

use crate::error::{Error, Kind, Result, Retry};
use crate::fault;
use crate::policies::timeout::timed_out;
use crate::world::{BoxFuture, ByteStream, ConnectTimeout, Tick, World};

/// How long an unused connection is kept.
const POOL_IDLE: Duration = Duration::from_secs(90);
/// The most that the headers of an HTTP/2 answer may have; HTTP/1.1 is bounded by hyper (100 headers).
const HEADER_LIST: u32 = 64 << 10;

/// The system's clocks, its randomness, and HTTP/1.1 and HTTP/2 with TLS 1.2 or later. Needs a running tokio runtime.
pub struct Live {
    start: Instant,
    random: RandomState,
    tls: rustls::ClientConfig,
    /// One pool for each connect timeout in use, which reqwest fixes by client. Made when it is first needed.
    clients: Mutex<HashMap<Duration, reqwest::Client>>,
}

impl Live {
    /// A world with an empty connection pool. Reads the system's certificates; with none (a scratch image), the Mozilla
    /// roots of the build are used.
    pub fn new() -> Result<Self> {
        Ok(Live { start: Instant::now(), random: RandomState::new(), tls: tls()?, clients: Mutex::default() })
    }

    fn client(&self, connect: Duration) -> Result<reqwest::Client> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&connect) {
            return Ok(client.clone());
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            // A redirect would carry the key to another host.
            .redirect(reqwest::redirect::Policy::none())
            // Only Failover tries again.
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(connect)
            .pool_idle_timeout(POOL_IDLE)
            .tcp_nodelay(true)
            .user_agent(concat!("tidegate/", env!("CARGO_PKG_VERSION")))
            .http2_max_header_list_size(HEADER_LIST)
            .http2_adaptive_window(true)
            .build()
            .map_err(|error| Error::new(Kind::Config, format!("the HTTP client cannot be made: {}", chain(&error))))?;
        clients.insert(connect, client.clone());
        Ok(client)
    }
}

fn tls() -> Result<rustls::ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| Error::new(Kind::Config, format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

impl World for Live {
    fn now(&self) -> Tick {
        Tick::new(self.start.elapsed())
    }

    fn unix_time(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn random(&self) -> u64 {
        let mut hasher = self.random.build_hasher();
        hasher.write_u128(self.start.elapsed().as_nanos());
        hasher.finish()
    }

    fn sleep(&self, until: Tick) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until((self.start + until.since_start()).into()))
    }

    fn fetch(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<ByteStream>>> {
        let ConnectTimeout(connect) =
            request.extensions().get().copied().unwrap_or(ConnectTimeout(Duration::from_secs(5)));
        let host = request.uri().authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
        let prepared = self.client(connect).and_then(|client| {
            let request = reqwest::Request::try_from(request).map_err(|_| {
                Error::new(Kind::Config, format!("the address of '{host}' is not a valid URL: correct base_url"))
            })?;
            Ok((client, request))
        });
        Box::pin(async move {
            let (client, request) = prepared?;
            let response = client.execute(request).await.map_err(|error| classify(&error, &host, connect))?;
            let response: http::Response<reqwest::Body> = response.into();
            Ok(response.map(|body| {
                let stream = http_body_util::BodyDataStream::new(body);
                Box::pin(stream.map(|piece| piece.map_err(|error| broken(&error)))) as ByteStream
            }))
        })
    }
}

/// A request that got no answer. Messages name the host and never the address: a query may hold what is private.
fn classify(error: &reqwest::Error, host: &str, connect: Duration) -> Error {
    if error.is_connect() {
        if error.is_timeout() {
            return timed_out("connect", connect, host);
        }
        if let Some(tls) = find::<rustls::Error>(error) {
            return Error::new(Kind::Tls, format!("the TLS handshake with {host} failed: {tls}"))
                .retry(Retry::Elsewhere);
        }
        let reason = match find::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => "refused",
            Some(io::ErrorKind::ConnectionReset) => "reset",
            _ if chain(error).contains("dns error") => "dns",
            _ => "resource",
        };
        return fault::no_connection(host, reason);
    }
    if let Some(http) = find::<hyper::Error>(error) {
        if http.is_parse() {
            return fault::malformed(host, http);
        }
        if http.is_incomplete_message() {
            return fault::closed(host);
        }
    }
    fault::broke(host, chain(error))
}

/// A body that broke off.
fn broken(error: &reqwest::Error) -> Error {
    if error.is_decode() {
        return Error::protocol("malformed_response", format!("the answer's compression is broken: {}", chain(error)));
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        // What hyper calls a chunk whose size is none, or that has no end.
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => fault::broken_chunks(chain(error)),
        _ => fault::incomplete(chain(error)),
    }
}

/// The first cause of type `T`.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        // An io::Error shows what it wraps only through `get_ref`, not through `source`.
        if let Some(found) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref).and_then(|e| find::<T>(e)) {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

/// The innermost cause in words: the outer ones repeat the address.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    let mut text = String::new();
    while let Some(next) = cause.source() {
        cause = next;
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
    }
    text
}
