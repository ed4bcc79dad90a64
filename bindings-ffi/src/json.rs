//! The way between the core's types and the records: serde. Both sides have the names of the canonical JSON.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use tidegate::{Error, Request};

use crate::error::{TidegateError, mismatch};
use crate::records::{
    ChatRequest, EmbedRequest, ErrorDetails, Event, Explanation, Message, Part, ProviderState, RerankRequest, Response,
    TargetHealth, TokenLogprob, Tool, ToolCall,
};

/// JSON text, such as `{"city": "Paris"}`: a value whose keys are not Tidegate's.
#[derive(Clone, PartialEq)]
pub struct Json(pub String);

uniffi::custom_newtype!(
    /// JSON text, such as `{"city": "Paris"}`: a value whose keys are not Tidegate's.
    Json, String
);

impl Json {
    /// The value. Text that is not JSON stays text: the core refuses it where it stands, with the path.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_else(|_| Value::String(self.0.clone()))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Json(value.to_string()))
    }
}

/// What the core gives out, as a record; and a record as the core has it.
pub(crate) fn convert<T: DeserializeOwned>(from: &impl Serialize) -> Result<T, TidegateError> {
    serde_json::to_value(from).and_then(serde_json::from_value).map_err(|_| mismatch::<T>())
}

/// What a field is that is true where it is left out.
pub(crate) fn yes() -> bool {
    true
}

/// Reads a request as strictly as every language does.
pub(crate) fn request(record: &impl Serialize) -> Result<Request, TidegateError> {
    let value = serde_json::to_value(record).map_err(|_| mismatch::<Request>())?;
    Ok(Request::from_value(value)?)
}

/// A chat from JSON text: the same keys as the record has, and messages as `OpenAI` has them too.
#[uniffi::export]
pub fn chat_request_from_json(text: &str) -> Result<ChatRequest, TidegateError> {
    let request = Request::from_json(text)?;
    request.expect_chat()?;
    convert(&request)
}

/// An embedding from JSON text: the same keys as the record has.
#[uniffi::export]
pub fn embed_request_from_json(text: &str) -> Result<EmbedRequest, TidegateError> {
    let request = Request::from_json(text)?;
    request.expect_embed()?;
    convert(&request)
}

/// A ranking from JSON text: the same keys as the record has.
#[uniffi::export]
pub fn rerank_request_from_json(text: &str) -> Result<RerankRequest, TidegateError> {
    let request = Request::from_json(text)?;
    request.expect_rerank()?;
    convert(&request)
}

/// The canonical JSON of a record, the same in every language; and what a log shows of it, which is never a prompt.
macro_rules! canonical {
    ($($record:ident as $core:ty),*) => { $(
        #[uniffi::export]
        impl $record {
            /// The canonical JSON, the same in every language.
            pub fn to_json(&self) -> Result<String, TidegateError> {
                let value: $core = convert(self)?;
                serde_json::to_string(&value).map_err(|_| mismatch::<$core>())
            }
        }
    )* };
}

canonical!(
    Response as tidegate::Response,
    Event as tidegate::Event,
    Message as tidegate::Message,
    ErrorDetails as Error,
    Explanation as tidegate::Explanation,
    TargetHealth as tidegate::TargetHealth
);

macro_rules! discreet {
    ($($record:ident by $convert:expr,)*) => { $(
        impl fmt::Debug for $record {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match $convert(self) {
                    Ok(value) => fmt::Debug::fmt(&value, f),
                    Err(_) => f.write_str(stringify!($record)),
                }
            }
        }
    )* };
}

discreet! {
    ChatRequest by request,
    EmbedRequest by request,
    Event by convert::<tidegate::Event>,
    Message by convert::<tidegate::Message>,
    Part by convert::<tidegate::Part>,
    ProviderState by convert::<tidegate::State>,
    RerankRequest by request,
    Response by convert::<tidegate::Response>,
}

impl fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tool_call({}, {} bytes)", self.name, self.arguments_raw.len())
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tool::Function { name, .. } => write!(f, "function({name})"),
            Tool::Hosted { .. } => f.write_str("hosted"),
        }
    }
}

impl fmt::Debug for TokenLogprob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token({} bytes)", self.token.len())
    }
}
