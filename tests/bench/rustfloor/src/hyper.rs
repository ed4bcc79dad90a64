//! The lowest floor: bare hyper connections in a free list, typed serde_json, no TLS, no policy.

#[path = "common.rs"]
mod common;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use common::{body, count, total};
use harness::Client;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use typed::Lines;

type Connection = SendRequest<Full<Bytes>>;

#[derive(Clone)]
struct Hyper {
    free: Arc<Mutex<Vec<Connection>>>,
    host: Arc<str>,
    path: Arc<str>,
}

impl Hyper {
    fn new(base: &str) -> Self {
        let (host, path) = base.trim_start_matches("http://").split_once('/').expect("a base URL with a path");
        Hyper { free: Arc::default(), host: host.into(), path: format!("/{path}/chat/completions").into() }
    }

    async fn connection(&self) -> Connection {
        let free = self.free.lock().expect("the free list").pop();
        if let Some(connection) = free {
            return connection;
        }
        let socket = tokio::net::TcpStream::connect(&*self.host).await.expect("the mock listens");
        socket.set_nodelay(true).expect("no delay");
        let (connection, task) = handshake(TokioIo::new(socket)).await.expect("HTTP");
        tokio::spawn(task);
        connection
    }

    async fn send(&self, stream: bool) -> (Connection, Response<Incoming>) {
        let mut connection = self.connection().await;
        connection.ready().await.expect("an open connection");
        let request = Request::post(&*self.path)
            .header(header::HOST, &*self.host)
            .header(header::AUTHORIZATION, "Bearer sk-x")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body(stream))))
            .expect("a request");
        let response = connection.send_request(request).await.expect("an answer");
        (connection, response)
    }
}

impl Client for Hyper {
    async fn call(&self) -> u64 {
        let (connection, response) = self.send(false).await;
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        self.free.lock().expect("the free list").push(connection);
        total(&body)
    }

    async fn stream(&self) -> u64 {
        let (connection, response) = self.send(true).await;
        let mut body = response.into_body();
        let (mut lines, mut texts) = (Lines::default(), 0);
        while let Some(frame) = body.frame().await {
            texts += count(&mut lines, frame.expect("a body").data_ref().expect("no trailers"));
        }
        self.free.lock().expect("the free list").push(connection);
        texts
    }
}

fn main() {
    harness::run(Hyper::new);
}
