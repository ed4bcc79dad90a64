//! Reads requests from plain values, strictly.

use serde_json::Value;

use super::read::{Fields, Path, duration, expected, suggestion};
use super::request::{Chat, Labels, Priority, Reasoning, Request, ResponseFormat, Task};
use super::{CacheControl, Embed, InputType, Rerank, Tool, ToolChoice, foreign_fields, openai_messages};
use crate::error::{Error, Result};

const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

impl Request {
    /// Reads a request from JSON text: the same keys as [`Request::from_value`].
    pub fn from_json(text: &str) -> Result<Self> {
        let value = serde_json::from_str(text).map_err(|e| {
            Error::invalid("", format_args!("the request is not JSON (line {}, column {})", e.line(), e.column()))
        })?;
        Request::from_value(value)
    }

    /// Reads a chat (`messages`), an embedding (`input`) or a ranking (`query`, `documents`) from a plain value. Unknown
    /// fields, wrong types and values out of range are refused with the path.
    pub fn from_value(value: Value) -> Result<Self> {
        let mut fields = Fields::new(value, &Path::Root)?;
        let model = fields.required_string("model")?;
        if model.is_empty() {
            return Err(Error::invalid("model", "is empty, name a route or provider/model"));
        }
        let task = if fields.has("input") {
            Task::Embed(embed(&mut fields)?)
        } else if fields.has("documents") || fields.has("query") {
            Task::Rerank(rerank(&mut fields)?)
        } else {
            Task::Chat(Box::new(chat(&mut fields)?))
        };
        let labels = labels(&mut fields)?;
        let timeout = fields.take("timeout").map(|value| duration(&value, &Path::Root.key("timeout"))).transpose()?;
        let priority = fields.string("priority")?.map(|name| priority(&name)).transpose()?.unwrap_or_default();
        let hedge = fields.boolean("hedge")?.unwrap_or(true);
        let retry_attempt = fields.integer("retry_attempt", 0, i64::from(u32::MAX))?;
        let retry_attempt = retry_attempt.and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
        let extra = fields.object("extra")?.unwrap_or_default();
        if extra.contains_key("stream") {
            return Err(Error::invalid("extra.stream", "would change what is asked for: call stream() or chat()"));
        }
        foreign_fields::take(&mut fields)?;
        fields.finish()?;
        Ok(Request { model, task, labels, timeout, priority, hedge, retry_attempt, extra, stream: false })
    }
}

fn chat(fields: &mut Fields<'_>) -> Result<Chat> {
    let messages = fields.list("messages")?;
    let messages = messages.ok_or_else(|| Error::invalid("messages", "required, but missing (input, for embed())"))?;
    if messages.is_empty() {
        return Err(Error::invalid("messages", "is empty, at least one message is needed"));
    }
    let mut chat = Chat { messages: openai_messages::read(messages)?, ..Chat::default() };
    let root = Path::Root;
    if let Some(tools) = fields.list("tools")? {
        let path = root.key("tools");
        for (index, value) in tools.into_iter().enumerate() {
            chat.tools.push(tool(value, &path.index(index))?);
        }
    }
    chat.tool_choice =
        fields.take("tool_choice").map(|value| tool_choice(value, &root.key("tool_choice"))).transpose()?;
    chat.parallel_tool_calls = fields.boolean("parallel_tool_calls")?;
    chat.response_format =
        fields.take("response_format").map(|value| response_format(value, &root.key("response_format"))).transpose()?;
    chat.temperature = fields.number("temperature", 0.0, 2.0)?;
    chat.top_p = fields.number("top_p", 0.0, 1.0)?;
    chat.top_k = fields.count("top_k")?;
    chat.max_tokens =
        one_of(fields.count("max_tokens")?, fields.count("max_completion_tokens")?, "max_completion_tokens")?;
    chat.stop = strings(fields, "stop")?;
    chat.seed = fields.integer("seed", i64::MIN, i64::MAX)?;
    chat.frequency_penalty = fields.number("frequency_penalty", -2.0, 2.0)?;
    chat.presence_penalty = fields.number("presence_penalty", -2.0, 2.0)?;
    chat.logprobs = fields.boolean("logprobs")?;
    chat.top_logprobs = fields.integer("top_logprobs", 0, 20)?.and_then(|n| u32::try_from(n).ok());
    let mut reasoning_at = |key| fields.take(key).map(|value| reasoning(value, &root.key(key))).transpose();
    chat.reasoning = one_of(reasoning_at("reasoning")?, reasoning_at("reasoning_effort")?, "reasoning_effort")?;
    Ok(chat)
}

