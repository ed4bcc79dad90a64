//! What Kotlin and Swift see of the core's model. Generated from `core/model.schema.json` by `core/codegen/uniffi.py`:
//! do not edit, run `make generate`.
#![allow(clippy::doc_markdown, reason = "the words are the core's")]

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::json::{Json, yes};

/// Who comes first where calls wait for a place at a target (the configuration's `concurrency`).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Somebody waits for the answer: before all `batch` requests.
    Interactive,
    /// Nobody does: behind the others, and where the queue is full, out of it for one of them.
    Batch,
}

/// One turn of a conversation.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Vec<Part>,
    /// The speaker's name, where several share a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub name: Option<String>,
    /// Further keys for the provider's own form of this message, sent as they are. JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub extra: Option<Json>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions from the application.
    System,
    /// The same under the name that newer OpenAI models use.
    Developer,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// A tool's result.
    Tool,
}

/// One piece of a message or of an answer.
///
/// The content says what it is; beside it stands what only the provider understands (`state`), which has to be sent
/// back on the next turn, and what the caller asks for this piece (`cache_control`, `extra`).
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
#[uniffi::export(Debug)]
pub enum Part {
    /// Visible text.
    Text {
        /// The text.
        text: String,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// A picture.
    Image {
        /// An address that the provider fetches; the gateway never opens it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        url: Option<String>,
        /// The bytes, base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        data: Option<String>,
        /// The provider's id of an uploaded file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        file_id: Option<String>,
        /// Plain text standing for a document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        text: Option<String>,
        /// The media type, such as `image/png`. Required with `data`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        mime: Option<String>,
        /// The name of the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        filename: Option<String>,
        /// How closely to look: `low`, `high`, `auto` (OpenAI).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        detail: Option<String>,
        /// What was said, where the provider transcribes its audio.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        transcript: Option<String>,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// Sound.
    Audio {
        /// An address that the provider fetches; the gateway never opens it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        url: Option<String>,
        /// The bytes, base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        data: Option<String>,
        /// The provider's id of an uploaded file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        file_id: Option<String>,
        /// Plain text standing for a document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        text: Option<String>,
        /// The media type, such as `image/png`. Required with `data`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        mime: Option<String>,
        /// The name of the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        filename: Option<String>,
        /// How closely to look: `low`, `high`, `auto` (OpenAI).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        detail: Option<String>,
        /// What was said, where the provider transcribes its audio.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        transcript: Option<String>,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// A document, a video or any other file; `mime` says which.
    File {
        /// An address that the provider fetches; the gateway never opens it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        url: Option<String>,
        /// The bytes, base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        data: Option<String>,
        /// The provider's id of an uploaded file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        file_id: Option<String>,
        /// Plain text standing for a document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        text: Option<String>,
        /// The media type, such as `image/png`. Required with `data`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        mime: Option<String>,
        /// The name of the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        filename: Option<String>,
        /// How closely to look: `low`, `high`, `auto` (OpenAI).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        detail: Option<String>,
        /// What was said, where the provider transcribes its audio.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        transcript: Option<String>,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// The model's thinking, as far as the provider shows it. May be empty where only the `state` was sent.
    Reasoning {
        /// The text.
        text: String,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// The model asks for a tool.
    ToolCall {
        /// The id that the result has to carry. Where the wire has none (Gemini), one is made.
        id: String,
        /// The tool.
        name: String,
        /// The arguments, parsed; null where the text is not JSON. Empty text is the empty object. JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        arguments: Option<Json>,
        /// The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired.
        arguments_raw: String,
        /// Whether the arguments are JSON and follow the parameters of the tool.
        #[serde(default = "yes")]
        #[uniffi(default = true)]
        args_valid: bool,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// What the tool answered.
    ToolResult {
        /// The id of the call.
        id: String,
        /// The tool's name. Gemini needs it; where it is missing it is looked up in the calls before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        name: Option<String>,
        /// The answer.
        content: Vec<Part>,
        /// Whether the tool failed.
        #[serde(default)]
        #[uniffi(default)]
        is_error: bool,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// The model declines.
    Refusal {
        /// Its words.
        text: String,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// A source for the text before it.
    Citation {
        /// The address of the source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        url: Option<String>,
        /// Its title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        title: Option<String>,
        /// The words that are quoted from it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cited_text: Option<String>,
        /// Where the supported passage begins in the answer's text, in the provider's own unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        start: Option<i64>,
        /// Where it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        end: Option<i64>,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
    /// Something only one provider has (a server-side tool's call or result, code it ran): kept as it came.
    Other {
        /// The provider's own name for it, such as `server_tool_use`.
        kind: String,
        /// The whole of it. JSON text.
        data: Json,
        /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
        /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
        /// and it is left out for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
        /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        extra: Option<Json>,
    },
}

/// The model asks for a tool.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct ToolCall {
    /// The id that the result has to carry. Where the wire has none (Gemini), one is made.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments, parsed; null where the text is not JSON. Empty text is the empty object. JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub arguments: Option<Json>,
    /// The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired.
    pub arguments_raw: String,
    /// Whether the arguments are JSON and follow the parameters of the tool.
    #[serde(default = "yes")]
    #[uniffi(default = true)]
    pub args_valid: bool,
}

/// Opaque provider state of a part.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct ProviderState {
    /// The configured provider that sent it; empty where the caller's message did not say.
    #[serde(default)]
    #[uniffi(default)]
    pub provider: String,
    /// The state, in the provider's own words: `signature`, `thoughtSignature`, `reasoning_details`, ... JSON text.
    pub data: Json,
}

/// A request to cache the prompt up to this part.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct CacheControl {
    /// How long: `5m` (the default of the providers) or `1h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub ttl: Option<String>,
}

/// What the model may call.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
#[uniffi::export(Debug)]
pub enum Tool {
    /// A function of the caller: the gateway hands back the call and the caller sends the result.
    Function {
        /// Its name.
        name: String,
        /// What it does, for the model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        description: Option<String>,
        /// Its arguments as JSON Schema. JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        parameters: Option<Json>,
        /// Whether the arguments must follow the schema exactly.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        strict: Option<bool>,
        /// Where the provider should end a cached prefix (Anthropic).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cache_control: Option<CacheControl>,
    },
    /// A tool that only one provider has, in the provider's own words: one that it runs itself (web search, code), or one
    /// of a form of its own (OpenAI's `custom`).
    Hosted {
        /// The definition, sent as it is. JSON text.
        tool: Json,
    },
}

/// Which tool the model must call.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This one.
    Tool(String),
}

/// The form of the answer.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponseFormat {
    /// Any text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that follows a schema.
    JsonSchema {
        /// A name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        name: Option<String>,
        /// What it is, for the model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        description: Option<String>,
        /// The JSON Schema. JSON text.
        schema: Json,
        /// Whether the answer must follow it exactly.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        strict: Option<bool>,
    },
}

/// How much to think. At most one of `effort` and `budget_tokens`.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Reasoning {
    /// `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub effort: Option<String>,
    /// The most tokens to think.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub budget_tokens: Option<i32>,
    /// Whether the answer should show the thinking (or its summary).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub include: Option<bool>,
}

/// What vectors are for: some models make others for a question than for the texts that may answer it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum InputType {
    /// A query that is to find documents.
    Query,
    /// A document that is to be found.
    Document,
    /// To tell classes of texts apart.
    Classification,
    /// To find groups of texts.
    Clustering,
    /// To compare texts of one kind with each other.
    Similarity,
}

/// The whole answer, the same whichever provider gave it.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct Response {
    /// The provider's id of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The model that the provider says answered; the target's where it does not say.
    pub model: String,
    /// The route (or `provider/model`) that was asked for.
    pub route: String,
    /// The target that answered: `provider/model`.
    pub target: String,
    /// All visible text, joined.
    pub text: String,
    /// All thinking that the provider shows, joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// The refusal's words, if the model declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The tool calls, in order.
    pub tool_calls: Vec<ToolCall>,
    /// Everything that was said, in order.
    pub parts: Vec<Part>,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The provider's own word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason_raw: Option<String>,
    /// The stop sequence that was met, where the provider says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub stop_sequence: Option<String>,
    /// The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); nothing of anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What it cost; nothing where no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// Whether it came from the gateway's cache.
    pub cached: bool,
    /// Set where it is not the real thing: the route failed, as `attempts` say, and its fallback answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub fallback: Option<Fallback>,
    /// Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub rejected: Option<String>,
    /// Where other targets went on with an answer that had broken off (`stream.on_interrupt = "continue"`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub seams: Vec<Seam>,
    /// Log probabilities, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub logprobs: Vec<TokenLogprob>,
    /// The vectors of an embedding, one an input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub vectors: Vec<Vec<f32>>,
    /// The documents of a ranking, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub rankings: Vec<Ranking>,
    /// What the request asked for and this target cannot do, where `on_unsupported = "drop"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub dropped: Vec<String>,
    /// All attempts, the one that answered last.
    pub attempts: Vec<AttemptRecord>,
    /// How long it took.
    pub latency: Latency,
    /// The provider's id of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model was done, or met a stop sequence.
    Stop,
    /// The token limit was reached.
    Length,
    /// The model waits for the results of its tool calls.
    ToolCalls,
    /// The provider's content policy cut it off.
    ContentFilter,
    /// Something else: `finish_reason_raw` has the provider's own word.
    Other,
}

/// Tokens of one answer. Totals are inclusive: a part never exceeds its total.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Usage {
    /// All tokens read, `cached_input_tokens` and `cache_write_tokens` among them.
    pub input_tokens: i64,
    /// All tokens written, `reasoning_tokens` among them.
    pub output_tokens: i64,
    /// Input that was read from the provider's cache.
    #[serde(default)]
    #[uniffi(default)]
    pub cached_input_tokens: i64,
    /// Input that was written to the provider's cache, of any lifetime.
    #[serde(default)]
    #[uniffi(default)]
    pub cache_write_tokens: i64,
    /// The part of `cache_write_tokens` that is kept for an hour (Anthropic), which costs more.
    #[serde(default)]
    #[uniffi(default)]
    pub cache_write_1h_tokens: i64,
    /// Output that was thinking.
    #[serde(default)]
    #[uniffi(default)]
    pub reasoning_tokens: i64,
    /// Input that was sound.
    #[serde(default)]
    #[uniffi(default)]
    pub input_audio_tokens: i64,
    /// Output that is sound.
    #[serde(default)]
    #[uniffi(default)]
    pub output_audio_tokens: i64,
    /// What a ranking is billed by where it is not by tokens (Cohere): a query with up to 100 documents is one.
    #[serde(default)]
    #[uniffi(default)]
    pub search_units: i64,
    /// The gateway counted because the provider did not say.
    #[serde(default)]
    #[uniffi(default)]
    pub estimated: bool,
    /// The provider's numbers were impossible (negative, or a part above its total) and were clamped.
    #[serde(default)]
    #[uniffi(default)]
    pub clamped: bool,
}

