//! OpenAI's errors become ours.
//!
//! Source: the OpenAI guide "Error codes"; other providers' forms are named where they stand.

use http::StatusCode;
use serde_json::Value;

use crate::error::{Error, Kind, Retry};
use crate::providers::gemini;
use crate::providers::status::{classify, failed, refused};
use crate::target::Target;

/// What an error body says.
#[derive(Default)]
struct Words {
    message: String,
    /// `code` and `type`, in that order of trust.
    tags: Vec<String>,
    /// A status inside the body: OpenRouter's `code`, Groq's `status_code`.
    status: Option<StatusCode>,
    /// OpenRouter: its moderation flagged the input.
    moderated: bool,
    /// Azure: what its filters found, such as `hate (high), jailbreak`.
    filtered: String,
}

/// How vendors say that the money is used up, in codes (1113: Z.ai; Arrearage: Alibaba; `NOT_ENOUGH_BALANCE`: Novita) and in
/// words.
const QUOTA_TAGS: &[&str] = &[
    "insufficient_quota",
    "billing_hard_limit_reached",
    "insufficient_balance",
    "NOT_ENOUGH_BALANCE",
    "exceeded_current_quota_error",
    "Arrearage",
    "1113",
];
const QUOTA_WORDS: &[&str] = &[
    "exceeded your current quota",
    "insufficient balance",
    "used all available credits",
    "insufficient credits",
    "have any credits",
];
/// How vendors say that a prompt does not fit: OpenAI and most, xAI, Moonshot, Alibaba, TGI (and Together).
const CONTEXT_WORDS: &[&str] = &[
    "maximum context length",
    "context window",
    "context size",
    "context length",
    "prompt is too long",
    "maximum prompt length",
    "exceeded model token limit",
    "range of input length",
    "`inputs` tokens + `max_new_tokens` must be",
    "`inputs` must have less than",
];

/// The error of an answer that is not 200.
pub(in crate::providers) fn status_error(status: StatusCode, body: &[u8], target: &Target) -> Error {
    let words = match serde_json::from_slice::<Value>(body) {
        Ok(value) if is_of_google(error_object(&value)) => return gemini::error::status_error(status, body, target),
        Ok(value) => read(error_object(&value)),
        // A proxy's: the status says more than its words.
        Err(_) => Words::default(),
    };
    let error = refused(refine(classify(status), &words), status, &words.message, body, target);
    with_findings(error, words.filtered)
}

/// The error inside an answer whose status was 200, before or after content.
pub(in crate::providers) fn embedded(error: &Value, target: &Target) -> Error {
    let words = read(error);
    // Without a status the failure is the server's until its words say otherwise.
    let by_status = classify(words.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    let (kind, retry) = refine(by_status, &words);
    let error = with_findings(failed(kind, retry, &words.message, target), words.filtered);
    match words.status {
        Some(status) => error.status(status.as_u16()),
        None => error,
    }
}

/// The error that a document is which has nothing of an answer, only words: Databricks' `{"error_code", "message"}`,
/// `{"object": "error", "message"}` of Mistral and vLLM, `{"detail"}` of what is made with `FastAPI`.
pub(in crate::providers) fn unasked(document: &[u8], target: &Target) -> Option<Error> {
    let document = serde_json::from_slice::<Value>(document).ok()?;
    let error = error_object(&document);
    (!read(error).message.is_empty()).then(|| embedded(error, target))
}

/// Whether an error has Google's form, a `google.rpc.Status`: Gemini's OpenAI endpoint passes on what the API behind it says.
fn is_of_google(error: &Value) -> bool {
    let has = |key: &str, is: fn(&Value) -> bool| error.get(key).is_some_and(is);
    has("code", Value::is_number) && has("status", Value::is_string)
}

fn with_findings(error: Error, filtered: String) -> Error {
    if filtered.is_empty() { error } else { error.context("filtered", filtered) }
}

/// What Azure's filters found in a prompt or an answer, and how bad it is.
///
/// Source: "Content filtering" and "Guardrail annotations" of Azure OpenAI.
fn findings(error: &Value) -> String {
    let inner = error.get("innererror").unwrap_or(error);
    let one = ["content_filter_result", "content_filter_results"].into_iter().filter_map(|key| inner.get(key));
    let several = error.get("content_filters").and_then(Value::as_array).into_iter().flatten();
    let results = one.chain(several.filter_map(|filter| filter.get("content_filter_results")));
    let found = results.filter_map(Value::as_object).flatten().filter(|(_, result)| {
        let says = |key: &str| result.get(key) == Some(&Value::Bool(true));
        says("filtered") || says("detected")
    });
    let names = found.map(|(category, result)| match result.get("severity").and_then(Value::as_str) {
        Some(severity) => format!("{category} ({severity})"),
        None => category.clone(),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// `{"error": {...}}`, `{"error": "..."}`, or the bare object that some servers send.
fn error_object(body: &Value) -> &Value {
    // Gemini's OpenAI endpoint wraps its error into a list.
    if let Value::Array(items) = body {
        return items.first().map_or(body, error_object);
    }
    // Cloudflare and watsonx have a list; what stands before Fireworks' API has a fault.
    let several = || body.get("errors").and_then(Value::as_array).and_then(|errors| errors.first());
    let error = body.get("error").filter(|error| !error.is_null());
    error.or_else(several).or_else(|| body.get("fault")).unwrap_or(body)
}

fn read(error: &Value) -> Words {
    if let Value::String(message) = error {
        return Words { message: message.clone(), ..Words::default() };
    }
    let text = |key: &str| match error.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    let number = |key: &str| error.get(key).and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok());
    let said = ["message", "faultstring", "detail", "msg"].iter().filter_map(|key| error.get(key)).map(words);
    let mut message = said.chain([words(error)]).find(|words| !words.is_empty()).unwrap_or_default();
    // OpenRouter: what the provider behind it said.
    if let Some(raw) = error.get("metadata").and_then(|metadata| metadata.get("raw")).and_then(Value::as_str) {
        message = format!("{message}: {raw}");
    }
    let status = number("code").or_else(|| number("status_code")).and_then(|n| StatusCode::from_u16(n).ok());
    // Azure says inside what its own code is.
    let inner = error.get("innererror").and_then(|inner| inner.get("code")).and_then(Value::as_str).map(str::to_owned);
    let tags = [text("code"), text("type"), text("status"), text("error_code"), text("reason"), inner]
        .into_iter()
        .flatten()
        .collect();
    let moderated = error.get("metadata").is_some_and(|metadata| metadata.get("flagged_input").is_some());
    Words {
        message,
        tags,
        status: status.filter(|status| status.as_u16() >= 400),
        moderated,
        filtered: findings(error),
    }
}

/// A message as text: some servers send what their validation found, a list of `{loc, msg}` (Mistral, `FastAPI`).
fn words(message: &Value) -> String {
    match message {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let place = fields.get("loc").and_then(Value::as_array).map(|path| {
                let names = path.iter().map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned));
                names.collect::<Vec<_>>().join(".")
            });
            let said =
                ["msg", "message", "detail"].iter().find_map(|key| fields.get(*key)).map(words).unwrap_or_default();
            place.map_or(said.clone(), |place| format!("{place}: {said}"))
        }
        _ => String::new(),
    }
}

