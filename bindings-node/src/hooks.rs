//! Functions of JavaScript that are told of what happens to a gateway.

use std::sync::Mutex;
use std::time::Duration;

use napi::bindgen_prelude::{FnArgs, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Result, Status};
use napi_derive::napi;
use serde::Serialize;
use tidegate::Gateway;

use crate::bridge::{Text, lock, runtime};
use crate::json::write_camel;
use crate::raise;

/// A function that takes JSON text.
pub(crate) type Told<'a> = Function<'a, FnArgs<(String,)>, ()>;

/// Calls it, in order. Weak: it does not keep the process alive.
struct Tell(ThreadsafeFunction<Vec<u8>, (), FnArgs<(Text,)>, Status, false, true>);

impl Tell {
    fn new(function: &Told<'_>) -> Result<Self> {
        let call = function.build_threadsafe_function::<Vec<u8>>().weak::<true>();
        call.build_callback(|call| Ok(FnArgs::from((Text(call.value),)))).map(Tell)
    }

    fn tell(&self, value: &impl Serialize) {
        let mut text = Vec::new();
        if write_camel(&mut text, value).is_ok() {
            self.0.call(text, ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

/// Keeps a function called, until it is closed or collected.
#[napi]
pub struct Subscription(Mutex<Option<tidegate::Subscription>>);

#[napi]
impl Subscription {
    /// Ends it.
    #[napi]
    pub fn close(&self) {
        // Dropped when the lock is free again.
        let _ended = lock(&self.0).take();
    }
}

pub(crate) fn observe(gateway: &Gateway, told: &Told<'_>) -> Result<Subscription> {
    let told = Tell::new(told)?;
    Ok(Subscription(Mutex::new(Some(gateway.observe_health(move |health| told.tell(health))))))
}

pub(crate) fn watch(gateway: &Gateway, every: f64, told: &Told<'_>) -> Result<Subscription> {
    let told = Tell::new(told)?;
    let _within = runtime()?.enter();
    // What is no time is refused by the core, as none.
    let every = Duration::try_from_secs_f64(every).unwrap_or_default();
    let watch = gateway.watch(every, move |outcome| told.tell(&outcome.err()));
    Ok(Subscription(Mutex::new(Some(watch.map_err(|error| raise(&error))?))))
}
