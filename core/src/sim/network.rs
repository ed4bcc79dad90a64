//! The simulated network: scripted hosts, and a record of what they saw.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;

use super::play::play;
use super::script::{Answer, End, Upstream};
use crate::error::{Error, Result};
use crate::fault;
use crate::policies::timeout::timed_out;
use crate::world::{ByteStream, ConnectTimeout, Tick, World};

/// A request as an upstream saw it, and how it ended.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When it came.
    pub at: Tick,
    /// The method.
    pub method: http::Method,
    /// The whole address.
    pub url: http::Uri,
    /// The headers, the key among them.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether the script had an answer to it.
    pub scripted: bool,
    /// The bytes of the answer's body that the client took.
    pub sent: u64,
    /// How it ended, once it has.
    pub closed: Option<Closed>,
}

/// The end of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: Tick,
    /// Whether the client gave it up before the upstream was done.
    pub by_client: bool,
}

type Handler = dyn Fn(&Exchange) -> Answer + Send + Sync;

/// A host, and how far its script has been played.
enum Host {
    Scripted { script: Upstream, connections: usize, shared: usize },
    Handled(Arc<Handler>),
}

/// What comes of a connection.
enum Line {
    Refused,
    BlackHole,
    Unknown,
    /// It stands, and this is what happens to a request.
    Open {
        answer: Option<Answer>,
    },
}

#[derive(Default)]
pub(super) struct Network {
    hosts: Mutex<BTreeMap<String, Host>>,
    exchanges: Mutex<Vec<Exchange>>,
}

/// A panic of a handler leaves the maps whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `host` or `host:port` of an address with or without scheme and path.
fn authority(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_ascii_lowercase()
}

impl Network {
    pub(super) fn script(&self, address: &str, script: Upstream) {
        lock(&self.hosts).insert(authority(address), Host::Scripted { script, connections: 0, shared: 0 });
    }

    pub(super) fn handle(&self, address: &str, handler: Arc<Handler>) {
        lock(&self.hosts).insert(authority(address), Host::Handled(handler));
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.exchanges).clone()
    }

    fn note(&self, index: usize, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = lock(&self.exchanges).get_mut(index) {
            change(exchange);
        }
    }

    /// Connects to the request's host, records the request if the connection stands, and finds the answer.
    fn connect(&self, exchange: Exchange) -> (Line, usize) {
        let url = &exchange.url;
        let name = url.authority().map(|authority| authority.as_str().to_ascii_lowercase()).unwrap_or_default();
        let mut hosts = lock(&self.hosts);
        let host =
            if hosts.contains_key(&name) { hosts.get_mut(&name) } else { hosts.get_mut(url.host().unwrap_or("")) };
        let line = match host {
            None => Line::Unknown,
            Some(Host::Scripted { script: Upstream { refuse: true, .. }, .. }) => Line::Refused,
            Some(Host::Scripted { script: Upstream { black_hole: true, .. }, .. }) => Line::BlackHole,
            Some(Host::Scripted { script, connections, shared }) => {
                Line::Open { answer: next(script, connections, shared) }
            }
            Some(Host::Handled(handler)) => {
                let handler = Arc::clone(handler);
                // A handler may script other hosts.
                drop(hosts);
                Line::Open { answer: Some(handler(&exchange)) }
            }
        };
        let mut exchanges = lock(&self.exchanges);
        let index = exchanges.len();
        if let Line::Open { answer } = &line {
            exchanges.push(Exchange { scripted: answer.is_some(), ..exchange });
        }
        (line, index)
    }
}

/// The answer to the next request, if the script has one.
fn next(script: &Upstream, connections: &mut usize, shared: &mut usize) -> Option<Answer> {
    let own = script.connections.get(*connections);
    *connections += 1;
    match own {
        Some(connection) if connection.open != End::Keep => return Some(Answer::nothing(connection.open)),
        Some(connection) if !connection.requests.is_empty() => return connection.requests.first().cloned(),
        _ => {}
    }
    let answer = script.requests.get(*shared).or(script.then.as_ref());
    *shared += 1;
    answer.cloned()
}

/// Sends a request into the network that `find` gives.
pub(super) async fn fetch(
    network: Arc<Network>,
    world: Arc<dyn World>,
    request: http::Request<Bytes>,
) -> Result<http::Response<ByteStream>> {
    let ConnectTimeout(limit) = request.extensions().get().copied().unwrap_or_default();
    let (head, body) = request.into_parts();
    let host = head.uri.authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
    let exchange = Exchange {
        at: world.now(),
        method: head.method,
        url: head.uri,
        headers: head.headers,
        body,
        scripted: false,
        sent: 0,
        closed: None,
    };
    let (line, index) = network.connect(exchange);
    let answer = match line {
        Line::Unknown => return Err(fault::no_connection(&host, "dns")),
        Line::Refused => return Err(fault::no_connection(&host, "refused")),
        Line::BlackHole => {
            world.sleep(world.now() + limit).await;
            return Err(timed_out("connect", limit, &host));
        }
        Line::Open { answer } => answer.unwrap_or_else(|| Answer::nothing(End::Rst)),
    };
    let mut open = Open { network, world: Arc::clone(&world), index, over: false };
    match play(answer, &host, world).await {
        Ok(response) => Ok(response.map(|body| Box::pin(Watched { body, open }) as ByteStream)),
        Err(error) => {
            open.close(false);
            Err(error)
        }
    }
}

/// An exchange under way. Dropping it is how a client gives up.
struct Open {
    network: Arc<Network>,
    world: Arc<dyn World>,
    index: usize,
    over: bool,
}

impl Open {
    fn close(&mut self, by_client: bool) {
        if !std::mem::replace(&mut self.over, true) {
            let at = self.world.now();
            self.network.note(self.index, |exchange| exchange.closed = Some(Closed { at, by_client }));
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close(true);
    }
}

/// A body that takes note of what the client takes of it.
struct Watched {
    body: ByteStream,
    open: Open,
}

impl Stream for Watched {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let item = this.body.as_mut().poll_next(cx);
        match &item {
            Poll::Ready(Some(Ok(bytes))) => {
                let sent = bytes.len() as u64;
                this.open.network.note(this.open.index, |exchange| exchange.sent += sent);
            }
            Poll::Ready(Some(Err(_)) | None) => this.open.close(false),
            Poll::Pending => {}
        }
        item
    }
}
