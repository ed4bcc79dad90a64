//! The machines that calls share, out of the core's own files, for locks whose every interleaving can be played.

pub use tidegate as world;

#[path = "../../../core/src/policies/breaker.rs"]
pub mod breaker;
#[path = "../../../core/src/policies/permit.rs"]
pub mod permit;
#[path = "../../../core/src/policies/retry_budget.rs"]
pub mod retry_budget;