/// An amount of money: an integer of nano-dollars, so that sums are exact.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Money {
    /// Nano-dollars: 1 USD is 1,000,000,000. An integer, so that sums are exact.
    pub nano_usd: i64,
    /// The same in dollars, as an exact decimal.
    #[serde(default)]
    #[uniffi(default)]
    pub usd: String,
}

/// What answers for a route that failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// Another route.
    Route,
    /// The text that the configuration has for it: no model was asked.
    Reply,
}

/// Where another target went on with the words of an answer that had broken off.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Seam {
    /// How many characters (code points) of `text` came before.
    pub at: i64,
    /// The target that went on: `provider/model`.
    pub target: String,
    /// What became of the one before.
    pub reason: Kind,
}

/// What went wrong, in one word. Every binding derives its exception classes from this list.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The request is wrong in itself; sending it again anywhere is pointless.
    InvalidRequest,
    /// The provider does not know the key, or there is none.
    Unauthenticated,
    /// The key is known and may not do this.
    PermissionDenied,
    /// The provider does not have this model or path.
    NotFound,
    /// Too many requests or tokens in a window; it passes with time.
    RateLimited,
    /// The account's money or quota is used up; waiting does not help.
    QuotaExhausted,
    /// The provider is too busy (503, 529).
    Overloaded,
    /// The provider failed (5xx).
    Server,
    /// One of the four timeouts passed; `context` names which.
    Timeout,
    /// No connection: name resolution, refused, reset, proxy, out of sockets.
    Connection,
    /// The TLS handshake failed.
    Tls,
    /// The provider's answer breaks HTTP or its own format; `context` has the `reason`.
    Protocol,
    /// A stream ended without its terminal marker; `partial` has what arrived.
    StreamIncomplete,
    /// The prompt does not fit into the model's context window.
    ContextTooLong,
    /// The provider refused because of its content policy.
    ContentFiltered,
    /// The caller cancelled.
    Cancelled,
    /// A budget of this gateway is spent.
    BudgetExceeded,
    /// A rate limit of this gateway is reached.
    Throttled,
    /// A guard of this gateway refused.
    Blocked,
    /// The model names neither a route nor a known provider.
    NoRoute,
    /// The configuration is wrong.
    Config,
    /// A target cannot do what the request asks for.
    Unsupported,
    /// The state store failed.
    Store,
    /// The answer is not what the request's schema or the route demands; `partial` has it.
    InvalidOutput,
}

