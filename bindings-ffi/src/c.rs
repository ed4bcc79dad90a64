//! The C interface: JSON in, JSON out. `include/tidegate.h` is made of these files and says how all of it is used.
//!
//! Only foreign code calls these functions, which no `unsafe` in front of them would reach: the header says what callers
//! have to keep, and the `SAFETY` comments rely on it.
#![allow(clippy::doc_markdown, reason = "the comments become the header's")]

#[macro_use]
mod entry;
mod call;
mod error;
mod gateway;
mod handles;
mod hooks;
#[cfg(feature = "panic-injection")]
#[path = "../c/tests/injection.rs"]
mod injection;
mod stream;
