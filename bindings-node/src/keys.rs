//! The keys of the model that need more than a rule. Generated from `core/model.schema.json` by
//! `core/codegen/typescript.py`: do not edit, run `make generate`.

/// Keys below which all others are those of callers and providers.
pub(crate) const OPAQUE: &[&str] = &["arguments", "context", "data", "extra", "labels", "parameters", "schema", "tool"];

/// Names of the core that their camelCase does not tell.
pub(crate) const IRREGULAR: &[(&str, &str)] = &[("cacheWrite1hTokens", "cache_write_1h_tokens")];
