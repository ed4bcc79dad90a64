//! Servers that are told what to do on each connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The body of a good answer.
pub const HELLO: &str =
    r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}"#;

/// A port, and how many connections came to it.
pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Plays each connection by its number, from 0.
    pub async fn start<F, R>(play: F) -> Self
    where
        F: Fn(usize, TcpStream) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(play(count.fetch_add(1, Ordering::SeqCst), stream));
            }
        });
        Server { address, connections }
    }

    /// Answers every request well.
    pub async fn good() -> Self {
        Server::start(|_, mut stream| async move { while answer(&mut stream).await {} }).await
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Reads a request, and says whether there was one.
pub async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    let (mut heard, mut block) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&heard[..end]).to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            if heard.len() >= end + 4 + length.unwrap_or(0) {
                return true;
            }
        }
        match stream.read(&mut block).await {
            Ok(count) if count > 0 => heard.extend_from_slice(&block[..count]),
            _ => return false,
        }
    }
}

/// Reads a request and answers it well; says whether there was one.
pub async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", HELLO.len());
    hear(stream).await && stream.write_all((head + HELLO).as_bytes()).await.is_ok() && stream.flush().await.is_ok()
}

/// Reads what comes until the client closes.
pub async fn closed(stream: &mut (impl AsyncRead + Unpin)) {
    let mut block = [0; 4096];
    while matches!(stream.read(&mut block).await, Ok(count) if count > 0) {}
}

/// Resets a connection.
pub fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}
