use std::time::Duration;

use serde_json::{Value, json};
use tidegate::sim::{Answer, Piece};
use tidegate::{Error, Kind, Retry};

use super::House;

const NOW: Retry = Retry::After(Duration::ZERO);

fn refused(status: u16, body: &Value) -> Error {
    let house = House::new("groq", Answer::json(status, body), "refuse");
    house.chat(json!({"messages": [{"role": "user", "content": "hi"}]})).unwrap_err()
}

#[test]
fn kinds_and_where_to_try_again() {
    let said = |code: &str, message: &str| json!({"error": {"message": message, "type": "x", "code": code}});
    let table = [
        (400, said("x", "Bad."), Kind::InvalidRequest, Retry::Never),
        (401, said("invalid_api_key", "No."), Kind::Unauthenticated, Retry::Elsewhere),
        (400, said("x", "Incorrect API key provided: xx."), Kind::Unauthenticated, Retry::Elsewhere),
        (400, said("model_not_found", "No such model."), Kind::NotFound, Retry::Elsewhere),
        (400, said("context_length_exceeded", "Too long."), Kind::ContextTooLong, Retry::Elsewhere),
        (400, said("x", "This model's maximum prompt length is 131072"), Kind::ContextTooLong, Retry::Elsewhere),
        (400, said("x", "Your request exceeded model token limit: 8192"), Kind::ContextTooLong, Retry::Elsewhere),
        (400, said("content_filter", "Filtered."), Kind::ContentFiltered, Retry::Never),
        (400, said("1301", "Unsafe."), Kind::ContentFiltered, Retry::Never),
        (429, said("insufficient_quota", "You exceeded your current quota"), Kind::QuotaExhausted, Retry::Elsewhere),
        (429, said("1113", "余额不足"), Kind::QuotaExhausted, Retry::Elsewhere),
        (403, said("exceeded_current_quota_error", "No money."), Kind::QuotaExhausted, Retry::Elsewhere),
        (413, said("rate_limit_exceeded", "Request too large for TPM"), Kind::RateLimited, Retry::Elsewhere),
        (429, said("rate_limit_exceeded", "Slow down."), Kind::RateLimited, NOW),
        (498, said("capacity_exceeded", "Full."), Kind::Overloaded, NOW),
        (500, said("x", "Broken."), Kind::Server, NOW),
        (503, json!({}), Kind::Overloaded, NOW),
        (
            403,
            json!({"error": {"code": 403, "message": "Flagged.", "metadata": {"flagged_input": "..", "reasons": ["x"]}}}),
            Kind::ContentFiltered,
            Retry::Never,
        ),
        // What routers say in a 200.
        (200, json!({"error": {"message": "Busy.", "code": 503}}), Kind::Overloaded, NOW),
        (
            200,
            json!({"choices": [{"index": 0, "message": {}, "error": {"code": 502, "message": "Upstream broke."}}]}),
            Kind::Server,
            NOW,
        ),
        (200, json!({"choices": [{"index": 0, "message": {}, "finish_reason": "network_error"}]}), Kind::Server, NOW),
    ];
    for (status, body, kind, retry) in table {
        let error = refused(status, &body);
        assert_eq!((error.kind(), error.scope()), (kind, retry), "{status} {body}");
    }
}

#[test]
fn what_a_validation_found_is_said() {
    let found = json!({"detail": [{"loc": ["body", "messages", 0, "name"], "msg": "Extra inputs are not permitted"}]});
    for body in [found.clone(), json!({"object": "error", "message": found})] {
        let message = refused(422, &body).to_string();
        assert_eq!(message, "groq/m answered 422: body.messages.0.name: Extra inputs are not permitted");
    }
}

#[test]
fn a_body_of_another_form_is_quoted_and_a_page_is_not() {
    let said = |status: u16, kind: &str, body: &str| {
        let answer = Answer { status: Some(status), body: vec![Piece::bytes(body.to_owned())], ..Answer::default() };
        let house = House::new("groq", answer.header("content-type", kind), "refuse");
        house.chat(json!({"messages": [{"role": "user", "content": "hi"}]})).unwrap_err().to_string()
    };
    assert_eq!(said(400, "text/plain", "No such thing.\n"), "groq/m answered 400: No such thing.");
    assert_eq!(said(400, "application/json", r#"{"errors": ["bad"]}"#), "groq/m answered 400: bad");
    assert_eq!(
        said(400, "application/json", r#"{"problem": ["bad"]}"#),
        r#"groq/m answered 400: {"problem": ["bad"]}"#
    );
    assert_eq!(said(502, "text/html", "<html>Bad gateway</html>"), "groq/m answered 502");
    assert_eq!(said(404, "text/html", "<html></html>"), "groq/m answered 404: there is no such path, check base_url");
    assert!(said(200, "text/html", "<html></html>").starts_with("the answer is a page, not JSON: check base_url"));
}

#[test]
fn googles_errors_mean_what_they_mean_in_its_own_api() {
    let said = |code: u16, status: &str, message: &str| json!([{"error": {"code": code, "message": message, "status": status}}]);
    let table = [
        (400, said(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), Kind::Unauthenticated),
        (
            400,
            said(
                400,
                "INVALID_ARGUMENT",
                "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
            ),
            Kind::ContextTooLong,
        ),
        (503, said(503, "UNAVAILABLE", "The model is overloaded."), Kind::Overloaded),
    ];
    for (status, body, kind) in table {
        assert_eq!(refused(status, &body).kind(), kind, "{body}");
    }
}