/// One token and how likely it was.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct TokenLogprob {
    /// The token.
    pub token: String,
    /// Its natural-log probability.
    pub logprob: f64,
    /// The likeliest alternatives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub top: Vec<TokenLogprob>,
}

/// How much one document says to the query of a ranking.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Ranking {
    /// Which document: its place in the request's `documents`.
    pub index: i32,
    /// How much it says, as the model has it: most answer 0 to 1, some any number. More is better.
    pub relevance_score: f64,
}

/// One try at one target, or why there was none.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct AttemptRecord {
    /// `provider/model`.
    pub target: String,
    /// Why it was chosen; in JSON, left out for `first`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub why: Option<Why>,
    /// Why it was passed over, so that nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub skipped: Option<Skipped>,
    /// What went wrong; nothing for the attempt that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// What went wrong, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub message: Option<String>,
    /// How long the call waited before; in seconds, and left out where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub waited: Option<f64>,
    /// What it waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub waited_for: Option<WaitReason>,
    /// The tokens that an attempt may have cost that was cut off, by a count of our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub estimated_tokens: Option<i64>,
    /// How long it took; in seconds.
    pub time: f64,
}

/// Why a target was chosen.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It stands first in the route.
    First,
    /// Its share of the route's calls.
    Weight,
    /// It has the fewest calls in flight.
    LeastInFlight,
    /// It answers fastest.
    Latency,
    /// A try at one that is slower or little known, so that its latency is known.
    Exploration,
    /// It is the cheapest.
    Price,
    /// Calls with this label go there.
    Sticky,
    /// It has the beginning of this prompt in its cache.
    PromptCache,
    /// The one before failed.
    Failover,
    /// It failed, and is tried again.
    Retry,
    /// The one before took long: whichever answers first counts.
    Hedge,
    /// A stream broke, and the answer goes on there.
    Resume,
}

