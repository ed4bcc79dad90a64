//! How long a function of the caller's is called, and on which thread.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::mpsc::unbounded_channel;

/// Keeps a function called that a gateway was given. Dropping it ends that.
///
/// A call that is under way on another thread then still comes to its end. It does not keep the gateway.
#[must_use = "the function is called for as long as this is there"]
pub struct Subscription {
    /// The gateway itself holds the function weakly.
    _function: Arc<dyn Any + Send + Sync>,
}

impl Subscription {
    pub(crate) fn new(function: Arc<dyn Any + Send + Sync>) -> Self {
        Subscription { _function: function }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

/// Calls a function of the caller's. What fails in it stays in it.
pub(crate) fn tell(call: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(call));
}

/// Hands values to `tell` one after the other, on threads that may wait: functions of other languages take their time, and
/// those of the gateway have none. What is still to be told is dropped with the function that this returns.
///
/// Has to be called from within a tokio runtime.
#[doc(hidden)]
pub fn in_order<T: Send + 'static>(tell: impl Fn(T) + Send + Sync + 'static) -> impl Fn(T) + Send + Sync + 'static {
    let (sender, mut values) = unbounded_channel();
    let tell = Arc::new(tell);
    let weak = Arc::downgrade(&tell);
    let runtime = Handle::current();
    drop(runtime.clone().spawn(async move {
        while let Some(value) = values.recv().await {
            let Some(tell) = weak.upgrade() else { return };
            // One that panics has been told.
            let _ = runtime.spawn_blocking(move || tell(value)).await;
        }
    }));
    move |value| {
        let _kept = &tell;
        // It is received for as long as `tell` is there.
        let _ = sender.send(value);
    }
}
