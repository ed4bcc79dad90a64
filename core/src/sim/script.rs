//! What an upstream does, as data. A simulation plays it on a virtual clock, a socket in real time.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::piece::{Piece, total};

/// What one upstream does.
///
/// The answer to a request is the next one of its connection's own script; else the next of `requests`, which all
/// connections share; else `then`. A request for which nothing is left is reset, and recorded as unscripted. In a
/// simulation every request has a connection of its own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// Nobody listens: a connection is refused.
    pub refuse: bool,
    /// Connections are neither accepted nor refused: whoever connects waits.
    pub black_hole: bool,
    /// Scripts of the first connections, in the order in which they arrive.
    pub connections: Vec<Connection>,
    /// Answers to the first requests, in the order in which they arrive.
    pub requests: Vec<Answer>,
    /// The answer to all later requests.
    pub then: Option<Answer>,
}

/// What happens on one connection.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connection {
    /// What happens before a request is read; `keep` reads it.
    pub open: End,
    /// Answers to the requests of this connection.
    pub requests: Vec<Answer>,
}

/// The answer to one request: by default at once, 200 and empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// The time before the first byte; in JSON, milliseconds.
    #[serde(deserialize_with = "milliseconds")]
    pub delay: Duration,
    /// The status; 200 where it is not said.
    pub status: Option<u16>,
    /// Headers. Those of the framing are added, and a content type that fits the body (`json`, `sse`); an empty
    /// `content-type` means none.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<Piece>,
    /// How the body is delimited. Where it is not said: `chunked` for event streams and for answers that do not end
    /// as they should, else `length`. With a `content-length` among the headers it is that length, true or not.
    pub framing: Option<Framing>,
    /// Offsets into the body (of `raw`: into all of it) at which it is cut: every part arrives on its own.
    pub cuts: Vec<u64>,
    /// What follows the last piece.
    pub end: End,
    /// The bytes to send in place of a status line, headers and a body. A simulation plays only its waits and its end.
    pub raw: Option<Vec<Piece>>,
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

/// How a body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// By a `content-length`.
    Length,
    /// By chunks.
    Chunked,
    /// By the end of the connection.
    Close,
}

/// What follows the last byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The message is finished, and the connection waits for another request.
    #[default]
    Keep,
    /// The message is finished, and the connection is closed.
    Close,
    /// The connection is closed where the message stands.
    Fin,
    /// The connection is reset where the message stands.
    Rst,
    /// Nothing, until the client closes.
    Hang,
}

impl End {
    /// Whether the message is finished.
    pub fn is_complete(self) -> bool {
        matches!(self, End::Keep | End::Close)
    }
}

/// One step of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Beat {
    /// Bytes that arrive on their own.
    Bytes(Bytes),
    /// A pause.
    Wait(Duration),
}

impl Upstream {
    /// Nobody listens: every connection is refused.
    pub fn refused() -> Self {
        Upstream { refuse: true, ..Upstream::default() }
    }

    /// Puts the addresses of upstreams into the headers of all answers: `{b}` becomes the address of upstream `b`.
    pub fn place(&mut self, addresses: &BTreeMap<String, String>) {
        let own = self.connections.iter_mut().flat_map(|connection| &mut connection.requests);
        for answer in own.chain(&mut self.requests).chain(&mut self.then) {
            for value in answer.headers.values_mut() {
                for (name, address) in addresses {
                    *value = value.replace(&format!("{{{name}}}"), address);
                }
            }
        }
    }
}

impl From<Answer> for Upstream {
    /// The same answer to every request.
    fn from(then: Answer) -> Self {
        Upstream { then: Some(then), ..Upstream::default() }
    }
}

impl From<Vec<Answer>> for Upstream {
    /// One answer after the other; a request too many is reset.
    fn from(requests: Vec<Answer>) -> Self {
        Upstream { requests, ..Upstream::default() }
    }
}

impl Answer {
    /// A JSON document.
    pub fn json(status: u16, body: &Value) -> Self {
        Answer { status: Some(status), body: vec![Piece::json(body)], ..Answer::default() }
    }

