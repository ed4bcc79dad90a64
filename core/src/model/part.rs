//! One piece of a message: text, image, audio, file, reasoning, a tool call or its result, a refusal, a citation.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One piece of a message or of an answer.
///
/// The content says what it is; beside it stands what only the provider understands (`state`), which has to be sent
/// back on the next turn, and what the caller asks for this piece (`cache_control`, `extra`).
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// What it is.
    #[serde(flatten)]
    pub content: Content,
    /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<State>>,
    /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
    /// and it is left out for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<CacheControl>,
    /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Box<Map<String, Value>>>,
}

/// What a part is.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Visible text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image(Media),
    /// Sound.
    Audio(Media),
    /// A document, a video or any other file; `mime` says which.
    File(Media),
    /// The model's thinking, as far as the provider shows it. May be empty where only the `state` was sent.
    Reasoning {
        /// The text.
        text: String,
    },
    /// The model asks for a tool.
    ToolCall(ToolCall),
    /// What the tool answered.
    ToolResult(ToolResult),
    /// The model declines.
    Refusal {
        /// Its words.
        text: String,
    },
    /// A source for the text before it.
    Citation(Citation),
    /// Something only one provider has (a server-side tool's call or result, code it ran): kept as it came.
    Other(Other),
}

/// Where the bytes of an image, audio or file are.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An address that the provider fetches; the gateway never opens it.
    Url(String),
    /// The bytes, base64.
    Data(String),
    /// The provider's id of an uploaded file.
    FileId(String),
    /// Plain text standing for a document.
    Text(String),
}

/// An image, audio or file.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Media {
    /// Where the bytes are: exactly one of `url`, `data`, `file_id`, `text`.
    #[serde(flatten)]
    pub source: Source,
    /// The media type, such as `image/png`. Required with `data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// The name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// How closely to look: `low`, `high`, `auto` (OpenAI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What was said, where the provider transcribes its audio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
}

impl Media {
    /// Media from a source, with nothing else known.
    pub fn new(source: Source, mime: Option<String>) -> Self {
        Media { source, mime, filename: None, detail: None, transcript: None }
    }

    /// From an address: a `data:` URL becomes its bytes and media type, anything else stays an address.
    pub fn from_url(url: String) -> Self {
        if let Some(rest) = url.strip_prefix("data:")
            && let Some((head, data)) = rest.split_once(',')
            && let Some(mime) = head.strip_suffix(";base64")
        {
            let mime = mime.split(';').next().filter(|m| !m.is_empty()).map(str::to_owned);
            return Media::new(Source::Data(data.to_owned()), mime);
        }
        Media::new(Source::Url(url), None)
    }

    /// Adds the fragment that follows.
    pub(crate) fn append(&mut self, more: Media) {
        if let (Source::Data(data), Source::Data(more)) = (&mut self.source, more.source) {
            join_base64(data, &more);
        }
        if let Some(words) = more.transcript {
            self.transcript.get_or_insert_default().push_str(&words);
        }
    }

    /// As an address: bytes become a `data:` URL. `None` for an uploaded file or plain text.
    pub fn to_url(&self) -> Option<String> {
        match &self.source {
            Source::Url(url) => Some(url.clone()),
            Source::Data(data) => {
                Some(format!("data:{};base64,{data}", self.mime.as_deref().unwrap_or("application/octet-stream")))
            }
            Source::FileId(_) | Source::Text(_) => None,
        }
    }
}

/// Appends bytes to bytes, both base64. Those that do not end at a multiple of three have to be written anew.
fn join_base64(data: &mut String, more: &str) {
    if data.ends_with('=')
        && let (Ok(mut bytes), Ok(rest)) = (STANDARD.decode(&*data), STANDARD.decode(more))
    {
        bytes.extend(rest);
        *data = STANDARD.encode(bytes);
    } else {
        data.push_str(more);
    }
}

/// The model asks for a tool.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "WrittenCall", from = "WrittenCall")]
pub struct ToolCall {
    /// The id that the result has to carry. Where the wire has none (Gemini), one is made.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired.
    pub arguments: String,
    /// Whether the arguments are JSON that does not follow the parameters of the tool. Known of answers only.
    pub mismatched: bool,
}

impl ToolCall {
    /// A call with these arguments, JSON text.
    pub fn new(id: impl Into<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        ToolCall { id: id.into(), name: name.into(), arguments: arguments.into(), mismatched: false }
    }

    /// Whether the arguments are JSON and follow the parameters of the tool, as far as those were known.
    pub fn args_valid(&self) -> bool {
        !self.mismatched && self.parsed().is_some()
    }

    /// The arguments parsed; `None` where the text is not JSON. Empty text is the empty object.
    pub fn parsed(&self) -> Option<Value> {
        if self.arguments.trim().is_empty() {
            return Some(Value::Object(Map::new()));
        }
        serde_json::from_str(&self.arguments).ok()
    }
}

