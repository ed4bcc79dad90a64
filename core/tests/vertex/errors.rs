use serde_json::json;
use tidegate::sim::Answer;
use tidegate::{Error, Kind, Retry};

use super::{House, answer, ask};

fn refuses(status: u16, name: &str, words: &str) -> Error {
    let body = json!({"error": {"code": status, "message": words, "status": name}});
    House::new(Answer::json(status, &body)).chat(ask()).unwrap_err()
}

#[test]
fn errors_are_googles() {
    let table = [
        (429, "RESOURCE_EXHAUSTED", "Resource exhausted. Please try again later.", Kind::RateLimited),
        (
            429,
            "RESOURCE_EXHAUSTED",
            "Quota exceeded for aiplatform.googleapis.com/generate_content_requests_per_minute_per_project_per_base_model",
            Kind::RateLimited,
        ),
        (401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", Kind::Unauthenticated),
        (403, "PERMISSION_DENIED", "Permission 'aiplatform.endpoints.predict' denied", Kind::PermissionDenied),
        (404, "NOT_FOUND", "Publisher Model `x` was not found or your project does not have access", Kind::NotFound),
        (
            400,
            "INVALID_ARGUMENT",
            "Unable to submit request because the input token count is 2000000 but model only supports up to 1048576.",
            Kind::ContextTooLong,
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "Unable to submit request because it must have a text parameter",
            Kind::InvalidRequest,
        ),
        (503, "UNAVAILABLE", "The service is currently unavailable.", Kind::Overloaded),
    ];
    for (status, name, words, kind) in table {
        let error = refuses(status, name, words);
        assert_eq!(error.kind(), kind, "{words}");
        assert!(error.to_string().contains(words.get(..40).unwrap_or(words)), "{error}");
    }
    assert_eq!(refuses(400, "INVALID_ARGUMENT", "no").scope(), Retry::Never);
}

#[test]
fn a_stream_may_fail_on_its_way_and_may_not_just_stop() {
    let mut chunk = answer(json!([{"text": "hel"}]));
    chunk["candidates"][0]["finishReason"] = json!(null);
    let error = json!({"error": {"code": 503, "message": "gone", "status": "UNAVAILABLE"}});
    let broken = House::new(Answer::sse([chunk.to_string(), error.to_string()])).stream(ask()).1.unwrap_err();
    assert_eq!((broken.kind(), broken.partial_response().unwrap().text().as_ref()), (Kind::Overloaded, "hel"));
    let cut = House::new(Answer::sse([chunk.to_string()])).stream(ask()).1.unwrap_err();
    assert_eq!((cut.kind(), cut.partial_response().unwrap().text().as_ref()), (Kind::StreamIncomplete, "hel"));
}
