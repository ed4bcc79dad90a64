//! The real client over loopback, against a server that fails.

use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use tidegate::{Gateway, Message, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::upstream;

/// So many calls are under way at once.
const AT_ONCE: usize = 64;

/// What became of a load.
pub struct Outcome {
    /// The share of calls that failed.
    pub failed: f64,
    /// Requests at the server for each call.
    pub attempts: f64,
    /// The times of the calls after the first fifth, the shortest first.
    pub times: Vec<Duration>,
}

impl Outcome {
    /// A quantile of the times.
    pub fn quantile(&self, quantile: f64) -> Duration {
        let place = (self.times.len() as f64 * quantile) as usize;
        self.times.get(place.min(self.times.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// A server, and where it is.
pub struct Server(std::net::SocketAddr);

impl Server {
    /// Starts one on a free port.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(upstream::serve(listener));
        Ok(Server(address))
    }

    /// How many requests came for all names that begin so.
    pub async fn count(&self, beginning: &str) -> std::io::Result<u64> {
        let mut socket = TcpStream::connect(self.0).await?;
        socket.write_all(b"GET /counts HTTP/1.1\r\n\r\n").await?;
        socket.shutdown().await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        let body = answer.split_once("\r\n\r\n").map_or("{}", |(_, body)| body);
        let counts: std::collections::HashMap<String, u64> = serde_json::from_str(body).unwrap_or_default();
        Ok(counts.iter().filter(|(name, _)| name.starts_with(beginning)).map(|(_, count)| count).sum())
    }

    /// Calls a route over two targets that fare so (errors and slow answers of 10,000, milliseconds), with the route's
    /// settings as TOML.
    pub async fn load(&self, name: &str, seed: u64, fare: (u64, u64, u64), route: &str, calls: u64) -> Outcome {
        let (errors, slow, ms) = fare;
        let provider = |target: u64| {
            format!(
                "[providers.p{target}]\nprotocol = 'openai-chat'\nbase_url = 'http://{}/{name}-{target}/{}/{errors}/{slow}/{ms}/v1'\n",
                self.0,
                seed * 10 + target
            )
        };
        let config = format!("{}{}[routes.r]\ntargets = ['p1/m', 'p2/m']\n{route}\n", provider(1), provider(2));
        let gateway = match Gateway::from_toml(&config) {
            Ok(gateway) => gateway,
            Err(error) => panic!("{error}"),
        };
        let call = |n: u64| {
            let request = Request::chat("r", vec![Message::user(format!("question {n}"))]);
            let gateway = &gateway;
            async move {
                let begun = Instant::now();
                let good = gateway.chat(request).await.is_ok();
                (good, begun.elapsed())
            }
        };
        let seen: Vec<(bool, Duration)> = stream::iter((0..calls).map(call)).buffer_unordered(AT_ONCE).collect().await;
        let failed = seen.iter().filter(|(good, _)| !good).count() as f64 / calls as f64;
        // What hedging learns first, it learns from the first of them.
        let mut times: Vec<_> = seen.into_iter().skip(calls as usize / 5).map(|(_, time)| time).collect();
        times.sort_unstable();
        let sent = self.count(name).await.unwrap_or(0);
        Outcome { failed, attempts: sent as f64 / calls as f64, times }
    }
}
