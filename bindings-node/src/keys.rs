//! The keys of the model that need more than a rule. Generated from `core/model.schema.json` by
//! `core/codegen/typescript.py`: do not edit, run `make generate`.

/// Whether the keys below this one are those of callers and providers.
pub(crate) fn is_opaque(key: &str) -> bool {
    matches!(key, "arguments" | "context" | "data" | "extra" | "labels" | "parameters" | "schema" | "tool")
}

/// The core's names of keys that cannot be told from their camelCase.
pub(crate) fn irregular(key: &str) -> Option<&'static str> {
    match key {
        "cacheWrite1hTokens" => Some("cache_write_1h_tokens"),
        _ => None,
    }
}
