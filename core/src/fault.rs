//! What can go wrong between here and a provider, as errors: the same from the real network and the simulated one.

use std::fmt::Display;
use std::time::Duration;

use crate::error::{Error, Kind, Origin, Retry};

const AGAIN: Retry = Retry::After(Duration::ZERO);

/// No connection was made: `refused`, `reset`, `closed`, `dns`, `unreachable`, or `resource` where this process or machine
/// has no more files, ports or memory.
#[cold]
pub(crate) fn no_connection(host: &str, reason: &'static str) -> Error {
    let error = Error::new(Kind::Connection, format!("no connection to {host}: {reason}")).context("reason", reason);
    match reason {
        // Every target would be as far: one is as good as another once something was given back.
        "resource" => error.origin(Origin::Gateway).retry(AGAIN),
        "reset" | "closed" => error.retry(AGAIN),
        // Refused and unresolved hosts stay so for a while; another target is there at once.
        _ => error.retry(Retry::Elsewhere),
    }
}

/// The proxy made no connection.
#[cold]
pub(crate) fn no_way(host: &str, why: &str) -> Error {
    Error::new(Kind::Connection, format!("no connection to {host}: proxy: {why}"))
        .context("reason", "proxy")
        .retry(Retry::Elsewhere)
}

/// The connection ended in order, and there was no answer.
#[cold]
pub(crate) fn closed(host: &str) -> Error {
    Error::new(Kind::Connection, format!("{host} closed the connection without an answer"))
        .context("reason", "closed")
        .retry(AGAIN)
}

/// The connection broke before there was an answer.
#[cold]
pub(crate) fn broke(host: &str, cause: impl Display) -> Error {
    Error::new(Kind::Connection, format!("the connection to {host} broke: {cause}"))
        .context("reason", "reset")
        .retry(AGAIN)
}

/// What came is not HTTP.
#[cold]
pub(crate) fn malformed(host: &str, cause: impl Display) -> Error {
    Error::protocol("malformed_response", format!("{host} answered with broken HTTP: {cause}"))
}

/// What came of the body is not HTTP.
#[cold]
pub(crate) fn broken_chunks(cause: impl Display) -> Error {
    Error::protocol("malformed_response", format!("the answer's chunks are broken: {cause}"))
}

/// The body ended before it was complete.
#[cold]
pub(crate) fn incomplete(cause: impl Display) -> Error {
    Error::protocol("incomplete_body", format!("the answer broke off: {cause}"))
}
