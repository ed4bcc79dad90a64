//! One concern a file. The order stands in `stack.rs`.

pub(crate) mod balance;
pub(crate) mod batches;
pub(crate) mod breaker;
mod choice;
pub(crate) mod concurrency;
pub(crate) mod cooldown;
pub(crate) mod deadline;
mod explain;
pub(crate) mod failover;
pub(crate) mod fleet;
mod gate;
mod gradient;
pub(crate) mod health;
pub(crate) mod health_check;
pub(crate) mod hedge;
pub(crate) mod key_pool;
pub(crate) mod latency;
pub(crate) mod permit;
pub(crate) mod plan;
mod race;
pub(crate) mod retry_budget;
mod round;
pub(crate) mod structured_output;
pub(crate) mod timeout;
pub(crate) mod vendor_limits;
pub(crate) mod vitals;
pub(crate) mod windows;
