//! Looks after a configuration file, so that a change is taken without a restart.

use std::fs;
use std::path::PathBuf;

use crate::config::Config;
use crate::error::Result;
use crate::gateway::Gateway;
use crate::world::BoxFuture;

/// Looks at a gateway's file again and again, and reloads when its bytes have changed, until the gateway is gone.
///
/// By its bytes and not by its time or by what the system reports: files are mounted, linked and replaced in ways that
/// neither survives.
///
/// `gateway` gives it for as long as it is there; it is held for a moment only, and not while waiting.
pub(crate) async fn run(
    file: PathBuf,
    gateway: impl Fn() -> Option<Gateway> + Send,
    pause: impl Fn(&Gateway) -> BoxFuture<'static, ()> + Send,
    seen: impl Fn(Result<Config>) + Send,
) {
    let mut known = fs::read(&file).ok();
    while let Some(wait) = gateway().map(|gateway| pause(&gateway)) {
        wait.await;
        let found = fs::read(&file).ok();
        // One that is being replaced may be missing for a moment: what was read last holds.
        if found.is_none() || found == known {
            continue;
        }
        let Some(gateway) = gateway() else { return };
        known = found;
        seen(gateway.reload_file());
    }
}