/// A value under its name, or under the name that OpenAI has for it.
fn one_of<T>(own: Option<T>, foreign: Option<T>, name: &str) -> Result<Option<T>> {
    match (own, foreign) {
        (Some(_), Some(_)) => {
            Err(Error::invalid(name, "is another name of a field that is given too: give one of them"))
        }
        (own, foreign) => Ok(own.or(foreign)),
    }
}

fn embed(fields: &mut Fields<'_>) -> Result<Embed> {
    let input = strings(fields, "input")?;
    if input.is_empty() {
        return Err(Error::invalid("input", "is empty, at least one text is needed"));
    }
    let dimensions = fields.count("dimensions")?;
    let input_type = fields.string("input_type")?.map(|name| input_type(&name)).transpose()?;
    Ok(Embed { input, dimensions, input_type })
}

fn input_type(name: &str) -> Result<InputType> {
    if let Some(found) = InputType::ALL.into_iter().find(|known| known.as_str() == name) {
        return Ok(found);
    }
    let known = InputType::ALL.map(InputType::as_str);
    let hint = suggestion(name, known);
    Err(Error::invalid(
        "input_type",
        format_args!("unknown input type '{name}', expected one of {}{hint}", known.join(", ")),
    ))
}

fn priority(name: &str) -> Result<Priority> {
    let known = Priority::ALL.into_iter().find(|known| known.as_str() == name);
    known.ok_or_else(|| {
        let known = Priority::ALL.map(Priority::as_str);
        let hint = suggestion(name, known);
        let known = known.join(", ");
        Error::invalid("priority", format_args!("unknown priority '{name}', expected one of {known}{hint}"))
    })
}

fn rerank(fields: &mut Fields<'_>) -> Result<Rerank> {
    let query = fields.required_string("query")?;
    if !fields.has("documents") {
        return Err(fields.missing("documents"));
    }
    let documents = strings(fields, "documents")?;
    if documents.is_empty() {
        return Err(Error::invalid("documents", "is empty, at least one document is needed"));
    }
    Ok(Rerank { query, documents, top_n: fields.count("top_n")? })
}

/// One string or a list of them.
fn strings(fields: &mut Fields<'_>, key: &'static str) -> Result<Vec<String>> {
    let path = fields.path.key(key);
    match fields.take(key) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(items)) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| match item {
                Value::String(text) => Ok(text),
                other => Err(expected(&path.index(index), "a string", &other)),
            })
            .collect(),
        Some(other) => Err(expected(&path, "a string or a list of strings", &other)),
    }
}

fn labels(fields: &mut Fields<'_>) -> Result<Labels> {
    let mut labels = Labels::new();
    for key in ["tenant", "team", "feature"] {
        if let Some(value) = fields.string(key)? {
            labels.insert(key.to_owned(), value);
        }
    }
    for (key, value) in fields.object("labels")?.unwrap_or_default() {
        match value {
            Value::String(text) => {
                labels.insert(key, text);
            }
            other => return Err(expected(&Path::Root.key("labels").key(&key), "a string", &other)),
        }
    }
    Ok(labels)
}

/// OpenAI's form of a function, our flat form of it, or a provider's own tool.
fn tool(value: Value, path: &Path<'_>) -> Result<Tool> {
    let mut fields = Fields::new(value, path)?;
    let kind = fields.string("type")?;
    match kind.as_deref() {
        Some("hosted") => {
            let tool = fields.object("tool")?.ok_or_else(|| fields.missing("tool"))?;
            fields.finish()?;
            Ok(Tool::Hosted { tool })
        }
        // The arguments of OpenAI's custom tools are free text, which no other provider has.
        Some("custom") if fields.has("custom") => {
            let custom = fields.object("custom")?.unwrap_or_default();
            fields.finish()?;
            let tool = [("type".to_owned(), "custom".into()), ("custom".to_owned(), custom.into())];
            Ok(Tool::Hosted { tool: tool.into_iter().collect() })
        }
        None | Some("function") => {
            let cache_control = cache_control(&mut fields)?;
            match fields.take("function") {
                Some(function) => {
                    let inner = path.key("function");
                    let tool = function_tool(Fields::new(function, &inner)?, cache_control)?;
                    fields.finish()?;
                    Ok(tool)
                }
                None => function_tool(fields, cache_control),
            }
        }
        Some(other) => Err(Error::invalid(
            path.key("type"),
            format_args!(
                "unknown tool type '{other}', expected 'function', or 'hosted' with the provider's own definition under 'tool'"
            ),
        )),
    }
}

