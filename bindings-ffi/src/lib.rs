//! Tidegate for C, Kotlin and Swift: it converts, calls the core, converts back, and never decides.

// Both interfaces start their work with it.
#[expect(dead_code, reason = "c.rs and the UniFFI interface will use it")]
mod runtime;

uniffi::setup_scaffolding!();
