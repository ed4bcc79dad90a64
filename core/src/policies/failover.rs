//! The hinge between a call and its attempts: the only code that tries again.

use std::sync::Arc;

use super::cooldown::Cooldowns;
use super::fleet::Fleet;
use super::key_pool::{KeyPools, PoolKey};
use super::round::Round;
use super::vendor_limits::VendorLimits;
use crate::error::{Error, Result};
use crate::policy::{Attempt, Call, Reply, Ring, Serve};
use crate::target::Target;
use crate::world::{BoxFuture, Tick};

/// Tries the targets of a route, by the plan, until one answers.
pub(crate) struct Failover {
    attempts: Ring<Attempt>,
    pub(super) cooldowns: Cooldowns,
    keys: Arc<KeyPools>,
    limits: Arc<VendorLimits>,
    pub(super) fleet: Arc<Fleet>,
}

impl Failover {
    pub(crate) fn new(
        attempts: Ring<Attempt>,
        keys: Arc<KeyPools>,
        limits: Arc<VendorLimits>,
        fleet: Arc<Fleet>,
    ) -> Self {
        Failover { attempts, cooldowns: Cooldowns::default(), keys, limits, fleet }
    }

    /// When a place may be tried: when it has cooled down, its key does not rest, and the vendor's limits leave room.
    pub(super) fn ready(&self, target: &Target, key: usize, now: Tick) -> Tick {
        let cool = self.cooldowns.ready(&target.label, key, now);
        let open = self.limits.ready(&target.label, key, now);
        cool.max(open).max(self.keys.ready(PoolKey::of(target, key), now))
    }

    /// Why a place may not be tried.
    pub(super) fn rests(&self, target: &Target, key: usize, now: Tick) -> Option<Error> {
        let cool = || self.cooldowns.error(&target.label, key, now);
        let open = || self.limits.error(&target.label, key, now);
        self.keys.error(PoolKey::of(target, key), now).or_else(cool).or_else(open)
    }

    /// What an attempt goes through.
    pub(super) fn attempts(&self) -> &Ring<Attempt> {
        &self.attempts
    }
}

impl Serve<Call> for Arc<Failover> {
    fn serve(&self, call: Call) -> BoxFuture<'_, Result<Reply>> {
        Box::pin(async move { Round::begin(self, &call).run().await })
    }
}
