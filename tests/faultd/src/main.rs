//! `faultd SCRIPT.json` plays a script file; `faultd` reads the script from the first line of standard input.
//!
//! Prints one line, `{"control": "127.0.0.1:1", "upstreams": {"a": "127.0.0.1:2"}}`, and stops when standard input
//! closes, so that it never outlives the test that started it.

use std::io::{self, BufRead as _, Read as _, Write as _};

use faultd::{Faultd, Script, control};
use serde_json::json;

fn main() -> io::Result<()> {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path)?,
        None => {
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line)?;
            line
        }
    };
    let script: Script = serde_json::from_str(&text).map_err(io::Error::other)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(script))
}

async fn run(script: Script) -> io::Result<()> {
    let faultd = Faultd::start(script).await?;
    let (control, serving) = control::open(&faultd).await?;
    let ports = json!({ "control": control, "upstreams": faultd.addresses() });
    writeln!(io::stdout(), "{ports}")?;
    // A thread, because standard input cannot be awaited without one.
    let (closed, stop) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || closed.send(io::stdin().lock().read_to_end(&mut Vec::new())));
    tokio::select! {
        () = serving => {}
        _ = stop => {}
    }
    Ok(())
}
