//! What a breaker admitted, held by a guard: an attempt that is dropped on its way gives the probe's slot back.

use super::breaker::{Admission, Breaker, BreakerPolicy};
use crate::world::Tick;

/// Where a breaker that calls share is found, and the time. Cheap to keep for as long as an attempt takes.
pub trait Gate {
    /// The time now.
    fn now(&self) -> Tick;
    /// Does something to the breaker, while nobody else does.
    fn breaker<T>(&self, act: impl FnOnce(&mut Breaker) -> T) -> T;
}

/// The leave to make one attempt. Its end is told to the breaker once: by `succeeded`, by `failed`, or by dropping it.
pub struct Permit<G: Gate> {
    gate: G,
    admission: Admission,
    opened: u64,
}

impl<G: Gate> Permit<G> {
    /// Asks the breaker; the error is when to ask again.
    pub fn take(gate: G, policy: &BreakerPolicy, random: u64) -> Result<Self, Tick> {
        let now = gate.now();
        match gate.breaker(|breaker| (breaker.admit(policy, now, random), breaker.opened())) {
            (Admission::Refused { until }, _) => Err(until),
            (admission, opened) => Ok(Permit { gate, admission, opened }),
        }
    }

    /// Whether the attempt is the probe.
    pub fn probes(&self) -> bool {
        self.admission == Admission::Probe
    }

    /// The attempt was good. `request` is a fingerprint of the request's body.
    pub fn succeeded(mut self, policy: &BreakerPolicy, request: u64) {
        self.settle(|breaker, admission, now| breaker.succeeded(policy, admission, request, now));
    }

    /// The attempt failed, and the destination is to blame.
    pub fn failed(mut self, policy: &BreakerPolicy, request: u64, random: u64) {
        self.settle(|breaker, admission, now| breaker.failed(policy, admission, request, now, random));
    }

    fn settle(&mut self, tell: impl FnOnce(&mut Breaker, Admission, Tick)) {
        let (now, opened) = (self.gate.now(), self.opened);
        let admission = std::mem::replace(&mut self.admission, Admission::Pass);
        self.gate.breaker(|breaker| {
            // Slow results of an outage that is over would open it again.
            if breaker.opened() == opened {
                tell(breaker, admission, now);
            }
        });
    }
}

impl<G: Gate> Drop for Permit<G> {
    fn drop(&mut self) {
        if self.probes() {
            let now = self.gate.now();
            self.gate.breaker(|breaker| breaker.abandoned(Admission::Probe, now));
        }
    }
}
