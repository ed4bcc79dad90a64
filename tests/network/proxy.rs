//! An HTTP proxy on the way out.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tidegate::{Gateway, Kind, Live};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use crate::ask;
use crate::certificates::{Authority, NAME, State};
use crate::server::{Server, closed};
use crate::tls;

/// The user of the proxy, its password, and both as the header has them.
const USER: &str = "team:p%40ss-canary";
const PASSWORD: [&str; 3] = ["p%40ss-canary", "p@ss-canary", "dGVhbTpwQHNzLWNhbmFyeQ=="];

/// What the proxy answers.
#[derive(Clone, Copy)]
enum Way {
    /// It connects, wherever one wants to go, to this address.
    To(SocketAddr),
    Says(&'static str),
}

/// A proxy, and what it was asked.
async fn proxy(way: Way) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let server = Server::start(move |_, mut stream| {
        let log = Arc::clone(&log);
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            log.lock().unwrap().push(String::from_utf8(head).unwrap());
            match way {
                Way::To(address) => {
                    let mut server = TcpStream::connect(address).await.unwrap();
                    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                    drop(copy_bidirectional(&mut stream, &mut server).await);
                }
                Way::Says(answer) => {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    stream.shutdown().await.unwrap();
                    closed(&mut stream).await;
                }
            }
        }
    });
    (server.await, asked)
}

/// A gateway behind a proxy: `a` is over https, `b` over http. No name can be looked up here: that is for the proxy.
fn behind(proxy: SocketAddr, authority: &Authority, near: SocketAddr, targets: &[&str]) -> Gateway {
    let provider = |url: String| json!({"protocol": "openai-chat", "base_url": url, "api_key": "canary"});
    let gateway = Gateway::from_value(json!({
        "network": {"https_proxy": format!("http://{USER}@{proxy}")},
        "providers": {"a": provider(format!("https://{NAME}/v1")), "b": provider(format!("http://{near}/v1"))},
        "routes": {"r": {"targets": targets, "retry": {"max_attempts": 3}}},
    }));
    let live = Live::with_roots(authority.pem.as_bytes()).unwrap();
    gateway.unwrap().with_world(live.with_resolver(|_| async { Err(std::io::ErrorKind::NotFound.into()) }))
}

#[tokio::test]
async fn f14_servers_over_https_are_reached_through_a_proxy() {
    let (authority, near) = (Authority::new(), Server::good().await);
    let far = tls::server(&authority, State::Good, &["http/1.1"]).await;
    let (proxy, asked) = proxy(Way::To(far.address)).await;
    let gateway = behind(proxy.address, &authority, near.address, &["a/m"]);
    for _ in 0..2 {
        assert_eq!(gateway.chat(ask()).await.unwrap().text(), "hello");
    }
    let asked = asked.lock().unwrap().join("");
    let credentials = PASSWORD[2];
    assert_eq!(
        asked,
        format!("CONNECT {NAME}:443 HTTP/1.1\r\nHost: {NAME}:443\r\nProxy-Authorization: Basic {credentials}\r\n\r\n"),
        "once, and the connection is kept",
    );
    let mut direct = ask();
    direct.model = "b/m".to_owned();
    assert_eq!(gateway.chat(direct).await.unwrap().text(), "hello");
    assert_eq!((proxy.connections(), near.connections()), (1, 1));
}

#[tokio::test]
async fn f14_a_proxy_that_lets_nobody_through_is_named_and_its_password_is_not() {
    let (authority, near) = (Authority::new(), Server::good().await);
    let answers = [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n", "authorization required"),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", "unsuccessful"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "unsuccessful"),
        ("SSH-2.0-OpenSSH_9.9\r\n", "unsuccessful"),
        ("", "unexpected end of file"),
    ];
    for (answer, why) in answers {
        let (proxy, _) = proxy(Way::Says(answer)).await;
        check(behind(proxy.address, &authority, near.address, &["a/m"]), why).await;
        assert_eq!(proxy.connections(), 1, "{why}: it is not asked twice");
        let over = behind(proxy.address, &authority, near.address, &["a/m", "b/m"]).chat(ask()).await.unwrap();
        assert_eq!((over.target.as_str(), over.attempts.len()), ("b/m", 2));
    }
    let refused = tokio::net::TcpSocket::new_v4().unwrap();
    refused.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let nobody = refused.local_addr().unwrap();
    check(behind(nobody, &authority, near.address, &["a/m"]), "failed to create underlying connection").await;
}

async fn check(gateway: Gateway, why: &str) {
    let error = gateway.chat(ask()).await.unwrap_err();
    assert_eq!((error.kind(), error.get("reason")), (Kind::Connection, Some("proxy")));
    let shown = format!("{error}{error:#}{error:?}{}", serde_json::to_string(&error).unwrap());
    assert!(shown.contains(&format!("no connection to {NAME}: proxy: ")) && shown.contains(why), "{shown}");
    assert!(PASSWORD.iter().all(|secret| !shown.contains(secret)), "{shown}");
}

/// So are those that give out access tokens.
#[tokio::test]
async fn f14_tokens_are_fetched_through_it_too() {
    let (proxy, asked) = proxy(Way::Says("HTTP/1.1 403 Forbidden\r\n\r\n")).await;
    let gateway = Gateway::from_value(json!({
        "network": {"https_proxy": format!("http://{}", proxy.address)},
        "providers": {"a": {
            "protocol": "azure-openai", "base_url": "https://a.openai.azure.com/openai/v1", "tenant_id": "tenant",
            "client_id": "client", "client_secret": "canary", "authority_host": "https://login.example",
        }},
    }));
    let mut request = ask();
    request.model = "a/m".to_owned();
    let error = gateway.unwrap().with_world(Live::new().unwrap()).chat(request).await.unwrap_err();
    assert!(error.to_string().contains("no connection to login.example: proxy: unsuccessful"), "{error}");
    let asked = asked.lock().unwrap().join("");
    assert!(
        !asked.is_empty() && asked.matches("CONNECT ").count() == asked.matches("CONNECT login.example:443 ").count()
    );
}

#[test]
fn f14_an_address_that_makes_no_sense_is_refused_without_being_shown() {
    let wrong =
        ["https://team:canary@proxy", "socks5://canary", "http://", "http://team:canary@pro xy", "http://proxy/canary"];
    for address in wrong {
        let error = Gateway::from_value(json!({"network": {"https_proxy": address}})).err().unwrap();
        let shown = format!("{error:#}{error:?}");
        assert!(shown.contains("network.https_proxy") && !shown.contains("nary"), "{address}: {shown}");
    }
    let config = tidegate::Config::from_toml("network.https_proxy = 'http://team:canary@proxy:3128'").unwrap();
    assert!(!format!("{config:?}").contains("canary"));
}
