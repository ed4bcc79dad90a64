//! Scripts are played byte for byte, and what clients do is recorded.

use std::time::Duration;

use faultd::{Ended, Faultd, Script, Side};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const GET: &[u8] = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n";
const POST: &[u8] = b"POST /y HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi";

/// Starts a script of the one upstream `a`.
async fn start(upstream: Value) -> Faultd {
    let script: Script = serde_json::from_value(json!({ "upstreams": { "a": upstream } })).unwrap();
    Faultd::start(script).await.unwrap()
}

async fn connect(faultd: &Faultd) -> TcpStream {
    TcpStream::connect(faultd.addresses()["a"]).await.unwrap()
}

/// Sends `request` and reads until what was read ends with `end`.
async fn ask(stream: &mut TcpStream, request: &[u8], end: &str) -> String {
    stream.write_all(request).await.unwrap();
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = stream.read_u8().await.unwrap();
        text.push(byte as char);
    }
    text
}

#[tokio::test]
async fn answers_in_order_and_keeps_the_connection() {
    let faultd =
        start(json!({ "requests": [{ "body": [{ "json": 1 }] }], "then": { "status": 503, "body": ["no"] } })).await;
    let mut client = connect(&faultd).await;
    let first = ask(&mut client, GET, "\r\n\r\n1").await;
    assert_eq!(first, "HTTP/1.1 200 Scripted\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n1");
    assert_eq!(ask(&mut client, POST, "no").await, "HTTP/1.1 503 Scripted\r\ncontent-length: 2\r\n\r\nno");
    drop(client);
    let closed = faultd.wait_closed("a", 0).await;
    assert_eq!((closed.by, closed.how), (Side::Client, Ended::Fin));
    let records = faultd.records();
    let requests = records.upstreams["a"].requests();
    assert_eq!(requests.iter().map(|r| r.request.path.as_str()).collect::<Vec<_>>(), ["/x", "/y"]);
    assert_eq!((requests[1].request.body.as_str(), requests[1].request.header("content-length")), ("hi", Some("2")));
}

#[tokio::test]
async fn cuts_become_chunks_and_repeats_become_long() {
    let faultd = start(json!({ "requests": [
        { "body": [{ "sse": "[DONE]" }], "cuts": [3, 14] },
        { "body": [{ "text": "ab", "times": 40000 }], "framing": "close" },
    ] }))
    .await;
    let mut client = connect(&faultd).await;
    let cut = ask(&mut client, GET, "0\r\n\r\n").await;
    assert!(cut.ends_with("\r\n\r\n3\r\ndat\r\nb\r\na: [DONE]\n\n\r\n0\r\n\r\n"), "{cut}");
    client.write_all(GET).await.unwrap();
    let mut long = Vec::new();
    client.read_to_end(&mut long).await.unwrap();
    assert_eq!(long.iter().filter(|byte| **byte == b'b').count(), 40000);
    drop(client);
    assert_eq!(faultd.wait_closed("a", 0).await.by, Side::Server);
}

#[tokio::test]
async fn resets_and_early_ends_reach_the_client() {
    let faultd = start(json!({
        "connections": [{ "open": "rst" }],
        "requests": [{ "raw": ["HTTP/1.1 2"], "end": "rst" }, { "raw": ["HT", { "wait": 1 }, "TP"], "end": "fin" }],
    }))
    .await;
    let mut bytes = Vec::new();
    assert!(connect(&faultd).await.read_to_end(&mut bytes).await.is_err());
    let mut client = connect(&faultd).await;
    client.write_all(GET).await.unwrap();
    assert!(client.read_to_end(&mut bytes).await.is_err());
    assert_eq!(bytes, b"HTTP/1.1 2");
    let mut client = connect(&faultd).await;
    client.write_all(GET).await.unwrap();
    assert_eq!(client.read_to_end(&mut bytes).await.unwrap(), 4);
    assert_eq!(faultd.wait_closed("a", 0).await.how, Ended::Rst);
    assert_eq!(faultd.wait_closed("a", 1).await.by, Side::Server);
}

#[tokio::test]
async fn silence_lasts_until_the_client_closes() {
    let faultd = start(json!({ "then": { "raw": [], "end": "hang" } })).await;
    let mut client = connect(&faultd).await;
    client.write_all(GET).await.unwrap();
    faultd.wait_requests("a", 1).await;
    client.set_zero_linger().unwrap();
    drop(client);
    let closed = faultd.wait_closed("a", 0).await;
    assert_eq!((closed.by, closed.how), (Side::Client, Ended::Rst));
    assert_eq!(faultd.records().upstreams["a"].connections[0].sent, 0);
}

#[tokio::test]
async fn an_endless_body_stops_when_the_client_does() {
    let faultd = start(json!({ "then": { "body": [{ "text": "x", "times": 1_000_000_000_000_u64 }] } })).await;
    let mut client = connect(&faultd).await;
    ask(&mut client, GET, "xxx").await;
    drop(client);
    assert_eq!(faultd.wait_closed("a", 0).await.by, Side::Client);
}

#[tokio::test]
async fn refusals_and_unscripted_requests_are_seen() {
    let faultd = start(json!({ "refuse": true })).await;
    assert!(TcpStream::connect(faultd.addresses()["a"]).await.is_err());
    let faultd = start(json!({})).await;
    let mut client = connect(&faultd).await;
    client.write_all(GET).await.unwrap();
    assert!(client.read_u8().await.is_err());
    assert!(!faultd.records().upstreams["a"].requests()[0].scripted);
}

#[tokio::test]
async fn a_black_hole_answers_nobody() {
    let faultd = start(json!({ "black_hole": true })).await;
    assert!(tokio::time::timeout(Duration::from_millis(50), connect(&faultd)).await.is_err());
}

#[test]
fn a_wrong_script_is_refused() {
    for wrong in [
        json!({ "port": 1 }),
        json!({ "then": { "statu": 1 } }),
        json!({ "then": { "body": [{ "text": "a", "json": 1 }] } }),
        json!({ "then": { "body": [{ "wait": 1, "times": 2 }] } }),
    ] {
        let script = json!({ "upstreams": { "a": wrong } });
        assert!(serde_json::from_value::<Script>(script.clone()).is_err(), "{script}");
    }
}