/// Why a target was passed over: nothing was sent to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// Its circuit breaker is open, or its region's is.
    Breaker,
    /// It asked not to be called yet, or its rate limit is used up.
    Cooldown,
    /// Too many of the calls before were tried again already.
    RetryBudget,
    /// It has as many calls in flight as it may have, and the queue is full or took too long.
    Concurrency,
    /// It cannot do what the request asks for.
    Unsupported,
    /// Nothing could be sent, such as without a key.
    Unsent,
}

/// What a call waited for before an attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// The gateway's own delay before the same target is tried again.
    Backoff,
    /// The target asked for it.
    RetryAfter,
}

/// How long an answer took.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Latency {
    /// From the call to the first content, retries included; in seconds.
    pub first_content: f64,
    /// From the call to the end; in seconds.
    pub total: f64,
}

/// One event of a reply. `index` is the part that the event belongs to: its place in the response's `parts`.
///
/// Events of one part may come interleaved with those of another; text fragments of the same index join to one part.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
#[uniffi::export(Debug)]
pub enum Event {
    /// The answer has begun. Always first, and again behind `restart` and `continued`; not content.
    Start {
        /// The provider's id of the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        id: Option<String>,
        /// The model that the provider says answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        model: Option<String>,
        /// Set where it is not the real thing: the route failed, and its fallback answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        fallback: Option<Fallback>,
    },
    /// A fragment of visible text.
    Text {
        /// The part.
        index: i32,
        /// The fragment.
        text: String,
    },
    /// A fragment of the model's thinking.
    Reasoning {
        /// The part.
        index: i32,
        /// The fragment.
        text: String,
    },
    /// A tool call has begun.
    ToolCall {
        /// The part.
        index: i32,
        /// The call's id.
        id: String,
        /// The tool.
        name: String,
    },
    /// A fragment of a tool call's arguments.
    Arguments {
        /// The part.
        index: i32,
        /// The fragment of JSON text.
        fragment: String,
    },
    /// A fragment of a refusal.
    Refusal {
        /// The part.
        index: i32,
        /// The fragment.
        text: String,
    },
    /// A source.
    Citation {
        /// The part.
        index: i32,
        /// The address of the source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        url: Option<String>,
        /// Its title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        title: Option<String>,
        /// The words that are quoted from it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cited_text: Option<String>,
        /// Where the supported passage begins in the answer's text, in the provider's own unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        start: Option<i64>,
        /// Where it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        end: Option<i64>,
        /// The provider's own form of it, for the next turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        state: Option<ProviderState>,
    },
    /// A part that arrives whole: an image, audio, a file, something of the provider's own. Audio may come in fragments, which
    /// join if they have the same index.
    Part {
        /// The part's place.
        index: i32,
        /// The part.
        part: Part,
    },
    /// Opaque provider state of the part `index`; it replaces the same keys sent before. Not content.
    State {
        /// The part.
        index: i32,
        /// The state.
        state: ProviderState,
    },
    /// Log probabilities of the tokens just sent. Not content.
    Logprobs {
        /// One entry a token.
        tokens: Vec<TokenLogprob>,
    },
    /// One vector of an embedding.
    Embedding {
        /// Which input it belongs to.
        index: i32,
        /// The vector.
        vector: Vec<f32>,
    },
    /// One document of a ranking, the best first.
    Ranking {
        /// Which document: its place in the request's `documents`.
        index: i32,
        /// How much it says, as the model has it: most answer 0 to 1, some any number. More is better.
        relevance_score: f64,
    },
    /// The answer broke off, and another target begins anew: what came before this event is void. Only where the route
    /// asks for it (`stream.on_interrupt`); not content.
    Restart {
        /// The target that begins anew: `provider/model`.
        target: String,
        /// What became of the one before.
        reason: Kind,
    },
    /// The answer broke off, and a target goes on with its words: what follows may be another model's. Only where the route
    /// asks for it (`stream.on_interrupt`); not content.
    Continued {
        /// The target that goes on: `provider/model`.
        target: String,
        /// What became of the one before.
        reason: Kind,
    },
    /// The answer is complete. Always last.
    End {
        /// Why it ended.
        finish_reason: FinishReason,
        /// The provider's own word for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        finish_reason_raw: Option<String>,
        /// The stop sequence that was met, where the provider says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        stop_sequence: Option<String>,
        /// The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); nothing of anything else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        usage: Option<Usage>,
        /// What the provider says it cost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        cost: Option<Money>,
        /// Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[uniffi(default)]
        rejected: Option<String>,
    },
}

