//! As much of HTTP/1.1 as a server needs that trusts its client.

use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::Ended;

/// A request as it was received.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Request {
    /// Its place among all requests of the upstream, from 0.
    pub number: usize,
    /// The method.
    pub method: String,
    /// The path, with the query.
    pub path: String,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; what is not UTF-8 is replaced.
    pub body: String,
}

impl Request {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether the client wants the connection closed after the answer.
    pub fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// The value of a key of the query.
    pub fn query(&self, key: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(k, _)| *k == key).map(|(_, value)| value)
    }
}

/// Reads requests off a connection, and sees how the client ends it.
pub(crate) struct Inbox<R> {
    reader: R,
    bytes: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Inbox<R> {
    pub fn new(reader: R) -> Self {
        Inbox { reader, bytes: Vec::new() }
    }

    /// The next request, or how the connection ended before one was complete.
    pub async fn request(&mut self) -> Result<Request, Ended> {
        loop {
            if let Some((request, length)) = parse(&self.bytes) {
                self.bytes.drain(..length);
                return Ok(request);
            }
            self.more().await?;
        }
    }

    /// Waits until the client ends the connection. What it sends until then is kept for the next request.
    pub async fn closed(&mut self) -> Ended {
        loop {
            if let Err(ended) = self.more().await {
                return ended;
            }
        }
    }

    async fn more(&mut self) -> Result<(), Ended> {
        match self.reader.read_buf(&mut self.bytes).await {
            Ok(0) => Err(Ended::Fin),
            Ok(_) => Ok(()),
            Err(_) => Err(Ended::Rst),
        }
    }
}

/// A whole request at the start of `bytes`, and how long it is. A body needs a content length.
fn parse(bytes: &[u8]) -> Option<(Request, usize)> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(&bytes[..head]);
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let request = Request { method, path, headers, ..Request::default() };
    let length = request.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let body = bytes.get(head + 4..head + 4 + length)?;
    let body = String::from_utf8_lossy(body).into_owned();
    Some((Request { body, ..request }, head + 4 + length))
}

/// A status line and headers.
pub(crate) fn head(status: u16, headers: &[(String, String)]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} Scripted\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += "\r\n";
    text.into_bytes()
}
