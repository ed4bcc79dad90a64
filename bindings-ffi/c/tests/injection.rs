//! Lets `c/test.sh` choose what panics next. No part of a normal build.

use std::ffi::{CStr, c_char};
use std::sync::{Mutex, PoisonError};

static NEXT: Mutex<String> = Mutex::new(String::new());

#[unsafe(no_mangle)]
extern "C" fn tidegate_inject_panic(name: *const c_char) {
    // SAFETY: the test gives text that ends with NUL.
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    *NEXT.lock().unwrap_or_else(PoisonError::into_inner) = name.into_owned();
}

#[allow(clippy::panic, reason = "it is what the test asks for")]
pub(super) fn inject(name: &str) {
    let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
    if *next == name {
        next.clear();
        drop(next);
        panic!("injected");
    }
}
