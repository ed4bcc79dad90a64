//! OpenAI-like providers: one row each, in the file that says who answers. What differs from [`Dialect::COMPATIBLE`] is
//! documented by the vendor or seen in recorded traffic; what is not known is sent, and the server's answer decides.
//!
//! A comment says where a row is from: a title in quotation marks is a page of the vendor's own documentation; "models.dev",
//! "`LiteLLM`" and other projects are their lists of November 2026, "after" the page of the vendor that they name. Of sources
//! that differ, both are named. Addresses and keys of rows whose comments speak of other things are on those lists, too.

mod hosts;
mod local;
mod routers;
mod vendors;

use super::{Batch, Dialect, Embeddings, Features, InputTypes, Reranking};
use crate::auth::Scheme;
use crate::codec::Provider;

const fn row(
    name: &'static str,
    base_url: &'static str,
    key_env: &'static [&'static str],
    dialect: Dialect,
) -> Provider {
    Provider { name, protocol: "openai-chat", base_url, key_env, auth: Scheme::Bearer, dialect, simulated: false }
}

/// What a row begins with. Rankings are not part of the protocol: a row has them where its vendor says so. Most vendors cache by themselves, and some refuse the marker as a field that they do not know.
const BASE: Dialect = Dialect { can: ALL, rerank: None, ..Dialect::COMPATIBLE };
const ALL: Features = Features { cache_control: false, ..Features::ALL };
/// What makes vectors and rankings only.
const RETRIEVAL: Features = Features { chat: false, ..ALL };
/// For the few that take the marker.
const MARKED: Features = Features::ALL;
/// What their rows begin with.
const MARKING: Dialect = Dialect { can: MARKED, ..BASE };

/// A server of which nothing is known but the protocol.
pub(super) static UNKNOWN: Provider = row("", "", &[], Dialect { known_models: false, ..Dialect::COMPATIBLE });

/// The rows, by name within each kind.
pub(crate) fn providers() -> impl Iterator<Item = &'static Provider> {
    [vendors::PROVIDERS, hosts::PROVIDERS, routers::PROVIDERS, local::PROVIDERS].into_iter().flatten()
}

#[cfg(test)]
mod tests;
