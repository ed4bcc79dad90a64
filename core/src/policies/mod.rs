//! One concern a file. The order stands in `stack.rs`.

pub(crate) mod batches;
pub(crate) mod cooldown;
pub(crate) mod deadline;
pub(crate) mod failover;
pub(crate) mod plan;
pub(crate) mod structured_output;
pub(crate) mod timeout;
