//! A server that fails as often as its address says, and counts what reaches it.
//!
//! `/NAME/SEED/ERRORS/SLOW/MS/v1/chat/completions` answers in OpenAI's format after about `MS` milliseconds; of 10,000 requests,
//! `ERRORS` get a 503 and `SLOW` take ten times as long. The n-th request of a NAME always fares the same. `/counts` has how many
//! came, by name.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ANSWER: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello there"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}"#;
const FAILURE: &str = r#"{"error":{"message":"The server is overloaded.","type":"server_error","code":null}}"#;

type Counts = Arc<Mutex<HashMap<String, u64>>>;

/// Serves for as long as the listener is there.
pub async fn serve(listener: TcpListener) {
    let counts = Counts::default();
    while let Ok((socket, _)) = listener.accept().await {
        let counts = Arc::clone(&counts);
        tokio::spawn(async move {
            // A client that goes away is no concern of others.
            let _ = connection(socket, &counts).await;
        });
    }
}

async fn connection(mut socket: TcpStream, counts: &Counts) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    while let Some((path, length)) = request(&mut socket, &mut buffer).await? {
        buffer.drain(..length);
        let (status, body) = answer(&path, counts).await;
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(head.as_bytes()).await?;
    }
    Ok(())
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

async fn answer(path: &str, counts: &Counts) -> (u16, String) {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let [name, seed, errors, slow, ms, ..] = parts[..] else {
        let counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        return (200, serde_json::to_string(&*counts).unwrap_or_default());
    };
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    let n = {
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(name.to_owned()).or_default();
        *count += 1;
        *count
    };
    let draw = mix(number(seed), n);
    let factor = if draw / 10_000 % 10_000 < number(slow) { 10 } else { 1 };
    // Half as long to half as long again: real answers do not all take the same time.
    let spread = 0.5 + (draw >> 40) as f64 / (1_u64 << 24) as f64;
    tokio::time::sleep(Duration::from_millis(number(ms) * factor).mul_f64(spread)).await;
    if draw % 10_000 < number(errors) { (503, FAILURE.to_owned()) } else { (200, ANSWER.to_owned()) }
}

/// A number for the n-th of a seed, spread evenly (splitmix64).
fn mix(seed: u64, n: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