/// What failed, whose fault it is, and where trying again makes sense: the canonical form, the same in every language.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct ErrorDetails {
    /// What went wrong, in one word.
    pub kind: Kind,
    /// What failed, with which value, and what to do. Never holds a key, a URL query or a prompt.
    pub message: String,
    /// Whose fault it is.
    pub origin: Origin,
    /// Whether the same target may answer if it is tried again, after `retry_after` where there is one.
    pub retryable: bool,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// The provider's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The provider's id of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How long the provider asked to wait, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<f64>,
    /// Facts, such as the `field` that is wrong or the `timeout` that passed.
    pub context: HashMap<String, String>,
    /// What had arrived before the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Response>,
    /// The attempts that were made, in order.
    pub attempts: Vec<AttemptRecord>,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The request or the configuration.
    Caller,
    /// This gateway.
    Gateway,
    /// The provider, or the way to it.
    Provider,
}

/// What would become of a request, at this moment.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Explanation {
    /// The route, or the `provider/model` that was asked for.
    pub route: String,
    /// Its targets in the order in which they would be tried.
    pub candidates: Vec<Candidate>,
    /// The most attempts that there would be.
    pub max_attempts: i32,
    /// When a second attempt would be sent beside the first: after so many seconds. nothing for not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub hedge_after: Option<f64>,
    /// When the call would be given up: after so many seconds.
    pub timeout: f64,
}

