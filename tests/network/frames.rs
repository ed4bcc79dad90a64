//! HTTP/2 by hand, for servers that do what a library would not. Source: RFC 9113, sections 4 and 6.

use std::collections::HashMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::accept;

pub const REFUSED_STREAM: u32 = 7;
const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
/// The most that a frame of data may have unless the client says otherwise.
const LARGEST: usize = 16 << 10;

/// A server's side of a connection.
pub struct Connection {
    stream: TlsStream<TcpStream>,
    /// What each new stream may send ahead.
    initial: usize,
    /// What a stream may send now, where that is not `initial`; 0 is all of them together.
    windows: HashMap<u32, usize>,
}

impl Connection {
    /// The handshake of TLS, and the beginning of HTTP/2.
    pub async fn accept(acceptor: &TlsAcceptor, stream: TcpStream) -> Option<Self> {
        let mut stream = accept(acceptor, stream).await?;
        stream.read_exact(&mut [0; 24]).await.ok()?;
        let mut connection = Connection { stream, initial: 65_535, windows: HashMap::from([(0, 65_535)]) };
        connection.send(SETTINGS, 0, 0, &[]).await;
        Some(connection)
    }

    /// The stream of the next request. `None` once the client closes.
    pub async fn request(&mut self) -> Option<u32> {
        loop {
            let (kind, stream) = self.frame().await?;
            if kind == HEADERS {
                return Some(stream);
            }
        }
    }

    /// Answers a stream with a status of 200 and a body.
    pub async fn answer(&mut self, stream: u32, body: &[u8]) {
        self.head(stream).await;
        let mut left = body;
        while !left.is_empty() {
            let count = self.push(stream, left).await;
            left = &left[count..];
            if count == 0 && self.frame().await.is_none() {
                return;
            }
        }
        self.end(stream).await;
    }

    /// The head of such an answer.
    pub async fn head(&mut self, stream: u32) {
        // ":status: 200" is the eighth entry of the static table.
        self.send(HEADERS, END_HEADERS, stream, &[0x88]).await;
    }

    /// Sends of `body` what the windows take now, and says how much that is.
    pub async fn push(&mut self, stream: u32, body: &[u8]) -> usize {
        let (own, all) = (*self.windows.entry(stream).or_insert(self.initial), self.windows[&0]);
        let count = own.min(all).min(body.len()).min(LARGEST);
        if count > 0 {
            self.windows.extend([(stream, own - count), (0, all - count)]);
            self.send(DATA, 0, stream, &body[..count]).await;
        }
        count
    }

    /// Ends the body of a stream.
    pub async fn end(&mut self, stream: u32) {
        self.send(DATA, END_STREAM, stream, &[]).await;
    }

    /// Resets a stream.
    pub async fn reset(&mut self, stream: u32, code: u32) {
        self.send(RST_STREAM, 0, stream, &code.to_be_bytes()).await;
    }

    /// Goes away without fault, and says which stream was the last that it looked at.
    pub async fn go_away(&mut self, last: u32) {
        let payload = [last.to_be_bytes(), [0; 4]].concat();
        self.send(GO_AWAY, 0, 0, &payload).await;
    }

    /// The next frame's type and stream. Answers pings and settings, and heeds windows.
    pub async fn frame(&mut self) -> Option<(u8, u32)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await.ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        self.stream.read_exact(&mut payload).await.ok()?;
        let (kind, is_ack) = (head[3], head[4] & ACK != 0);
        let stream = number(&head[5..9]);
        match kind {
            SETTINGS if !is_ack => {
                // INITIAL_WINDOW_SIZE is setting 4.
                let size = payload.chunks(6).find(|setting| setting[..2] == [0, 4]);
                self.initial = size.map_or(self.initial, |setting| number(&setting[2..6]) as usize);
                self.send(SETTINGS, ACK, 0, &[]).await;
            }
            PING if !is_ack => self.send(PING, ACK, 0, &payload).await,
            WINDOW_UPDATE => {
                *self.windows.entry(stream).or_insert(self.initial) += number(&payload) as usize;
            }
            _ => {}
        }
        Some((kind, stream))
    }

    /// A client that is gone is noticed by reading.
    async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        drop(self.stream.write_all(&frame).await);
        drop(self.stream.flush().await);
    }
}

fn number(four: &[u8]) -> u32 {
    u32::from_be_bytes(four.try_into().unwrap())
}
