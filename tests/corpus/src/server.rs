//! A loopback server with one answer at a time: what was recorded, cut at awkward places.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// What to answer.
#[derive(Clone, Default)]
pub struct Script {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Arc<[u8]>,
    /// The sizes of the pieces; with none, the body goes out whole, with its length.
    pub pieces: Vec<usize>,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub body: Vec<u8>,
}

impl Script {
    /// A refusal, for requests of which only the body matters.
    pub fn refusal() -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = br#"{"error": {"message": "seen"}}"#.as_slice().into();
        Script { status: 400, headers, body, pieces: Vec::new() }
    }
}

#[derive(Default)]
struct Stage {
    script: Script,
    received: Vec<Received>,
}

/// A server on a port of its own. Exchanges take turns on it.
pub struct Server {
    address: SocketAddr,
    stage: Arc<Mutex<Stage>>,
    task: AbortHandle,
}

impl Server {
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let stage = Arc::new(Mutex::new(Stage::default()));
        let task = tokio::spawn(accept(listener, Arc::clone(&stage))).abort_handle();
        Ok(Server { address, stage, task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the answer to what comes next, and forgets what came before.
    pub fn play(&self, script: Script) {
        *lock(&self.stage) = Stage { script, received: Vec::new() };
    }

    /// What came since.
    pub fn received(&self) -> Vec<Received> {
        std::mem::take(&mut lock(&self.stage).received)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(stage: &Mutex<Stage>) -> std::sync::MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, stage: Arc<Mutex<Stage>>) {
    // The connections live in this set, so they end with the server.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, Arc::clone(&stage)));
    }
}

/// Answers the requests of one connection until the client closes it.
async fn converse(mut stream: TcpStream, stage: Arc<Mutex<Stage>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        let received = loop {
            if let Some((received, length)) = parse(&buffer) {
                buffer.drain(..length);
                break received;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let script = {
            let mut stage = lock(&stage);
            stage.received.push(received);
            stage.script.clone()
        };
        for block in answer(&script).chunks(1024) {
            stream.write_all(block).await?;
            stream.flush().await?;
        }
    }
}

/// A whole request at the start of `bytes`, and how long it is.
fn parse(bytes: &[u8]) -> Option<(Received, usize)> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(bytes.get(..head)?);
    let path = text.split(' ').nth(1)?.to_owned();
    let length = text
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    let body = bytes.get(head + 4..head + 4 + length)?.to_vec();
    Some((Received { path, body }, head + 4 + length))
}

/// The bytes of an answer. Every piece is an HTTP chunk, which a client hands on by itself however the network joins them.
fn answer(script: &Script) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {} Recorded\r\n", script.status).into_bytes();
    for (name, value) in &script.headers {
        out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if script.pieces.is_empty() {
        out.extend_from_slice(format!("content-length: {}\r\n\r\n", script.body.len()).as_bytes());
        out.extend_from_slice(&script.body);
        return out;
    }
    out.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
    let mut rest: &[u8] = &script.body;
    for size in &script.pieces {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        out.extend_from_slice(piece);
        out.extend_from_slice(b"\r\n");
        rest = after;
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}
