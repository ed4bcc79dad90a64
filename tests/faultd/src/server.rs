//! The ports, and who plays on them.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::play::play;
use crate::record::{Closed, Connection, Log, Received, Records};
use crate::script::{Answer, Upstream};
use crate::{Request, Script};

/// A running script. Dropping it closes every port and connection.
pub struct Faultd {
    addresses: BTreeMap<String, SocketAddr>,
    log: Log,
    tasks: Vec<AbortHandle>,
    /// Ports that are taken and do not listen: a connection to them is refused, and nobody else gets them meanwhile.
    refusing: Vec<TcpSocket>,
    /// Ports whose queue of connections is full: the kernel drops further ones unanswered.
    black_holes: Vec<(TcpListener, TcpStream)>,
}

impl Faultd {
    /// Starts to play `script` on ports of its own.
    pub async fn start(script: Script) -> io::Result<Self> {
        let log = Log::new(script.upstreams.keys().cloned());
        let mut faultd = Faultd {
            addresses: BTreeMap::new(),
            log,
            tasks: Vec::new(),
            refusing: Vec::new(),
            black_holes: Vec::new(),
        };
        let mut sockets = Vec::new();
        for (name, upstream) in script.upstreams {
            let socket = TcpSocket::new_v4()?;
            socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
            faultd.addresses.insert(name.clone(), socket.local_addr()?);
            sockets.push((name, upstream, socket));
        }
        let addresses = faultd.addresses.iter().map(|(name, address)| (name.clone(), address.to_string())).collect();
        for (name, mut upstream, socket) in sockets {
            if upstream.refuse {
                faultd.refusing.push(socket);
                continue;
            }
            if upstream.black_hole {
                // The kernel queues one more connection than asked for; it is held here, so none fits any more.
                let listener = socket.listen(0)?;
                let queued = TcpStream::connect(listener.local_addr()?).await?;
                faultd.black_holes.push((listener, queued));
                continue;
            }
            upstream.place(&addresses);
            let listener = socket.listen(1024)?;
            let stage = Stage::new(name, upstream, faultd.log.clone());
            faultd.tasks.push(tokio::spawn(serve(listener, stage)).abort_handle());
        }
        Ok(faultd)
    }

    /// Where each upstream listens.
    pub fn addresses(&self) -> &BTreeMap<String, SocketAddr> {
        &self.addresses
    }

    /// What was received so far.
    pub fn records(&self) -> Records {
        self.log.snapshot()
    }

    /// Waits until connection `index` of `upstream` has ended.
    pub async fn wait_closed(&self, upstream: &str, index: usize) -> Closed {
        self.waiter().closed(upstream, index).await
    }

    /// Waits until `upstream` has received `count` requests.
    pub async fn wait_requests(&self, upstream: &str, count: usize) {
        self.waiter().requests(upstream, count).await;
    }

    pub(crate) fn waiter(&self) -> Waiter {
        Waiter(self.log.clone())
    }
}

impl Drop for Faultd {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Waits for what clients do; outlives any borrow of the server.
#[derive(Clone)]
pub(crate) struct Waiter(Log);

impl Waiter {
    pub fn records(&self) -> Records {
        self.0.snapshot()
    }

    pub async fn closed(&self, upstream: &str, index: usize) -> Closed {
        self.0.wait(upstream, |record| record.connections.get(index)?.closed).await
    }

    pub async fn requests(&self, upstream: &str, count: usize) {
        self.0.wait(upstream, |record| (record.requests().len() >= count).then_some(())).await;
    }
}

/// The connections live in the set that this future owns, so they end with it.
async fn serve(listener: TcpListener, stage: Stage) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    let index = stage.open();
                    connections.spawn(play(stream, stage.clone(), index));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One upstream's script and records, shared by its connections.
#[derive(Clone)]
pub(crate) struct Stage {
    name: Arc<str>,
    pub script: Arc<Upstream>,
    pub log: Log,
    arrived: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
}

impl Stage {
    fn new(name: String, script: Upstream, log: Log) -> Self {
        let counter = || Arc::new(AtomicUsize::new(0));
        Stage { name: name.into(), script: Arc::new(script), log, arrived: counter(), answered: counter() }
    }

    fn open(&self) -> usize {
        self.log.note(&self.name, |upstream| {
            upstream.connections.push(Connection { opened_ms: self.log.now(), ..Connection::default() });
            upstream.connections.len() - 1
        })
    }

    /// Changes what is recorded of connection `index`.
    pub fn note(&self, index: usize, change: impl FnOnce(&mut Connection)) {
        self.log.note(&self.name, |upstream| upstream.connections.get_mut(index).map(change));
    }

    /// Records `request` and finds its answer: the connection's `own`, the next that all share, or the last resort.
    pub fn answer<'a>(&'a self, index: usize, own: Option<&'a Answer>, mut request: Request) -> Option<&'a Answer> {
        request.number = self.arrived.fetch_add(1, Ordering::Relaxed);
        let shared = || self.script.requests.get(self.answered.fetch_add(1, Ordering::Relaxed));
        let answer = own.or_else(shared).or(self.script.then.as_ref());
        let received = Received { at_ms: self.log.now(), scripted: answer.is_some(), request };
        self.note(index, |connection| connection.requests.push(received));
        answer
    }
}
