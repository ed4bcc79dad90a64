//! What only HTTP/2 can say: that a request was not looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tidegate::{Gateway, Kind};

use crate::certificates::{Authority, State};
use crate::frames::{Connection, REFUSED_STREAM};
use crate::server::{HELLO, Server};
use crate::{ask, tls};

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Answered,
    Refused,
    /// The server goes away, and has seen only earlier ones.
    TooLate,
    /// The server goes away having seen it, and never answers.
    Lost,
}

/// A server that does so with one request after the other, over all its connections.
async fn server(authority: &Authority, fates: &'static [Fate]) -> (Server, Arc<AtomicUsize>) {
    let acceptor = authority.acceptor(State::Good, &["h2"]);
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let server = Server::start(move |_, stream| {
        let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
        async move {
            let mut connection = Connection::accept(&acceptor, stream).await.unwrap();
            while let Some(stream) = connection.request().await {
                match fates[seen.fetch_add(1, Ordering::SeqCst)] {
                    Fate::Answered => connection.answer(stream, HELLO.as_bytes()).await,
                    Fate::Refused => connection.reset(stream, REFUSED_STREAM).await,
                    Fate::TooLate => connection.go_away(stream - 2).await,
                    Fate::Lost => return connection.go_away(stream).await,
                }
            }
        }
    });
    (server.await, count)
}

fn gateway(authority: &Authority, server: &Server, attempts: u32) -> Gateway {
    tls::trusting(authority, &[server], json!({"retry": {"max_attempts": attempts, "base_delay": "1ms"}}))
}

#[tokio::test]
async fn f12_a_request_that_was_not_looked_at_is_sent_again_and_is_no_attempt() {
    let authority = Authority::new();
    let cases: [(&'static [Fate], usize); 2] =
        [(&[Fate::Answered, Fate::Refused, Fate::Answered], 1), (&[Fate::Answered, Fate::TooLate, Fate::Answered], 2)];
    for (fates, connections) in cases {
        let (server, seen) = server(&authority, fates).await;
        let gateway = gateway(&authority, &server, 1);
        for _ in 0..2 {
            let reply = gateway.chat(ask()).await.unwrap();
            assert_eq!((reply.text().as_ref(), reply.attempts.len()), ("hello", 1));
        }
        assert_eq!((seen.load(Ordering::SeqCst), server.connections()), (3, connections));
    }
}

#[tokio::test]
async fn f12_once_and_then_it_is_one() {
    let authority = Authority::new();
    let (server, seen) = server(&authority, &[Fate::Refused, Fate::Refused, Fate::Answered]).await;
    let error = gateway(&authority, &server, 1).chat(ask()).await.unwrap_err();
    assert_eq!((error.kind(), seen.load(Ordering::SeqCst)), (Kind::Connection, 2));
    assert_eq!(gateway(&authority, &server, 1).chat(ask()).await.unwrap().text(), "hello");
}

#[tokio::test]
async fn f12_a_request_that_may_have_been_looked_at_is_an_attempt() {
    let authority = Authority::new();
    let (server, seen) = server(&authority, &[Fate::Answered, Fate::Lost, Fate::Answered]).await;
    let gateway = gateway(&authority, &server, 2);
    assert_eq!(gateway.chat(ask()).await.unwrap().attempts.len(), 1);
    let reply = gateway.chat(ask()).await.unwrap();
    assert_eq!((reply.text().as_ref(), reply.attempts.len()), ("hello", 2));
    assert_eq!((reply.attempts[0].kind, seen.load(Ordering::SeqCst)), (Some(Kind::Connection), 3));
}
