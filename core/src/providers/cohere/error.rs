//! Cohere's errors become ours. Source: the Cohere API reference, "Errors", and the errors of its `OpenAPI` description.

use http::StatusCode;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Error, Kind, Retry};
use crate::providers::status::{AGAIN, classify, failed, refused};
use crate::target::Target;

/// The error of an answer that is not 200.
pub(super) fn status_error(status: StatusCode, body: &[u8], target: &Target) -> Error {
    let said = serde_json::from_slice::<Value>(body).map(|body| words(&body).to_owned()).unwrap_or_default();
    let found = match status.as_u16() {
        // A word that the vendor has on a list, in the prompt or in the answer.
        498 => (Kind::ContentFiltered, Retry::Never),
        // "Request cancelled", which no one here did.
        499 => (Kind::Server, AGAIN),
        _ => classify(status),
    };
    refused(refine(found, &said), status, &said, body, target)
}

/// The error inside an answer whose status was 200: words, or an object that has them.
pub(super) fn embedded(error: &Value, target: &Target) -> Error {
    let said = words(error);
    let (kind, retry) = refine((Kind::Server, AGAIN), said);
    failed(kind, retry, said, target)
}

/// The error that an answer is, whose message is words where that of others is an object.
pub(super) fn words_of(message: Option<&RawValue>, target: &Target) -> Option<Error> {
    let words = message?.get();
    words.starts_with('"').then(|| embedded(&serde_json::from_str(words).unwrap_or_default(), target))
}

fn words(error: &Value) -> &str {
    let said = |key: &str| error.get(key).map(words).filter(|words| !words.is_empty());
    match error {
        Value::String(words) => words,
        Value::Object(_) => ["message", "data", "error", "detail"].into_iter().find_map(said).unwrap_or_default(),
        _ => "",
    }
}

/// What the words add to the status.
fn refine((kind, retry): (Kind, Retry), message: &str) -> (Kind, Retry) {
    let message = message.to_ascii_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    match kind {
        // A limit on what may be written has the same words at its beginning, and no shorter prompt helps.
        Kind::InvalidRequest | Kind::Server if says(&["too many tokens"]) && !says(&["max tokens must be"]) => {
            (Kind::ContextTooLong, Retry::Elsewhere)
        }
        Kind::InvalidRequest if says(&["invalid api token", "invalid api key", "no api key supplied"]) => {
            (Kind::Unauthenticated, Retry::Elsewhere)
        }
        // Trial keys have calls a minute and calls a month.
        Kind::RateLimited if says(&["month"]) => (Kind::QuotaExhausted, Retry::Elsewhere),
        _ => (kind, retry),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_tell_errors_of_one_status_apart() {
        let bad = (Kind::InvalidRequest, Retry::Never);
        let many = (Kind::RateLimited, AGAIN);
        let table = [
            (bad, "too many tokens: size limit exceeded by 11326 tokens.", Kind::ContextTooLong),
            (bad, "too many tokens: max tokens must be less than or equal to 4096", Kind::InvalidRequest),
            (bad, "invalid request: message must be at least 1 token long", Kind::InvalidRequest),
            (bad, "invalid api token", Kind::Unauthenticated),
            (many, "You are using a Trial key, which is limited to 40 API calls / minute.", Kind::RateLimited),
            (many, "You are using a Trial key, which is limited to 1000 API calls / month.", Kind::QuotaExhausted),
            (many, "trial token rate limit exceeded, limit is 100000 tokens per minute", Kind::RateLimited),
            ((Kind::Server, AGAIN), "internal server error", Kind::Server),
        ];
        for (by_status, message, want) in table {
            assert_eq!(refine(by_status, message).0, want, "{message}");
        }
    }

    #[test]
    fn words_are_found_in_every_form() {
        for error in [
            json!("no"),
            json!({"message": "no"}),
            json!({"id": "1", "message": "no"}),
            json!({"data": "no"}),
            json!({"message": {"message": "no"}}),
        ] {
            assert_eq!(words(&error), "no", "{error}");
        }
        assert_eq!(words(&json!({"message": 7})), "");
    }
}
