//! What is asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Content, Embed, Message, Rerank, Tool, ToolChoice};
use crate::error::Error;

/// What is asked for: a chat, an embedding or a ranking, from a route or a `provider/model`.
///
/// ```
/// use tidegate::{Message, Request};
/// let request = Request::chat("openai/gpt-5-mini", vec![Message::user("hi")]);
/// let same = Request::from_json(r#"{"model": "openai/gpt-5-mini", "messages": [{"role": "user", "content": "hi"}]}"#)?;
/// assert_eq!(request, same);
/// assert_eq!(request, Request::from_value(serde_json::to_value(&request).unwrap())?);
/// let error = Request::from_json(r#"{"model": "m", "messages": [{"role": "usr", "content": "hi"}]}"#).unwrap_err();
/// assert_eq!(error.get("field"), Some("messages[0].role"));
/// # Ok::<(), tidegate::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
pub struct Request {
    /// A route of the configuration, or `provider/model`.
    pub model: String,
    /// What is to be done.
    #[serde(flatten)]
    #[schemars(skip)]
    pub task: Task,
    /// Who asks and for what: `tenant`, `team`, `feature`, and any other.
    pub labels: Labels,
    /// The time for everything, retries included; overrides the route's `timeout.total`. In JSON, seconds.
    #[serde(serialize_with = "seconds")]
    #[schemars(with = "Option<f64>")]
    pub timeout: Option<Duration>,
    /// Who comes first where calls wait for a place at a target.
    #[serde(skip_serializing_if = "Priority::is_interactive")]
    #[schemars(default)]
    pub priority: Priority,
    /// Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a request
    /// that must not be answered twice. Default: true.
    #[serde(skip_serializing_if = "is_true")]
    #[schemars(extend("default" = true))]
    pub hedge: bool,
    /// How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it is a
    /// retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(extend("default" = 0))]
    pub retry_attempt: u32,
    /// Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote.
    pub extra: Map<String, Value>,
    /// Whether the answer is to arrive in pieces. [`Gateway::stream`](crate::Gateway::stream) sets it.
    #[serde(skip)]
    #[schemars(skip)]
    pub stream: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_true(is: &bool) -> bool {
    *is
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Who comes first where calls wait for a place at a target (the configuration's `concurrency`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Somebody waits for the answer: before all `batch` requests.
    #[default]
    Interactive,
    /// Nobody does: behind the others, and where the queue is full, out of it for one of them.
    Batch,
}

impl Priority {
    pub(crate) const ALL: [Priority; 2] = [Priority::Interactive, Priority::Batch];

    /// As callers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Priority::Interactive => "interactive",
            Priority::Batch => "batch",
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    fn is_interactive(&self) -> bool {
        *self == Priority::Interactive
    }
}

/// Labels of a request.
pub type Labels = BTreeMap<String, String>;

/// What is to be done.
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Task {
    /// Continue a conversation.
    Chat(Box<Chat>),
    /// Turn texts into vectors.
    Embed(Embed),
    /// Rank documents by how much they say to a query.
    Rerank(Rerank),
}

impl Task {
    /// The field that only this task has.
    pub(crate) fn field(&self) -> &'static str {
        match self {
            Task::Chat(_) => "messages",
            Task::Embed(_) => "input",
            Task::Rerank(_) => "documents",
        }
    }

    /// What those have who can do it, in words.
    pub(crate) fn ability(&self) -> &'static str {
        match self {
            Task::Chat(_) => "chat",
            Task::Embed(_) => "embeddings",
            Task::Rerank(_) => "reranking",
        }
    }

    fn method(&self) -> &'static str {
        match self {
            Task::Chat(_) => "chat()",
            Task::Embed(_) => "embed()",
            Task::Rerank(_) => "rerank()",
        }
    }
}

