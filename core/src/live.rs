//! The real world: the system's clocks, its randomness, and HTTP. The only file that may touch them.
#![allow(clippy::disallowed_methods, reason = "this is the one place where the outside is let in")]

use std::collections::HashMap;
use std::error::Error as StdError;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use hyper_util::client::legacy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::time::error::Elapsed;

use crate::error::{Error, Kind, Result, Retry};
use crate::fault;
use crate::http_client::HttpClient;
use crate::policies::timeout::timed_out;
use crate::proxy::Proxy;
use crate::resolver::Resolver;
use crate::world::{BoxFuture, ByteStream, ConnectTimeout, Tick, World};

/// Who asks, unless the configuration's headers say otherwise.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("tidegate/", env!("CARGO_PKG_VERSION")));

/// What systems answer to a process, or all of them together, with too many open files: ENFILE, EMFILE, and Windows' own.
const TOO_MANY_FILES: [i32; 3] = [23, 24, 10024];

/// The system's clocks, its randomness, and HTTP/1.1 and HTTP/2 with TLS 1.2 or later. Needs a running tokio runtime.
pub struct Live {
    start: Instant,
    random: RandomState,
    /// How many random numbers were drawn: each is the hash of the next number, under keys that nobody knows.
    drawn: AtomicU64,
    tls: rustls::ClientConfig,
    resolver: Resolver,
    /// One pool for each connect timeout and proxy in use, which are a connector's. Made when it is first needed.
    clients: Mutex<HashMap<(Duration, Option<Proxy>), HttpClient>>,
}

impl Live {
    /// A world with an empty connection pool. Reads the system's certificates; with none (a scratch image), the Mozilla
    /// roots of the build are used.
    pub fn new() -> Result<Self> {
        Live::trusting(&[])
    }

    /// Such a world that trusts the certificates of a PEM file besides: those of a company's own authority.
    ///
    /// ```
    /// let error = tidegate::Live::with_roots(b"no certificate").err().unwrap();
    /// assert_eq!(error.to_string(), "no certificate among the roots");
    /// ```
    pub fn with_roots(pem: &[u8]) -> Result<Self> {
        let wrong = |what: &dyn fmt::Display| Error::new(Kind::Config, format!("{what} among the roots"));
        let roots: Vec<_> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|error| wrong(&error))?;
        if roots.is_empty() {
            return Err(wrong(&"no certificate"));
        }
        Live::trusting(&roots)
    }

    fn trusting(roots: &[CertificateDer<'_>]) -> Result<Self> {
        Ok(Live {
            start: Instant::now(),
            random: RandomState::new(),
            drawn: AtomicU64::default(),
            tls: tls(roots)?,
            resolver: Resolver::system(),
            clients: Mutex::default(),
        })
    }

    /// The same world with another way from names to addresses, such as DNS over HTTPS. A port of 0 stands for that of the
    /// URL. Its time counts as that of the connection.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// # use tidegate::Live;
    /// let world = Live::new()?.with_resolver(|name| async move {
    ///     if name == "llm.internal" { Ok(vec![SocketAddr::from(([10, 0, 0, 7], 0))]) } else { Err(std::io::Error::other("unknown")) }
    /// });
    /// # Ok::<(), tidegate::Error>(())
    /// ```
    #[must_use]
    pub fn with_resolver<F, R>(mut self, resolve: F) -> Self
    where
        F: Fn(String) -> R + Send + Sync + 'static,
        R: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        self.resolver = Resolver::new(move |name| Box::pin(resolve(name.as_str().to_owned())));
        self.clients = Mutex::default();
        self
    }

    fn client(&self, connect: Duration, proxy: Option<Proxy>) -> HttpClient {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = |(connect, proxy): &(Duration, Option<Proxy>)| {
            HttpClient::new(self.tls.clone(), self.resolver.clone(), *connect, proxy.as_ref())
        };
        clients.entry((connect, proxy)).or_insert_with_key(make).clone()
    }
}

fn tls(more: &[CertificateDer<'_>]) -> Result<rustls::ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for root in more {
        let wrong = |error| Error::new(Kind::Config, format!("a certificate among the roots cannot be used: {error}"));
        roots.add(root.clone().into_owned()).map_err(wrong)?;
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
        hasher.write_u64(self.drawn.fetch_add(1, Ordering::Relaxed));
        hasher.finish()
    }

    fn sleep(&self, until: Tick) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until((self.start + until.since_start()).into()))
    }

    fn fetch(&self, mut request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<ByteStream>>> {
        let ConnectTimeout(connect) = request.extensions().get().copied().unwrap_or_default();
        let host = request.uri().authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
        request.headers_mut().entry(USER_AGENT).or_insert(AGENT);
        let client = self.client(connect, request.extensions().get().cloned());
        Box::pin(async move { client.send(request, broken).await.map_err(|error| classify(&error, &host, connect)) })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) -> bool {
        tokio::runtime::Handle::try_current().map(|runtime| drop(runtime.spawn(task))).is_ok()
    }
}

/// A request that got no answer. Messages name the host and never the address: a query may hold what is private.
fn classify(error: &legacy::Error, host: &str, connect: Duration) -> Error {
    if error.is_connect() {
        if find::<Elapsed>(error).is_some() {
            return timed_out("connect", connect, host);
        }
        if let Some(tls) = find::<rustls::Error>(error) {
            return Error::new(Kind::Tls, format!("the TLS handshake with {host} failed: {tls}"))
                .retry(Retry::Elsewhere);
        }
        // Before their causes, which are a proxy's and a resolver's: their connections may be refused too.
        let causes = causes(error.source());
        if let Some((_, why)) = causes.split_once("tunnel error: ") {
            return fault::no_way(host, why);
        }
        if causes.contains("dns error") {
            return fault::no_connection(host, "dns");
        }
        return fault::no_connection(host, find::<io::Error>(error).map_or("unreachable", unconnected));
    }
    if let Some(http) = find::<hyper::Error>(error) {
        if http.is_parse() {
            return fault::malformed(host, http);
        }
        if http.is_incomplete_message() {
            return fault::closed(host);
        }
    }
    fault::broke(host, causes(error.source()))
}

/// Why there is no connection.
fn unconnected(error: &io::Error) -> &'static str {
    use io::ErrorKind as E;
    match error.kind() {
        E::ConnectionRefused => "refused",
        E::ConnectionReset | E::ConnectionAborted | E::BrokenPipe => "reset",
        E::UnexpectedEof => "closed",
        // What TLS passes on is wrapped.
        E::Other => error.get_ref().and_then(|inner| find::<io::Error>(inner)).map_or("unreachable", unconnected),
        E::AddrNotAvailable | E::OutOfMemory => "resource",
        _ if error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code)) => "resource",
        _ => "unreachable",
    }
}

/// A body that broke off, or whose compression is broken: what is not hyper's came from a decoder.
fn broken(error: &(dyn StdError + 'static)) -> Error {
    let why = causes(Some(error));
    if find::<hyper::Error>(error).is_none() {
        return Error::protocol("malformed_response", format!("the answer's compression is broken: {why}"));
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        // What hyper calls a chunk whose size is none, or that has no end.
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => fault::broken_chunks(why),
        _ => fault::incomplete(why),
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

/// A cause and what caused it, in words.
fn causes(first: Option<&(dyn StdError + 'static)>) -> String {
    let causes: Vec<String> = std::iter::successors(first, |&cause| cause.source()).map(ToString::to_string).collect();
    causes.join(": ")
}
