//! One attempt on the wire: encode, sign, fetch, frame, decode, commit.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::header::HeaderName;
use http::response::Parts;

use crate::capabilities::fit;
use crate::codec::{Decoder, Framing};
use crate::error::{Error, Kind, Result, Retry};
use crate::estimate::estimating;
use crate::model::{Event, Request};
use crate::policies::windows::Windows;
use crate::policy::{Attempt, Head, Reply, Serve};
use crate::proxy::Proxied;
use crate::reading::{self, Reading};
use crate::retry_after;
use crate::target::Target;
use crate::world::{BoxFuture, ByteStream, ConnectTimeout, World};

/// The most that is read of an error's body: enough for its message, too little to do harm.
const ERROR_BODY: usize = 64 << 10;
/// The most room that is made for a body because its header says so.
const PROMISED: usize = 1 << 20;
/// How long to wait, after the terminal marker, for the end of the body that gives the connection back to the pool.
const DRAIN: Duration = Duration::from_millis(100);
/// How long to wait for what may still follow an answer that is complete without it: a last piece, the usage.
const GRACE: Duration = Duration::from_secs(2);

/// Says how often a request was tried before. A request that came with it says so in its `retry_attempt`.
const RETRY_ATTEMPT: HeaderName = HeaderName::from_static("x-retry-attempt");

/// The centre of the onion.
pub(crate) struct Wire;

impl Serve<Attempt> for Wire {
    fn serve(&self, attempt: Attempt) -> BoxFuture<'_, Result<Reply>> {
        Box::pin(async move {
            let target = Arc::clone(&attempt.target);
            let request = Arc::clone(&attempt.call.request);
            exchange(attempt).await.map_err(|error| {
                let error = discreet(error, &request, &target);
                match error.provider_name() {
                    Some(_) => error,
                    None => error.provider(target.provider()),
                }
            })
        })
    }
}

/// An error without our keys and the caller's words, which some providers repeat in theirs.
fn discreet(error: Error, request: &Request, target: &Target) -> Error {
    target.endpoint.credentials.scrub(error).rewrite(|words| request.hide(words))
}

