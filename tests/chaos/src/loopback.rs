//! The real client over loopback, against a server that fails.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::stream::{self, StreamExt};
use serde::de::DeserializeOwned;
use tidegate::{Gateway, Kind, Message, Request};
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
        let counts: HashMap<String, u64> = self.notes("counts").await?;
        Ok(counts.iter().filter(|(name, _)| name.starts_with(beginning)).map(|(_, count)| count).sum())
    }

    /// What the server has seen.
    async fn notes<T: DeserializeOwned + Default>(&self, of: &str) -> std::io::Result<T> {
        let mut socket = TcpStream::connect(self.0).await?;
        socket.write_all(format!("GET /{of} HTTP/1.1\r\n\r\n").as_bytes()).await?;
        socket.shutdown().await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        let body = answer.split_once("\r\n\r\n").map_or("{}", |(_, body)| body);
        Ok(serde_json::from_str(body).unwrap_or_default())
    }

    /// Leaves streams after three words, those that go on and those that stall by turns: how much later the server saw each
    /// connection closed, the shortest first. One that it did not see closed took for ever.
    pub async fn left_streams(&self, calls: u64) -> std::io::Result<Vec<Duration>> {
        let gateway = self.stalling();
        let leave = |n: u64| {
            let (gateway, place) = (&gateway, if n.is_multiple_of(2) { "drip" } else { "stream" });
            async move {
                let question = Request::chat(format!("{place}/call-{n}"), vec![Message::user("hi")]);
                let mut stream = gateway.stream(question).await.unwrap_or_else(|error| panic!("{error}"));
                let mut words = 0;
                while words < 3 {
                    let event = stream.next().await.and_then(Result::ok).unwrap_or_else(|| panic!("call {n} ended"));
                    words += u32::from(event.text().is_some());
                }
                let left = SystemTime::now();
                drop(stream);
                (n, left)
            }
        };
        let left: Vec<_> = stream::iter((0..calls).map(leave)).buffer_unordered(AT_ONCE).collect().await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let gone: HashMap<String, f64> = self.notes("gone").await?;
        let late = |(n, left): &(u64, SystemTime)| {
            let gone = gone.get(&format!("call-{n}")).map(|ms| UNIX_EPOCH + Duration::from_secs_f64(ms / 1e3));
            gone.map_or(Duration::MAX, |gone| gone.duration_since(*left).unwrap_or_default())
        };
        let mut late: Vec<_> = left.iter().map(late).collect();
        late.sort_unstable();
        Ok(late)
    }

    /// Calls that stall everywhere, with a deadline: by how much each missed it, in milliseconds, too early below zero.
    pub async fn deadlines(&self, calls: u64) -> Vec<f64> {
        const DEADLINE: Duration = Duration::from_millis(300);
        let gateway = self.stalling();
        let call = |n: u64| {
            let (gateway, place) = (&gateway, ["head", "body", "stream", "drip"][(n % 4) as usize]);
            async move {
                let mut question = Request::chat(format!("{place}/late-{n}"), vec![Message::user("hi")]);
                question.timeout = Some(DEADLINE);
                let begun = Instant::now();
                let error = match place {
                    "head" | "body" => gateway.chat(question).await.err(),
                    _ => match gateway.stream(question).await {
                        Ok(stream) => stream.collect().await.err(),
                        Err(error) => Some(error),
                    },
                };
                let kind = error.map(|error| error.kind());
                assert_eq!(kind, Some(Kind::Timeout), "{place} {n}");
                (begun.elapsed().as_secs_f64() - DEADLINE.as_secs_f64()) * 1e3
            }
        };
        let mut missed: Vec<_> = stream::iter((0..calls).map(call)).buffer_unordered(AT_ONCE).collect().await;
        missed.sort_unstable_by(f64::total_cmp);
        missed
    }

    /// A gateway to what stalls: a provider for each place at which it does.
    fn stalling(&self) -> Gateway {
        let provider = |place| {
            format!("[providers.{place}]\nprotocol = 'openai-chat'\nbase_url = 'http://{}/stall/{place}/v1'\n", self.0)
        };
        let config: String = ["head", "body", "stream", "drip"].map(provider).concat();
        Gateway::from_toml(&config).unwrap_or_else(|error| panic!("{error}"))
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
