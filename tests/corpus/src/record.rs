//! One recorded exchange, as a line of a corpus file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One recorded exchange.
#[derive(Deserialize)]
pub struct Record {
    pub id: String,
    pub provider: String,
    pub api: Api,
    #[serde(default)]
    pub stream: bool,
    pub fidelity: Fidelity,
    pub request: Option<Sent>,
    pub response: Answer,
    pub expect: Expect,
    pub intent: Option<Intent>,
}

/// The wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Api {
    #[serde(rename = "openai.chat")]
    OpenAiChat,
    #[serde(rename = "openai.completions")]
    OpenAiCompletions,
    #[serde(rename = "openai.embeddings")]
    OpenAiEmbeddings,
    #[serde(rename = "openai.responses")]
    OpenAiResponses,
    #[serde(rename = "mistral.chat")]
    Mistral,
    #[serde(rename = "anthropic.messages")]
    Anthropic,
    #[serde(rename = "gemini.generateContent")]
    Gemini,
    #[serde(rename = "gemini.streamGenerateContent")]
    GeminiStream,
    #[serde(rename = "gemini.embeddings")]
    GeminiEmbeddings,
    #[serde(rename = "bedrock.converse")]
    Converse,
    #[serde(rename = "bedrock.converseStream")]
    ConverseStream,
    #[serde(rename = "bedrock.invokeAnthropic")]
    InvokeAnthropic,
    #[serde(rename = "cohere.v2chat")]
    CohereChat,
    #[serde(rename = "cohere.v2embed")]
    CohereEmbeddings,
    #[serde(rename = "ollama.chat")]
    OllamaChat,
    #[serde(rename = "ollama.embed")]
    OllamaEmbeddings,
}

/// The protocols, whatever the method, and whatever the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    OpenAi,
    Completions,
    Responses,
    Mistral,
    Anthropic,
    Gemini,
    Converse,
    Cohere,
    Ollama,
}

impl Api {
    pub const ALL: [Api; 16] = [
        Api::OpenAiChat,
        Api::OpenAiCompletions,
        Api::OpenAiEmbeddings,
        Api::OpenAiResponses,
        Api::Mistral,
        Api::Anthropic,
        Api::Gemini,
        Api::GeminiStream,
        Api::GeminiEmbeddings,
        Api::Converse,
        Api::ConverseStream,
        Api::InvokeAnthropic,
        Api::CohereChat,
        Api::CohereEmbeddings,
        Api::OllamaChat,
        Api::OllamaEmbeddings,
    ];

    /// The corpus file's name without its ending.
    pub fn name(self) -> &'static str {
        match self {
            Api::OpenAiChat => "openai.chat",
            Api::OpenAiCompletions => "openai.completions",
            Api::OpenAiEmbeddings => "openai.embeddings",
            Api::OpenAiResponses => "openai.responses",
            Api::Mistral => "mistral.chat",
            Api::Anthropic => "anthropic.messages",
            Api::Gemini => "gemini.generateContent",
            Api::GeminiStream => "gemini.streamGenerateContent",
            Api::GeminiEmbeddings => "gemini.embeddings",
            Api::Converse => "bedrock.converse",
            Api::ConverseStream => "bedrock.converseStream",
            Api::InvokeAnthropic => "bedrock.invokeAnthropic",
            Api::CohereChat => "cohere.v2chat",
            Api::CohereEmbeddings => "cohere.v2embed",
            Api::OllamaChat => "ollama.chat",
            Api::OllamaEmbeddings => "ollama.embed",
        }
    }

    /// Whether vectors are asked for.
    pub fn embeds(self) -> bool {
        matches!(self, Api::OpenAiEmbeddings | Api::GeminiEmbeddings | Api::CohereEmbeddings | Api::OllamaEmbeddings)
    }

    pub fn protocol(self) -> Protocol {
        match self {
            Api::OpenAiChat | Api::OpenAiEmbeddings => Protocol::OpenAi,
            Api::OpenAiCompletions => Protocol::Completions,
            Api::OpenAiResponses => Protocol::Responses,
            Api::Mistral => Protocol::Mistral,
            Api::Anthropic | Api::InvokeAnthropic => Protocol::Anthropic,
            Api::Converse | Api::ConverseStream => Protocol::Converse,
            Api::CohereChat | Api::CohereEmbeddings => Protocol::Cohere,
            Api::OllamaChat | Api::OllamaEmbeddings => Protocol::Ollama,
            Api::Gemini | Api::GeminiStream | Api::GeminiEmbeddings => Protocol::Gemini,
        }
    }
}