/// What would become of one target of a request.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Candidate {
    /// `provider/model`.
    pub target: String,
    /// Why it would be tried, in its turn.
    pub why: Why,
    /// Why it would be passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub skipped: Option<Skipped>,
    /// That in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub message: Option<String>,
    /// How long the call would wait before; in seconds.
    pub wait: f64,
    /// For what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub wait_for: Option<WaitReason>,
}

/// How a target is, from the calls that this process made.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct TargetHealth {
    /// `provider/model`.
    pub target: String,
    /// How it is.
    pub state: HealthState,
    /// For how long its breaker has been in this state; in seconds.
    pub since: f64,
    /// Why its breaker is not closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub why: Option<String>,
    /// When it may be called again: the seconds until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub retry_in: Option<f64>,
    /// What it said when it failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub last_error: Option<String>,
    /// The calls that are under way.
    pub in_flight: i32,
    /// The calls that it had.
    pub requests: i64,
    /// How many of them failed by its fault.
    pub failures: i64,
    /// The share of failures among its last calls, 0 to 1.
    pub failure_rate: f64,
    /// The time to the first content.
    pub first_content: Quantiles,
    /// The time to the end.
    pub total: Quantiles,
}

/// How a target is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// It answers.
    Well,
    /// Its last calls failed, and it is still called.
    Failing,
    /// It is left alone: its breaker is open.
    Open,
    /// One call is under way to see whether it is back.
    Probing,
    /// It is back, and gets more calls by and by.
    Returning,
}

/// The median and the slow end of what was seen lately, in seconds. nothing where nothing was.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
pub struct Quantiles {
    /// Half of the answers took no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50: Option<f64>,
    /// 95 of 100 took no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95: Option<f64>,
    /// 99 of 100 took no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
}

/// What a chat asks for.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct ChatRequest {
    /// A route of the configuration, or `provider/model`.
    pub model: String,
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// What the model may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub tools: Vec<Tool>,
    /// Which tool it must call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub parallel_tool_calls: Option<bool>,
    /// The form of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub response_format: Option<ResponseFormat>,
    /// Randomness, 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub top_p: Option<f64>,
    /// Sample from this many likeliest tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub top_k: Option<i32>,
    /// The most tokens to write, thinking included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub max_tokens: Option<i32>,
    /// Texts that end the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub stop: Vec<String>,
    /// For repeatable sampling, as far as the provider goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub seed: Option<i64>,
    /// -2 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub frequency_penalty: Option<f64>,
    /// -2 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub presence_penalty: Option<f64>,
    /// Whether to send log probabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub logprobs: Option<bool>,
    /// How many alternatives a token, 0 to 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub top_logprobs: Option<i32>,
    /// How much to think.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub reasoning: Option<Reasoning>,
    /// The tenant that asks, for reports and limits: the label `tenant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub tenant: Option<String>,
    /// The team that asks: the label `team`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub team: Option<String>,
    /// What it is for: the label `feature`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub feature: Option<String>,
    /// Who asks and for what: `tenant`, `team`, `feature`, and any other.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    #[uniffi(default)]
    pub labels: HashMap<String, String>,
    /// The time for everything, retries included; overrides the route's `timeout.total`. In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub timeout: Option<f64>,
    /// Who comes first where calls wait for a place at a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub priority: Option<Priority>,
    /// Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a request
    /// that must not be answered twice. Default: true.
    #[serde(default = "yes")]
    #[uniffi(default = true)]
    pub hedge: bool,
    /// How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it is a
    /// retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
    #[serde(default)]
    #[uniffi(default)]
    pub retry_attempt: i32,
    /// Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote. JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub extra: Option<Json>,
}

