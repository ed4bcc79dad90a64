//! The configuration: one strict file, or the same keys as a plain value.

mod route;

use std::sync::Arc;

use crate::error::Result;
pub use route::{Limits, OnUnsupported, RetryPolicy, Route, Timeouts};

/// The configuration as written.
#[derive(Clone, Debug, Default)]
pub struct Config {}

impl Config {
    /// Reads a TOML file.
    pub fn from_file(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let _ = path;
        Ok(Config {})
    }
    /// Reads TOML text.
    pub fn from_toml(text: &str) -> Result<Self> {
        let _ = text;
        Ok(Config {})
    }
    /// Reads a plain value.
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        let _ = value;
        Ok(Config {})
    }
}

/// The configuration resolved: endpoints and routes.
pub struct Settings {}

impl Settings {
    /// Resolves names, defaults and secrets.
    pub fn resolve(config: &Config) -> Result<Self> {
        let _ = config;
        Ok(Settings {})
    }
    /// The route for a request's `model`.
    pub fn route(&self, model: &str) -> Result<Arc<Route>> {
        Err(crate::error::Error::new(crate::error::Kind::NoRoute, model))
    }
}
