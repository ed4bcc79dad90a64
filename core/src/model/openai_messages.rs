//! Reads messages: OpenAI Chat Completions messages exactly as users have them (dumps of an SDK's answers included),
//! and our own parts. Source of the foreign form: the OpenAI API reference, "Create chat completion".

use serde_json::{Map, Value};

use super::message::{Message, Role};
use super::part::{Citation, Content, Media, Other, Part, Source, State, ToolCall, ToolResult};
use super::read::{Fields, Path, expected, suggestion};
use super::read_request::cache_control;
use crate::error::{Error, Result};

const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];
const PARTS: [&str; 13] = [
    "text",
    "image",
    "audio",
    "file",
    "reasoning",
    "tool_call",
    "tool_result",
    "refusal",
    "citation",
    "other",
    "image_url",
    "input_audio",
    "video_url",
];

pub(super) fn read(messages: Vec<Value>) -> Result<Vec<Message>> {
    let path = Path::Root.key("messages");
    messages.into_iter().enumerate().map(|(index, value)| message(value, &path.index(index))).collect()
}

fn message(value: Value, path: &Path<'_>) -> Result<Message> {
    let mut fields = Fields::new(value, path)?;
    if fields.has("finish_reason") && !fields.has("role") {
        return Err(Error::invalid(path, "is an answer, not a message: append its message, as reply.message"));
    }
    let role = role(&fields.required_string("role")?, &path.key("role"))?;
    let is_empty = fields.is_empty_list("content");
    let mut parts = match fields.take("content") {
        Some(content) => content_parts(content, &path.key("content"))?,
        None => Vec::new(),
    };
    if role == Role::Assistant {
        assistant_fields(&mut fields, &mut parts)?;
    }
    if role == Role::Tool {
        tool_result(&mut fields, &mut parts)?;
    }
    let mut message = Message::new(role, parts);
    message.name = fields.string("name")?;
    message.extra = fields.object("extra")?.map(Box::new);
    // OpenRouter's cache marker for a whole message stands for one on its last part.
    if let Some(marker) = cache_control(&mut fields)?
        && let Some(last) = message.content.last_mut()
    {
        last.cache_control = Some(marker);
    }
    // SDK dumps put these on every message, mostly null or empty.
    if role != Role::Assistant {
        empty_list(&mut fields, "tool_calls")?;
    }
    fields.finish()?;
    if message.content.is_empty() && role != Role::Assistant {
        let problem = if is_empty { "is empty, at least one part is needed" } else { "required, but missing" };
        return Err(Error::invalid(path.key("content"), problem));
    }
    Ok(message)
}

fn role(text: &str, path: &Path<'_>) -> Result<Role> {
    Ok(match text {
        "system" => Role::System,
        "developer" => Role::Developer,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        other => {
            let hint = suggestion(other, ROLES);
            return Err(Error::invalid(
                path,
                format_args!("unknown role '{other}', expected one of {}{hint}", ROLES.join(", ")),
            ));
        }
    })
}