fn function_tool(mut fields: Fields<'_>, cache_control: Option<CacheControl>) -> Result<Tool> {
    let tool = Tool::Function {
        name: fields.required_string("name")?,
        description: fields.string("description")?,
        parameters: fields.object("parameters")?.map(Value::Object),
        strict: fields.boolean("strict")?,
        cache_control,
    };
    fields.finish()?;
    Ok(tool)
}

/// `{"type": "ephemeral", "ttl": "1h"}`, as Anthropic and OpenRouter write it.
pub(super) fn cache_control(fields: &mut Fields<'_>) -> Result<Option<CacheControl>> {
    let path = fields.path.key("cache_control");
    let Some(value) = fields.take("cache_control") else { return Ok(None) };
    let mut inner = Fields::new(value, &path)?;
    inner.ignore(&["type"]);
    let ttl = inner.string("ttl")?;
    inner.finish()?;
    Ok(Some(CacheControl { ttl }))
}

fn tool_choice(value: Value, path: &Path<'_>) -> Result<ToolChoice> {
    match value {
        Value::String(text) => match text.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" | "any" => Ok(ToolChoice::Required),
            other => Err(Error::invalid(
                path,
                format_args!("unknown choice '{other}', expected 'auto', 'none', 'required' or {{\"name\": ...}}"),
            )),
        },
        value => {
            let mut fields = Fields::new(value, path)?;
            fields.ignore(&["type"]);
            let key = if fields.has("custom") { "custom" } else { "function" };
            let name = match fields.take(key) {
                Some(tool) => {
                    let inner_path = path.key(key);
                    let mut inner = Fields::new(tool, &inner_path)?;
                    let name = inner.required_string("name")?;
                    inner.finish()?;
                    name
                }
                // Its canonical form.
                None if fields.has("tool") => fields.required_string("tool")?,
                None => fields.required_string("name")?,
            };
            fields.finish()?;
            Ok(ToolChoice::Tool(name))
        }
    }
}

/// OpenAI's form, or the same without the inner `json_schema` object.
fn response_format(value: Value, path: &Path<'_>) -> Result<ResponseFormat> {
    let mut fields = Fields::new(value, path)?;
    let kind = fields.required_string("type")?;
    let format = match kind.as_str() {
        "text" => ResponseFormat::Text,
        "json" | "json_object" => ResponseFormat::Json,
        "json_schema" => {
            if let Some(inner) = fields.take("json_schema") {
                let inner_path = path.key("json_schema");
                let mut inner = Fields::new(inner, &inner_path)?;
                let format = schema(&mut inner)?;
                inner.finish()?;
                format
            } else {
                schema(&mut fields)?
            }
        }
        other => {
            let hint = suggestion(other, ["text", "json_object", "json_schema"]);
            return Err(Error::invalid(
                path.key("type"),
                format_args!("unknown format '{other}', expected one of text, json_object, json_schema{hint}"),
            ));
        }
    };
    fields.finish()?;
    Ok(format)
}

fn schema(fields: &mut Fields<'_>) -> Result<ResponseFormat> {
    Ok(ResponseFormat::Schema {
        name: fields.string("name")?,
        description: fields.string("description")?,
        schema: fields.object("schema")?.map(Value::Object).ok_or_else(|| fields.missing("schema"))?,
        strict: fields.boolean("strict")?,
    })
}

/// `"high"`, or `{effort, budget_tokens, include}`.
fn reasoning(value: Value, path: &Path<'_>) -> Result<Reasoning> {
    let reasoning = match value {
        Value::String(effort) => Reasoning { effort: Some(effort), ..Reasoning::default() },
        value => {
            let mut fields = Fields::new(value, path)?;
            let reasoning = Reasoning {
                effort: fields.string("effort")?,
                budget_tokens: fields.count("budget_tokens")?,
                include: fields.boolean("include")?,
            };
            fields.finish()?;
            reasoning
        }
    };
    if let Some(effort) = reasoning.effort.as_deref().filter(|effort| !EFFORTS.contains(effort)) {
        let hint = suggestion(effort, EFFORTS);
        return Err(Error::invalid(
            path.key("effort"),
            format_args!("unknown effort '{effort}', expected one of {}{hint}", EFFORTS.join(", ")),
        ));
    }
    if reasoning.effort.is_some() && reasoning.budget_tokens.is_some() {
        return Err(Error::invalid(path, "give effort or budget_tokens, not both"));
    }
    Ok(reasoning)
}
