//! Fields that callers bring along from other libraries, and where each of them goes here.

use super::read::{Fields, Path};
use crate::error::{Error, Result};

/// Fields of some providers, which go to them as they are.
const PROVIDER: &[&str] = &[
    "audio",
    "logit_bias",
    "metadata",
    "min_p",
    "modalities",
    "plugins",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_retention",
    "provider",
    "repetition_penalty",
    "safety_identifier",
    "safety_settings",
    "service_tier",
    "store",
    "thinking",
    "transforms",
    "user",
    "verbosity",
    "web_search_options",
];

/// What other libraries call something else, or have somewhere else.
const MOVED: &[(&str, &str)] = &[
    ("api_base", "belongs to a provider: set base_url in its table of the configuration"),
    ("api_key", "belongs to a provider: set api_key in its table of the configuration"),
    ("base_url", "belongs to a provider: set it in its table of the configuration"),
    ("extra_body", "is called extra here"),
    ("extra_headers", "belong to a provider: set headers in its table of the configuration"),
    ("fallbacks", "belong to a route: list them among its targets"),
    ("function_call", "is the retired form: send tool_choice"),
    ("functions", "is the retired form: send tools"),
    ("max_output_tokens", "is called max_tokens here"),
    ("max_retries", "belongs to a route: set retry.max_attempts"),
    ("num_retries", "belongs to a route: set retry.max_attempts"),
    ("stop_sequences", "is called stop here"),
    ("system", "is a message of the role system here"),
];

/// Takes the fields that ask for what is done anyway, and refuses those that belong elsewhere with the place.
pub(super) fn take(fields: &mut Fields<'_>) -> Result<()> {
    let path = |key| Path::Root.key(key).to_string();
    if fields.boolean("stream")? == Some(true) {
        return Err(Error::invalid("stream", "is not a field: call stream() instead of chat()"));
    }
    if fields.integer("n", 1, i64::MAX)?.is_some_and(|n| n > 1) {
        return Err(Error::invalid("n", "is more than 1, and a response is one answer: ask once for each"));
    }
    // The usage is always asked for.
    fields.ignore(&["stream_options"]);
    if let Some((key, advice)) = MOVED.iter().find(|(key, _)| fields.has(key)) {
        return Err(Error::invalid(path(key), advice));
    }
    if let Some(key) = PROVIDER.iter().find(|key| fields.has(key)) {
        return Err(Error::invalid(
            path(key),
            format_args!(
                "is not a field that all providers have: to send it as it is, put it under extra, as extra.{key}"
            ),
        ));
    }
    Ok(())
}
