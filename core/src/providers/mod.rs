//! The one list of protocols and providers, and how providers of one protocol differ.

mod anthropic;
mod azure_openai;
mod bedrock_anthropic;
mod bedrock_converse;
mod body;
mod call_ids;
mod cohere;
mod compatible;
mod count;
mod failed_results;
mod functions;
mod gemini;
mod json;
mod made_ids;
mod mistral;
mod ollama;
mod openai_chat;
mod openai_completions;
mod openai_responses;
pub(crate) mod quote;
mod rerank;
pub(crate) mod status;
mod turns;
mod vectors;
mod vertex_anthropic;
mod vertex_gemini;

pub use self::rerank::Reranking;
pub(crate) use self::vectors::same_length;
pub use self::vectors::{Batch, Embeddings, InputTypes};
use crate::codec::{Codec, Provider};

/// Registers protocols: one word each.
macro_rules! protocols {
    ($($module:ident),* $(,)?) => {
        static CODECS: &[&dyn Codec] = &[$(&$module::CODEC),*];
    };
}

protocols!(
    anthropic,
    azure_openai,
    bedrock_anthropic,
    bedrock_converse,
    cohere,
    gemini,
    mistral,
    ollama,
    openai_chat,
    openai_completions,
    openai_responses,
    vertex_anthropic,
    vertex_gemini,
);

/// The codec of a protocol.
pub(crate) fn codec(protocol: &str) -> Option<&'static dyn Codec> {
    CODECS.iter().copied().find(|codec| codec.protocol() == protocol)
}

/// The protocols of this build.
pub fn protocols() -> impl Iterator<Item = &'static str> {
    CODECS.iter().map(|codec| codec.protocol())
}

/// A built-in provider.
pub fn provider(name: &str) -> Option<&'static Provider> {
    builtin().find(|provider| provider.name == name)
}

/// All built-in providers.
pub fn builtin() -> impl Iterator<Item = &'static Provider> {
    vendors().chain(crate::simulate::PROVIDERS.iter())
}

/// The built-in providers that answer over a network.
fn vendors() -> impl Iterator<Item = &'static Provider> {
    let bedrock = bedrock_converse::PROVIDERS.iter().chain(bedrock_anthropic::PROVIDERS);
    let vertex = vertex_gemini::PROVIDERS.iter().chain(vertex_anthropic::PROVIDERS);
    compatible::providers()
        .chain(anthropic::PROVIDERS)
        .chain(azure_openai::PROVIDERS)
        .chain(bedrock)
        .chain(cohere::PROVIDERS)
        .chain(gemini::PROVIDERS)
        .chain(mistral::PROVIDERS)
        .chain(ollama::PROVIDERS)
        .chain(vertex)
}

/// What is known of a provider of which only the protocol is: as much as of the vendor of that protocol, and of one that
/// speaks like OpenAI nothing.
pub(crate) fn of_protocol(protocol: &str) -> &'static Provider {
    let vendor = |provider: &&Provider| provider.protocol == protocol;
    vendors().find(vendor).filter(|_| protocol != compatible::UNKNOWN.protocol).unwrap_or(&compatible::UNKNOWN)
}

/// Whether a vendor of one protocol is the same with the other one: same keys, same quirks. So it is with OpenAI's, which
/// stand side by side at one address.
pub(crate) fn are_akin(one: &str, other: &str) -> bool {
    const FAMILY: [&str; 4] = ["azure-openai", "openai-chat", "openai-completions", "openai-responses"];
    one == other || (FAMILY.contains(&one) && FAMILY.contains(&other))
}

/// How a provider differs from its protocol. A quirk is a field here, never a provider's name in a codec.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an independent fact")]
pub struct Dialect {
    /// The field that limits the output.
    pub max_tokens: MaxTokens,
    /// Whether a stream has to be asked for its usage (`stream_options.include_usage`).
    pub stream_usage: bool,
    /// What ends a stream.
    pub stream_end: StreamEnd,
    /// The field that makes sampling repeatable.
    pub seed: Seed,
    /// How thinking is asked for.
    pub reasoning: ReasoningStyle,
    /// How an assistant's thinking goes back with its message.
    pub reasoning_replay: Replay,
    /// Whether it knows the role `developer`; others are sent `system`, which means the same.
    pub developer_role: bool,
    /// The form of what messages hold beside text.
    pub content: ContentForm,
    /// The ids that it accepts for tool calls.
    pub tool_ids: ToolIds,
    /// The most stop sequences that it takes.
    pub most_stops: usize,
    /// How it differs in embeddings.
    pub embeddings: Embeddings,
    /// How it is asked for rankings. `OpenAI`'s protocol has none: a provider has them where its documentation says so.
    pub rerank: Option<Reranking>,
    /// The least output that a request may be limited to in the Responses API.
    pub least_output_tokens: u32,
    /// Whether its names for models are those of the models' makers, so that what is known of a model holds for it.
    pub known_models: bool,
    /// Whether it reads files itself, and gives their text to models that read none.
    pub reads_files: bool,
    /// What all those of its models have in their names that go on with words put into their mouths, as a last message of
    /// the assistant's: nothing where all do, and `None` where none does or it is not documented.
    pub prefill: Option<&'static str>,
    /// What it can do.
    pub can: Features,
}

/// The form of what messages hold beside text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentForm {
    /// Parts, and fields of the message for thinking and refusals.
    Parts,
    /// Chunks, thinking among them (Mistral). A last message of the assistant says that it is to be continued.
    Chunks,
}

