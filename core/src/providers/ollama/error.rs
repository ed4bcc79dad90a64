//! Ollama's errors become ours. Source: Ollama's documentation, "Errors"; the words are those of the server's code.

use http::StatusCode;
use serde_json::Value;

use crate::error::{Error, Kind, Retry};
use crate::providers::status::{AGAIN, classify, failed, refused};
use crate::target::Target;

/// The error of an answer that is not 200.
pub(super) fn status_error(status: StatusCode, body: &[u8], target: &Target) -> Error {
    let said = serde_json::from_slice::<Value>(body).map(|body| words(&body).to_owned()).unwrap_or_default();
    refused(refine(classify(status), &said), status, &said, body, target)
}

/// The error inside an answer whose status was 200: a stream has no other way to say that it failed.
pub(super) fn embedded(error: &Value, target: &Target) -> Error {
    let said = words(error);
    let (kind, retry) = refine((Kind::Server, AGAIN), said);
    failed(kind, retry, said, target)
}

/// `{"error": "..."}`; a proxy's may be an object with a message.
fn words(error: &Value) -> &str {
    let said = |key: &str| error.get(key).map(words).filter(|words| !words.is_empty());
    match error {
        Value::String(words) => words,
        Value::Object(_) => ["error", "message"].into_iter().find_map(said).unwrap_or_default(),
        _ => "",
    }
}

/// What the words add to the status. Most failures of a model are a 500.
fn refine((kind, retry): (Kind, Retry), message: &str) -> (Kind, Retry) {
    let message = message.to_ascii_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    match kind {
        Kind::InvalidRequest | Kind::Server
            if says(&["context length", "context window", "prompt too long", "prompt is too long"]) =>
        {
            (Kind::ContextTooLong, Retry::Elsewhere)
        }
        // What one model cannot do another may.
        Kind::InvalidRequest if says(&["does not support", "is not supported"]) => {
            (Kind::InvalidRequest, Retry::Elsewhere)
        }
        Kind::InvalidRequest | Kind::Server if says(&["not found, try pulling"]) => (Kind::NotFound, Retry::Elsewhere),
        // It will not fit the next time either.
        Kind::Server if says(&["requires more system memory", "unable to load model"]) => {
            (Kind::Server, Retry::Elsewhere)
        }
        Kind::Server if says(&["server busy"]) => (Kind::Overloaded, AGAIN),
        // The cloud's, of an hour or a week.
        Kind::RateLimited if says(&["usage limit", "upgrade"]) => (Kind::QuotaExhausted, Retry::Elsewhere),
        _ => (kind, retry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_errors_of_one_status_apart() {
        let (bad, broken) = ((Kind::InvalidRequest, Retry::Never), (Kind::Server, AGAIN));
        let table = [
            (bad, "registry.ollama.ai/library/gemma3:1b does not support tools", (bad.0, Retry::Elsewhere)),
            (bad, "invalid options: top_k", bad),
            (bad, "the input length exceeds the context length", (Kind::ContextTooLong, Retry::Elsewhere)),
            (
                broken,
                "model requires more system memory (5.0 GiB) than is available (3.9 GiB)",
                (Kind::Server, Retry::Elsewhere),
            ),
            (broken, "model 'x' not found, try pulling it first", (Kind::NotFound, Retry::Elsewhere)),
            (broken, "llama runner process has terminated: exit status 2", broken),
            (
                (Kind::RateLimited, AGAIN),
                "you have reached your hourly usage limit",
                (Kind::QuotaExhausted, Retry::Elsewhere),
            ),
        ];
        for (by_status, message, want) in table {
            assert_eq!(refine(by_status, message), want, "{message}");
        }
    }
}