/// What an embedding asks for.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct EmbedRequest {
    /// A route of the configuration, or `provider/model`.
    pub model: String,
    /// The texts.
    pub input: Vec<String>,
    /// The length of the vectors, where the model can shorten them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub dimensions: Option<i32>,
    /// What the vectors are for, where the model makes others for each purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub input_type: Option<InputType>,
    /// The tenant that asks, for reports and limits: the label `tenant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub tenant: Option<String>,
    /// The team that asks: the label `team`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub team: Option<String>,
    /// What it is for: the label `feature`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub feature: Option<String>,
    /// Who asks and for what: `tenant`, `team`, `feature`, and any other.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    #[uniffi(default)]
    pub labels: HashMap<String, String>,
    /// The time for everything, retries included; overrides the route's `timeout.total`. In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub timeout: Option<f64>,
    /// Who comes first where calls wait for a place at a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub priority: Option<Priority>,
    /// Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a request
    /// that must not be answered twice. Default: true.
    #[serde(default = "yes")]
    #[uniffi(default = true)]
    pub hedge: bool,
    /// How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it is a
    /// retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
    #[serde(default)]
    #[uniffi(default)]
    pub retry_attempt: i32,
    /// Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote. JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub extra: Option<Json>,
}

/// What a ranking asks for.
#[derive(Clone, PartialEq, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct RerankRequest {
    /// A route of the configuration, or `provider/model`.
    pub model: String,
    /// What is looked for.
    pub query: String,
    /// The documents.
    pub documents: Vec<String>,
    /// How many to answer with, the best; all by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub top_n: Option<i32>,
    /// The tenant that asks, for reports and limits: the label `tenant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub tenant: Option<String>,
    /// The team that asks: the label `team`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub team: Option<String>,
    /// What it is for: the label `feature`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub feature: Option<String>,
    /// Who asks and for what: `tenant`, `team`, `feature`, and any other.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    #[uniffi(default)]
    pub labels: HashMap<String, String>,
    /// The time for everything, retries included; overrides the route's `timeout.total`. In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub timeout: Option<f64>,
    /// Who comes first where calls wait for a place at a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub priority: Option<Priority>,
    /// Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a request
    /// that must not be answered twice. Default: true.
    #[serde(default = "yes")]
    #[uniffi(default = true)]
    pub hedge: bool,
    /// How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it is a
    /// retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
    #[serde(default)]
    #[uniffi(default)]
    pub retry_attempt: i32,
    /// Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote. JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub extra: Option<Json>,
}

