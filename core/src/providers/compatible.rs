//! OpenAI-like providers: one row each.

use super::{Dialect, MaxTokens, ReasoningStyle, StreamEnd};
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

/// A server of which nothing is known but the protocol.
pub(super) static UNKNOWN: Provider = row("", "", &[], Dialect::COMPATIBLE);

/// The rows.
pub(crate) static PROVIDERS: &[Provider] =
    &[row("openai", "https://api.openai.com/v1", &["OPENAI_API_KEY"], Dialect::OPENAI)];
