//! Consumers that are slower than their streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt as _;
use serde_json::json;
use tidegate::{Live, ResponseStream};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::certificates::{Authority, State};
use crate::frames::{Connection, HEADERS};
use crate::server::{HELLO, Server, hear};
use crate::{ask, gateway, tls};

/// What a stream may hold that its consumer has not asked for.
const AHEAD: usize = 64 << 10;
/// How often everything else gets its turn before it counts as at rest. Too few would let the test pass, not fail.
const TURNS: usize = 10_000;
/// Streams have this many events, which is 8 MiB and more than all buffers on the way.
const EVENTS: usize = 8 << 10;

/// And these have so many, so that there are several at once.
const SHORT: usize = 1 << 10;
/// The most that a frame of HTTP/2 has.
const FRAME: usize = 16 << 10;

/// An event of a kibibyte.
fn event() -> Vec<u8> {
    let text = json!({"choices": [{"index": 0, "delta": {"content": "x".repeat(900)}}]}).to_string();
    let comment = ":".repeat(1024 - text.len() - "data: \n\n\n".len());
    format!("{comment}\ndata: {text}\n\n").into_bytes()
}

/// A stream's end.
fn last() -> Vec<u8> {
    let text = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    format!("data: {text}\n\ndata: [DONE]\n\n").into_bytes()
}

/// Everything else has its turn, until nothing is left to do.
async fn rest() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// Reads the rest of a stream, and says how much text there was.
async fn text(mut stream: ResponseStream) -> usize {
    let mut length = 0;
    while let Some(event) = stream.next().await {
        length += event.unwrap().text().unwrap_or_default().len();
    }
    length
}

/// Bytes that wait in the buffers of the kernel: those that `from` has sent and `to` has not taken.
#[cfg(target_os = "linux")]
fn in_kernel(from: u16, to: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let port = |address: &str| u16::from_str_radix(address.rsplit(':').next().unwrap(), 16).unwrap_or(0);
    let waiting = table.lines().skip(1).map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let ends = (port(fields[1]), port(fields[2]));
        let (sent, received) = fields[4].split_once(':').unwrap();
        let count = if ends == (from, to) {
            sent
        } else if ends == (to, from) {
            received
        } else {
            "0"
        };
        usize::from_str_radix(count, 16).unwrap()
    });
    waiting.sum()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn f60_a_stream_is_read_no_faster_than_its_consumer_reads() {
    let (sent, ports) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new((0, 0))));
    let (count, ends) = (Arc::clone(&sent), Arc::clone(&ports));
    let server = Server::start(move |_, mut stream: TcpStream| {
        let (count, ends) = (Arc::clone(&count), Arc::clone(&ends));
        async move {
            *ends.lock().unwrap() = (stream.local_addr().unwrap().port(), stream.peer_addr().unwrap().port());
            hear(&mut stream).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            for piece in std::iter::repeat_n(event(), EVENTS).chain([last()]) {
                let mut left = &piece[..];
                while !left.is_empty() {
                    let written = stream.write(left).await.unwrap();
                    count.fetch_add(written, Ordering::SeqCst);
                    left = &left[written..];
                }
            }
        }
    });
    let url = format!("http://{}", server.await.address);
    let gateway = gateway(Live::new().unwrap(), &[url], json!({}));
    let mut stream = gateway.stream(ask()).await.unwrap();
    // Enough for whatever grows with use to grow.
    let mut read = 0;
    while read < 4 << 20 {
        read += stream.next().await.unwrap().unwrap().text().map_or(0, |_| 1024);
    }
    rest().await;
    let (from, to) = *ports.lock().unwrap();
    let ahead = (sent.load(Ordering::SeqCst) - read).saturating_sub(in_kernel(from, to));
    assert!(ahead <= AHEAD, "{ahead} bytes were read that nobody asked for");
    assert!(sent.load(Ordering::SeqCst) < EVENTS << 10, "the stream is too short");
    assert_eq!(text(stream).await, ((EVENTS << 10) - read) / 1024 * 900);
}

/// How many slow streams share a connection: together they are sent far more than one may send ahead.
const SLOW: usize = 8;

/// A server that streams to the first requests of a connection, and answers the others. It counts what it has streamed.
async fn streams(authority: &Authority, sent: &Arc<AtomicUsize>) -> Server {
    let (acceptor, sent) = (authority.acceptor(State::Good, &["h2"]), Arc::clone(sent));
    let body: Arc<[u8]> = std::iter::repeat_n(event(), SHORT).chain([last()]).collect::<Vec<_>>().concat().into();
    Server::start(move |_, stream| {
        let (acceptor, sent, body) = (acceptor.clone(), Arc::clone(&sent), Arc::clone(&body));
        async move {
            let mut connection = Connection::accept(&acceptor, stream).await.unwrap();
            let mut streams: Vec<(u32, usize)> = Vec::new();
            loop {
                let mut pushed = 0;
                for (stream, at) in &mut streams {
                    let count = connection.push(*stream, &body[*at..]).await;
                    *at += count;
                    pushed += count;
                    if count > 0 && *at == body.len() {
                        connection.end(*stream).await;
                    }
                }
                sent.fetch_add(pushed, Ordering::SeqCst);
                if pushed > 0 {
                    continue;
                }
                match connection.frame().await {
                    Some((HEADERS, stream)) if streams.len() < SLOW => {
                        connection.head(stream).await;
                        streams.push((stream, 0));
                    }
                    Some((HEADERS, stream)) => connection.answer(stream, HELLO.as_bytes()).await,
                    Some(_) => {}
                    None => return,
                }
            }
        }
    })
    .await
}

/// Nor are others held up that share its connection.
#[tokio::test]
async fn f60_nor_over_http2_and_it_holds_up_no_other() {
    let (authority, sent) = (Authority::new(), Arc::new(AtomicUsize::new(0)));
    let server = streams(&authority, &sent).await;
    let gateway = tls::trusting(&authority, &[&server], json!({"retry": {"max_attempts": 1}}));
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        slow.push(gateway.stream(ask()).await.unwrap());
    }
    rest().await;
    // What was read of each is its first piece, of which one event was asked for.
    let ahead = sent.load(Ordering::SeqCst) / SLOW;
    assert!(ahead <= AHEAD + FRAME, "{ahead} bytes of each were taken that nobody asked for");
    assert_eq!(gateway.chat(ask()).await.unwrap().text(), "hello");
    for stream in slow {
        assert_eq!(text(stream).await, SHORT * 900);
    }
    assert_eq!(server.connections(), 1);
}
