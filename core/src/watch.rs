//! Looks after a configuration file, so that a change is taken without a restart.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Result;
use crate::gateway::Gateway;
use crate::world::World;

/// Looks at a gateway's file again and again, and reloads when its bytes have changed, until the gateway is gone.
///
/// By its bytes and not by its time or by what the system reports: files are mounted, linked and replaced in ways that
/// neither survives.
pub(crate) async fn run(
    file: PathBuf,
    every: Duration,
    gateway: impl Fn() -> Option<Gateway> + Send,
    seen: impl Fn(Result<()>) + Send,
    world: Arc<dyn World>,
) {
    let mut known = fs::read(&file).ok();
    loop {
        world.sleep(world.now() + every).await;
        let Some(gateway) = gateway() else { return };
        let found = fs::read(&file).ok();
        // One that is being replaced may be missing for a moment: what was read last holds.
        if found.is_some() && found != known {
            known = found;
            seen(gateway.reload_file());
        }
    }
}
