//! A loopback server that plays scripts of faults.
//!
//! A [`Script`] names several upstreams; each is a port on 127.0.0.1 that answers as scripted: structured HTTP
//! responses or raw bytes, waits, a clean or an early end, a reset, or silence until the client gives up. [`Faultd`]
//! records all it receives, and lets a test wait for what the client does instead of sleeping.
//!
//! A simulated world, [`tidegate::Sim`], plays the same scripts on a virtual clock.

pub mod control;
mod http;
mod play;
mod record;
pub mod script;
mod server;

pub use http::Request;
pub use record::{Closed, Connection, Ended, Received, Records, Side, Upstream};
pub use script::Script;
pub use server::Faultd;
