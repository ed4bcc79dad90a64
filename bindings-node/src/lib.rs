//! The npm package's native half: it converts, calls the core, converts back, and never decides.
//!
//! Everything crosses as JSON text: one string costs less than the calls into V8 that its objects would take, and V8's
//! own parser makes them faster. What is public is in `index.js`.
#![allow(clippy::needless_pass_by_value, reason = "what JavaScript hands over is owned")]

mod bridge;
mod check;
mod gateway;
mod hooks;
mod json;
mod keys;
mod sim;
mod stream;

use napi::Result;
use napi_derive::napi;
use tidegate::{Config, Error, Kind};

/// What the JavaScript half has to know, as JSON text: the version, the kinds of errors with their classes, the keys that are
/// opaque, and pairs of those that are irregular.
#[napi]
pub fn facts() -> Result<String> {
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| (kind.as_str(), kind.class_name())).collect();
    json::text(&(env!("CARGO_PKG_VERSION"), kinds, keys::OPAQUE, keys::IRREGULAR))
}

/// The JSON Schema of the configuration, as JSON text.
#[napi]
pub fn config_schema() -> String {
    format!("{:#}", Config::schema())
}

/// The error of a request that cannot be sent: what `path` holds has a `problem`.
#[napi]
pub fn invalid(path: String, problem: String) -> Result<String> {
    json::camel_text(&Error::invalid(path, problem))
}

/// The canonical JSON of a value of this package.
#[napi]
pub fn canonical(text: String) -> Result<String> {
    json::canonical(&text)
}

/// The core's error as the reason of an exception: `index.js` makes the class of it.
fn raise(error: &Error) -> napi::Error {
    json::camel_text(error).map_or_else(|error| error, napi::Error::from_reason)
}