/// How an assistant's thinking goes back with its message, where it has a field of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// Not at all.
    Never,
    /// As text in this field.
    Field(&'static str),
    /// As text in this field, which must be there: it is empty where the thinking that led to calls is another provider's.
    Required(&'static str),
    /// As the `reasoning_details` that came, and as text in `reasoning` where none came (OpenRouter).
    Details,
}

/// The ids that a provider accepts for tool calls. Those that other providers gave are changed into ones that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolIds {
    /// Any text.
    Any,
    /// Those alone that it gave itself: the others are left out, and results are told by their places (Vertex AI).
    Own,
    /// At most 40 characters (OpenAI).
    Forty,
    /// Nine letters and digits (Mistral).
    NineAlphanumeric,
}

/// The field that limits the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxTokens {
    /// `max_tokens`.
    MaxTokens,
    /// `max_completion_tokens`, which OpenAI's reasoning models insist on.
    MaxCompletionTokens,
}

/// The field that makes sampling repeatable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// `seed`.
    Seed,
    /// `random_seed` (Mistral).
    RandomSeed,
}

/// What ends a stream: without it, an answer is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// The sentinel `[DONE]`.
    Sentinel,
    /// A finish reason; the sentinel may or may not follow.
    FinishReason,
}

/// How thinking is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasoningStyle {
    /// Not at all.
    None,
    /// `reasoning_effort: "low"` (OpenAI).
    Effort,
    /// `reasoning: {effort, max_tokens}` (OpenRouter).
    Object,
    /// `reasoning_effort: "low"`, and `thinking: {type: "disabled"}` for none (DeepSeek, Moonshot, Z.ai).
    Thinking,
    /// `enable_thinking: true`, `thinking_budget` (Alibaba).
    EnableThinking,
}

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What a provider can do. A request that needs more is refused before anything is sent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(clippy::struct_excessive_bools, reason = "each is an independent fact")]
        pub struct Features { $($(#[$doc])* pub $name: bool,)* }

        impl Features {
            /// Everything.
            pub const ALL: Features = Features { $($name: true,)* };

            /// What is missing, by name: `json_schema`.
            pub fn missing(&self) -> impl Iterator<Item = &'static str> {
                [$((stringify!($name), self.$name)),*].into_iter().filter_map(|(name, can)| (!can).then_some(name))
            }
        }
    };
}

features! {
    /// Continue a conversation.
    chat,
    /// Call functions.
    tools,
    /// `tool_choice` of a named function or `required`.
    forced_tools,
    /// Turn parallel calls on or off.
    parallel_tool_calls,
    /// Tools that the provider runs.
    hosted_tools,
    /// Answer in any JSON.
    json,
    /// Answer in JSON that follows a schema.
    json_schema,
    /// Read images.
    images,
    /// Read sound.
    audio,
    /// Read sound in the Responses API.
    audio_in_responses,
    /// Read sound in other formats than WAV and MP3.
    any_audio_format,
    /// Read moving pictures.
    video,
    /// Read documents.
    files,
    /// Open images and documents at an address.
    addresses,
    /// Keep files that were uploaded.
    uploads,
    /// Tell speakers apart by name.
    names,
    /// Repeatable sampling.
    seed,
    /// Stop at given texts.
    stop,
    /// Sample from the likeliest tokens.
    top_k,
    /// Frequency and presence penalties.
    penalties,
    /// Log probabilities.
    logprobs,
    /// Show its thinking.
    shown_reasoning,
    /// Take tool results that are more than text.
    rich_tool_results,
    /// Take markers for the prompt cache. Those that do not, cache by themselves: the marker is left out for them.
    cache_control,
    /// Embeddings.
    embeddings,
}

impl Dialect {
    /// OpenAI's own.
    pub const OPENAI: Dialect = Dialect {
        max_tokens: MaxTokens::MaxCompletionTokens,
        stream_usage: true,
        stream_end: StreamEnd::Sentinel,
        seed: Seed::Seed,
        reasoning: ReasoningStyle::Effort,
        reasoning_replay: Replay::Never,
        developer_role: true,
        content: ContentForm::Parts,
        tool_ids: ToolIds::Forty,
        // API reference, "Create chat completion": up to 4 sequences.
        most_stops: 4,
        embeddings: Embeddings {
            base64: Embeddings::BASE64,
            // API reference, "Create embeddings": an array of 2048 at most, and 300,000 tokens in all.
            batch: Batch::tokens(2048, 300_000),
            ..Embeddings::PLAIN
        },
        rerank: None,
        // API reference, "Create a model response": max_output_tokens is 16 or more.
        least_output_tokens: 16,
        known_models: true,
        reads_files: false,
        prefill: None,
        can: Features {
            top_k: false,
            hosted_tools: false,
            shown_reasoning: false,
            any_audio_format: false,
            audio_in_responses: false,
            video: false,
            rich_tool_results: false,
            cache_control: false,
            ..Features::ALL
        },
    };

    /// A server that speaks OpenAI's protocol and of which nothing else is known: the gateway sends what it is asked to
    /// and lets the server say what it cannot do.
    pub const COMPATIBLE: Dialect = Dialect {
        max_tokens: MaxTokens::MaxTokens,
        stream_usage: true,
        stream_end: StreamEnd::FinishReason,
        seed: Seed::Seed,
        reasoning: ReasoningStyle::Effort,
        reasoning_replay: Replay::Never,
        developer_role: false,
        content: ContentForm::Parts,
        tool_ids: ToolIds::Any,
        most_stops: usize::MAX,
        embeddings: Embeddings::PLAIN,
        rerank: Some(Reranking::Cohere),
        least_output_tokens: 0,
        known_models: true,
        reads_files: false,
        prefill: None,
        can: Features::ALL,
    };
}
