//! What every Rust client is measured with: `BIN MODE BASE_URL SECONDS` runs one measurement and prints one line of JSON.
//!
//! All do the same: the same two messages, and the text and usage of the answer are read. A client is the adapter of
//! one library; nothing of the measuring is in it.

mod modes;
mod usage;

use std::time::Instant;

pub use self::usage::processor_time;

pub const SYSTEM: &str = "You are a helpful assistant.";
pub const USER: &str = "Explain in two sentences what an LLM gateway does.";

/// One library. Cheap to clone: each task has its own.
pub trait Client: Clone + Send + Sync + 'static {
    /// Asks, waits for the whole answer; the total of tokens used. Panics on an error or an empty text.
    fn call(&self) -> impl Future<Output = u64> + Send;
    /// Asks for a stream; the number of pieces with text.
    fn stream(&self) -> impl Future<Output = u64> + Send;
}

/// The body of a `main`: `connect` makes the client for a base URL (which ends in `/v1`), inside the runtime.
///
/// The runtime has one thread, as the client has one core.
pub fn run<C: Client>(connect: impl FnOnce(&str) -> C) {
    let started = Instant::now();
    let arguments: Vec<String> = std::env::args().collect();
    let [_, mode, base, seconds] = arguments.as_slice() else {
        panic!("usage: {} MODE BASE_URL SECONDS", arguments[0]);
    };
    let seconds = seconds.parse().expect("seconds");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let line = runtime.block_on(async {
        let client = connect(base);
        modes::measure(client, mode, seconds, started).await
    });
    println!("{line}");
}