/// Continue a conversation.
#[derive(Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Chat {
    /// The conversation so far.
    #[schemars(required)]
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// Which tool it must call.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several at once.
    pub parallel_tool_calls: Option<bool>,
    /// The form of the answer.
    pub response_format: Option<ResponseFormat>,
    /// Randomness, 0 to 2.
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub top_p: Option<f64>,
    /// Sample from this many likeliest tokens.
    pub top_k: Option<u32>,
    /// The most tokens to write, thinking included.
    pub max_tokens: Option<u32>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// For repeatable sampling, as far as the provider goes.
    pub seed: Option<i64>,
    /// -2 to 2.
    pub frequency_penalty: Option<f64>,
    /// -2 to 2.
    pub presence_penalty: Option<f64>,
    /// Whether to send log probabilities.
    pub logprobs: Option<bool>,
    /// How many alternatives a token, 0 to 20.
    pub top_logprobs: Option<u32>,
    /// How much to think.
    pub reasoning: Option<Reasoning>,
}

#[allow(clippy::ref_option, reason = "the signature is serde's")]
fn seconds<S: serde::Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

/// How much to think. At most one of `effort` and `budget_tokens`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reasoning {
    /// `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// The most tokens to think.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_tokens: Option<u32>,
    /// Whether the answer should show the thinking (or its summary).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<bool>,
}

/// The form of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponseFormat {
    /// Any text.
    Text,
    /// Any JSON object.
    #[serde(rename = "json_object")]
    Json,
    /// JSON that follows a schema.
    #[serde(rename = "json_schema")]
    Schema {
        /// A name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What it is, for the model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// The JSON Schema.
        schema: Value,
        /// Whether the answer must follow it exactly.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        strict: Option<bool>,
    },
}

/// Prints the model and counts only: a request holds prompts, and prompts stay out of logs.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Request");
        out.field("model", &self.model).field("labels", &self.labels).field("stream", &self.stream);
        match &self.task {
            Task::Chat(chat) => out.field("messages", &chat.messages.len()).field("tools", &chat.tools.len()),
            Task::Embed(embed) => out.field("input", &embed.input.len()),
            Task::Rerank(rerank) => out.field("documents", &rerank.documents.len()),
        };
        out.finish_non_exhaustive()
    }
}

impl Request {
    /// A chat with nothing but messages.
    pub fn chat(model: impl Into<String>, messages: Vec<Message>) -> Self {
        Request::new(model.into(), Task::Chat(Box::new(Chat { messages, ..Chat::default() })))
    }

    /// An embedding of texts.
    pub fn embed(model: impl Into<String>, input: Vec<String>) -> Self {
        Request::new(model.into(), Task::Embed(Embed { input, ..Embed::default() }))
    }

    /// A ranking of documents by how much they say to a query.
    pub fn rerank(model: impl Into<String>, query: impl Into<String>, documents: Vec<String>) -> Self {
        Request::new(model.into(), Task::Rerank(Rerank { query: query.into(), documents, top_n: None }))
    }

    fn new(model: String, task: Task) -> Self {
        Request {
            model,
            task,
            labels: Labels::new(),
            timeout: None,
            priority: Priority::default(),
            hedge: true,
            retry_attempt: 0,
            extra: Map::new(),
            stream: false,
        }
    }

