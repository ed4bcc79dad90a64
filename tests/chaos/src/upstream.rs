//! A server that fails as often as its address says, and counts what reaches it.
//!
//! `/NAME/SEED/ERRORS/SLOW/MS/v1/chat/completions` answers in OpenAI's format after about `MS` milliseconds; of 10,000 requests,
//! about `ERRORS` get a 503 and exactly `SLOW` take ten times as long. The n-th request of a NAME always fares the same. `/counts`
//! has how many came, by name.
//!
//! `/stall/head/…` never answers, `/stall/body/…` stops within an answer, `/stall/stream/…` within a stream, and `/stall/drip/…`
//! streams a word every 10 ms without end. `/gone` has when the client of each of these hung up, in milliseconds of Unix time, by the
//! model that it asked for.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ANSWER: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello there"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}"#;
const FAILURE: &str = r#"{"error":{"message":"The server is overloaded.","type":"server_error","code":null}}"#;

const CHUNK: &str = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"word \"},\"finish_reason\":null}]}\n\n";

/// What the server has seen.
#[derive(Default)]
struct Seen {
    counts: HashMap<String, u64>,
    gone: HashMap<String, f64>,
}

type Notes = Arc<Mutex<Seen>>;

/// Serves for as long as the listener is there.
pub async fn serve(listener: TcpListener) {
    let notes = Notes::default();
    while let Ok((socket, _)) = listener.accept().await {
        let notes = Arc::clone(&notes);
        tokio::spawn(async move {
            // A client that goes away is no concern of others.
            let _ = connection(socket, &notes).await;
        });
    }
}

async fn connection(mut socket: TcpStream, notes: &Notes) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    while let Some((path, length)) = request(&mut socket, &mut buffer).await? {
        let asked: Vec<u8> = buffer.drain(..length).collect();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let (status, body) = match parts[..] {
            ["stall", place, ..] => {
                stall(&mut socket, place).await;
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                lock(notes).gone.insert(model(&asked), now.as_secs_f64() * 1e3);
                return Ok(());
            }
            [name, seed, errors, slow, ms, ..] => answer(name, [seed, errors, slow, ms], notes).await,
            ["gone"] => (200, serde_json::to_string(&lock(notes).gone).unwrap_or_default()),
            _ => (200, serde_json::to_string(&lock(notes).counts).unwrap_or_default()),
        };
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(head.as_bytes()).await?;
    }
    Ok(())
}

fn lock(notes: &Notes) -> MutexGuard<'_, Seen> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins with an answer, or does not, until the client hangs up.
async fn stall(socket: &mut TcpStream, place: &str) {
    let stream = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let begun = match place {
        "head" => String::new(),
        "body" => format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
            ANSWER.len(),
            ANSWER.split_at(ANSWER.len() / 2).0
        ),
        _ => format!("{stream}{CHUNK}{CHUNK}{CHUNK}"),
    };
    if socket.write_all(begun.as_bytes()).await.is_err() {
        return;
    }
    let (mut read, mut write) = socket.split();
    let drip = async {
        while place == "drip" && write.write_all(CHUNK.as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut rest = [0; 64];
    tokio::select! {
        _ = read.read(&mut rest) => {}
        () = drip => {}
    }
}

/// The model that a request asks for.
fn model(asked: &[u8]) -> String {
    let body = asked.iter().position(|byte| *byte == b'{').map_or(asked, |at| &asked[at..]);
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    body["model"].as_str().unwrap_or_default().to_owned()
}

/// The next request's path, and how many bytes it has in the buffer. `None` at the end.
async fn request(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<(String, usize)>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            let whole = end + 4 + length.unwrap_or(0);
            if buffer.len() >= whole {
                let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
                return Ok(Some((path, whole)));
            }
        }
        if socket.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

async fn answer(name: &str, fare: [&str; 4], notes: &Notes) -> (u16, String) {
    let [seed, errors, slow, ms] = fare.map(|text| text.parse::<u64>().unwrap_or(0));
    let n = {
        let mut seen = lock(notes);
        let count = seen.counts.entry(name.to_owned()).or_default();
        *count += 1;
        *count
    };
    let draw = mix(seed, n);
    let factor = if is_slow(seed, n, slow) { 10 } else { 1 };
    // Half as long to half as long again: real answers do not all take the same time.
    let spread = 0.5 + (draw >> 40) as f64 / (1_u64 << 24) as f64;
    tokio::time::sleep(Duration::from_millis(ms * factor).mul_f64(spread)).await;
    if draw % 10_000 < errors { (503, FAILURE.to_owned()) } else { (200, ANSWER.to_owned()) }
}

/// Whether the n-th of a seed is one of the `slow` ones among its 10,000, which are at random places. Were each slow by its own
/// chance, more of them than may be hedged would be: then p99.9 says how many there were, and nothing of hedging.
fn is_slow(seed: u64, n: u64, slow: u64) -> bool {
    let block = mix(!seed, n / 10_000);
    let (mut places, mut draws) = (HashSet::new(), 0);
    while places.len() < slow.min(10_000) as usize {
        places.insert(mix(block, draws) % 10_000);
        draws += 1;
    }
    places.contains(&(n % 10_000))
}

/// A number for the n-th of a seed, spread evenly (splitmix64).
fn mix(seed: u64, n: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
