//! What upstreams do, as data. The words of it are those of [`tidegate::sim`], where a virtual clock plays them.

use std::collections::BTreeMap;

use serde::Deserialize;
pub use tidegate::sim::{Answer, Beat, Connection, End, Framing, Piece, Upstream};

/// Several upstreams by name. Each is a port of its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The upstreams.
    pub upstreams: BTreeMap<String, Upstream>,
}
