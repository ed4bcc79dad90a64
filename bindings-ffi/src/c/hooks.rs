//! Functions of the caller's: those that judge answers, and those that are told of what happens to a gateway.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;

use serde::Serialize;
use tidegate::Config;

use super::entry::{Str, may_wait};
use super::error::{Error, Failure};
use super::gateway::Gateway;
use super::handles::{get, insert, remove};
use crate::hooks;

/// Keeps a callback called that a gateway was given. End it with tidegate_subscription_close; it does not keep the gateway.
pub enum Subscription {}

/// Judges an answer, which is the response as canonical JSON and lives until it returns. True accepts it. False rejects it,
/// for the reason that was written to `reason`: text with NUL at its end, in `size` bytes. Runs on a thread of the library's,
/// or on several at the same time, where it may wait: functions that wait too.
pub type Check =
    Option<extern "C" fn(user_data: *mut c_void, response: *const c_char, reason: *mut c_char, size: usize) -> bool>;

/// Is called with a target whose state has changed, as tidegate_health describes it: canonical JSON that lives until it
/// returns. Runs on a thread of the library's, one call after the other, where it may wait.
pub type OnHealth = Option<extern "C" fn(user_data: *mut c_void, health: *const c_char)>;

/// Is called when a file has changed that is watched: with NULL if what it says was taken, or with an error that says why it
/// was not, and is then the callee's to free. Runs on a thread of the library's, one call after the other, where it may wait.
pub type OnReload = Option<extern "C" fn(user_data: *mut c_void, error: *mut Error)>;

/// Is called once with the user_data that came with it, when no callback will be given that any more: until then it has to
/// live. On any thread.
pub type Destroy = Option<extern "C" fn(user_data: *mut c_void)>;

/// The caller's own pointer, and how it ends.
struct Owned {
    user: *mut c_void,
    destroy: Destroy,
}

// SAFETY: it is only handed back, on the threads that the header names.
unsafe impl Send for Owned {}
// SAFETY: as above.
unsafe impl Sync for Owned {}

impl Owned {
    /// Not the field, which a closure would take alone.
    fn user(&self) -> *mut c_void {
        self.user
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.destroy.inspect(|destroy| destroy(self.user));
    }
}

/// A value as canonical JSON that ends with NUL.
fn text(value: &impl Serialize) -> Option<Vec<u8>> {
    let mut text = serde_json::to_vec(value).ok()?;
    text.push(0);
    Some(text)
}

/// How much room a reason has. The core shows 200 characters.
const ROOM: usize = 1024;

fn is_null(name: &str) -> tidegate::Error {
    tidegate::Error::invalid(name, "is NULL")
}

/// Opens the same gateway with one more function that judges answers, for routes whose `reject.check` has this name. The
/// deadline of the call holds for it too. Both gateways are open and closed each on its own; `destroy`, which may be NULL, is
/// called when all gateways with this function have ended and their calls. NULL and an error if an argument is wrong:
/// then `destroy` has been called. Any thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_gateway_with_check_s(
    gateway: *const Gateway,
    name: Str,
    check: Check,
    user_data: *mut c_void,
    destroy: Destroy,
    error: *mut *mut Error,
) -> *mut Gateway {
    let owned = Owned { user: user_data, destroy };
    entry!(tidegate_gateway_with_check_s, error, null_mut(), {
        let owned = owned;
        let gateway = get::<tidegate::Gateway, _>("gateway", gateway)?;
        let check = check.ok_or_else(|| is_null("check"))?;
        insert(hooks::with_check(&gateway, name.read("name")?, move |response| {
            let response = text(response)?;
            let mut reason = [0_u8; ROOM];
            let accepts = may_wait(|| check(owned.user(), response.as_ptr().cast(), reason.as_mut_ptr().cast(), ROOM));
            // One that has filled all of it has lost the end.
            let reason = CStr::from_bytes_until_nul(&reason).map_or(&reason[..], CStr::to_bytes);
            (!accepts).then(|| String::from_utf8_lossy(reason).into_owned())
        }))
    })
}

/// Tells on_health of each target of a gateway whose state changes, such as one whose breaker opens: for logs and alerts. It
/// goes on until the subscription is closed; then, or with the last call that is under way, `destroy` is called, which may
/// be NULL. NULL and an error if an argument is wrong: then `destroy` has been called. Any thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_observe_health(
    gateway: *const Gateway,
    on_health: OnHealth,
    user_data: *mut c_void,
    destroy: Destroy,
    error: *mut *mut Error,
) -> *mut Subscription {
    let owned = Owned { user: user_data, destroy };
    entry!(tidegate_observe_health, error, null_mut(), {
        let owned = owned;
        let gateway = get::<tidegate::Gateway, _>("gateway", gateway)?;
        let on_health = on_health.ok_or_else(|| is_null("on_health"))?;
        insert(hooks::observe(&gateway, move |health| {
            if let Some(health) = text(&health) {
                may_wait(|| on_health(owned.user(), health.as_ptr().cast()));
            }
        })?)
    })
}

/// Looks every so many seconds whether the file of the configuration has changed, and takes what it says then, as
/// tidegate_reload_file does. on_reload, which may be NULL, is told of each change. It goes on until the subscription is
/// closed or the gateway; `destroy`, which may be NULL, is called when the subscription is closed, or with the last call that
/// is under way then. NULL and an error if there is no file or an argument is wrong: then `destroy` has been called. Any
/// thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_watch(
    gateway: *const Gateway,
    every: f64,
    on_reload: OnReload,
    user_data: *mut c_void,
    destroy: Destroy,
    error: *mut *mut Error,
) -> *mut Subscription {
    let owned = Owned { user: user_data, destroy };
    entry!(tidegate_watch, error, null_mut(), {
        let owned = owned;
        let gateway = get::<tidegate::Gateway, _>("gateway", gateway)?;
        insert(hooks::watch(&gateway, every, move |outcome: tidegate::Result<Config>| {
            let user = owned.user();
            if let Some(on_reload) = on_reload {
                let error = outcome.err().map_or(null_mut(), |error| insert(Failure::from(error)));
                may_wait(|| on_reload(user, error));
            }
        })?)
    })
}

/// Ends a subscription: true, or false for NULL or one that was closed. A callback that is under way on another thread comes
/// to its end. Any thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_subscription_close(subscription: *mut Subscription) -> bool {
    entry!(tidegate_subscription_close, null_mut(), false, remove::<tidegate::Subscription, _>(subscription).is_some())
}