/// The status that a code of Databricks' stands for, where it is not the server's fault.
///
/// Source: the Databricks REST API reference, "Errors".
fn of_databricks(code: &str) -> Option<StatusCode> {
    Some(match code {
        "BAD_REQUEST" | "INVALID_PARAMETER_VALUE" | "INVALID_STATE" => StatusCode::BAD_REQUEST,
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "PERMISSION_DENIED" => StatusCode::FORBIDDEN,
        "ENDPOINT_NOT_FOUND" | "NOT_FOUND" | "RESOURCE_DOES_NOT_EXIST" => StatusCode::NOT_FOUND,
        "REQUEST_LIMIT_EXCEEDED" | "RESOURCE_EXHAUSTED" => StatusCode::TOO_MANY_REQUESTS,
        "TEMPORARILY_UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
        "DEADLINE_EXCEEDED" => StatusCode::GATEWAY_TIMEOUT,
        _ => return None,
    })
}

/// What the words add to the status.
fn refine((kind, retry): (Kind, Retry), words: &Words) -> (Kind, Retry) {
    let tagged = |names: &[&str]| words.tags.iter().any(|tag| names.contains(&tag.as_str()));
    let message = words.message.to_ascii_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    if tagged(QUOTA_TAGS) || says(QUOTA_WORDS) {
        return (Kind::QuotaExhausted, Retry::Elsewhere);
    }
    if tagged(&["context_length_exceeded", "exceed_context_size_error"])
        || (kind == Kind::InvalidRequest && says(CONTEXT_WORDS))
    {
        return (Kind::ContextTooLong, Retry::Elsewhere);
    }
    // 1301: Z.ai; data_inspection_failed: Alibaba; Mistral answers 403 for what its guardrails block.
    if words.moderated
        || (kind == Kind::PermissionDenied && says(&["guardrail", "moderation"]))
        || tagged(&[
            "content_filter",
            "content_policy_violation",
            "ResponsibleAIPolicyViolation",
            "data_inspection_failed",
            "1301",
        ])
    {
        return (Kind::ContentFiltered, Retry::Never);
    }
    // 1211: Z.ai; invalid_model: Mistral; DeploymentNotFound: Azure.
    if tagged(&["model_not_found", "model_not_available", "invalid_model", "DeploymentNotFound", "1211"]) {
        return (Kind::NotFound, Retry::Elsewhere);
    }
    // Azure answers 401 to an identity without a role.
    if kind == Kind::Unauthenticated && tagged(&["PermissionDenied"]) {
        return (Kind::PermissionDenied, Retry::Elsewhere);
    }
    // Groq: one request of more tokens than a minute allows. Waiting does not help it.
    if kind == Kind::InvalidRequest && tagged(&["rate_limit_exceeded"]) {
        return (Kind::RateLimited, Retry::Elsewhere);
    }
    // xAI answers 400 to a key that it does not know.
    if tagged(&["invalid_api_key"]) || (kind == Kind::InvalidRequest && says(&["incorrect api key", "invalid api key"]))
    {
        return (Kind::Unauthenticated, Retry::Elsewhere);
    }
    if kind == Kind::Server && words.status.is_none() {
        // An error inside a stream often has a type and no status.
        // TGI has words only.
        if tagged(&["invalid_request_error", "tool_use_failed"]) || says(&["input validation error"]) {
            return (Kind::InvalidRequest, Retry::Never);
        }
        if tagged(&["rate_limit_exceeded", "rate_limit_error", "requests", "tokens"]) || says(&["rate limit"]) {
            return classify(StatusCode::TOO_MANY_REQUESTS);
        }
        if tagged(&["overloaded_error", "engine_overloaded"]) || says(&["overloaded"]) {
            return classify(StatusCode::SERVICE_UNAVAILABLE);
        }
        if let Some(status) = words.tags.iter().find_map(|tag| of_databricks(tag)) {
            return classify(status);
        }
    }
    (kind, retry)
}
