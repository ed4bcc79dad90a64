//! Tidegate for C, Kotlin and Swift: it converts, calls the core, converts back, and never decides.

// A handle is a slot and a generation of 32 bits each, in a pointer.
#[cfg(target_pointer_width = "64")]
mod c;
// Both interfaces start their work with it.
#[expect(dead_code, reason = "c.rs and the UniFFI interface will use it")]
mod runtime;

uniffi::setup_scaffolding!();
