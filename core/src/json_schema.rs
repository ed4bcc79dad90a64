//! Holds values to JSON Schemas: the answer to `response_format`, the arguments of a call to its tool's `parameters`.

use serde_json::Value;

use crate::model::{Chat, Content, FinishReason, Part, Response, ResponseFormat, Tool, ToolCall};
use crate::validator::Validator;

/// What does not follow its schema.
pub(crate) struct Mismatch {
    /// What does not follow which schema, in words.
    pub(crate) what: String,
    /// Where the schema is not followed, as a pointer into it, such as `/properties/price/type`. It shows the caller's own
    /// words only, never the answer's.
    pub(crate) at: Option<String>,
}

/// The schema that a chat gives for its answer.
pub(crate) fn of_answer(chat: &Chat) -> Option<&Value> {
    match &chat.response_format {
        Some(ResponseFormat::Schema { schema, .. }) => Some(schema),
        _ => None,
    }
}

/// Whether a whole answer follows `schema`. One that was cut off, refused or became a call of tools says so itself, and is
/// not held to it.
pub(crate) fn check_answer(response: &Response, schema: &Validator) -> Result<(), Mismatch> {
    let is_answer = response.finish_reason == FinishReason::Stop
        && response.refusal().is_none()
        && response.tool_calls().next().is_none();
    if !is_answer {
        return Ok(());
    }
    // A model that comments on what it does answers in its last words.
    let last = response.parts.iter().rev().find_map(Part::as_text).unwrap_or_default();
    let whole = follows(&response.text(), schema);
    whole.or_else(|mismatch| follows(last, schema).map_err(|_| mismatch))
}

fn follows(text: &str, schema: &Validator) -> Result<(), Mismatch> {
    let what = |what: &str| what.to_owned();
    let value: Value = serde_json::from_str(text.trim())
        .map_err(|_| Mismatch { what: what("the answer is not JSON, as response_format asks"), at: None })?;
    schema
        .check(&value)
        .map_err(|at| Mismatch { what: what("the answer does not follow response_format.schema"), at: Some(at) })
}

/// The first call of a function whose arguments are no JSON or do not follow its parameters.
pub(crate) fn check_calls(response: &Response, tools: &[Tool]) -> Result<(), Mismatch> {
    // A provider's own tools may take any text.
    let is_wrong = |call: &&ToolCall| !call.args_valid() && find(tools, &call.name).is_some();
    match response.tool_calls().find(is_wrong) {
        Some(call) => Err(Mismatch { what: format!("the arguments for tool '{}' are not valid", call.name), at: None }),
        None => Ok(()),
    }
}

/// Marks the calls whose arguments do not follow the parameters of their tools. Parameters that are no JSON Schema check
/// nothing: the provider took them.
pub(crate) fn mark_calls(response: &mut Response, tools: &[Tool]) {
    for part in &mut response.parts {
        let Content::ToolCall(call) = &mut part.content else { continue };
        let schema = find(tools, &call.name).and_then(Validator::new);
        call.mismatched = match (schema, call.parsed()) {
            (Some(schema), Some(arguments)) => schema.check(&arguments).is_err(),
            _ => false,
        };
    }
}

/// The function of this name: what it takes, `Null` where it does not say.
fn find<'a>(tools: &'a [Tool], called: &str) -> Option<&'a Value> {
    tools.iter().find_map(|tool| match tool {
        Tool::Function { name, parameters, .. } if name == called => Some(parameters.as_ref().unwrap_or(&Value::Null)),
        _ => None,
    })
}
