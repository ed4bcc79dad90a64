//! From tokio to Node: a queue and one function that wakes the event loop. What completes while the loop is busy shares
//! one wake-up.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Mutex;

use napi::bindgen_prelude::PromiseRaw;
use napi::{Env, JsError, JsValue, Result, check_status, sys};

/// Makes the value of a promise, on the event loop's thread.
type Make = Box<dyn FnOnce(sys::napi_env) -> Result<sys::napi_value> + Send>;

/// What settles a promise.
pub struct Deferred(sys::napi_deferred);

// SAFETY: only the event loop's thread uses it; others carry it there.
unsafe impl Send for Deferred {}

pub struct Bridge {
    wake: sys::napi_threadsafe_function,
    queue: Mutex<Vec<(Deferred, Make)>>,
}

// SAFETY: threadsafe functions may be called on any thread.
unsafe impl Send for Bridge {}
// SAFETY: as above.
unsafe impl Sync for Bridge {}

impl Bridge {
    /// It stays until the process ends.
    pub fn new(env: Env) -> Result<&'static Self> {
        let bridge = Box::leak(Box::new(Bridge { wake: null_mut(), queue: Mutex::default() }));
        let name = env.create_string("napifloor")?;
        let context = (&raw mut *bridge).cast::<c_void>();
        let mut wake = null_mut();
        // SAFETY: the context is never freed, and `drain` takes it for what it is.
        check_status!(unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                null_mut(),
                null_mut(),
                name.raw(),
                0,
                1,
                null_mut(),
                None,
                context,
                Some(drain),
                &mut wake,
            )
        })?;
        bridge.wake = wake;
        Ok(bridge)
    }

    /// A promise, and what settles it.
    pub fn promise<T>(env: Env) -> Result<(Deferred, PromiseRaw<'static, T>)> {
        let (mut deferred, mut promise) = (null_mut(), null_mut());
        // SAFETY: writes the two handles.
        check_status!(unsafe { sys::napi_create_promise(env.raw(), &mut deferred, &mut promise) })?;
        Ok((Deferred(deferred), PromiseRaw::new(env.raw(), promise)))
    }

    pub fn push(&self, deferred: Deferred, make: Make) {
        let mut queue = self.queue.lock().expect("the queue");
        queue.push((deferred, make));
        if queue.len() == 1 {
            // SAFETY: the function stays until the process ends.
            unsafe {
                sys::napi_call_threadsafe_function(self.wake, null_mut(), sys::ThreadsafeFunctionCallMode::nonblocking)
            };
        }
    }
}

/// Called on the event loop's thread after a wake-up.
unsafe extern "C" fn drain(env: sys::napi_env, _function: sys::napi_value, context: *mut c_void, _data: *mut c_void) {
    // SAFETY: it is the bridge that was leaked.
    let bridge = unsafe { &*context.cast::<Bridge>() };
    let done = std::mem::take(&mut *bridge.queue.lock().expect("the queue"));
    for (Deferred(deferred), make) in done {
        // SAFETY: this is the thread of `env`, and each promise is settled once.
        unsafe {
            match make(env) {
                Ok(value) => sys::napi_resolve_deferred(env, deferred, value),
                Err(error) => sys::napi_reject_deferred(env, deferred, JsError::from(error).into_value(env)),
            };
        }
    }
}