async fn exchange(attempt: Attempt) -> Result<Reply> {
    let Attempt { call, target, key, retries, sent, .. } = attempt;
    let codec = target.endpoint.codec;
    let fit = fit(call.request, &target, call.route.on_unsupported)?;
    let request = Arc::clone(&fit.request);

    let mut http = codec.encode(&request, &target)?;
    http.headers_mut().extend(target.endpoint.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    if retries > 0 {
        // Whoever tries again below us can know that this is a retry already.
        http.headers_mut().insert(RETRY_ATTEMPT, retries.into());
    }
    let proxied = target.endpoint.proxy.clone().map(|proxy| Proxied { world: Arc::clone(&call.world), proxy });
    let world: &dyn World = proxied.as_ref().map_or(&*call.world, |proxied| proxied);
    target.endpoint.credentials.sign(target.provider(), key, &mut http, world).await?;
    let connect = ConnectTimeout(call.route.timeout.connect);
    if connect != ConnectTimeout::default() {
        http.extensions_mut().insert(connect);
    }
    // A part of an attempt may be sent after another one.
    let _ = sent.set(call.world.now());
    let response = match &target.endpoint.simulation {
        Some(simulation) => simulation.fetch(&target, &request, http, Arc::clone(&call.world)).await?,
        None => world.fetch(http).await?,
    };

    let (parts, body) = response.into_parts();
    let request_id = request_id(&parts);
    let windows = Windows::read(&parts.headers, &*call.world);
    if parts.status != http::StatusCode::OK {
        let error = Box::pin(refused(&parts, body, &target, &*call.world)).await;
        return Err(error.status(parts.status.as_u16()).request_id(request_id));
    }
    let decoder = estimating(fit.decoder(codec.decoder(&request, &target)), &request);
    let limits = call.route.limits;
    let events = async {
        let (framing, body) = found(codec.framing(&request, &parts), &parts, body).await?;
        if framing == Framing::Whole {
            return whole(decoder, body, content_length(&parts), limits.body).await;
        }
        let reading = Reading::new(decoder, framing, limits.event);
        let source = Source { request: Arc::clone(&request), target: Arc::clone(&target) };
        // Boxed, as what is refused is: an attempt is allocated with room for its largest part, and most are plain answers.
        Box::pin(EventStream::new(reading, body, source, Arc::clone(&call.world)).commit()).await
    };
    let events = events.await.map_err(|error| {
        let error = hint(error, &parts, &*call.world);
        let error = if error.http_status().is_some() { error } else { error.status(parts.status.as_u16()) };
        error.request_id(request_id.clone())
    })?;
    let head = Head {
        target: Some(target),
        status: parts.status.as_u16(),
        request_id,
        first_content: call.world.now(),
        limits: windows,
        dropped: fit.dropped,
        successor: None,
    };
    Ok(Reply { head, events })
}

/// How the body is cut: as the codec says, unless it turns out to be something else. Some servers ignore `stream`, some
/// send a line a value or give a stream a wrong type, and a captive portal answers what it likes. Read as events, a
/// document would only be an empty stream.
async fn found(wanted: Framing, parts: &Parts, mut body: ByteStream) -> Result<(Framing, ByteStream)> {
    let kind = parts.headers.get(http::header::CONTENT_TYPE).map_or(&b""[..], http::HeaderValue::as_bytes);
    let is = |types: &[&[u8]]| types.iter().any(|name| kind.starts_with(name));
    if wanted == Framing::Whole {
        return Ok((wanted, body));
    }
    if is(&[b"application/x-ndjson", b"application/jsonl", b"application/x-jsonlines"]) {
        return Ok((Framing::Ndjson, body));
    }
    if !is(&[b"application/json", b"text/html"]) {
        return Ok((wanted, body));
    }
    // The type says document: its first character knows better. Space before it means nothing in any of the framings.
    while let Some(piece) = body.next().await.transpose()? {
        let framing = match piece.trim_ascii_start().first() {
            None => continue,
            Some(b'[') if wanted == Framing::JsonArray => Framing::JsonArray,
            // A document of one line is a stream of one.
            Some(b'{') if wanted == Framing::Ndjson => Framing::Ndjson,
            Some(b'{' | b'[' | b'<') => Framing::Whole,
            Some(_) if wanted == Framing::AwsEvents => wanted,
            Some(_) => Framing::Sse,
        };
        return Ok((framing, Box::pin(stream::iter([Ok(piece)]).chain(body))));
    }
    Ok((Framing::Whole, body))
}

/// The error of an answer that is not 200.
async fn refused(parts: &Parts, body: ByteStream, target: &Target, world: &dyn World) -> Error {
    let status = parts.status;
    if status.is_redirection() {
        return Error::protocol(
            "unexpected_redirect",
            format!("{} answered with a redirect ({status}), which is never followed: correct base_url", target.label),
        )
        .retry(Retry::Elsewhere);
    }
    if status.is_success() || status.is_informational() {
        return Error::protocol("unexpected_status", format!("{} answered {status}, expected 200", target.label))
            .retry(Retry::Elsewhere);
    }
    // A body that cannot be read still leaves the status, which says the most.
    let body = read(body, 0, ERROR_BODY).await.unwrap_or_default();
    let error = target.endpoint.codec.error(parts, &body, target);
    hint(error, parts, world)
}

/// Adds what the headers say of waiting to an error that may be tried again.
fn hint(error: Error, parts: &Parts, world: &dyn World) -> Error {
    let Retry::After(known) = error.scope() else { return error };
    let (headers, now) = (&parts.headers, world.unix_time());
    let wait = match error.kind() {
        Kind::RateLimited => retry_after::asked(headers, now).or_else(|| retry_after::window(headers, now)),
        Kind::Overloaded | Kind::Server => retry_after::asked(headers, now),
        _ => None,
    };
    match wait {
        Some(wait) => error.retry(Retry::After(wait.max(known))),
        None => error,
    }
}

/// The most that is kept of it; a header's text is ASCII.
const LONGEST_ID: usize = 128;

/// The names that providers have for it. Made once: a name is parsed and hashed otherwise, for each answer.
static REQUEST_IDS: [HeaderName; 8] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("x-goog-request-id"),
    HeaderName::from_static("apim-request-id"),
    HeaderName::from_static("x-amzn-requestid"),
    HeaderName::from_static("mistral-correlation-id"),
    HeaderName::from_static("x-debug-trace-id"),
    HeaderName::from_static("cf-ray"),
];

/// The provider's id of the request, under any of the names in use.
fn request_id(parts: &Parts) -> Option<String> {
    REQUEST_IDS
        .iter()
        .find_map(|name| parts.headers.get(name)?.to_str().ok())
        .map(|id| id.get(..LONGEST_ID).unwrap_or(id).to_owned())
}

