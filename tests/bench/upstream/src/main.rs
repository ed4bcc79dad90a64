//! The mock upstream: an OpenAI Chat Completions server that costs as little as it can, on one thread.
//!
//! Prints the port it listens on, then serves until it is ended. What it does is said by the first segment of the path
//! (see [`knobs`]), so that the base URL of any client can say it.

mod answers;
mod knobs;
mod stream;

use std::convert::Infallible;

use answers::Answers;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use knobs::Knobs;
use stream::Stream;

type Body = BoxBody<Bytes, Infallible>;

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        let answers: &'static Answers = Box::leak(Box::new(Answers::new()));
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let service = service_fn(move |request| answer(answers, request));
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service));
        }
    })
}

async fn answer(answers: &'static Answers, request: Request<Incoming>) -> hyper::Result<Response<Body>> {
    let path = request.uri().path();
    if !path.ends_with("/chat/completions") {
        let problem = Bytes::from(format!(r#"{{"error":{{"message":"no route {path}"}}}}"#));
        return Ok(respond(StatusCode::NOT_FOUND, "application/json", Full::new(problem).boxed()));
    }
    let knobs = Knobs::read(path);
    let body = request.into_body().collect().await?.to_bytes();
    // Even a sleep of nothing takes a tick of the clock, a millisecond.
    if !knobs.latency.is_zero() {
        tokio::time::sleep(knobs.latency).await;
    }
    Ok(if asks(&body, "stream\":true") || asks(&body, "stream\": true") {
        let stream = Stream::new(answers, knobs, asks(&body, "include_usage"));
        respond(StatusCode::OK, "text/event-stream; charset=utf-8", stream.boxed())
    } else {
        let text = if knobs.large { &answers.large } else { &answers.small };
        respond(StatusCode::OK, "application/json", Full::new(text.clone()).boxed())
    })
}

/// Whether the request holds these bytes: it is not parsed, which would cost more than all the rest.
fn asks(body: &[u8], what: &str) -> bool {
    memchr::memmem::find(body, what.as_bytes()).is_some()
}

/// The headers are those that the real one sends.
fn respond(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in [
        ("x-request-id", "req_0123456789abcdef0123456789abcdef"),
        ("openai-processing-ms", "1"),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-ratelimit-limit-tokens", "200000"),
        ("x-ratelimit-remaining-tokens", "199000"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
