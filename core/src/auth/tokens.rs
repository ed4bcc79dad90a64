//! Access tokens, as the clouds give them out: a form or an address is asked, and JSON with a token comes back.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Secret, form};
use crate::error::{Error, Kind, Origin, Result, Retry};
use crate::providers::quote::quote;
use crate::wire::read;
use crate::world::World;

/// The most that an answer has.
const ANSWER: usize = 64 << 10;
/// How much of an answer's words an error shows.
const WORDS: usize = 200;

/// What a token endpoint answers to a form.
pub(super) async fn post<T: DeserializeOwned>(world: &dyn World, url: &str, fields: &[(&str, &str)]) -> Result<T> {
    answer(&ask(world, written(url, fields)?).await?)
}

/// What a token endpoint answers to the form of a client that says who it is.
pub(super) async fn post_as<T: DeserializeOwned>(
    world: &dyn World,
    url: &str,
    client: &Secret,
    fields: &[(&str, &str)],
) -> Result<T> {
    let mut request = written(url, fields)?;
    request.headers_mut().insert(AUTHORIZATION, client.0.clone());
    answer(&ask(world, request).await?)
}

fn written(url: &str, fields: &[(&str, &str)]) -> Result<Request<Bytes>> {
    let request = Request::builder().method(Method::POST).uri(url);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Bytes::from(form(fields)));
    request.map_err(|_| not_an_address())
}

/// The body of an answer with status 200.
pub(super) async fn ask(world: &dyn World, request: Request<Bytes>) -> Result<Bytes> {
    let host = request.uri().host().unwrap_or_default().to_owned();
    let (parts, body) = world.fetch(request).await?.into_parts();
    let body = read(body, 0, ANSWER).await?;
    if parts.status == http::StatusCode::OK {
        return Ok(body);
    }
    let status = parts.status.as_u16();
    let said = words(&body);
    let said = quote(&said, WORDS);
    let message =
        if said.is_empty() { format!("{host} answered {status}") } else { format!("{host} answered {status}: {said}") };
    Err(match status {
        429 | 500.. => Error::new(Kind::Server, message).retry(Retry::After(Duration::ZERO)),
        _ => Error::new(Kind::Unauthenticated, message),
    })
}

/// What an error's body says: OAuth's `error` and `error_description`, or Google's `error.message`.
fn words(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let texts = ["/error", "/error_description", "/error/message"].into_iter().filter_map(|place| body.pointer(place));
    texts.filter_map(Value::as_str).collect::<Vec<_>>().join(": ")
}

/// A document of an answer.
pub(super) fn answer<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    // A parser's own words would quote the answer.
    serde_json::from_slice(body).map_err(|_| no_token())
}

/// A token as a header's value.
pub(super) fn bearer(token: &str) -> Result<Secret> {
    Secret::new(&format!("Bearer {token}")).ok_or_else(no_token)
}

pub(super) fn no_token() -> Error {
    Error::protocol("malformed_response", "the answer has no access token")
}

pub(super) fn not_an_address() -> Error {
    Error::new(Kind::Config, "the credentials name no valid address")
}

/// The error of a request that could not be signed. What may pass may be tried again, but not where nothing was configured
/// and nobody is there who gives out tokens unasked: then `advice` says what to do.
pub(super) fn missing(provider: &str, why: &Error, advice: Option<&str>) -> Error {
    let (kind, retry) = match why.kind() {
        Kind::Unauthenticated | Kind::Config | Kind::Protocol => (Kind::Unauthenticated, Retry::Elsewhere),
        _ if advice.is_some() => (Kind::Unauthenticated, Retry::Elsewhere),
        kind => (kind, why.scope()),
    };
    let advice = advice.map(|advice| format!(" ({advice})")).unwrap_or_default();
    let message = format!("no access token for provider '{provider}', nothing was sent: {why}{advice}");
    let error = Error::new(kind, message).provider(provider).retry(retry);
    if kind == Kind::Unauthenticated { error.origin(Origin::Caller) } else { error }
}
