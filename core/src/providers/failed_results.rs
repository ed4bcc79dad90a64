//! What a tool answered that failed, for an API that has no field to say so: the words say it.

use std::sync::LazyLock;

use crate::model::{Part, ToolResult};

pub(super) const FAILED: &str = "error: ";
static FAILED_PART: LazyLock<Part> = LazyLock::new(|| Part::text(FAILED));

/// The words of a result that is text and says of a tool that it failed.
pub(super) fn words(result: &ToolResult) -> Option<String> {
    let is_text = result.content.iter().all(|part| part.as_text().is_some() && part.extra.is_none());
    (result.is_error && is_text).then(|| format!("{FAILED}{}", result.text()))
}

/// The parts of any other result.
pub(super) fn parts(result: &ToolResult) -> Vec<&Part> {
    let first = result.is_error.then_some(&*FAILED_PART);
    first.into_iter().chain(&result.content).collect()
}
