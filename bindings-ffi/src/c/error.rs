//! `tidegate_error`.

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::null_mut;
use std::sync::{Arc, LazyLock};

use super::entry::c_string;
use super::handles::{find, remove};

/// What went wrong. Made by functions that take `tidegate_error **`; end it with tidegate_error_free.
pub enum Error {}

/// The place in `Kind::ALL`, from 1: constants of the header, which `examples/c_header.rs` writes.
type Kind = c_int;
const INTERNAL: Kind = -1;

/// What an error says. Its texts live until the error is freed.
#[repr(C)]
pub struct ErrorInfo {
    /// What to decide by.
    kind: Kind,
    /// The HTTP status that the provider answered, 0 where there was none.
    status: c_int,
    /// The seconds that the provider asked to wait, negative where it did not.
    retry_after: f64,
    /// The kind's name, the same in every language: `rate_limited`.
    name: *const c_char,
    /// What failed, with which value, and what to do; for people. It never holds a key or a prompt.
    message: *const c_char,
    /// All of it as canonical JSON: origin, provider, context, partial response and attempts too.
    json: *const c_char,
}

/// An error as C reads it, converted when it is made, so that its texts live as long as its handle.
pub(super) struct Failure {
    kind: Kind,
    status: c_int,
    retry_after: f64,
    texts: [CString; 3],
}

impl Failure {
    fn new(kind: Kind, texts: [&str; 3]) -> Self {
        Failure { kind, status: 0, retry_after: -1.0, texts: texts.map(c_string) }
    }

    /// A panic in `place`: of no kind of the core, which is not known to panic. What it said may hold a prompt.
    pub(super) fn internal(place: &str) -> Self {
        let message = format!("{place} panicked: a bug in Tidegate, please report it");
        let json = serde_json::json!({"kind": "internal", "message": message, "origin": "gateway", "retryable": false});
        Failure::new(INTERNAL, ["internal", &message, &json.to_string()])
    }

    /// What a call that was cancelled ends with.
    pub(super) fn cancelled() -> Self {
        tidegate::Error::new(tidegate::Kind::Cancelled, "the call was cancelled").into()
    }
}

impl From<tidegate::Error> for Failure {
    fn from(error: tidegate::Error) -> Self {
        let place = tidegate::Kind::ALL.iter().position(|kind| *kind == error.kind());
        let kind = place.and_then(|place| Kind::try_from(place + 1).ok()).unwrap_or(INTERNAL);
        let json = serde_json::to_string(&error).unwrap_or_default();
        Failure {
            status: error.http_status().map_or(0, Into::into),
            retry_after: error.wait().map_or(-1.0, |wait| wait.as_secs_f64()),
            ..Failure::new(kind, [error.kind().as_str(), &error.to_string(), &json])
        }
    }
}

/// Reads an error; NULL and one that was freed are of the kind TIDEGATE_KIND_NONE. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_read(error: *const Error) -> ErrorInfo {
    static NONE: LazyLock<Arc<Failure>> =
        LazyLock::new(|| Failure::new(0, ["none", "no error, or one that was freed", "null"]).into());
    let info = |failure: &Failure| {
        let Failure { kind, status, retry_after, texts } = failure;
        let [name, message, json] = texts.each_ref().map(|text| text.as_ptr());
        ErrorInfo { kind: *kind, status: *status, retry_after: *retry_after, name, message, json }
    };
    let [name, message, json] = [c"internal", c"tidegate_error_read panicked", c"null"].map(CStr::as_ptr);
    let fallback = ErrorInfo { kind: INTERNAL, status: 0, retry_after: -1.0, name, message, json };
    entry!(tidegate_error_read, null_mut(), fallback, info(&find(error).unwrap_or_else(|| Arc::clone(&NONE))))
}

/// Frees an error: true, or false for NULL or one that was freed. Any thread, while no other reads a text of it.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_free(error: *mut Error) -> bool {
    entry!(tidegate_error_free, null_mut(), false, remove::<Failure, _>(error).is_some())
}
