//! Handshakes.

use serde_json::{Value, json};
use tidegate::{Gateway, Kind, Live};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::certificates::{Authority, NAME, State, accept};
use crate::server::{Server, answer, closed, reset};
use crate::{ask, gateway};

/// A server that shows a certificate and answers.
pub async fn server(authority: &Authority, state: State, protocols: &[&str]) -> Server {
    let acceptor = authority.acceptor(state, protocols);
    Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Some(mut stream) = accept(&acceptor, stream).await {
                while answer(&mut stream).await {}
            }
        }
    })
    .await
}

/// A gateway that trusts an authority, with these servers in order. All have one name, and are told apart by their ports.
pub fn trusting(authority: &Authority, servers: &[&Server], route: Value) -> Gateway {
    let urls: Vec<_> = servers.iter().map(|server| format!("https://{NAME}:{}", server.address.port())).collect();
    let live = Live::with_roots(authority.pem.as_bytes()).unwrap();
    let live = live.with_resolver(|_| async { Ok(vec![([127, 0, 0, 1], 0).into()]) });
    gateway(live, &urls, route)
}

/// That would try often, and does not.
fn eager() -> Value {
    json!({"retry": {"max_attempts": 5, "base_delay": "1ms"}})
}

/// That nothing is sent to a server, that it is not asked twice, and that the next one is asked.
async fn is_refused(authority: &Authority, bad: Server, what: &str) {
    let good = server(authority, State::Good, &["http/1.1"]).await;
    let reply = trusting(authority, &[&bad, &good], eager()).chat(ask()).await.unwrap();
    assert_eq!((reply.text().as_ref(), reply.attempts.len()), ("hello", 2), "{what}");
    assert_eq!(reply.attempts[0].kind, Some(Kind::Tls), "{what}");
    let error = trusting(authority, &[&bad], eager()).chat(ask()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempt_records().len()), (Kind::Tls, 1), "{what}: {error}");
    assert_eq!(bad.connections(), 2, "{what}: one for each call");
}

#[tokio::test]
async fn f08_bad_certificates_are_refused() {
    let authority = Authority::new();
    for state in [State::Expired, State::NotYetValid, State::OtherName, State::SelfSigned] {
        let bad = server(&authority, state, &["http/1.1"]).await;
        is_refused(&authority, bad, &format!("{state:?}")).await;
    }
    let unknown = server(&Authority::new(), State::Good, &["http/1.1"]).await;
    is_refused(&authority, unknown, "another authority").await;
}

#[tokio::test]
async fn f09_handshakes_that_make_no_sense_are_refused() {
    // The first version of TLS that may not be spoken: in a hello of the server's, and as an alert, protocol_version.
    let mut hello = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let said: [(&str, Vec<u8>); 4] = [
        ("TLS 1.1", hello),
        ("an alert", vec![0x15, 3, 1, 0, 2, 2, 70]),
        ("no TLS", b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
        ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ];
    let authority = Authority::new();
    for (what, bytes) in said {
        let bad = Server::start(move |_, mut stream| {
            let bytes = bytes.clone();
            async move {
                stream.read_exact(&mut [0; 5]).await.unwrap();
                stream.write_all(&bytes).await.unwrap();
                closed(&mut stream).await;
            }
        });
        is_refused(&authority, bad.await, what).await;
    }
    let other = server(&authority, State::Good, &["imap"]).await;
    is_refused(&authority, other, "a protocol that is none of ours").await;
}

#[tokio::test]
async fn f10_a_handshake_that_is_cut_off_is_tried_again() {
    let authority = Authority::new();
    for (reason, is_reset) in [("reset", true), ("closed", false)] {
        let acceptor = authority.acceptor(State::Good, &[]);
        let server = Server::start(move |number, mut stream| {
            let acceptor = acceptor.clone();
            async move {
                if number % 2 == 1 {
                    answer(&mut accept(&acceptor, stream).await.unwrap()).await;
                } else if is_reset {
                    stream.read_exact(&mut [0; 5]).await.unwrap();
                    reset(stream);
                } else {
                    stream.shutdown().await.unwrap();
                    closed(&mut stream).await;
                }
            }
        });
        let server = server.await;
        let reply = trusting(&authority, &[&server], eager()).chat(ask()).await.unwrap();
        assert_eq!((reply.text().as_ref(), reply.attempts.len()), ("hello", 2));
        let cut = &reply.attempts[0];
        assert_eq!((cut.kind, cut.status, cut.estimated_tokens), (Some(Kind::Connection), None, None));
        let said = cut.message.as_deref().unwrap_or_default();
        assert!(said.ends_with(reason), "{said}");
    }
}
