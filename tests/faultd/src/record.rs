//! What was received, and waiting for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use tokio::sync::watch;

use crate::Request;

/// Everything that was received so far.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Records {
    /// By name, as in the script.
    pub upstreams: BTreeMap<String, Upstream>,
}

/// What one upstream received.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Upstream {
    /// Its connections, in the order in which they arrived.
    pub connections: Vec<Connection>,
}

/// One connection.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Connection {
    /// When it was accepted, in milliseconds since the start.
    pub opened_ms: u64,
    /// Its requests, in order.
    pub requests: Vec<Received>,
    /// Bytes sent to the client.
    pub sent: u64,
    /// How it ended, once it has.
    pub closed: Option<Closed>,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// When it was complete, in milliseconds since the start.
    pub at_ms: u64,
    /// Whether the script had an answer to it.
    pub scripted: bool,
    /// The request.
    #[serde(flatten)]
    pub request: Request,
}

/// The end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// Who ended it.
    pub by: Side,
    /// How.
    pub how: Ended,
    /// When, in milliseconds since the start.
    pub at_ms: u64,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The client.
    Client,
    /// The upstream, as scripted.
    Server,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// In order.
    Fin,
    /// By a reset; a client whose kernel had unread bytes ends this way too.
    Rst,
}

impl Upstream {
    /// The requests of all connections, in the order in which they arrived.
    pub fn requests(&self) -> Vec<&Received> {
        let mut requests: Vec<_> = self.connections.iter().flat_map(|connection| &connection.requests).collect();
        requests.sort_by_key(|received| received.request.number);
        requests
    }
}

/// The records, shared by all connections.
#[derive(Clone)]
pub(crate) struct Log {
    records: Arc<watch::Sender<Records>>,
    start: Instant,
}

impl Log {
    pub fn new(names: impl Iterator<Item = String>) -> Self {
        let upstreams = names.map(|name| (name, Upstream::default())).collect();
        Log { records: Arc::new(watch::Sender::new(Records { upstreams })), start: Instant::now() }
    }

    pub fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    pub fn snapshot(&self) -> Records {
        self.records.borrow().clone()
    }

    /// Changes what is recorded of `upstream`.
    pub fn note<T>(&self, upstream: &str, change: impl FnOnce(&mut Upstream) -> T) -> T {
        let mut result = None;
        self.records.send_modify(|records| {
            result = Some(change(records.upstreams.entry(upstream.to_owned()).or_default()));
        });
        result.expect("send_modify calls its closure once")
    }

    /// Waits until `found` finds something in what is recorded of `upstream`.
    pub async fn wait<T>(&self, upstream: &str, mut found: impl FnMut(&Upstream) -> Option<T>) -> T {
        let mut result = None;
        let mut receiver = self.records.subscribe();
        let until = |records: &Records| {
            result = records.upstreams.get(upstream).and_then(&mut found);
            result.is_some()
        };
        let _ = receiver.wait_for(until).await;
        result.expect("the sender lives as long as this log")
    }
}
