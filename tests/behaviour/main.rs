//! What holds for every protocol, shown with conversations that nobody thought of.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic as they do"
)]

mod answers;
mod conversations;
mod history;
mod rules;
mod vendors;
mod written;