/// The model asks for a tool.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ToolCall")]
struct WrittenCall {
    /// The id that the result has to carry. Where the wire has none (Gemini), one is made.
    id: String,
    /// The tool.
    name: String,
    /// The arguments, parsed; null where the text is not JSON. Empty text is the empty object.
    #[serde(default)]
    arguments: Option<Value>,
    /// The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired.
    arguments_raw: String,
    /// Whether the arguments are JSON and follow the parameters of the tool.
    #[serde(default = "valid")]
    args_valid: bool,
}

/// What was not said.
fn valid() -> bool {
    true
}

impl From<ToolCall> for WrittenCall {
    fn from(call: ToolCall) -> Self {
        let arguments = call.parsed();
        let args_valid = arguments.is_some() && !call.mismatched;
        WrittenCall { id: call.id, name: call.name, arguments, arguments_raw: call.arguments, args_valid }
    }
}

impl From<WrittenCall> for ToolCall {
    /// What follows from the text is not read back.
    fn from(call: WrittenCall) -> Self {
        let mismatched = !call.args_valid && call.arguments.is_some();
        ToolCall { id: call.id, name: call.name, arguments: call.arguments_raw, mismatched }
    }
}

/// What a tool answered.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolResult {
    /// The id of the call.
    pub id: String,
    /// The tool's name. Gemini needs it; where it is missing it is looked up in the calls before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The answer.
    pub content: Vec<Part>,
    /// Whether the tool failed.
    #[serde(default)]
    pub is_error: bool,
}

impl ToolResult {
    /// All text of the answer, joined.
    pub fn text(&self) -> String {
        self.content.iter().filter_map(Part::as_text).collect()
    }
}

/// A source that the model names for the text before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Citation {
    /// The address of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The words that are quoted from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cited_text: Option<String>,
    /// Where the supported passage begins in the answer's text, in the provider's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// Where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
}

/// Something only one provider has, kept as it came and sent back to it on the next turn.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Other {
    /// The provider's own name for it, such as `server_tool_use`.
    pub kind: String,
    /// The whole of it.
    pub data: Value,
}

/// Opaque provider state of a part.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
// `State` alone would clash with what user interfaces call so (SwiftUI, Compose).
#[schemars(rename = "ProviderState")]
pub struct State {
    /// The configured provider that sent it; empty where the caller's message did not say.
    #[serde(default)]
    pub provider: String,
    /// The state, in the provider's own words: `signature`, `thoughtSignature`, `reasoning_details`, ...
    pub data: Map<String, Value>,
}

impl State {
    /// Whether `provider` may be sent this state.
    pub fn belongs_to(&self, provider: &str) -> bool {
        self.provider.is_empty() || self.provider == provider
    }
}

/// A request to cache the prompt up to this part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CacheControl {
    /// How long: `5m` (the default of the providers) or `1h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<String>,
}

impl Part {
    /// A part with nothing beside its content.
    pub fn new(content: Content) -> Self {
        Part { content, state: None, cache_control: None, extra: None }
    }

    /// A text part.
    pub fn text(text: impl Into<String>) -> Self {
        Part::new(Content::Text { text: text.into() })
    }

    /// The text of a text part.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text { text } => Some(text),
            _ => None,
        }
    }

    /// The state, if it may be sent to `provider`.
    pub fn state_for(&self, provider: &str) -> Option<&Map<String, Value>> {
        self.state.as_deref().filter(|state| state.belongs_to(provider)).map(|state| &state.data)
    }

    /// The part's kind as callers read it: `text`, `tool_call`, ...
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Text { .. } => "text",
            Content::Image(_) => "image",
            Content::Audio(_) => "audio",
            Content::File(_) => "file",
            Content::Reasoning { .. } => "reasoning",
            Content::ToolCall(_) => "tool_call",
            Content::ToolResult(_) => "tool_result",
            Content::Refusal { .. } => "refusal",
            Content::Citation(_) => "citation",
            Content::Other(_) => "other",
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State({}, {} keys)", self.provider, self.data.len())
    }
}

/// Prints kinds and sizes only: parts hold prompts, and prompts stay out of logs.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Text { text } | Content::Reasoning { text } | Content::Refusal { text } => {
                write!(f, "{}({} bytes)", self.kind(), text.len())
            }
            Content::ToolCall(call) => write!(f, "tool_call({}, {} bytes)", call.name, call.arguments.len()),
            Content::ToolResult(result) => write!(f, "tool_result({} parts)", result.content.len()),
            Content::Other(other) => write!(f, "other({})", other.kind),
            _ => f.write_str(self.kind()),
        }
    }
}
