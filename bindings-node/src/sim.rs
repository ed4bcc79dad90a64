//! The simulated world.

use napi::Result;
use napi_derive::napi;

use crate::{json, raise};

/// A simulated world of the core.
#[napi]
pub struct Sim(pub(crate) tidegate::Sim);

#[napi]
impl Sim {
    /// From its description as JSON text.
    #[napi(constructor)]
    pub fn new(text: String) -> Result<Self> {
        tidegate::Sim::from_json(&text).map(Sim).map_err(|error| raise(&error))
    }

    /// What upstreams saw, as canonical JSON.
    #[napi]
    pub fn requests(&self) -> Result<String> {
        json::text(&self.0.exchanges())
    }
}
