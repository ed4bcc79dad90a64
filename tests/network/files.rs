//! A process that has no file descriptors left.

use std::fs::File;
use std::process::Command;

use serde_json::json;
use tidegate::{Kind, Live, Origin};

use crate::server::Server;
use crate::{ask, gateway};

/// Tells the child where the server is.
const ADDRESS: &str = "TIDEGATE_TEST_ADDRESS";

#[cfg(unix)]
#[tokio::test]
async fn f106_without_files_calls_fail_and_with_them_they_go_on() {
    if let Ok(address) = std::env::var(ADDRESS) {
        return without_files(address).await;
    }
    let server = Server::good().await;
    let address = format!("http://{}", server.address);
    let child = tokio::task::spawn_blocking(move || {
        let test = "files::f106_without_files_calls_fail_and_with_them_they_go_on";
        let mut child = Command::new("sh");
        child.args(["-c", "ulimit -n 64 && exec \"$0\" --exact \"$1\" --nocapture"]);
        child.arg(std::env::current_exe().unwrap()).arg(test).env(ADDRESS, address).output().unwrap()
    });
    let output = child.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(server.connections(), 1);
}

/// What the child does.
async fn without_files(address: String) {
    let gateway = gateway(Live::new().unwrap(), &[address], json!({"retry": {"max_attempts": 1}}));
    let held: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    // More than would open a breaker, if it were the target's fault.
    for _ in 0..20 {
        let error = gateway.chat(ask()).await.unwrap_err();
        assert_eq!((error.kind(), error.get("reason")), (Kind::Connection, Some("resource")), "{error}");
        assert_eq!((error.fault(), error.is_retryable()), (Origin::Gateway, true));
    }
    drop(held);
    assert_eq!(gateway.chat(ask()).await.unwrap().text(), "hello");
}
