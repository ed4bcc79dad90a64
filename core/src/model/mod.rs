//! All that callers see: requests, parts, events, responses, usage.

mod attempt;
mod collect;
mod event;
pub(crate) mod fingerprint;
mod foreign_fields;
mod health;
mod hide;
mod message;
mod openai_messages;
mod part;
pub(crate) mod read;
mod read_request;
mod request;
mod response;
mod retrieval;
mod schema;
mod tool;
mod usage;

pub use attempt::{AttemptRecord, Skipped, WaitReason, Why};
pub use collect::Collector;
pub use event::{End, Event, Start};
pub use health::{Candidate, Explanation, HealthState, Quantiles, TargetHealth};
pub use message::{Message, Role};
pub use part::{CacheControl, Citation, Content, Media, Other, Part, Source, State, ToolCall, ToolResult};
pub use read::Path as ValuePath;
pub use request::{Chat, Labels, Priority, Reasoning, Request, ResponseFormat, Task};
pub use response::{Fallback, FinishReason, Latency, Ranking, Response, Seam, TokenLogprob};
pub use retrieval::{Embed, InputType, Rerank};
pub use schema::schema;
pub use tool::{Tool, ToolChoice};
pub use usage::{Money, Usage};
