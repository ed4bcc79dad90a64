//! The control port, for test suites in other languages.
//!
//! * `GET /records`: what was received so far.
//! * `GET /wait-closed?upstream=a&connection=0`: answers once that connection has ended, and how.
//! * `GET /wait-requests?upstream=a&count=1`: answers once so many requests have arrived.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::http::{Inbox, head};
use crate::server::Waiter;
use crate::{Faultd, Request};

/// Opens a control port for `faultd`; the future serves it.
pub async fn open(faultd: &Faultd) -> io::Result<(SocketAddr, impl Future<Output = ()> + use<>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let waiter = faultd.waiter();
    Ok((address, async move {
        let mut clients = JoinSet::new();
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                clients.spawn(serve(stream, waiter.clone()));
            }
        }
    }))
}

async fn serve(mut stream: TcpStream, waiter: Waiter) {
    let (reader, mut writer) = stream.split();
    let mut inbox = Inbox::new(reader);
    while let Ok(request) = inbox.request().await {
        let (status, body) = answer(&request, &waiter).await.map_or((404, json!({})), |body| (200, body));
        let body = body.to_string();
        let headers = [("content-type", "application/json".to_owned()), ("content-length", body.len().to_string())];
        let mut bytes = head(status, &headers.map(|(name, value)| (name.to_owned(), value)));
        bytes.extend_from_slice(body.as_bytes());
        if writer.write_all(&bytes).await.is_err() || request.wants_close() {
            return;
        }
    }
}

async fn answer(request: &Request, waiter: &Waiter) -> Option<Value> {
    let number = |key| request.query(key)?.parse().ok();
    match request.path.split('?').next()? {
        "/records" => serde_json::to_value(waiter.records()).ok(),
        "/wait-closed" => {
            let closed = waiter.closed(request.query("upstream")?, number("connection")?).await;
            serde_json::to_value(closed).ok()
        }
        "/wait-requests" => {
            waiter.requests(request.query("upstream")?, number("count")?).await;
            Some(json!({}))
        }
        _ => None,
    }
}
