//! Looks after a configuration file, so that a change is taken without a restart.

use std::fs;
use std::path::PathBuf;
use std::sync::Weak;

use crate::config::Config;
use crate::error::Result;
use crate::gateway::Gateway;
use crate::subscription::tell;
use crate::world::BoxFuture;

/// Looks at a gateway's file again and again, and reloads when its bytes have changed, until the gateway is gone, or
/// `seen`.
///
/// By its bytes and not by its time or by what the system reports: files are mounted, linked and replaced in ways that
/// neither survives.
///
/// `gateway` gives it for as long as it is there; it is held for a moment only, and not while waiting.
///
/// What the file holds is read at once and not with the first look: no change in between is missed.
pub(crate) fn run(
    file: PathBuf,
    gateway: impl Fn() -> Option<Gateway> + Send,
    pause: impl Fn(&Gateway) -> BoxFuture<'static, ()> + Send,
    seen: Weak<impl Fn(Result<Config>) + Send + Sync>,
) -> impl Future<Output = ()> + Send {
    let mut known = fs::read(&file).ok();
    async move {
        while let Some(wait) = gateway().map(|gateway| pause(&gateway)) {
            wait.await;
            let (Some(gateway), Some(seen)) = (gateway(), seen.upgrade()) else { return };
            let found = fs::read(&file).ok();
            // One that is being replaced may be missing for a moment: what was read last holds.
            if found.is_some() && found != known {
                known = found;
                tell(|| seen(gateway.reload_file()));
            }
        }
    }
}
