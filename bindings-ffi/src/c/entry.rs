//! What all functions share: the guard against panics, text in, JSON out, and waiting.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::slice::from_raw_parts;
use std::str::from_utf8;

use super::error::{Error, Failure};
use super::handles;
#[cfg(feature = "panic-injection")]
pub(super) use super::injection::inject;
#[cfg(not(feature = "panic-injection"))]
pub(super) const fn inject(_: &str) {}

/// `entry!(function, error, fallback, body)` is what every function consists of.
macro_rules! entry {
    ($name:ident, $error:expr, $fallback:expr, $body:expr) => {{
        // SAFETY: callers keep what the header says of `error` and of texts.
        unsafe { $crate::c::entry::run(stringify!($name), $error, $fallback, || Ok($body)) }
    }};
}

/// Runs the body of the function `name`. A failure, and a panic, become an error and `fallback`.
///
/// # Safety
/// `error` is null, or a handle can be written there.
pub(super) unsafe fn run<T>(
    name: &str,
    error: *mut *mut Error,
    fallback: T,
    body: impl FnOnce() -> Result<T, Failure>,
) -> T {
    let guarded = AssertUnwindSafe(|| {
        inject(name);
        body()
    });
    let outcome = catch_unwind(guarded).unwrap_or_else(|_| Err(Failure::internal(name)));
    let (value, failure) = outcome.map_or_else(|failure| (fallback, Some(failure)), |value| (value, None));
    if !error.is_null() {
        // SAFETY: it is not null, so the caller has given a place for a handle.
        unsafe { error.write(failure.map_or(null_mut(), handles::insert)) };
    }
    value
}

/// Text that is passed in: `length` bytes, or up to the first NUL where `length` is SIZE_MAX.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    /// The bytes, in UTF-8. NULL is refused.
    data: *const c_char,
    /// How many they are.
    length: usize,
}

impl Str {
    /// The argument `name` as text.
    ///
    /// # Safety
    /// It is as the field says, and nobody changes it for `'a`.
    pub(super) unsafe fn read<'a>(self, name: &str) -> tidegate::Result<&'a str> {
        let bytes = match self.length {
            _ if self.data.is_null() => return Err(tidegate::Error::invalid(name, "is NULL")),
            // SAFETY: it is not null and ends with NUL, as its length says.
            usize::MAX => unsafe { CStr::from_ptr(self.data) }.to_bytes(),
            // SAFETY: it is not null and has that many bytes, as its length says.
            length if length <= isize::MAX.unsigned_abs() => unsafe { from_raw_parts(self.data.cast(), length) },
            length => return Err(tidegate::Error::invalid(name, format_args!("cannot have {length} bytes"))),
        };
        let invalid = |at| tidegate::Error::invalid(name, format_args!("is not UTF-8 at byte {at}"));
        from_utf8(bytes).map_err(|error| invalid(error.valid_up_to()))
    }
}

/// Text for callers, without the NULs that C cannot have inside of it. JSON has none.
pub(super) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// A value as canonical JSON, which the caller frees.
pub(super) fn json(value: &impl serde::Serialize) -> Result<*mut c_char, Failure> {
    // Written into a buffer that stays, so that what the caller gets is allocated once, in its size.
    thread_local!(static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) });
    let mut buffer = BUFFER.take();
    serde_json::to_writer(&mut buffer, value).map_err(|_| Failure::internal("canonical JSON"))?;
    let mut text = Vec::with_capacity(buffer.len() + 1);
    text.append(&mut buffer);
    buffer.shrink_to(1 << 16);
    BUFFER.set(buffer);
    // SAFETY: JSON has no NUL inside: serde_json escapes it.
    Ok(unsafe { CString::from_vec_unchecked(text) }.into_raw())
}

thread_local!(static MAY_WAIT: Cell<bool> = const { Cell::new(false) });

/// Runs a callback on a thread that nothing else waits for.
pub(super) fn may_wait<T>(callback: impl FnOnce() -> T) -> T {
    MAY_WAIT.set(true);
    let outcome = callback();
    MAY_WAIT.set(false);
    outcome
}

/// Waits on this thread, unless it is the one that runs callbacks of calls, which would wait for itself.
pub(super) fn wait<F: Future>(future: F) -> tidegate::Result<F::Output> {
    if !MAY_WAIT.get() && tokio::runtime::Handle::try_current().is_ok() {
        let problem = "a callback must not wait: use a function that ends in _start, or another thread";
        return Err(tidegate::Error::invalid("", problem));
    }
    Ok(crate::runtime::runtime()?.block_on(future))
}

/// Frees a text that was returned. NULL is allowed. Any thread; each text once: unlike handles, texts are not checked.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_string_free(text: *mut c_char) {
    entry!(tidegate_string_free, null_mut(), (), {
        if !text.is_null() {
            drop(CString::from_raw(text));
        }
    });
}

/// The number of handles that are alive, errors among them: a test's look for leaks, which leak checkers do not see, as
/// the library still knows them. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_open_handles() -> usize {
    entry!(tidegate_open_handles, null_mut(), usize::MAX, handles::count())
}
