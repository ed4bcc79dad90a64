//! Bedrock's errors become ours: those of a status, and the exceptions inside a stream.
//!
//! Sources: the Bedrock API reference, "Common errors" and the errors of "Converse"; the user guide, "Troubleshooting Amazon
//! Bedrock API error codes".

use http::header::HeaderName;
use http::response::Parts;
use serde_json::Value;

use crate::error::{Error, Kind, Retry};
use crate::providers::status::{AGAIN, classify, failed, refused};
use crate::target::Target;

/// Names the error: `ValidationException:http://internal.amazon.com/...`.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The error of an answer that is not 200.
pub(in crate::providers) fn status_error(head: &Parts, body: &[u8], target: &Target) -> Error {
    // A proxy's page has no words of use, and its status says enough.
    let mut said = Said::read(body);
    // What AWS itself answers names the error in a header, and often nowhere else.
    if let Some(kind) = head.headers.get(ERROR_TYPE).and_then(|kind| kind.to_str().ok()) {
        kind.clone_into(&mut said.kind);
    }
    let status = head.status;
    // The name knows more: some of AWS's gateways have one status for all of them.
    let found = named(&said.kind).unwrap_or_else(|| match status.as_u16() {
        // The model failed on this request; another may not.
        424 => (Kind::Server, Retry::Elsewhere),
        _ => classify(status),
    });
    refused(refine(found, &said.message), status, &said.message, body, target)
}

/// The error that an exception of a stream says.
pub(in crate::providers) fn exception(kind: &str, data: &[u8], target: &Target) -> Error {
    let said = Said::read(data);
    let by_name = named(kind).unwrap_or((Kind::Server, AGAIN));
    let (kind, retry) = refine(by_name, &said.message);
    failed(kind, retry, &said.message, target)
}

#[derive(Default)]
struct Said {
    kind: String,
    message: String,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |keys: &[&str]| keys.iter().find_map(|key| value.get(key)?.as_str()).unwrap_or_default().to_owned();
        Said { kind: text(&["__type", "code"]), message: text(&["message", "Message", "originalMessage"]) }
    }
}

/// What an exception's name stands for, behind any namespace and in either case of its first letter.
fn named(kind: &str) -> Option<(Kind, Retry)> {
    let name = kind.split(':').next().unwrap_or(kind);
    let name = name.rsplit(['#', '.', '/']).next().unwrap_or(name).to_ascii_lowercase();
    Some(match name.as_str() {
        "validationexception" => (Kind::InvalidRequest, Retry::Never),
        "accessdeniedexception" => (Kind::PermissionDenied, Retry::Elsewhere),
        "unrecognizedclientexception" | "expiredtokenexception" | "invalidsignatureexception" => {
            (Kind::Unauthenticated, Retry::Elsewhere)
        }
        "resourcenotfoundexception" => (Kind::NotFound, Retry::Elsewhere),
        "servicequotaexceededexception" => (Kind::QuotaExhausted, Retry::Elsewhere),
        "throttlingexception" | "modelnotreadyexception" => (Kind::RateLimited, AGAIN),
        "serviceunavailableexception" => (Kind::Overloaded, AGAIN),
        "modeltimeoutexception" => (Kind::Timeout, AGAIN),
        "internalserverexception" | "modelstreamerrorexception" => (Kind::Server, AGAIN),
        "modelerrorexception" => (Kind::Server, Retry::Elsewhere),
        _ => return None,
    })
}

/// What the words add to the name or the status.
fn refine((kind, retry): (Kind, Retry), message: &str) -> (Kind, Retry) {
    let message = message.to_ascii_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    match kind {
        // AWS says 403 for keys that it does not know, too.
        Kind::PermissionDenied
            if says(&["security token", "signature", "expired", "bearer token", "api key", "authentication"]) =>
        {
            (Kind::Unauthenticated, Retry::Elsewhere)
        }
        Kind::RateLimited if says(&["per day", "daily"]) => (Kind::QuotaExhausted, Retry::Elsewhere),
        Kind::InvalidRequest => invalid(retry, says),
        _ => (kind, retry),
    }
}

/// Several things that are no fault of the request come as a 400 too and differ by their words only.
fn invalid(retry: Retry, says: impl Fn(&[&str]) -> bool) -> (Kind, Retry) {
    let too_long = [
        "input is too long",
        "prompt is too long",
        "input tokens exceeded",
        "too many input tokens",
        "maximum context length",
        "context window",
        "exceed context limit",
        "exceeds the maximum number of tokens",
    ];
    if says(&too_long) {
        return (Kind::ContextTooLong, Retry::Elsewhere);
    }
    if says(&["model identifier is invalid", "provided model doesn't exist", "end of its life"]) {
        return (Kind::NotFound, Retry::Elsewhere);
    }
    // Models that are sold by the hour, or in other regions, and features that a model lacks.
    if says(&["on-demand throughput isn", "isn't supported", "doesn't support", "does not support", "is not supported"])
    {
        return (Kind::InvalidRequest, Retry::Elsewhere);
    }
    if says(&["not authorized", "not allowed for this account", "operation not allowed"]) {
        return (Kind::PermissionDenied, Retry::Elsewhere);
    }
    // Thinking that another model or account signed: others do not look at it.
    if says(&["invalid `signature`", "invalid signature"]) {
        return (Kind::InvalidRequest, Retry::Elsewhere);
    }
    if says(&["content filtering policy", "blocked by our content filters"]) {
        return (Kind::ContentFiltered, Retry::Never);
    }
    (Kind::InvalidRequest, retry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_spelling() {
        for kind in [
            "throttlingException",
            "ThrottlingException",
            "com.amazon.coral.availability#ThrottlingException",
            "ThrottlingException:http://internal.amazon.com/coral/",
        ] {
            assert_eq!(named(kind), Some((Kind::RateLimited, AGAIN)), "{kind}");
        }
        assert_eq!(named("somethingNewException"), None);
    }

    #[test]
    fn words_tell_errors_of_one_status_apart() {
        let bad = (Kind::InvalidRequest, Retry::Never);
        let table = [
            (bad, "Input is too long for requested model.", Kind::ContextTooLong),
            (bad, "The provided model identifier is invalid.", Kind::NotFound),
            (bad, "Invocation of model ID x with on-demand throughput isn’t supported.", Kind::InvalidRequest),
            (bad, "The text field in the ContentBlock object is blank.", Kind::InvalidRequest),
            (
                (Kind::PermissionDenied, Retry::Elsewhere),
                "The security token included in the request is invalid.",
                Kind::Unauthenticated,
            ),
            (
                (Kind::PermissionDenied, Retry::Elsewhere),
                "You don't have access to the model with the specified model ID.",
                Kind::PermissionDenied,
            ),
            ((Kind::RateLimited, AGAIN), "Too many tokens per day, please wait.", Kind::QuotaExhausted),
            ((Kind::RateLimited, AGAIN), "Too many requests, please wait before trying again.", Kind::RateLimited),
        ];
        for (by_status, message, want) in table {
            assert_eq!(refine(by_status, message).0, want, "{message}");
        }
    }
}
