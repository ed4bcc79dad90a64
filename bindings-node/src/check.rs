//! Functions of JavaScript that judge answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use napi::bindgen_prelude::{FnArgs, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Result, Status};
use napi_derive::napi;
use tidegate::{BoxFuture, Gateway, Response};
use tokio::sync::oneshot::{Sender, channel};

use crate::bridge::{Text, lock};
use crate::json::write_camel;

/// Calls the function with an id and a response as JSON text. Weak: the call that is awaited keeps the process alive.
type Ask = ThreadsafeFunction<(u32, Vec<u8>), (), FnArgs<(u32, Text)>, Status, false, true>;

/// Who waits for what a function says, by id.
static WAITING: LazyLock<Mutex<HashMap<u32, Sender<Option<String>>>>> = LazyLock::new(Mutex::default);
static LAST: AtomicU32 = AtomicU32::new(0);

/// A question that a function was asked. Dropping it forgets it.
struct Question(u32);

impl Drop for Question {
    fn drop(&mut self) {
        lock(&WAITING).remove(&self.0);
    }
}

/// The gateway with a function that judges answers.
pub(crate) fn give(gateway: &Gateway, name: String, ask: &Function<'_, FnArgs<(u32, String)>, ()>) -> Result<Gateway> {
    let ask: Arc<Ask> = Arc::new(
        ask.build_threadsafe_function::<(u32, Vec<u8>)>()
            .weak::<true>()
            .build_callback(|call| Ok(FnArgs::from((call.value.0, Text(call.value.1)))))?,
    );
    Ok(gateway.with_async_check(name, move |response| judge(Arc::clone(&ask), response)))
}

fn judge(ask: Arc<Ask>, response: Arc<Response>) -> BoxFuture<'static, Option<String>> {
    Box::pin(async move {
        let mut text = Vec::new();
        write_camel(&mut text, &*response).ok()?;
        let question = Question(LAST.fetch_add(1, Ordering::Relaxed));
        let (sender, reason) = channel();
        lock(&WAITING).insert(question.0, sender);
        // A thread that has ended rejects nothing.
        if ask.call((question.0, text), ThreadsafeFunctionCallMode::NonBlocking) != Status::Ok {
            return None;
        }
        reason.await.ok().flatten()
    })
}

/// What a function said to the question `id`: the reason to reject the answer, or nothing.
#[napi]
#[cfg_attr(test, allow(dead_code, reason = "JavaScript calls it"))]
pub fn judged(id: u32, reason: Option<String>) {
    if let Some(sender) = lock(&WAITING).remove(&id) {
        let _ = sender.send(reason);
    }
}