    /// A stream of server-sent events, each with this data.
    pub fn sse<T: AsRef<str>>(events: impl IntoIterator<Item = T>) -> Self {
        let body = events.into_iter().map(|data| Piece::sse(data.as_ref())).collect();
        Answer { body, ..Answer::default() }
    }

    /// No answer: the connection ends like this, before any byte.
    pub fn nothing(end: End) -> Self {
        Answer { raw: Some(Vec::new()), end, ..Answer::default() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Sets the time before the first byte.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets a pause between every two pieces of the body.
    #[must_use]
    pub fn paced(mut self, pause: Duration) -> Self {
        let mut pieces = self.body.into_iter();
        let mut body: Vec<_> = pieces.next().into_iter().collect();
        body.extend(pieces.flat_map(|piece| [Piece::Wait(pause), piece]));
        self.body = body;
        self
    }

    /// Sets what follows the last byte.
    #[must_use]
    pub fn then(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// The content type that `headers` names or the body suggests.
    fn content_type(&self) -> Option<&str> {
        match self.headers.get("content-type") {
            Some(none) if none.is_empty() => None,
            Some(named) => Some(named),
            None => self.body.iter().find_map(Piece::kind),
        }
    }

    /// How the body is delimited.
    pub fn framing(&self) -> Framing {
        self.framing.unwrap_or_else(|| {
            let streams = self.content_type().is_some_and(|kind| kind.starts_with("text/event-stream"));
            if self.headers.contains_key("content-length") {
                Framing::Length
            } else if streams || !self.end.is_complete() {
                Framing::Chunked
            } else {
                Framing::Length
            }
        })
    }

    /// The status and the headers as they are sent, but for the connection's own.
    pub fn head(&self) -> (u16, Vec<(String, String)>) {
        let mut headers: Vec<_> = self.headers.clone().into_iter().filter(|(name, _)| name != "content-type").collect();
        headers.extend(self.content_type().map(|kind| ("content-type".to_owned(), kind.to_owned())));
        (self.status.unwrap_or(200), headers)
    }

    /// What follows the last byte: a body that ends with its connection ends it.
    pub fn ending(&self) -> End {
        match self.end {
            End::Keep if self.raw.is_none() && self.framing() == Framing::Close => End::Close,
            end => end,
        }
    }

    /// Whether the client can know that the body is complete when the connection ends after it.
    pub fn is_whole(&self) -> bool {
        self.end.is_complete() || (self.end == End::Fin && self.framing() == Framing::Close)
    }

    /// The length that the body claims to have, for an answer framed by length.
    pub fn length(&self) -> u64 {
        total(&self.body)
    }

    /// The steps of the body, or of `raw`. They are made as they are asked for: a body may be endless.
    pub fn beats(self) -> Box<dyn Iterator<Item = Beat> + Send> {
        let Answer { body, raw, mut cuts, .. } = self;
        cuts.sort_unstable();
        let mut offset = 0;
        let beats = raw.unwrap_or(body).into_iter().flat_map(Piece::beats);
        Box::new(beats.flat_map(move |beat| match beat {
            Beat::Bytes(block) => {
                let start = offset;
                offset += block.len() as u64;
                cut(block, start, &cuts)
            }
            wait @ Beat::Wait(_) => vec![wait],
        }))
    }
}

/// Cuts a block that starts at the offset `start`. The cuts are in order.
fn cut(mut block: Bytes, start: u64, cuts: &[u64]) -> Vec<Beat> {
    let inside = start + 1..start + block.len() as u64;
    let mut at = start;
    let mut parts = Vec::new();
    for cut in cuts.iter().filter(|cut| inside.contains(cut)) {
        let length = usize::try_from(cut - at).unwrap_or(usize::MAX);
        parts.push(Beat::Bytes(block.split_to(length.min(block.len()))));
        at = *cut;
    }
    parts.push(Beat::Bytes(block));
    parts
}
