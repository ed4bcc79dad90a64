// Written by core/codegen/typescript.py from core/model.schema.json. Do not edit: run `make generate`.
//! The keys of the model that need more than a rule.

/// Whether the keys below this one belong to callers and providers.
pub(crate) fn is_opaque(key: &str) -> bool {
    matches!(key, "arguments" | "context" | "data" | "extra" | "labels" | "parameters" | "schema" | "tool")
}

/// The core's name of a key.
pub(crate) fn snake_case(key: String) -> String {
    if !key.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return key;
    }
    if key == "cacheWrite1hTokens" {
        return "cache_write_1h_tokens".to_owned();
    }
    let mut out = String::with_capacity(key.len() + 4);
    for character in key.chars() {
        if character.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}
