#![forbid(unsafe_code)]
//! Tidegate is an LLM gateway that runs inside the caller's process: one [`Request`] and one [`Response`] for every vendor,
//! failover that knows why, and streams that cannot end half-way in silence.
//!
//! ```
//! use tidegate::sim::{Answer, Sim};
//! use tidegate::{Gateway, Message, Request};
//!
//! // A simulated world: a virtual clock and a scripted network. Without `with_world` the same gateway is live.
//! let world = Sim::new(7);
//! world.on("down.example", Answer::json(503, &serde_json::json!({})));
//! let gateway = Gateway::from_toml(
//!     r#"
//!     [providers.down]
//!     protocol = "openai-chat"
//!     base_url = "http://down.example/v1"
//!
//!     [routes.support]
//!     targets = ["down/any-model", "sim/backup"]
//!     "#,
//! )?
//! .with_world(world.clone());
//!
//! let reply = world.run(gateway.chat(Request::chat("support", vec![Message::user("hi")])))?;
//! assert_eq!(reply.target, "sim/backup");
//! assert_eq!(reply.attempts[0].status, Some(503));
//! # Ok::<(), tidegate::Error>(())
//! ```
//!
//! Begin at [`Gateway`]. What a configuration may hold is described by [`Config`]; `ARCHITECTURE.md` in the repository shows
//! the path of one request and where everything is.

mod attempt_log;
mod auth;
pub mod capabilities;
pub mod chaos;
mod checks;
mod codec;
mod config;
mod error;
mod estimate;
mod fault;
mod framing;
mod gateway;
mod http_client;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod json_schema;
mod live;
mod model;
mod policies;
mod policy;
pub mod providers;
mod proxy;
mod reading;
mod resolver;
mod retry_after;
pub mod sim;
pub mod simulate;
mod stack;
mod subscription;
mod target;
mod validator;
mod watch;
mod wire;
mod world;

pub use config::Config;
pub use error::{Error, Kind, Origin, Result, Retry};
pub use gateway::{Gateway, ResponseStream};
pub use live::Live;
pub use model::{
    AttemptRecord, CacheControl, Candidate, Chat, Citation, Collector, Content, Embed, End, Event, Explanation,
    Fallback, FinishReason, HealthState, InputType, Labels, Latency, Media, Message, Money, Other, Part, Priority,
    Quantiles, Ranking, Reasoning, Request, Rerank, Response, ResponseFormat, Role, Seam, Skipped, Source, Start,
    State, TargetHealth, Task, TokenLogprob, Tool, ToolCall, ToolChoice, ToolResult, Usage, ValuePath, WaitReason, Why,
    schema,
};
pub use sim::Sim;
pub use subscription::Subscription;
#[doc(hidden)]
pub use subscription::in_order;
pub use world::{BoxFuture, BoxStream, ByteStream, ConnectTimeout, Tick, World};