/// What only an assistant's message has. Thinking goes first, then the content, then calls and sources.
fn assistant_fields(fields: &mut Fields<'_>, parts: &mut Vec<Part>) -> Result<()> {
    let content = fields.string("reasoning_content")?;
    let reasoning = fields.string("reasoning")?;
    let details = fields.list("reasoning_details")?;
    if content.is_some() || reasoning.is_some() || details.is_some() {
        let mut part = Part::new(Content::Reasoning { text: content.or(reasoning).unwrap_or_default() });
        if let Some(details) = details.filter(|details| !details.is_empty()) {
            let mut data = Map::new();
            data.insert("reasoning_details".to_owned(), Value::Array(details));
            part.state = Some(Box::new(State { provider: String::new(), data }));
        }
        parts.insert(0, part);
    }
    if let Some(blocks) = fields.list("thinking_blocks")?.filter(|blocks| !blocks.is_empty()) {
        // They say the same as `reasoning_content`, with what the provider needs to believe it.
        parts.retain(|part| !matches!(part.content, Content::Reasoning { .. }));
        let path = fields.path.key("thinking_blocks");
        for (index, block) in blocks.into_iter().enumerate() {
            parts.insert(index, thinking_block(block, &path.index(index))?);
        }
    }
    if let Some(text) = fields.string("refusal")? {
        parts.push(Part::new(Content::Refusal { text }));
    }
    if let Some(audio) = fields.take("audio") {
        let path = fields.path.key("audio");
        let mut audio = Fields::new(audio, &path)?;
        let mut media = Media::new(Source::FileId(audio.required_string("id")?), None);
        media.transcript = audio.string("transcript")?;
        audio.ignore(&["data", "expires_at"]);
        audio.finish()?;
        parts.push(Part::new(Content::Audio(media)));
    }
    let path = fields.path.key("tool_calls");
    for (index, call) in fields.list("tool_calls")?.unwrap_or_default().into_iter().enumerate() {
        parts.push(openai_tool_call(call, &path.index(index))?);
    }
    let path = fields.path.key("annotations");
    for (index, annotation) in fields.list("annotations")?.unwrap_or_default().into_iter().enumerate() {
        parts.push(annotation_part(annotation, &path.index(index))?);
    }
    if fields.has("function_call") {
        return Err(Error::invalid(fields.path.key("function_call"), "is the retired form, send tool_calls"));
    }
    fields.ignore(&["function_call"]);
    // What providers add to the messages they send, and what means nothing to them on the way back.
    fields.ignore(&["provider_specific_fields", "reasoning_signature", "executed_tools", "parsed", "id"]);
    empty_list(fields, "images")?;
    Ok(())
}

fn empty_list(fields: &mut Fields<'_>, key: &'static str) -> Result<()> {
    match fields.list(key)? {
        Some(list) if !list.is_empty() => Err(Error::invalid(fields.path.key(key), "is not allowed on this message")),
        _ => Ok(()),
    }
}

/// Anthropic's thinking as `LiteLLM` keeps it: `{type: thinking, thinking, signature}`, or `{type: redacted_thinking, data}`.
fn thinking_block(value: Value, path: &Path<'_>) -> Result<Part> {
    let mut fields = Fields::new(value, path)?;
    fields.ignore(&["type", "cache_control"]);
    let mut part = Part::new(Content::Reasoning { text: fields.string("thinking")?.unwrap_or_default() });
    let mut data = Map::new();
    for (key, name) in [("signature", "signature"), ("data", "redacted_thinking")] {
        data.extend(fields.string(key)?.map(|text| (name.to_owned(), Value::String(text))));
    }
    if !data.is_empty() {
        part.state = Some(Box::new(State { provider: String::new(), data }));
    }
    fields.finish()?;
    Ok(part)
}

fn openai_tool_call(value: Value, path: &Path<'_>) -> Result<Part> {
    let mut fields = Fields::new(value, path)?;
    fields.ignore(&["type", "index"]);
    // Our own, as a response lists them.
    if fields.has("name") {
        let part = Part::new(own_tool_call(&mut fields)?);
        fields.finish()?;
        return Ok(part);
    }
    let id = fields.required_string("id")?;
    let custom = fields.has("custom");
    let (key, input) = if custom { ("custom", "input") } else { ("function", "arguments") };
    let function = fields.take(key).ok_or_else(|| fields.missing(key))?;
    let inner_path = path.key(key);
    let mut inner = Fields::new(function, &inner_path)?;
    let call = ToolCall::new(id, inner.required_string("name")?, arguments(&mut inner, input)?);
    inner.finish()?;
    let mut part = Part::new(Content::ToolCall(call));
    if custom {
        // The arguments are free text: this is how the codec tells such a call from others.
        let data = Map::from_iter([("type".to_owned(), Value::from("custom"))]);
        part.state = Some(Box::new(State { provider: String::new(), data }));
    }
    part.extra = fields.object("extra_content")?.map(|extra| {
        let mut data = Map::new();
        data.insert("extra_content".to_owned(), Value::Object(extra));
        Box::new(data)
    });
    fields.finish()?;
    Ok(part)
}

/// Arguments as JSON text, or as the object that some clients send.
fn arguments(fields: &mut Fields<'_>, key: &'static str) -> Result<String> {
    match fields.take(key) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(value @ Value::Object(_)) => Ok(value.to_string()),
        Some(other) => Err(expected(&fields.path.key(key), "JSON text or an object", &other)),
    }
}

