#![forbid(unsafe_code)]
//! Tidegate is an LLM gateway that runs inside the caller's process.

mod auth;
mod codec;
mod config;
mod error;
mod fault;
mod framing;
mod gateway;
mod live;
mod model;
mod policies;
mod policy;
pub mod providers;
mod retry_after;
pub mod sim;
pub mod simulate;
mod stack;
mod target;
mod wire;
mod world;

pub use config::Config;
pub use error::{Error, Kind, Origin, Result, Retry};
pub use gateway::{Gateway, ResponseStream};
pub use live::Live;
pub use model::{
    AttemptRecord, CacheControl, Chat, Citation, Collector, Content, Embed, End, Event, FinishReason, Labels, Latency,
    Media, Message, Money, Other, Part, Reasoning, Request, Response, ResponseFormat, Role, Source, Start, State, Task,
    TokenLogprob, Tool, ToolCall, ToolChoice, ToolResult, Usage, ValuePath,
};
pub use sim::Sim;
pub use world::{BoxFuture, BoxStream, ByteStream, ConnectTimeout, Tick, World};