    /// Changes the chat's settings; does nothing to another task.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Chat)) -> Self {
        if let Task::Chat(chat) = &mut self.task {
            change(chat);
        }
        self
    }

    /// Sets a label.
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.insert(name.into(), value.into());
        self
    }

    /// Leaves out what a target cannot do, by its path. False where it cannot be left out.
    pub(crate) fn remove(&mut self, field: &str) -> bool {
        let chat = match (&mut self.task, field) {
            (Task::Chat(chat), _) => chat,
            (Task::Embed(embed), "input_type") => return embed.input_type.take().is_some(),
            _ => return false,
        };
        match field {
            "tools" => {
                chat.tools.clear();
                chat.tool_choice = None;
            }
            "tool_choice" => chat.tool_choice = None,
            "parallel_tool_calls" => chat.parallel_tool_calls = None,
            "response_format" => chat.response_format = None,
            "temperature" => chat.temperature = None,
            "top_p" => chat.top_p = None,
            "top_k" => chat.top_k = None,
            "max_tokens" => chat.max_tokens = None,
            "stop" => chat.stop.clear(),
            "seed" => chat.seed = None,
            "frequency_penalty" => chat.frequency_penalty = None,
            "presence_penalty" => chat.presence_penalty = None,
            "logprobs" => chat.logprobs = None,
            "top_logprobs" => chat.top_logprobs = None,
            "reasoning" => chat.reasoning = None,
            path => {
                return remove_from_message(&mut chat.messages, path)
                    .or_else(|| remove_tool(&mut chat.tools, path))
                    .is_some();
            }
        }
        true
    }

    /// An error where this is not a chat.
    pub fn expect_chat(&self) -> crate::Result<()> {
        self.expect("messages", "a chat")
    }

    /// An error where this is not an embedding.
    pub fn expect_embed(&self) -> crate::Result<()> {
        self.expect("input", "embed()")
    }

    /// An error where this is not a ranking.
    pub fn expect_rerank(&self) -> crate::Result<()> {
        self.expect("documents", "rerank()")
    }

    /// An error where this is not the task whose field is `field`.
    fn expect(&self, field: &str, wanted: &str) -> crate::Result<()> {
        let own = self.task.field();
        if own == field {
            return Ok(());
        }
        let method = self.task.method();
        Err(Error::invalid(own, format_args!("is not a field of {wanted}, which takes {field}: call {method}")))
    }

    /// The chat, if it is one.
    pub fn as_chat(&self) -> Option<&Chat> {
        match &self.task {
            Task::Chat(chat) => Some(chat),
            Task::Embed(_) | Task::Rerank(_) => None,
        }
    }
}

/// `messages[2].name`, `messages[2].extra`, `messages[2].content[0]`, `messages[2].content[0].detail`, and, of a result,
/// `messages[2].content[0].content[1]`. A result itself stays: no vendor takes a call without one.
fn remove_from_message(messages: &mut [Message], path: &str) -> Option<()> {
    let (at, rest) = indexed(path, "messages")?;
    let message = messages.get_mut(at)?;
    match rest {
        ".name" => message.name = None,
        ".extra" => message.extra = None,
        rest => {
            let (index, rest) = indexed(rest, ".content")?;
            let part = message.content.get_mut(index)?;
            match (rest, &mut part.content) {
                ("", Content::ToolCall(call)) => {
                    let id = std::mem::take(&mut call.id);
                    message.content.remove(index);
                    remove_results(messages.get_mut(at..)?, &id);
                }
                ("", Content::ToolResult(_)) => return None,
                ("", _) => drop(message.content.remove(index)),
                (".detail", Content::Image(media)) => media.detail = None,
                (rest, Content::ToolResult(result)) => {
                    let (index, "") = indexed(rest, ".content")? else { return None };
                    return (index < result.content.len()).then(|| drop(result.content.remove(index)));
                }
                _ => return None,
            }
        }
    }
    Some(())
}

/// The results of a call that is left out answer nothing.
fn remove_results(messages: &mut [Message], id: &str) {
    for message in messages {
        message.content.retain(|part| !matches!(&part.content, Content::ToolResult(result) if result.id == id));
    }
}

/// `tools[1]`
fn remove_tool(tools: &mut Vec<Tool>, path: &str) -> Option<()> {
    let (at, "") = indexed(path, "tools")? else { return None };
    (at < tools.len()).then(|| drop(tools.remove(at)))
}

/// The index in `list[2].rest`, and the rest.
fn indexed<'a>(path: &'a str, list: &str) -> Option<(usize, &'a str)> {
    let (index, rest) = path.strip_prefix(list)?.strip_prefix('[')?.split_once(']')?;
    Some((index.parse().ok()?, rest))
}
