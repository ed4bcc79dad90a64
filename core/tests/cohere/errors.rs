use serde_json::json;
use tidegate::sim::Answer;
use tidegate::{Kind, Retry};

use super::{House, ask};

#[test]
fn statuses_and_words() {
    let table = [
        (400, "invalid request: message must be at least 1 token long", Kind::InvalidRequest, false),
        (
            400,
            "too many tokens: size limit exceeded by 25836 tokens. Try using shorter inputs.",
            Kind::ContextTooLong,
            false,
        ),
        (400, "too many tokens: max tokens must be less than or equal to 4096", Kind::InvalidRequest, false),
        (401, "invalid api token", Kind::Unauthenticated, false),
        (402, "Please add or update your payment method to continue", Kind::QuotaExhausted, false),
        (403, "forbidden", Kind::PermissionDenied, false),
        (404, "model 'x' not found, make sure the correct model ID was used", Kind::NotFound, false),
        (422, "unprocessable entity", Kind::InvalidRequest, false),
        (429, "You are using a Trial key, which is limited to 40 API calls / minute.", Kind::RateLimited, true),
        (429, "You are using a Trial key, which is limited to 1000 API calls / month.", Kind::QuotaExhausted, false),
        (498, "the message contains a word that is not allowed", Kind::ContentFiltered, false),
        (499, "request cancelled", Kind::Server, true),
        (500, "internal server error, this has been reported to our developers", Kind::Server, true),
        (503, "service unavailable", Kind::Overloaded, true),
        (504, "gateway timeout", Kind::Timeout, true),
    ];
    for (status, words, kind, again) in table {
        for body in [json!({"message": words}), json!({"id": "e-1", "message": words}), json!({"data": words})] {
            let error = House::new(Answer::json(status, &body)).chat(ask()).unwrap_err();
            assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{body}");
            assert_eq!(matches!(error.scope(), Retry::After(_)), again, "{body}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[test]
fn the_request_is_named_by_its_trace() {
    let answer = Answer::json(500, &json!({"message": "no"})).header("x-debug-trace-id", "abc");
    assert_eq!(House::new(answer).chat(ask()).unwrap_err().provider_request_id(), Some("abc"));
}
