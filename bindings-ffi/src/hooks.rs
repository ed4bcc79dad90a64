//! Functions of the caller's: those that judge answers, and those that are told of what happens to a gateway.
//!
//! They are called on threads of their own, where they may wait: the network thread goes on meanwhile.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tidegate::{Config, Error, Response, in_order};
use uniffi::UnexpectedUniFFICallbackError;

use crate::error::TidegateError;
use crate::records;
use crate::runtime::runtime;

/// Judges answers, for routes whose `reject.check` has its name.
#[uniffi::export(callback_interface)]
pub trait Check: Send + Sync {
    /// The reason to reject an answer, or nothing. One that fails rejects nothing.
    fn judge(&self, response: records::Response) -> Result<Option<String>, TidegateError>;
}

/// Is told of targets.
#[uniffi::export(callback_interface)]
pub trait HealthObserver: Send + Sync {
    /// The state of a target has changed.
    fn changed(&self, health: records::TargetHealth) -> Result<(), TidegateError>;
}

/// Is told of a file that is watched.
#[uniffi::export(callback_interface)]
pub trait ReloadObserver: Send + Sync {
    /// The file has changed, and what it says was taken; or there is an error that says why it was not.
    fn reloaded(&self, error: Option<TidegateError>) -> Result<(), TidegateError>;
}

/// What a function of another language threw. It says nothing of its words: they may be an answer's.
impl From<UnexpectedUniFFICallbackError> for TidegateError {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Error::new(tidegate::Kind::InvalidRequest, "a function that the gateway was given failed").into()
    }
}

/// Keeps a function called that a gateway was given, until it is cancelled, closed (Kotlin, Java) or let go of: so keep it.
///
/// It does not keep the gateway.
#[derive(uniffi::Object)]
pub struct Subscription(Mutex<Option<tidegate::Subscription>>);

#[uniffi::export]
impl Subscription {
    /// Ends it. A call of the function that is under way on another thread comes to its end.
    pub fn cancel(&self) {
        // Dropped when the lock is free again.
        let _ended = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl From<tidegate::Subscription> for Subscription {
    fn from(kept: tidegate::Subscription) -> Self {
        Subscription(Mutex::new(Some(kept)))
    }
}

/// The gateway with a function that judges answers.
pub(crate) fn with_check(
    gateway: &tidegate::Gateway,
    name: &str,
    judge: impl Fn(&Response) -> Option<String> + Send + Sync + 'static,
) -> tidegate::Gateway {
    let judge = Arc::new(judge);
    gateway.with_async_check(name, move |response| {
        let judge = Arc::clone(&judge);
        let task = tokio::task::spawn_blocking(move || judge(&response));
        Box::pin(async move { task.await.ok().flatten() })
    })
}

pub(crate) fn observe(
    gateway: &tidegate::Gateway,
    tell: impl Fn(tidegate::TargetHealth) + Send + Sync + 'static,
) -> tidegate::Result<tidegate::Subscription> {
    let _within = runtime()?.enter();
    let tell = in_order(tell);
    Ok(gateway.observe_health(move |health| tell(health.clone())))
}

/// Looks at the gateway's file every so many seconds.
pub(crate) fn watch(
    gateway: &tidegate::Gateway,
    every: f64,
    tell: impl Fn(tidegate::Result<Config>) + Send + Sync + 'static,
) -> tidegate::Result<tidegate::Subscription> {
    let _within = runtime()?.enter();
    // What is no time is refused by the core, as none.
    gateway.watch(Duration::try_from_secs_f64(every).unwrap_or_default(), in_order(tell))
}
