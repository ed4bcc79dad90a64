//! Connections that are kept, and end meanwhile.

use std::sync::Arc;

use serde_json::json;
use tidegate::{Kind, Live};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Notify;

use crate::server::{Server, answer, closed, hear};
use crate::{ask, gateway};

#[tokio::test]
async fn f13_a_kept_connection_that_was_closed_is_not_noticed() {
    let gone = Arc::new(Notify::new());
    let told = Arc::clone(&gone);
    let server = Server::start(move |_, mut stream| {
        let gone = Arc::clone(&told);
        async move {
            answer(&mut stream).await;
            stream.shutdown().await.unwrap();
            // The client has seen it, and closes too.
            closed(&mut stream).await;
            gone.notify_one();
        }
    });
    let server = server.await;
    let url = format!("http://{}", server.address);
    let gateway = gateway(Live::new().unwrap(), &[url], json!({"retry": {"max_attempts": 1}}));
    for _ in 0..3 {
        let reply = gateway.chat(ask()).await.unwrap();
        assert_eq!((reply.text().as_ref(), reply.attempts.len()), ("hello", 1));
        gone.notified().await;
    }
    assert_eq!(server.connections(), 3);
}

/// It closes just as the request comes, which then may have been taken: another attempt, and one that counts.
#[tokio::test]
async fn f13_a_kept_connection_that_is_closed_upon_a_request_is_an_attempt() {
    let server = Server::start(|_, mut stream| async move {
        answer(&mut stream).await;
        hear(&mut stream).await;
    });
    let server = server.await;
    let url = format!("http://{}", server.address);
    let gateway = gateway(Live::new().unwrap(), &[url], json!({"retry": {"max_attempts": 2, "base_delay": "1ms"}}));
    assert_eq!(gateway.chat(ask()).await.unwrap().attempts.len(), 1);
    let reply = gateway.chat(ask()).await.unwrap();
    assert_eq!((reply.text().as_ref(), reply.attempts.len()), ("hello", 2));
    assert_eq!(reply.attempts[0].kind, Some(Kind::Connection));
    assert_eq!(server.connections(), 2);
}