fn annotation_part(value: Value, path: &Path<'_>) -> Result<Part> {
    let mut fields = Fields::new(value, path)?;
    let kind = fields.string("type")?.unwrap_or_default();
    if kind != "url_citation" {
        return Err(Error::invalid(
            path.key("type"),
            format_args!("unknown annotation '{kind}', expected 'url_citation'"),
        ));
    }
    let inner = fields.take("url_citation").ok_or_else(|| fields.missing("url_citation"))?;
    let inner_path = path.key("url_citation");
    let mut inner = Fields::new(inner, &inner_path)?;
    let citation = Citation {
        url: inner.string("url")?,
        title: inner.string("title")?,
        cited_text: inner.string("content")?,
        start: inner.integer("start_index", 0, i64::MAX)?.map(i64::unsigned_abs),
        end: inner.integer("end_index", 0, i64::MAX)?.map(i64::unsigned_abs),
    };
    inner.finish()?;
    fields.finish()?;
    Ok(Part::new(Content::Citation(citation)))
}

fn tool_result(fields: &mut Fields<'_>, parts: &mut Vec<Part>) -> Result<()> {
    // Our own form carries the id in the part.
    if !parts.is_empty() && parts.iter().all(|part| matches!(part.content, Content::ToolResult(_))) {
        return Ok(());
    }
    let id = fields.required_string("tool_call_id")?;
    let name = fields.string("name")?;
    let content = std::mem::take(parts);
    parts.push(Part::new(Content::ToolResult(ToolResult { id, name, content, is_error: false })));
    Ok(())
}

fn content_parts(value: Value, path: &Path<'_>) -> Result<Vec<Part>> {
    match value {
        Value::String(text) => Ok(vec![Part::text(text)]),
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(index, item)| part(item, &path.index(index))).collect()
        }
        other => Err(expected(path, "a string or a list of parts", &other)),
    }
}

fn part(value: Value, path: &Path<'_>) -> Result<Part> {
    if let Value::String(text) = value {
        return Ok(Part::text(text));
    }
    let mut fields = Fields::new(value, path)?;
    let kind = fields.required_string("type")?;
    let content = match kind.as_str() {
        "text" => {
            empty_list(&mut fields, "annotations")?;
            Content::Text { text: fields.required_string("text")? }
        }
        "image_url" | "video_url" => url_part(&mut fields, &kind)?,
        "input_audio" => input_audio(&mut fields)?,
        "file" if fields.has("file") => openai_file(&mut fields)?,
        "image" => Content::Image(media(&mut fields)?),
        "audio" => Content::Audio(media(&mut fields)?),
        "file" => Content::File(media(&mut fields)?),
        "reasoning" => Content::Reasoning { text: fields.string("text")?.unwrap_or_default() },
        "refusal" => {
            let text = fields.string("refusal")?.or(fields.string("text")?);
            Content::Refusal { text: text.ok_or_else(|| fields.missing("refusal"))? }
        }
        "tool_call" => own_tool_call(&mut fields)?,
        "tool_result" => own_tool_result(&mut fields)?,
        "citation" => Content::Citation(Citation {
            url: fields.string("url")?,
            title: fields.string("title")?,
            cited_text: fields.string("cited_text")?,
            start: fields.integer("start", 0, i64::MAX)?.map(i64::unsigned_abs),
            end: fields.integer("end", 0, i64::MAX)?.map(i64::unsigned_abs),
        }),
        "other" => Content::Other(Other {
            kind: fields.required_string("kind")?,
            data: fields.take("data").ok_or_else(|| fields.missing("data"))?,
        }),
        other => {
            let hint = suggestion(other, PARTS);
            return Err(Error::invalid(
                path.key("type"),
                format_args!("unknown part type '{other}', expected one of {}{hint}", PARTS.join(", ")),
            ));
        }
    };
    let mut part = Part::new(content);
    part.state = state(&mut fields)?;
    part.cache_control = cache_control(&mut fields)?;
    part.extra = fields.object("extra")?.map(Box::new);
    fields.finish()?;
    Ok(part)
}

