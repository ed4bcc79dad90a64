//! Names and addresses.

use std::future::pending;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tidegate::{Gateway, Kind, Live, Request};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;

use crate::server::Server;
use crate::{ask, gateway};

fn urls(hosts: &[&str]) -> Vec<String> {
    hosts.iter().map(|host| format!("http://{host}")).collect()
}

/// A world in which `here` is one address, and looking up anything else fails like this. It keeps what was looked up.
fn world(here: SocketAddr, otherwise: io::ErrorKind) -> (Live, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let world = Live::new().unwrap().with_resolver(move |name| {
        log.lock().unwrap().push(name.clone());
        async move { if name == "here.example" { Ok(vec![here]) } else { Err(otherwise.into()) } }
    });
    (world, asked)
}

#[tokio::test]
async fn f01_a_name_that_is_unknown_is_left_at_once() {
    let server = Server::good().await;
    // Unknown, and asked of a resolver that is not there: not to be taken for a server that is not there.
    for otherwise in [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused, io::ErrorKind::Other] {
        let (live, asked) = world(server.address, otherwise);
        let reply = gateway(live, &urls(&["gone.example", "here.example"]), json!({})).chat(ask()).await.unwrap();
        assert_eq!((reply.target.as_str(), reply.text().as_ref()), ("b/m", "hello"));
        assert_eq!(reply.attempts[0].kind, Some(Kind::Connection));
        assert_eq!(*asked.lock().unwrap(), ["gone.example", "here.example"]);

        let (live, asked) = world(server.address, otherwise);
        let alone = gateway(live, &urls(&["gone.example"]), json!({"retry": {"max_attempts": 5}}));
        let error = alone.chat(ask()).await.unwrap_err();
        assert_eq!((error.kind(), error.get("reason")), (Kind::Connection, Some("dns")));
        assert_eq!(error.to_string(), "no connection to gone.example: dns");
        assert_eq!(*asked.lock().unwrap(), ["gone.example"]);
    }
}

#[tokio::test]
async fn f02_a_resolver_that_hangs_is_bounded_by_the_connect_timeout_and_holds_up_nobody() {
    let server = Server::good().await;
    let (here, asked) = (server.address, Arc::new(Notify::new()));
    let hanging = Arc::clone(&asked);
    let live = Live::new().unwrap().with_resolver(move |name| {
        let hanging = Arc::clone(&hanging);
        async move {
            if name == "here.example" {
                return Ok(vec![here]);
            }
            hanging.notify_one();
            pending().await
        }
    });
    let route = json!({"timeout": {"connect": "300ms"}, "retry": {"max_attempts": 1}});
    let gateway = gateway(live, &urls(&["hangs.example", "here.example"]), route);
    let hung = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.chat(ask()).await }
    });
    asked.notified().await;
    let mut direct = ask();
    direct.model = "b/m".to_owned();
    assert_eq!(gateway.chat(direct).await.unwrap().text(), "hello");
    let error = hung.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.get("timeout")), (Kind::Timeout, Some("connect")));
}

/// Addresses in requests are the callers' and perhaps their users'. None is ever opened by the gateway, so that none can lead
/// to a metadata server or into a private network, whatever its name resolves to.
#[tokio::test]
async fn f03_addresses_in_requests_are_never_fetched() {
    let canary = Server::good().await;
    let provider = Server::good().await;
    let place = canary.address;
    for protocol in ["openai-chat", "openai-responses", "anthropic", "gemini", "mistral", "cohere", "ollama"] {
        let gateway = Gateway::from_value(json!({"providers": {"a": {
            "protocol": protocol, "base_url": format!("http://{}", provider.address), "api_key": "canary",
        }}}));
        let live = Live::new().unwrap().with_resolver(move |_| async move { Ok(vec![place]) });
        let gateway = gateway.unwrap().with_world(live);
        for url in [format!("http://{place}/latest/meta-data"), format!("http://rebound.example:{}/", place.port())] {
            let request = Request::from_value(json!({"model": "a/m", "messages": [{"role": "user", "content": [
                {"type": "text", "text": "what is this?"},
                {"type": "image_url", "image_url": {"url": url}},
            ]}]}));
            // What becomes of it differs: some protocols have no such images.
            drop(gateway.chat(request.unwrap()).await);
        }
    }
    assert!(provider.connections() > 0);
    assert_eq!(canary.connections(), 0);
}

/// A port whose queue is full: whoever connects waits.
struct BlackHole(SocketAddr, #[expect(dead_code, reason = "held open")] (TcpListener, TcpStream));

impl BlackHole {
    async fn new(address: SocketAddr) -> io::Result<Self> {
        let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
        socket.bind(address)?;
        let listener = socket.listen(0)?;
        let address = listener.local_addr()?;
        Ok(BlackHole(address, (listener, TcpStream::connect(address).await?)))
    }
}

#[tokio::test]
async fn f04_the_second_address_is_tried_where_the_first_is_dead() {
    let server = Server::good().await;
    let (here, old) = (server.address, BlackHole::new(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap());
    // A machine without IPv6 refuses the address at once, and the other one is tried all the same.
    let new = BlackHole::new(SocketAddr::from((Ipv6Addr::LOCALHOST, 0))).await;
    let dead = new.as_ref().map_or(SocketAddr::from((Ipv6Addr::LOCALHOST, 9)), |hole| hole.0);
    // Within a family the time to connect is shared out, half of it to each of two.
    for (dead, connect) in [(dead, "4s"), (old.0, "600ms")] {
        let live = Live::new().unwrap().with_resolver(move |_| async move { Ok(vec![dead, here]) });
        let route = json!({"timeout": {"connect": connect}, "retry": {"max_attempts": 1}});
        let reply = gateway(live, &urls(&["both.example"]), route).chat(ask()).await;
        assert_eq!(reply.unwrap().text(), "hello", "{dead}");
    }
    let dead = old.0;
    let live = Live::new().unwrap().with_resolver(move |_| async move { Ok(vec![dead, dead]) });
    let route = json!({"timeout": {"connect": "200ms"}, "retry": {"max_attempts": 1}});
    let error = gateway(live, &urls(&["none.example"]), route).chat(ask()).await.unwrap_err();
    assert_eq!((error.kind(), error.get("timeout")), (Kind::Timeout, Some("connect")));
}
