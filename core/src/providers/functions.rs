//! Functions as OpenAI's protocol declares them, for the protocols that took that form over.

use serde::Serialize;

use super::anthropic::encode::Schema;
use crate::model::Tool;

/// A function that the model may call.
#[derive(Serialize)]
pub(super) struct WireFunction<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: Declaration<'a>,
}

#[derive(Serialize)]
struct Declaration<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    parameters: Schema<'a>,
}

impl<'a> WireFunction<'a> {
    /// `None` for a tool that is no function.
    pub(super) fn new(tool: &'a Tool) -> Option<Self> {
        let Tool::Function { name, description, parameters, .. } = tool else { return None };
        let parameters = Schema::of_arguments(parameters.as_ref());
        let function = Declaration { name, description: description.as_deref(), parameters };
        Some(WireFunction { kind: "function", function })
    }

    pub(super) fn name(&self) -> &'a str {
        self.function.name
    }
}
