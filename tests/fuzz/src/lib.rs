//! Feeds broken answers to the framers and decoders of all protocols. See README.md.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a tool of tests")]

pub mod chance;
pub mod check;
mod json;
pub mod memory;
mod mutate;
pub mod run;
mod seeds;
pub mod target;
mod wire;