fn url_part(fields: &mut Fields<'_>, kind: &str) -> Result<Content> {
    let key = if kind == "image_url" { "image_url" } else { "video_url" };
    let path = fields.path.key(key);
    let mut media = match fields.take(key).ok_or_else(|| fields.missing(key))? {
        Value::String(url) => Media::from_url(url),
        value => {
            let mut inner = Fields::new(value, &path)?;
            let mut media = Media::from_url(inner.required_string("url")?);
            media.detail = inner.string("detail")?;
            media.mime = inner.string("format")?.or(media.mime);
            inner.finish()?;
            media
        }
    };
    if kind == "image_url" {
        return Ok(Content::Image(media));
    }
    media.mime.get_or_insert_with(|| "video/mp4".to_owned());
    Ok(Content::File(media))
}

fn input_audio(fields: &mut Fields<'_>) -> Result<Content> {
    let path = fields.path.key("input_audio");
    let value = fields.take("input_audio").ok_or_else(|| fields.missing("input_audio"))?;
    let mut inner = Fields::new(value, &path)?;
    let data = inner.required_string("data")?;
    let mime = format!("audio/{}", inner.required_string("format")?);
    inner.finish()?;
    Ok(Content::Audio(Media::new(Source::Data(data), Some(mime))))
}

fn openai_file(fields: &mut Fields<'_>) -> Result<Content> {
    let path = fields.path.key("file");
    let value = fields.take("file").ok_or_else(|| fields.missing("file"))?;
    let mut inner = Fields::new(value, &path)?;
    let filename = inner.string("filename")?;
    let mut media = match (inner.string("file_data")?, inner.string("file_id")?) {
        (Some(data), _) if data.contains(':') => Media::from_url(data),
        // Bytes without their type, as some have them, are what the API reads.
        (Some(data), _) => Media::new(Source::Data(data), Some("application/pdf".to_owned())),
        (None, Some(id)) => Media::new(Source::FileId(id), None),
        (None, None) => return Err(Error::invalid(path, "give file_data or file_id")),
    };
    media.filename = filename;
    inner.finish()?;
    Ok(Content::File(media))
}

fn media(fields: &mut Fields<'_>) -> Result<Media> {
    let sources = [
        fields.string("url")?.map(Source::Url),
        fields.string("data")?.map(Source::Data),
        fields.string("file_id")?.map(Source::FileId),
        fields.string("text")?.map(Source::Text),
    ];
    let mut given = sources.into_iter().flatten();
    let (Some(source), None) = (given.next(), given.next()) else {
        return Err(Error::invalid(fields.path, "give exactly one of url, data, file_id, text"));
    };
    let mime = fields.string("mime")?;
    let mut media = match source {
        Source::Url(url) => Media::from_url(url),
        Source::Data(_) if mime.is_none() => return Err(fields.missing("mime")),
        source => Media::new(source, None),
    };
    media.mime = mime.or(media.mime);
    media.filename = fields.string("filename")?;
    media.detail = fields.string("detail")?;
    media.transcript = fields.string("transcript")?;
    Ok(media)
}

fn own_tool_call(fields: &mut Fields<'_>) -> Result<Content> {
    let id = fields.required_string("id")?;
    let name = fields.required_string("name")?;
    let raw = fields.string("arguments_raw")?;
    let arguments = arguments(fields, "arguments")?;
    fields.ignore(&["args_valid"]);
    Ok(Content::ToolCall(ToolCall::new(id, name, raw.unwrap_or(arguments))))
}

fn own_tool_result(fields: &mut Fields<'_>) -> Result<Content> {
    let path = fields.path.key("content");
    let content = fields.take("content").ok_or_else(|| fields.missing("content"))?;
    Ok(Content::ToolResult(ToolResult {
        id: fields.required_string("id")?,
        name: fields.string("name")?,
        content: content_parts(content, &path)?,
        is_error: fields.boolean("is_error")?.unwrap_or(false),
    }))
}

fn state(fields: &mut Fields<'_>) -> Result<Option<Box<State>>> {
    let path = fields.path.key("state");
    let Some(value) = fields.take("state") else { return Ok(None) };
    let mut inner = Fields::new(value, &path)?;
    let state = State {
        provider: inner.string("provider")?.unwrap_or_default(),
        data: inner.object("data")?.ok_or_else(|| inner.missing("data"))?,
    };
    inner.finish()?;
    Ok(Some(Box::new(state)))
}
