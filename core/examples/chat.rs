//! Streams one answer: `cargo run --example chat -- tidegate.toml support "What does a gateway do?"`.
#![allow(clippy::print_stdout, reason = "an example talks")]

use std::env::args;
use std::io::Write;

use futures_util::StreamExt;
use tidegate::{Gateway, Message, Request, Result};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut args = args().skip(1);
    let file = args.next();
    let model = args.next().unwrap_or_else(|| "sim/hello".to_owned());
    let text = args.next().unwrap_or_else(|| "What does a gateway do?".to_owned());

    let gateway = match file {
        Some(file) => Gateway::from_file(file)?,
        None => Gateway::builtin()?,
    };
    let mut stream = gateway.stream(Request::chat(model, vec![Message::user(text)])).await?;
    while let Some(event) = stream.next().await {
        print!("{}", event?.text().unwrap_or_default());
        std::io::stdout().flush().ok();
    }
    println!();
    if let Some(response) = stream.response() {
        println!("{} {:?} {:?}", response.target, response.finish_reason, response.usage);
    }
    Ok(())
}
