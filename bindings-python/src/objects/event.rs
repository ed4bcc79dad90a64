//! What a stream is made of.

use pyo3::prelude::*;
use pyo3::types::PyList;
use tidegate::Event as Core;

use super::{Citation, Cost, Part, TokenLogprob, Usage, data_class};
use crate::write::{list, plain};

data_class! {
    /// One event of a stream: `start`, then content, then `end`. Attributes that its `type` does not have are `None`.
    Event(Core) shows ["type", "index", "text", "reasoning", "name", "arguments", "finish_reason"] {
        /// `start`, `text`, `reasoning`, `tool_call`, `arguments`, `refusal`, `citation`, `part`, `state`, `logprobs`,
        /// `embedding` or `end`.
        #[getter]
        fn r#type(&self) -> &'static str {
            self.0.kind()
        }
        /// The part that it belongs to: its place in the response's `parts` (of an embedding: in `vectors`).
        #[getter]
        fn index(&self) -> Option<u32> {
            match &self.0 {
                Core::Text { index, .. }
                | Core::Reasoning { index, .. }
                | Core::ToolCall { index, .. }
                | Core::Arguments { index, .. }
                | Core::Refusal { index, .. }
                | Core::Citation { index, .. }
                | Core::Part { index, .. }
                | Core::State { index, .. }
                | Core::Embedding { index, .. } => Some(*index),
                Core::Start(_) | Core::Logprobs { .. } | Core::End(_) => None,
            }
        }
        /// A fragment of visible text.
        #[getter]
        fn text(&self) -> Option<&str> {
            self.0.text()
        }
        /// A fragment of the model's thinking.
        #[getter]
        fn reasoning(&self) -> Option<&str> {
            if let Core::Reasoning { text, .. } = &self.0 { Some(text) } else { None }
        }
        /// A fragment of a refusal.
        #[getter]
        fn refusal(&self) -> Option<&str> {
            if let Core::Refusal { text, .. } = &self.0 { Some(text) } else { None }
        }
        /// The id of the tool call that begins, or of the answer that starts.
        #[getter]
        fn id(&self) -> Option<&str> {
            match &self.0 {
                Core::ToolCall { id, .. } => Some(id),
                Core::Start(start) => start.id.as_deref(),
                _ => None,
            }
        }
        /// The tool of the call that begins.
        #[getter]
        fn name(&self) -> Option<&str> {
            if let Core::ToolCall { name, .. } = &self.0 { Some(name) } else { None }
        }
        /// A fragment of a tool call's arguments: JSON text.
        #[getter]
        fn arguments(&self) -> Option<&str> {
            if let Core::Arguments { fragment, .. } = &self.0 { Some(fragment) } else { None }
        }
        /// A source.
        #[getter]
        fn citation(&self) -> Option<Citation> {
            if let Core::Citation { citation, .. } = &self.0 { Some(Citation(citation.clone())) } else { None }
        }
        /// A part that arrives whole: an image, audio, a file, something of the provider's own.
        #[getter]
        fn part(&self) -> Option<Part> {
            if let Core::Part { part, .. } = &self.0 { Some(Part((**part).clone())) } else { None }
        }
        /// What only the provider understands: a dict of `provider` and `data`.
        #[getter]
        fn state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
            if let Core::State { state, .. } = &self.0 { plain(py, state).map(Some) } else { Ok(None) }
        }
        /// Log probabilities of the tokens just sent.
        #[getter]
        fn logprobs<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
            let Core::Logprobs { tokens } = &self.0 else { return Ok(None) };
            list(py, tokens.iter().map(|token| TokenLogprob(token.clone()))).map(Some)
        }
        /// One vector of an embedding.
        #[getter]
        fn vector<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
            if let Core::Embedding { vector, .. } = &self.0 { PyList::new(py, vector).map(Some) } else { Ok(None) }
        }
        /// The model that the provider says answers (`start`).
        #[getter]
        fn model(&self) -> Option<&str> {
            if let Core::Start(start) = &self.0 { start.model.as_deref() } else { None }
        }
        /// Why it ended (`end`): `stop`, `length`, `tool_calls`, `content_filter` or `other`.
        #[getter]
        fn finish_reason(&self) -> Option<&'static str> {
            if let Core::End(end) = &self.0 { Some(end.finish_reason.as_str()) } else { None }
        }
        /// The provider's own word for it (`end`).
        #[getter]
        fn finish_reason_raw(&self) -> Option<&str> {
            if let Core::End(end) = &self.0 { end.finish_reason_raw.as_deref() } else { None }
        }
        /// The stop sequence that was met, where the provider says it (`end`).
        #[getter]
        fn stop_sequence(&self) -> Option<&str> {
            if let Core::End(end) = &self.0 { end.stop_sequence.as_deref() } else { None }
        }
        /// The tokens (`end`).
        #[getter]
        fn usage(&self) -> Option<Usage> {
            if let Core::End(end) = &self.0 { end.usage.clone().map(Usage) } else { None }
        }
        /// What it cost (`end`).
        #[getter]
        fn cost(&self) -> Option<Cost> {
            if let Core::End(end) = &self.0 { end.cost.map(Cost) } else { None }
        }
    }
}
