//! The HTTP of the floors: bare hyper connections in a free list. No TLS, no policy.

use std::sync::Mutex;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;

pub type Connection = SendRequest<Full<Bytes>>;

/// Connections to one host.
pub struct Http {
    free: Mutex<Vec<Connection>>,
    host: String,
    path: String,
}

impl Http {
    /// `base` ends in `/v1`.
    pub fn new(base: &str) -> Self {
        let (host, path) = base.trim_start_matches("http://").split_once('/').expect("a base URL with a path");
        Http { free: Mutex::default(), host: host.to_owned(), path: format!("/{path}/chat/completions") }
    }

    async fn connection(&self) -> Result<Connection, String> {
        loop {
            let free = self.free.lock().expect("the free list").pop();
            let Some(mut connection) = free else { break };
            if connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
        let socket = tokio::net::TcpStream::connect(&self.host).await.map_err(|error| error.to_string())?;
        socket.set_nodelay(true).map_err(|error| error.to_string())?;
        let (connection, task) = handshake(TokioIo::new(socket)).await.map_err(|error| error.to_string())?;
        tokio::spawn(task);
        Ok(connection)
    }

    /// Sends; the connection goes back with [`Http::free`] once the body is read.
    pub async fn send(&self, body: Vec<u8>) -> Result<(Connection, Incoming), String> {
        let mut connection = self.connection().await?;
        let request = Request::post(&self.path)
            .header(header::HOST, &self.host)
            .header(header::AUTHORIZATION, "Bearer sk-x")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())?;
        let response = connection.send_request(request).await.map_err(|error| error.to_string())?;
        Ok((connection, response.into_body()))
    }

    /// Takes a connection back.
    pub fn free(&self, connection: Connection) {
        self.free.lock().expect("the free list").push(connection);
    }

    /// Sends, and waits for the whole body.
    pub async fn whole(&self, body: Vec<u8>) -> Result<Bytes, String> {
        let (connection, body) = self.send(body).await?;
        let bytes = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        self.free(connection);
        Ok(bytes)
    }
}
