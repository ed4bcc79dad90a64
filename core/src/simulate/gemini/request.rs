//! Reads requests as Gemini does.
#![expect(dead_code, reason = "of many fields only the shape matters: they are read and forgotten")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::simulate::model::{Choice, Format, Function, Prompt, Thinking, count};
use crate::simulate::vendor::{Embed, Refusal, holds, parse, signature};

/// The API refuses fields that it does not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Body {
    contents: Vec<Content>,
    system_instruction: Option<Content>,
    #[serde(default)]
    tools: Vec<Tool>,
    tool_config: Option<ToolConfig>,
    generation_config: Option<GenerationConfig>,
    safety_settings: Option<Vec<IgnoredAny>>,
    cached_content: Option<String>,
    labels: Option<Map<String, Value>>,
    service_tier: Option<String>,
    store: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    role: Option<Role>,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    User,
    Model,
    Function,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Part {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
    thought_signature: Option<String>,
    inline_data: Option<Blob>,
    file_data: Option<FileData>,
    function_call: Option<FunctionCall>,
    function_response: Option<FunctionResponse>,
    executable_code: Option<IgnoredAny>,
    code_execution_result: Option<IgnoredAny>,
    tool_call: Option<IgnoredAny>,
    tool_response: Option<IgnoredAny>,
    video_metadata: Option<IgnoredAny>,
    media_resolution: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blob {
    mime_type: String,
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileData {
    file_uri: String,
    mime_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FunctionCall {
    id: Option<String>,
    name: String,
    args: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FunctionResponse {
    id: Option<String>,
    name: String,
    response: Map<String, Value>,
    parts: Option<Vec<IgnoredAny>>,
    will_continue: Option<bool>,
    scheduling: Option<String>,
}

/// The functions, or a tool of the provider's own under its name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tool {
    #[serde(default)]
    function_declarations: Vec<Declaration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Declaration {
    name: String,
    description: Option<String>,
    parameters: Option<Value>,
    parameters_json_schema: Option<Value>,
    response: Option<Value>,
    response_json_schema: Option<Value>,
    behavior: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ToolConfig {
    function_calling_config: Option<FunctionCalling>,
    retrieval_config: Option<IgnoredAny>,
    include_server_side_tool_invocations: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FunctionCalling {
    mode: Option<Mode>,
    #[serde(default)]
    allowed_function_names: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Mode {
    Auto,
    Any,
    None,
    Validated,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct GenerationConfig {
    stop_sequences: Vec<String>,
    response_mime_type: Option<String>,
    response_schema: Option<Value>,
    #[serde(alias = "_responseJsonSchema")]
    response_json_schema: Option<Value>,
    response_modalities: Option<Vec<String>>,
    candidate_count: Option<u64>,
    max_output_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<u64>,
    seed: Option<i64>,
    presence_penalty: Option<f64>,
    frequency_penalty: Option<f64>,
    response_logprobs: Option<bool>,
    logprobs: Option<u8>,
    thinking_config: Option<ThinkingConfig>,
    speech_config: Option<IgnoredAny>,
    image_config: Option<IgnoredAny>,
    media_resolution: Option<String>,
    enable_enhanced_civic_answers: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ThinkingConfig {
    #[serde(default)]
    include_thoughts: bool,
    thinking_budget: Option<i64>,
    thinking_level: Option<Level>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Level {
    Minimal,
    Low,
    Medium,
    High,
}

/// Reads a chat.
pub(super) fn chat(model: &str, body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Body = parse(body)?;
    check(&body)?;
    let config = body.generation_config.unwrap_or_default();
    let thinking = config.thinking_config.as_ref();
    let thinks = thinking.is_some_and(|it| it.thinking_budget != Some(0) && it.thinking_level != Some(Level::Minimal));
    let json = config.response_mime_type.as_deref() == Some("application/json");
    let mut prompt = Prompt {
        model: model.to_owned(),
        choice: choice(body.tool_config.and_then(|config| config.function_calling_config)),
        tools: body.tools.into_iter().flat_map(|tool| tool.function_declarations).map(function).collect(),
        format: match config.response_json_schema.or(config.response_schema) {
            Some(schema) => Format::Schema(schema),
            None if json => Format::Json,
            None => Format::Text,
        },
        logprobs: (config.response_logprobs == Some(true)).then(|| config.logprobs.unwrap_or(0).into()),
        max_tokens: config.max_output_tokens,
        stop: config.stop_sequences,
        thinking: Thinking::new(thinks, thinking.is_some_and(|it| it.include_thoughts)),
        ..Prompt::default()
    };
    if let Some(system) = body.system_instruction {
        prompt.input_tokens += count(&system.text());
    }
    for content in body.contents {
        take(&mut prompt, &content);
    }
    Ok(prompt)
}

fn choice(config: Option<FunctionCalling>) -> Choice {
    let Some(FunctionCalling { mode, allowed_function_names }) = config else { return Choice::Auto };
    match (mode, allowed_function_names.into_iter().next()) {
        (Some(Mode::None), _) => Choice::None,
        (Some(Mode::Any), Some(name)) => Choice::Named(name),
        _ => Choice::Auto,
    }
}

fn function(declaration: Declaration) -> Function {
    let parameters = declaration.parameters_json_schema.or(declaration.parameters);
    // A function without parameters takes an empty object.
    let parameters = parameters.unwrap_or_else(|| serde_json::json!({ "type": "object" }));
    Function { name: declaration.name, parameters }
}

fn take(prompt: &mut Prompt, content: &Content) {
    let results = content.parts.iter().filter_map(|part| part.function_response.as_ref());
    prompt.message(content.text(), content.attachments(), results.map(FunctionResponse::text));
}

impl Content {
    pub(super) fn text(&self) -> String {
        let texts = self.parts.iter().filter(|part| !part.thought).filter_map(|part| part.text.as_deref());
        texts.collect::<Vec<_>>().join(" ")
    }

    fn attachments(&self) -> usize {
        self.parts.iter().filter(|part| part.inline_data.is_some() || part.file_data.is_some()).count()
    }
}

impl FunctionResponse {
    /// What the function says: the one text that it wraps, or all of it.
    fn text(&self) -> String {
        match self.response.values().next() {
            Some(Value::String(text)) if self.response.len() == 1 => text.clone(),
            _ => Value::Object(self.response.clone()).to_string(),
        }
    }
}

impl Part {
    /// How many kinds of data it has: one is right.
    fn kinds(&self) -> usize {
        let own = [self.executable_code.is_some(), self.code_execution_result.is_some()];
        let tools = [self.tool_call.is_some(), self.tool_response.is_some()];
        let call = [self.function_call.is_some(), self.function_response.is_some()];
        let data = [self.text.is_some(), self.inline_data.is_some(), self.file_data.is_some()];
        own.iter().chain(&tools).chain(&call).chain(&data).filter(|set| **set).count()
    }
}

fn check(body: &Body) -> Result<(), Refusal> {
    if body.contents.is_empty() {
        return Err(Refusal::invalid("* GenerateContentRequest.contents: contents is not specified"));
    }
    for (index, content) in body.contents.iter().enumerate() {
        let field = format!("contents[{index}].parts");
        if content.parts.is_empty() {
            return Err(Refusal::invalid(format!("* GenerateContentRequest.{field}: must not be empty.")));
        }
        for part in &content.parts {
            if part.kinds() != 1 {
                let problem = "required oneof field 'data' must have one initialized field";
                return Err(Refusal::invalid(format!("* GenerateContentRequest.{field}: {problem}")));
            }
            check_signature(part)?;
        }
    }
    body.generation_config.as_ref().map_or(Ok(()), check_config)?;
    check_turns(&body.contents)
}

fn check_config(config: &GenerationConfig) -> Result<(), Refusal> {
    let json = config.response_mime_type.as_deref() == Some("application/json");
    if (config.response_schema.is_some() || config.response_json_schema.is_some()) && !json {
        let problem = "generation_config.response_mime_type: must be 'application/json' with a response schema";
        return Err(Refusal::invalid(format!("* GenerateContentRequest.{problem}")));
    }
    if config.logprobs.is_some() && config.response_logprobs != Some(true) {
        let problem = "generation_config.logprobs: requires response_logprobs";
        return Err(Refusal::invalid(format!("* GenerateContentRequest.{problem}")));
    }
    if config.temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
        let problem = "generation_config.temperature: must be in the range [0.0, 2.0]";
        return Err(Refusal::invalid(format!("* GenerateContentRequest.{problem}")));
    }
    Ok(())
}

/// A signature comes back with the call that it was given with.
fn check_signature(part: &Part) -> Result<(), Refusal> {
    let (Some(call), Some(signed)) = (&part.function_call, &part.thought_signature) else { return Ok(()) };
    if !holds(signed, &signature(&call.name)) {
        return Err(Refusal::invalid("Thought signature is not valid"));
    }
    Ok(())
}

/// The turn after calls has as many results.
fn check_turns(contents: &[Content]) -> Result<(), Refusal> {
    let mut calls = 0;
    let over = Content { role: None, parts: Vec::new() };
    for content in contents.iter().chain([&over]) {
        let results = content.parts.iter().filter(|part| part.function_response.is_some()).count();
        if results != calls {
            return Err(Refusal::invalid(
                "Please ensure that the number of function response parts is equal to the number of function call \
                 parts of the function call turn.",
            ));
        }
        calls = content.parts.iter().filter(|part| part.function_call.is_some()).count();
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmbedBody {
    requests: Vec<EmbedRequest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct EmbedRequest {
    model: String,
    content: Content,
    task_type: Option<String>,
    title: Option<String>,
    output_dimensionality: Option<usize>,
}

/// Reads a batch of embeddings.
pub(super) fn embed(model: &str, body: &[u8]) -> Result<Embed, Refusal> {
    let EmbedBody { requests } = parse(body)?;
    if requests.iter().any(|request| request.model.strip_prefix("models/") != Some(model)) {
        return Err(Refusal::invalid("* BatchEmbedContentsRequest.requests: the model must be that of the URL"));
    }
    let dimensions = requests.first().and_then(|request| request.output_dimensionality);
    let purpose = requests.first().and_then(|request| request.task_type.clone());
    let input = requests.iter().map(|request| request.content.text()).collect();
    Ok(Embed { model: model.to_owned(), input, dimensions, base64: false, purpose })
}