/// Reads a body up to `limit` bytes. `length` is what its header says of it, if anything.
pub(crate) async fn read(mut body: ByteStream, length: usize, limit: usize) -> Result<Bytes> {
    let Some(first) = body.next().await.transpose()? else { return Ok(Bytes::new()) };
    check(first.len(), limit)?;
    let Some(second) = body.next().await.transpose()? else { return Ok(first) };
    // A header is only a promise: it makes little room before it is kept, and saves copies where it is.
    let mut all = Vec::with_capacity(length.min(PROMISED).max(2 * first.len()));
    all.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        check(all.len() + piece.len(), limit)?;
        all.extend_from_slice(&piece);
        next = body.next().await.transpose()?;
    }
    Ok(all.into())
}

/// The length that a body's header says.
fn content_length(parts: &Parts) -> usize {
    let text = parts.headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn check(size: usize, limit: usize) -> Result<()> {
    if size <= limit {
        return Ok(());
    }
    Err(Error::protocol("body_too_large", format!("the answer is larger than {limit} bytes (limits.body)"))
        .retry(Retry::Elsewhere))
}

/// Decodes an answer that comes as one document.
async fn whole(
    decoder: Box<dyn Decoder>,
    body: ByteStream,
    length: usize,
    limit: usize,
) -> Result<crate::world::BoxStream<'static, Result<Event>>> {
    let body = read(body, length, limit).await?;
    let mut events = Vec::with_capacity(4);
    reading::whole(decoder, &body, &mut events)?;
    Ok(Box::pin(stream::iter(events.into_iter().map(Ok))))
}

/// Whose answer it is.
struct Source {
    request: Arc<Request>,
    target: Arc<Target>,
}

/// The events of a streamed answer.
struct EventStream {
    /// `None` once it has ended.
    body: Option<ByteStream>,
    reading: Reading,
    ready: VecDeque<Event>,
    scratch: Vec<Event>,
    /// Reported once what came before it is handed out.
    failed: Option<Error>,
    source: Source,
    world: Arc<dyn World>,
    /// Bounds the wait for the end of the body after the terminal marker.
    drain: Option<BoxFuture<'static, ()>>,
}

impl EventStream {
    fn new(reading: Reading, body: ByteStream, source: Source, world: Arc<dyn World>) -> Self {
        EventStream {
            body: Some(body),
            reading,
            ready: VecDeque::new(),
            scratch: Vec::new(),
            failed: None,
            source,
            world,
            drain: None,
        }
    }

    /// Waits for the first content. Until then an error is the attempt's, and may be tried again elsewhere; after it, it
    /// is the stream's.
    async fn commit(mut self) -> Result<crate::world::BoxStream<'static, Result<Event>>> {
        let mut early = VecDeque::new();
        while let Some(event) = self.next().await {
            let event = event?;
            let content = event.is_content();
            early.push_back(event);
            if content {
                break;
            }
        }
        early.append(&mut self.ready);
        self.ready = early;
        Ok(Box::pin(self))
    }

    /// Decodes the next bytes into `ready`.
    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        let outcome = self.reading.feed(bytes, &mut self.scratch);
        self.ready.extend(self.scratch.drain(..));
        outcome
    }

    /// The body has ended.
    fn end(&mut self) -> Result<()> {
        self.body = None;
        let outcome = self.reading.finish(&mut self.scratch);
        self.ready.extend(self.scratch.drain(..));
        outcome
    }
}

impl Stream for EventStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if let Some(error) = this.failed.take() {
                this.body = None;
                return Poll::Ready(Some(Err(discreet(error, &this.source.request, &this.source.target))));
            }
            let Some(body) = &mut this.body else { return Poll::Ready(None) };
            match body.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(bytes))) => {
                    this.drain = None;
                    this.failed = this.take(&bytes).err();
                }
                Poll::Ready(None) => this.failed = this.end().err(),
                // After the terminal marker a broken end of the body changes nothing.
                Poll::Ready(Some(Err(_))) if this.reading.may_end() => this.failed = this.end().err(),
                Poll::Ready(Some(Err(error))) => {
                    this.body = None;
                    this.failed = Some(incomplete(error));
                }
                Poll::Pending if this.reading.may_end() => {
                    let world = &this.world;
                    let wait = if this.reading.is_done() { DRAIN } else { GRACE };
                    let drain = this.drain.get_or_insert_with(|| world.sleep(world.now() + wait));
                    if drain.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    this.failed = this.end().err();
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// A body that breaks off is an incomplete stream, whatever broke it.
fn incomplete(error: Error) -> Error {
    if error.kind() != Kind::Protocol && error.kind() != Kind::Connection {
        return error;
    }
    let reason = error.get("reason").unwrap_or("incomplete_body").to_owned();
    Error::new(Kind::StreamIncomplete, error.to_string()).context("reason", reason).retry(Retry::After(Duration::ZERO))
}
