//! Errors of the Responses API become ours.
//!
//! Source: the OpenAI API reference, "Responses": the error object of a response, whose codes are this API's own, and the
//! stream's `error` event. The errors of statuses are those of all of OpenAI's APIs.

use http::StatusCode;
use serde_json::{Value, json};

use crate::error::Error;
use crate::providers::openai_chat;
use crate::target::Target;

/// How the codes begin that say that the request is at fault: `invalid_prompt`, `invalid_image_format`,
/// `image_too_large`, `unsupported_image_media_type`, `empty_image_file`, `failed_to_download_image`, ...
const AT_FAULT: [&str; 5] = ["invalid_", "image_", "unsupported_", "empty_", "failed_to_download_"];
/// The one code among them that speaks of what was in the request.
const POLICY: &str = "image_content_policy_violation";

/// The error of an answer that is not 200.
pub(super) fn status_error(status: StatusCode, body: &[u8], target: &Target) -> Error {
    openai_chat::status_error(status, body, target)
}

/// The error of a response that failed, or of an `error` event.
#[cold]
pub(super) fn embedded(error: &Value, target: &Target) -> Error {
    let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
    let mut error = error.clone();
    let known = match code {
        POLICY => Some("content_policy_violation"),
        // A code of its own, which says of the key what others say by a status.
        "invalid_api_key" => None,
        code if AT_FAULT.iter().any(|start| code.starts_with(start)) => Some("invalid_request_error"),
        _ => None,
    };
    if let (Some(kind), Some(error)) = (known, error.as_object_mut()) {
        error.insert("type".to_owned(), json!(kind));
    }
    openai_chat::embedded(&error, target)
}