/// How true the recording is.
#[derive(Deserialize)]
pub struct Fidelity {
    pub request: String,
}

/// What was sent.
#[derive(Deserialize)]
pub struct Sent {
    pub body: String,
}

/// What came back.
#[derive(Deserialize)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body_text: String,
    /// Where the body is no text.
    pub body_base64: Option<String>,
}

/// The facts of the answer.
#[derive(Deserialize)]
pub struct Expect {
    pub kind: String,
    #[serde(default)]
    pub kind_accept: Vec<String>,
    #[serde(flatten)]
    pub facts: Map<String, Value>,
}

/// The request in a neutral form.
#[derive(Deserialize)]
pub struct Intent {
    pub model: Option<String>,
    #[serde(default)]
    pub system: Option<String>,
    #[serde(default)]
    pub messages: Vec<Turn>,
    /// Texts to embed, or one text, or tokens.
    #[serde(default)]
    pub inputs: Value,
    /// What a completion goes on from: a text, or a list of texts.
    #[serde(default)]
    pub prompt: Option<Value>,
    #[serde(default)]
    pub tools: Vec<ToolSpec>,
    #[serde(default)]
    pub unmapped: Vec<String>,
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

/// One message.
#[derive(Deserialize)]
pub struct Turn {
    pub role: String,
    pub parts: Vec<Piece>,
}

/// One part of a message.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Piece {
    Text {
        text: String,
    },
    Image(Media),
    File(Media),
    Audio(Media),
    Video(Media),
    ToolCall {
        id: Option<String>,
        name: String,
        arguments: Value,
    },
    ToolResult {
        id: Option<String>,
        name: Option<String>,
        content: Value,
        is_error: Option<bool>,
    },
    Reasoning {
        text: Option<String>,
    },
    Json {
        json: Value,
    },
    Other {
        raw_type: String,
    },
    #[serde(other)]
    Unknown,
}

/// An image, document or sound; bytes are left out of an intent.
#[derive(Deserialize)]
pub struct Media {
    #[serde(default)]
    pub source: String,
    pub url: Option<String>,
    pub uri: Option<String>,
    pub file_id: Option<String>,
    pub text: Option<String>,
    pub mime: Option<String>,
    pub filename: Option<String>,
    pub detail: Option<String>,
}

/// A tool: a function, or one that the provider runs (`builtin`).
#[derive(Deserialize)]
pub struct ToolSpec {
    pub builtin: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub parameters: Option<Value>,
    pub strict: Option<bool>,
}

impl Intent {
    /// Whether it asks for what a request can ask for: texts, and not tokens.
    pub fn has_texts(&self) -> bool {
        match &self.inputs {
            Value::Array(inputs) => !inputs.is_empty() && inputs.iter().all(Value::is_string),
            inputs => inputs.is_string(),
        }
    }
}

impl Record {
    /// The recorded request body; null where there is none.
    pub fn sent(&self) -> Value {
        self.request.as_ref().and_then(|sent| serde_json::from_str(&sent.body).ok()).unwrap_or_default()
    }

    /// Whether our request has to be equivalent to the recorded one.
    pub fn is_encodable(&self) -> bool {
        let Some(intent) = &self.intent else { return false };
        // A response is one answer, so that a request cannot ask for more.
        let several = intent.settings.get("n").and_then(Value::as_u64).is_some_and(|n| n > 1);
        let tokens = self.api.embeds() && !intent.has_texts();
        self.fidelity.request == "exact" && intent.unmapped.is_empty() && !several && !tokens
    }
}

/// A line that is no exchange.
pub struct Unreadable {
    pub id: String,
    pub problem: String,
}

/// Reads the exchanges of one wire format.
pub fn load(dir: &Path, api: Api) -> Result<Vec<Result<Record, Unreadable>>, String> {
    let path = dir.join(format!("{}.jsonl", api.name()));
    let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let read = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            let id = serde_json::from_str::<Value>(line).ok().and_then(|value| Some(value["id"].as_str()?.to_owned()));
            let id = id.unwrap_or_else(|| format!("{}:{}", api.name(), index + 1));
            Unreadable { id, problem: error.to_string() }
        })
    };
    Ok(text.split('\n').filter(|line| !line.is_empty()).enumerate().map(read).collect())
}
