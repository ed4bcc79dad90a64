//! Plays a case on sockets.

use std::future::pending;
use std::time::Duration;

use faultd::{Faultd, Side};
use tidegate::Gateway;
use tokio::runtime::Builder;

use crate::case::{Call, Cancel, Case};
use crate::check::Seen;
use crate::outcome::{Outcome, ask};
use crate::words::place;

/// A case that takes longer hangs. Nothing else is concluded from it.
const HANGS: Duration = Duration::from_secs(60);

/// Plays a case on sockets.
pub fn run(case: Case) -> Result<(), String> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        tokio::time::timeout(HANGS, play(case)).await.unwrap_or_else(|_| Err("the case hangs".to_owned()))
    })
}

async fn play(case: Case) -> Result<(), String> {
    let faultd = Faultd::start(case.script.clone()).await.map_err(|error| error.to_string())?;
    let addresses = || faultd.addresses().iter().map(|(name, address)| (name.as_str(), address.to_string())).collect();
    let gateway = match (Gateway::from_value(place(&case.config, &addresses)), &case.config_error) {
        (Ok(gateway), None) => gateway,
        (Err(error), Some(wanted)) => return wanted.check(&Outcome::of(Err(error)), None),
        (Ok(_), Some(_)) => return Err("the configuration is accepted".to_owned()),
        (Err(error), None) => return Err(format!("{error:#}")),
    };
    for (number, call) in case.calls.iter().enumerate() {
        let outcome = outcome(&gateway, &faultd, call).await;
        call.expect.check(&outcome, None).map_err(|problem| format!("call {number}: {problem}"))?;
    }
    for (name, seen) in &case.then.upstreams {
        check(&faultd, name, seen).await.map_err(|problem| format!("upstream {name}: {problem}"))?;
    }
    let records = faultd.records();
    let unscripted = records.upstreams.iter().find(|(_, upstream)| upstream.requests().iter().any(|r| !r.scripted));
    unscripted.map_or(Ok(()), |(name, _)| Err(format!("upstream {name} got a request without a scripted answer")))
}

async fn outcome(gateway: &Gateway, faultd: &Faultd, call: &Call) -> Outcome {
    let (events, requests) = match &call.cancel {
        Some(Cancel::AfterEvents(events)) => (Some(*events), None),
        Some(Cancel::AfterRequests(requests)) => (None, Some(requests)),
        Some(Cancel::AtMs(_)) => panic!("`at_ms` is for simulations"),
        None => (None, None),
    };
    let cancelled = async {
        let Some(requests) = requests else { return pending().await };
        for (name, count) in requests {
            faultd.wait_requests(name, *count).await;
        }
    };
    tokio::select! {
        () = cancelled => Outcome::Cancelled,
        result = ask(gateway, call, events) => result.map_or(Outcome::Cancelled, Outcome::of),
    }
}

async fn check(faultd: &Faultd, name: &str, seen: &Seen) -> Result<(), String> {
    for index in &seen.client_closed {
        let closed = faultd.wait_closed(name, *index).await;
        if closed.by != Side::Client {
            return Err(format!("connection {index} was closed as scripted, not by the client"));
        }
    }
    let records = faultd.records();
    let upstream = records.upstreams.get(name).ok_or("is not in the script")?;
    if seen.connections.is_some_and(|connections| connections != upstream.connections.len()) {
        return Err(format!("{} connections, not {:?}", upstream.connections.len(), seen.connections));
    }
    let sent: u64 = upstream.connections.iter().map(|connection| connection.sent).sum();
    if seen.bytes_at_most.is_some_and(|most| sent > most) {
        return Err(format!("{sent} bytes were sent, not at most {:?}", seen.bytes_at_most));
    }
    seen.check(&upstream.requests().iter().map(|received| received.at_ms).collect::<Vec<_>>())
}