/// What failed: one class a kind.
#[derive(uniffi::Error)]
pub enum TidegateError {
    /// The request is wrong in itself; sending it again anywhere is pointless.
    InvalidRequest {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The provider does not know the key, or there is none.
    Unauthenticated {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The key is known and may not do this.
    PermissionDenied {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The provider does not have this model or path.
    NotFound {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// Too many requests or tokens in a window; it passes with time.
    RateLimited {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The account's money or quota is used up; waiting does not help.
    QuotaExhausted {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The provider is too busy (503, 529).
    Overloaded {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The provider failed (5xx).
    Server {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// One of the four timeouts passed; `context` names which.
    Timeout {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// No connection: name resolution, refused, reset, proxy, out of sockets.
    Connection {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The TLS handshake failed.
    Tls {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The provider's answer breaks HTTP or its own format; `context` has the `reason`.
    Protocol {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// A stream ended without its terminal marker; `partial` has what arrived.
    StreamIncomplete {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The prompt does not fit into the model's context window.
    ContextTooLong {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The provider refused because of its content policy.
    ContentFiltered {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The caller cancelled.
    Cancelled {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// A budget of this gateway is spent.
    BudgetExceeded {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// A rate limit of this gateway is reached.
    Throttled {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// A guard of this gateway refused.
    Blocked {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The model names neither a route nor a known provider.
    NoRoute {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The configuration is wrong.
    Config {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// A target cannot do what the request asks for.
    Unsupported {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The state store failed.
    Store {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
    /// The answer is not what the request's schema or the route demands; `partial` has it.
    InvalidOutput {
        /// What failed, whose fault it is, and what had arrived.
        details: Box<ErrorDetails>,
    },
}

impl TidegateError {
    /// What failed, whose fault it is, and what had arrived.
    pub fn details(&self) -> &ErrorDetails {
        let (TidegateError::InvalidRequest { details }
        | TidegateError::Unauthenticated { details }
        | TidegateError::PermissionDenied { details }
        | TidegateError::NotFound { details }
        | TidegateError::RateLimited { details }
        | TidegateError::QuotaExhausted { details }
        | TidegateError::Overloaded { details }
        | TidegateError::Server { details }
        | TidegateError::Timeout { details }
        | TidegateError::Connection { details }
        | TidegateError::Tls { details }
        | TidegateError::Protocol { details }
        | TidegateError::StreamIncomplete { details }
        | TidegateError::ContextTooLong { details }
        | TidegateError::ContentFiltered { details }
        | TidegateError::Cancelled { details }
        | TidegateError::BudgetExceeded { details }
        | TidegateError::Throttled { details }
        | TidegateError::Blocked { details }
        | TidegateError::NoRoute { details }
        | TidegateError::Config { details }
        | TidegateError::Unsupported { details }
        | TidegateError::Store { details }
        | TidegateError::InvalidOutput { details }) = self;
        details
    }
}

impl From<Box<ErrorDetails>> for TidegateError {
    fn from(details: Box<ErrorDetails>) -> Self {
        match details.kind {
            Kind::InvalidRequest => TidegateError::InvalidRequest { details },
            Kind::Unauthenticated => TidegateError::Unauthenticated { details },
            Kind::PermissionDenied => TidegateError::PermissionDenied { details },
            Kind::NotFound => TidegateError::NotFound { details },
            Kind::RateLimited => TidegateError::RateLimited { details },
            Kind::QuotaExhausted => TidegateError::QuotaExhausted { details },
            Kind::Overloaded => TidegateError::Overloaded { details },
            Kind::Server => TidegateError::Server { details },
            Kind::Timeout => TidegateError::Timeout { details },
            Kind::Connection => TidegateError::Connection { details },
            Kind::Tls => TidegateError::Tls { details },
            Kind::Protocol => TidegateError::Protocol { details },
            Kind::StreamIncomplete => TidegateError::StreamIncomplete { details },
            Kind::ContextTooLong => TidegateError::ContextTooLong { details },
            Kind::ContentFiltered => TidegateError::ContentFiltered { details },
            Kind::Cancelled => TidegateError::Cancelled { details },
            Kind::BudgetExceeded => TidegateError::BudgetExceeded { details },
            Kind::Throttled => TidegateError::Throttled { details },
            Kind::Blocked => TidegateError::Blocked { details },
            Kind::NoRoute => TidegateError::NoRoute { details },
            Kind::Config => TidegateError::Config { details },
            Kind::Unsupported => TidegateError::Unsupported { details },
            Kind::Store => TidegateError::Store { details },
            Kind::InvalidOutput => TidegateError::InvalidOutput { details },
        }
    }
}
