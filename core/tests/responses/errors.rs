use std::time::Duration;

use serde_json::{Value, json};
use tidegate::{Kind, Retry};

use super::{answer, refuses, streams};

const NOW: Retry = Retry::After(Duration::ZERO);

#[test]
fn statuses_and_words() {
    let table = [
        (400, json!({"message": "No such model", "code": "model_not_found"}), Kind::NotFound, Retry::Elsewhere),
        (400, json!({"message": "Bad.", "type": "invalid_request_error"}), Kind::InvalidRequest, Retry::Never),
        (
            400,
            json!({"message": "Too long", "code": "context_length_exceeded"}),
            Kind::ContextTooLong,
            Retry::Elsewhere,
        ),
        (401, json!({"message": "Incorrect API key provided"}), Kind::Unauthenticated, Retry::Elsewhere),
        (429, json!({"message": "Slow down", "code": "rate_limit_exceeded"}), Kind::RateLimited, NOW),
        (429, json!({"message": "Pay", "code": "insufficient_quota"}), Kind::QuotaExhausted, Retry::Elsewhere),
        (500, json!({"message": "Oops", "type": "server_error"}), Kind::Server, NOW),
    ];
    for (status, error, kind, retry) in table {
        let error = refuses(status, &json!({"error": error}));
        assert_eq!((error.kind(), error.scope(), error.http_status()), (kind, retry, Some(status)), "{error}");
    }
    // xAI answers 400 to a key that it does not know, in a form of its own.
    let xai = json!({"code": "invalid-argument", "error": "Incorrect API key provided. See https://console.x.ai."});
    assert_eq!(refuses(400, &xai).kind(), Kind::Unauthenticated);
}

#[test]
fn a_response_that_failed_is_an_error() {
    let rows = [
        ("server_error", Kind::Server, NOW),
        ("rate_limit_exceeded", Kind::RateLimited, NOW),
        ("invalid_prompt", Kind::InvalidRequest, Retry::Never),
        ("image_too_large", Kind::InvalidRequest, Retry::Never),
        ("image_content_policy_violation", Kind::ContentFiltered, Retry::Never),
        ("context_length_exceeded", Kind::ContextTooLong, Retry::Elsewhere),
    ];
    for (code, kind, retry) in rows {
        let failure = json!({"code": code, "message": "It failed."});
        let mut body = answer(json!([]));
        body["status"] = json!("failed");
        body["error"] = failure.clone();
        let plain = refuses(200, &body);
        let events: [Value; 2] = [
            json!({"type": "response.failed", "response": body}),
            json!({"type": "error", "code": code, "message": "It failed.", "param": null}),
        ];
        let streamed = events.into_iter().map(|event| streams(&[event]).1.unwrap_err());
        for error in std::iter::once(plain).chain(streamed) {
            assert_eq!((error.kind(), error.scope()), (kind, retry), "{code}: {error}");
            assert!(error.to_string().contains("It failed."), "{error}");
        }
    }
    let nested = json!({"type": "error", "error": {"type": "server_error", "message": "Nested."}});
    assert!(streams(&[nested]).1.unwrap_err().to_string().contains("Nested."));
    // A proxy's, in the stream of any protocol.
    let bare = json!({"error": {"code": 502, "message": "Upstream."}});
    assert_eq!(streams(&[bare]).1.unwrap_err().kind(), Kind::Server);
}

#[test]
fn an_answer_of_the_background_is_not_there_yet() {
    let mut body = answer(json!([]));
    body["status"] = json!("queued");
    assert_eq!(refuses(200, &body).kind(), Kind::Protocol);
    body["status"] = json!("cancelled");
    assert_eq!(refuses(200, &body).kind(), Kind::Server);
}
