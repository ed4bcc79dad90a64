//! Tidegate for C, Kotlin and Swift: it converts, calls the core, converts back, and never decides.

// A handle is a slot and a generation of 32 bits each, in a pointer.
#[cfg(target_pointer_width = "64")]
mod c;
mod error;
mod gateway;
mod hooks;
mod json;
mod records;
mod runtime;
mod stream;

pub use error::TidegateError;
pub use gateway::{Call, Gateway, Sim};
pub use hooks::{Check, HealthObserver, ReloadObserver, Subscription};
pub use json::{Json, chat_request_from_json, embed_request_from_json, rerank_request_from_json};
pub use records::*;
pub use stream::EventStream;

uniffi::setup_scaffolding!();
