//! `tidegate_error`.

use std::ffi::{CString, c_char, c_int};
use std::ptr::null_mut;
use std::sync::{Arc, LazyLock};

use super::entry::c_string;
use super::handles::{find, remove};

/// What went wrong. Made by functions that take `tidegate_error **`; end it with tidegate_error_free.
pub enum Error {}

/// The place in `Kind::ALL`, from 1: constants of the header, which `examples/c_header.rs` writes.
type Kind = c_int;
const INTERNAL: Kind = -1;
const NO_STATUS: c_int = 0;
const NO_WAIT: f64 = -1.0;

/// An error as C reads it, converted when it is made, so that its texts live as long as its handle.
pub(super) struct Failure {
    kind: Kind,
    name: CString,
    message: CString,
    status: c_int,
    retry_after: f64,
    json: CString,
}

impl From<tidegate::Error> for Failure {
    fn from(error: tidegate::Error) -> Self {
        let place = tidegate::Kind::ALL.iter().position(|kind| *kind == error.kind());
        Failure {
            kind: place.and_then(|place| Kind::try_from(place + 1).ok()).unwrap_or(INTERNAL),
            name: c_string(error.kind().as_str()),
            message: c_string(error.to_string()),
            status: error.http_status().map_or(NO_STATUS, Into::into),
            retry_after: error.wait().map_or(NO_WAIT, |wait| wait.as_secs_f64()),
            json: c_string(serde_json::to_vec(&error).unwrap_or_default()),
        }
    }
}

impl Failure {
    /// A panic in `place`: of no kind of the core, which is not known to panic. What it said may hold a prompt.
    pub(super) fn internal(place: &str) -> Self {
        let message = format!("{place} panicked: a bug in Tidegate, please report it");
        let json = serde_json::json!({"kind": "internal", "message": message, "origin": "gateway", "retryable": false});
        let [name, message, json] = ["internal", &message, &json.to_string()].map(c_string);
        Failure { kind: INTERNAL, name, message, status: NO_STATUS, retry_after: NO_WAIT, json }
    }

    /// What a call that was cancelled ends with.
    pub(super) fn cancelled() -> Self {
        tidegate::Error::new(tidegate::Kind::Cancelled, "the call was cancelled").into()
    }
}

/// The failure of a handle; of none, where it is NULL or was freed.
fn failure(error: *const Error) -> Arc<Failure> {
    static NONE: LazyLock<Arc<Failure>> = LazyLock::new(|| {
        let [name, message, json] = ["none", "no error, or one that was freed", "null"].map(c_string);
        Arc::new(Failure { kind: 0, name, message, status: NO_STATUS, retry_after: NO_WAIT, json })
    });
    find(error).unwrap_or_else(|| Arc::clone(&NONE))
}

/// The kind: what to decide by. TIDEGATE_KIND_NONE for NULL or a freed error. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_kind(error: *const Error) -> Kind {
    entry!(tidegate_error_kind, null_mut(), INTERNAL, failure(error).kind)
}

/// The kind's name, the same in every language: `rate_limited`; `none` for NULL or a freed error. It lives until the
/// error is freed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_name(error: *const Error) -> *const c_char {
    entry!(tidegate_error_name, null_mut(), c"internal".as_ptr(), failure(error).name.as_ptr())
}

/// What failed, with which value, and what to do; for people. It never holds a key or a prompt. It lives until the error
/// is freed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_message(error: *const Error) -> *const c_char {
    entry!(tidegate_error_message, null_mut(), c"internal".as_ptr(), failure(error).message.as_ptr())
}

/// The HTTP status that the provider answered, 0 where there was none. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_status(error: *const Error) -> c_int {
    entry!(tidegate_error_status, null_mut(), NO_STATUS, failure(error).status)
}

/// The seconds that the provider asked to wait, negative where it did not. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_retry_after(error: *const Error) -> f64 {
    entry!(tidegate_error_retry_after, null_mut(), NO_WAIT, failure(error).retry_after)
}

/// All of it as canonical JSON: origin, provider, context, partial response and attempts too; `null` for NULL or a freed
/// error. It lives until the error is freed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_json(error: *const Error) -> *const c_char {
    entry!(tidegate_error_json, null_mut(), c"null".as_ptr(), failure(error).json.as_ptr())
}

/// Frees an error: true, or false for NULL or one that was freed. Any thread, while no other reads a text of it.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_error_free(error: *mut Error) -> bool {
    entry!(tidegate_error_free, null_mut(), false, remove::<Failure, _>(error).is_some())
}
