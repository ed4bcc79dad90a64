//! What callers get: the core's own values behind attributes that convert when they are read.
//!
//! Generated from `core/model.schema.json` by `core/codegen/python.py`: do not edit, run `make generate`.
#![allow(clippy::clone_on_copy, reason = "the generator does not know which types are")]

use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};
use tidegate::{Content, Event as Form, Source};

use crate::convert::{Dollars, ToPython, checked, json, plain, typed};
use crate::read::value;

/// Adds all classes.
pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Event>()?;
    module.add_class::<Response>()?;
    module.add_class::<Part>()?;
    module.add_class::<ToolCall>()?;
    module.add_class::<ToolResult>()?;
    module.add_class::<Media>()?;
    module.add_class::<Citation>()?;
    module.add_class::<TokenLogprob>()?;
    module.add_class::<Ranking>()?;
    module.add_class::<Usage>()?;
    module.add_class::<Money>()?;
    module.add_class::<Attempt>()?;
    module.add_class::<Latency>()?;
    module.add_class::<Seam>()?;
    module.add_class::<Explanation>()?;
    module.add_class::<Candidate>()?;
    module.add_class::<TargetHealth>()?;
    module.add_class::<Quantiles>()?;
    Ok(())
}

/// One event of a reply. `index` is the part that the event belongs to: its place in the response's
/// `parts`.
///
/// Events of one part may come interleaved with those of another; text fragments of the same index join to
/// one part.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Event(pub(crate) tidegate::Event);

impl ToPython for tidegate::Event {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Event(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Event {
    /// What it is: `start`, `text`, `reasoning`, `tool_call`, `arguments`, `refusal`, `citation`, `part`,
    /// `state`, `logprobs`, `embedding`, `ranking`, `restart`, `continued`, `end`.
    #[getter]
    fn r#type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.kind(), py)
    }

    /// The provider's id of the answer (`start`). The call's id (`tool_call`).
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it {
            Form::Start(it) => it.id.as_ref(),
            Form::ToolCall { id: it, .. } => Some(it),
            _ => None,
        }, py)
    }

    /// The model that the provider says answers (`start`).
    #[getter]
    fn model<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Start(it) => it.model.as_ref(), _ => None }, py)
    }

    /// Set where it is not the real thing: the route failed, and its fallback answers: `route`, `reply`
    /// (`start`).
    #[getter]
    fn fallback<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Start(it) => it.fallback.as_ref(), _ => None }, py)
    }

    /// Its place in the response's `parts`, of a vector in `vectors`, of a ranking in `documents`.
    #[getter]
    fn index<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it {
            Form::Text { index: it, .. }
            | Form::Reasoning { index: it, .. }
            | Form::ToolCall { index: it, .. }
            | Form::Arguments { index: it, .. }
            | Form::Refusal { index: it, .. }
            | Form::Citation { index: it, .. }
            | Form::Part { index: it, .. }
            | Form::State { index: it, .. }
            | Form::Embedding { index: it, .. } => Some(it),
            Form::Ranking(it) => Some(&it.index),
            _ => None,
        }, py)
    }

    /// A fragment of visible text.
    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Text { text: it, .. } => Some(it), _ => None }, py)
    }

    /// A fragment of the model's thinking.
    #[getter]
    fn reasoning<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Reasoning { text: it, .. } => Some(it), _ => None }, py)
    }

    /// The tool (`tool_call`).
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::ToolCall { name: it, .. } => Some(it), _ => None }, py)
    }

    /// A fragment of a tool call's arguments.
    #[getter]
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Arguments { fragment: it, .. } => Some(it), _ => None }, py)
    }

    /// A fragment of a refusal.
    #[getter]
    fn refusal<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Refusal { text: it, .. } => Some(it), _ => None }, py)
    }

    /// A source that the model names for the text before it (`citation`).
    #[getter]
    fn citation<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Citation { citation: it, .. } => Some(it), _ => None }, py)
    }

    /// What only the provider understands: a dict of `provider` and `data`.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it {
            Form::Citation { state: it, .. } => it.as_ref(),
            Form::State { state: it, .. } => Some(it),
            _ => None,
        }, py)
    }

    /// A part that arrives whole: an image, audio, a file, something of the provider's own. Audio may come in
    /// fragments, which join if they have the same index.
    #[getter]
    fn part<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Part { part: it, .. } => Some(it), _ => None }, py)
    }

    /// Log probabilities of the tokens just sent. Not content.
    #[getter]
    fn logprobs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Logprobs { tokens: it, .. } => Some(it), _ => None }, py)
    }

    /// One vector of an embedding.
    #[getter]
    fn vector<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Embedding { vector: it, .. } => Some(it), _ => None }, py)
    }

    /// How much it says, as the model has it: most answer 0 to 1, some any number. More is better (`ranking`).
    #[getter]
    fn relevance_score<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::Ranking(it) => Some(&it.relevance_score), _ => None }, py)
    }

    /// The target that begins anew: `provider/model` (`restart`). The target that goes on: `provider/model`
    /// (`continued`).
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it {
            Form::Restart { target: it, .. } | Form::Continued { target: it, .. } => Some(it),
            _ => None,
        }, py)
    }

    /// What became of the one before (`restart`, `continued`).
    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it {
            Form::Restart { reason: it, .. } | Form::Continued { reason: it, .. } => Some(it),
            _ => None,
        }, py)
    }

    /// Why it ended: `stop`, `length`, `tool_calls`, `content_filter`, `other` (`end`).
    #[getter]
    fn finish_reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::End(it) => Some(&it.finish_reason), _ => None }, py)
    }

    /// The provider's own word for it (`end`).
    #[getter]
    fn finish_reason_raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::End(it) => it.finish_reason_raw.as_ref(), _ => None }, py)
    }

    /// The stop sequence that was met, where the provider says it (`end`).
    #[getter]
    fn stop_sequence<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::End(it) => it.stop_sequence.as_ref(), _ => None }, py)
    }

    /// The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); `None` of
    /// anything else (`end`).
    #[getter]
    fn usage<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::End(it) => it.usage.as_ref(), _ => None }, py)
    }

    /// What the provider says it cost (`end`).
    #[getter]
    fn cost<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::End(it) => it.cost.as_ref(), _ => None }, py)
    }

    /// Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`)
    /// (`end`).
    #[getter]
    fn rejected<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match it { Form::End(it) => it.rejected.as_ref(), _ => None }, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Event)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Event)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["type", "index", "text", "reasoning", "name", "arguments", "finish_reason"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// The whole answer, the same whichever provider gave it.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Response(pub(crate) tidegate::Response);

impl ToPython for tidegate::Response {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Response(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Response {
    /// The provider's id of the answer.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.id, py)
    }

    /// The model that the provider says answered; the target's where it does not say.
    #[getter]
    fn model<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.model, py)
    }

    /// The route (or `provider/model`) that was asked for.
    #[getter]
    fn route<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.route, py)
    }

    /// The target that answered: `provider/model`.
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.target, py)
    }

    /// All visible text, joined.
    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.text(), py)
    }

    /// All thinking that the provider shows, joined.
    #[getter]
    fn reasoning<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.reasoning(), py)
    }

    /// The refusal's words, if the model declined.
    #[getter]
    fn refusal<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.refusal(), py)
    }

    /// The tool calls, in order.
    #[getter]
    fn tool_calls<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.tool_calls().collect::<Vec<_>>(), py)
    }

    /// Everything that was said, in order.
    #[getter]
    fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.parts, py)
    }

    /// Why it ended: `stop`, `length`, `tool_calls`, `content_filter`, `other`.
    #[getter]
    fn finish_reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.finish_reason, py)
    }

    /// The provider's own word for it.
    #[getter]
    fn finish_reason_raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.finish_reason_raw, py)
    }

    /// The stop sequence that was met, where the provider says it.
    #[getter]
    fn stop_sequence<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.stop_sequence, py)
    }

    /// The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); `None` of
    /// anything else.
    #[getter]
    fn usage<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.usage, py)
    }

    /// What it cost; `None` where no price is known.
    #[getter]
    fn cost<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.cost, py)
    }

    /// Whether it came from the gateway's cache.
    #[getter]
    fn cached<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.cached, py)
    }

    /// Set where it is not the real thing: the route failed, as `attempts` say, and its fallback answered:
    /// `route`, `reply`.
    #[getter]
    fn fallback<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.fallback, py)
    }

    /// Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`).
    #[getter]
    fn rejected<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.rejected, py)
    }

    /// Where other targets went on with an answer that had broken off (`stream.on_interrupt = "continue"`).
    #[getter]
    fn seams<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.seams, py)
    }

    /// Log probabilities, where they were asked for.
    #[getter]
    fn logprobs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.logprobs, py)
    }

    /// The vectors of an embedding, one an input.
    #[getter]
    fn vectors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.vectors, py)
    }

    /// The documents of a ranking, the best first.
    #[getter]
    fn rankings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.rankings, py)
    }

    /// What the request asked for and this target cannot do, where `on_unsupported = "drop"`.
    #[getter]
    fn dropped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.dropped, py)
    }

    /// All attempts, the one that answered last.
    #[getter]
    fn attempts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.attempts, py)
    }

    /// How long it took.
    #[getter]
    fn latency<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.latency, py)
    }

    /// The provider's id of the request, for its support.
    #[getter]
    fn request_id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.request_id, py)
    }

    /// The answer as a message, to be appended to `messages` for the next turn. It keeps the provider's state.
    #[getter]
    fn message<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.message(), py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Response)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Response)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["model", "target", "text", "finish_reason", "usage", "cost"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// One piece of a message or of an answer.
///
/// The content says what it is; beside it stands what only the provider understands (`state`), which has to
/// be sent back on the next turn, and what the caller asks for this piece (`cache_control`, `extra`).
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Part(pub(crate) tidegate::Part);

impl ToPython for tidegate::Part {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Part(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Part {
    /// What it is: `text`, `image`, `audio`, `file`, `reasoning`, `tool_call`, `tool_result`, `refusal`,
    /// `citation`, `other`.
    #[getter]
    fn r#type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.kind(), py)
    }

    /// The text of a text, a reasoning or a refusal.
    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match &it.content {
            Content::Text { text: it, .. }
            | Content::Reasoning { text: it, .. }
            | Content::Refusal { text: it, .. } => Some(it),
            _ => None,
        }, py)
    }

    /// An image, audio or file (`image`, `audio`, `file`).
    #[getter]
    fn media<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match &it.content {
            Content::Image(it) | Content::Audio(it) | Content::File(it) => Some(it),
            _ => None,
        }, py)
    }

    /// The model asks for a tool (`tool_call`).
    #[getter]
    fn tool_call<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match &it.content { Content::ToolCall(it) => Some(it), _ => None }, py)
    }

    /// What a tool answered (`tool_result`).
    #[getter]
    fn tool_result<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match &it.content { Content::ToolResult(it) => Some(it), _ => None }, py)
    }

    /// A source that the model names for the text before it (`citation`).
    #[getter]
    fn citation<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match &it.content { Content::Citation(it) => Some(it), _ => None }, py)
    }

    /// Something only one provider has, kept as it came and sent back to it on the next turn (`other`).
    #[getter]
    fn other<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&match &it.content { Content::Other(it) => Some(it), _ => None }, py)
    }

    /// Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.state, py)
    }

    /// Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need
    /// no marker, and it is left out for them.
    #[getter]
    fn cache_control<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.cache_control, py)
    }

    /// Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`,
    /// `citations`; ...).
    #[getter]
    fn extra<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.extra, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Part)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Part)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["type", "text", "tool_call", "media", "citation"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// The model asks for a tool.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct ToolCall(pub(crate) tidegate::ToolCall);

impl ToPython for tidegate::ToolCall {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, ToolCall(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl ToolCall {
    /// The id that the result has to carry. Where the wire has none (Gemini), one is made.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.id, py)
    }

    /// The tool.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.name, py)
    }

    /// The arguments, parsed; null where the text is not JSON. Empty text is the empty object.
    #[getter]
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.parsed(), py)
    }

    /// The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired.
    #[getter]
    fn arguments_raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.arguments, py)
    }

    /// Whether the arguments are JSON and follow the parameters of the tool.
    #[getter]
    fn args_valid<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.args_valid(), py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(ToolCall)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(ToolCall)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["id", "name", "arguments_raw"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// What a tool answered.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct ToolResult(pub(crate) tidegate::ToolResult);

impl ToPython for tidegate::ToolResult {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, ToolResult(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl ToolResult {
    /// The id of the call.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.id, py)
    }

    /// The tool's name. Gemini needs it; where it is missing it is looked up in the calls before.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.name, py)
    }

    /// The answer.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.content, py)
    }

    /// Whether the tool failed.
    #[getter]
    fn is_error<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.is_error, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(ToolResult)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(ToolResult)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["id", "name", "content", "is_error"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// An image, audio or file.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Media(pub(crate) tidegate::Media);

impl ToPython for tidegate::Media {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Media(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Media {
    /// An address that the provider fetches; the gateway never opens it.
    #[getter]
    fn url<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&if let Source::Url(it) = &it.source { Some(it) } else { None }, py)
    }

    /// The bytes, base64.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&if let Source::Data(it) = &it.source { Some(it) } else { None }, py)
    }

    /// The provider's id of an uploaded file.
    #[getter]
    fn file_id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&if let Source::FileId(it) = &it.source { Some(it) } else { None }, py)
    }

    /// Plain text standing for a document.
    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&if let Source::Text(it) = &it.source { Some(it) } else { None }, py)
    }

    /// The media type, such as `image/png`. Required with `data`.
    #[getter]
    fn mime<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.mime, py)
    }

    /// The name of the file.
    #[getter]
    fn filename<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.filename, py)
    }

    /// How closely to look: `low`, `high`, `auto` (OpenAI).
    #[getter]
    fn detail<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.detail, py)
    }

    /// What was said, where the provider transcribes its audio.
    #[getter]
    fn transcript<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.transcript, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Media)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Media)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["mime", "filename", "url", "file_id"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// A source that the model names for the text before it.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Citation(pub(crate) tidegate::Citation);

impl ToPython for tidegate::Citation {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Citation(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Citation {
    /// The address of the source.
    #[getter]
    fn url<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.url, py)
    }

    /// Its title.
    #[getter]
    fn title<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.title, py)
    }

    /// The words that are quoted from it.
    #[getter]
    fn cited_text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.cited_text, py)
    }

    /// Where the supported passage begins in the answer's text, in the provider's own unit.
    #[getter]
    fn start<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.start, py)
    }

    /// Where it ends.
    #[getter]
    fn end<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.end, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Citation)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Citation)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["url", "title", "cited_text"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// One token and how likely it was.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct TokenLogprob(pub(crate) tidegate::TokenLogprob);

impl ToPython for tidegate::TokenLogprob {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, TokenLogprob(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl TokenLogprob {
    /// The token.
    #[getter]
    fn token<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.token, py)
    }

    /// Its natural-log probability.
    #[getter]
    fn logprob<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.logprob, py)
    }

    /// The likeliest alternatives.
    #[getter]
    fn top<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.top, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(TokenLogprob)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(TokenLogprob)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["token", "logprob"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// How much one document says to the query of a ranking.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Ranking(pub(crate) tidegate::Ranking);

impl ToPython for tidegate::Ranking {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Ranking(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Ranking {
    /// Which document: its place in the request's `documents`.
    #[getter]
    fn index<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.index, py)
    }

    /// How much it says, as the model has it: most answer 0 to 1, some any number. More is better.
    #[getter]
    fn relevance_score<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.relevance_score, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Ranking)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Ranking)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["index", "relevance_score"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// Tokens of one answer. Totals are inclusive: a part never exceeds its total.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Usage(pub(crate) tidegate::Usage);

impl ToPython for tidegate::Usage {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Usage(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Usage {
    /// All tokens read, `cached_input_tokens` and `cache_write_tokens` among them.
    #[getter]
    fn input_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.input_tokens, py)
    }

    /// All tokens written, `reasoning_tokens` among them.
    #[getter]
    fn output_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.output_tokens, py)
    }

    /// Input that was read from the provider's cache.
    #[getter]
    fn cached_input_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.cached_input_tokens, py)
    }

    /// Input that was written to the provider's cache, of any lifetime.
    #[getter]
    fn cache_write_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.cache_write_tokens, py)
    }

    /// The part of `cache_write_tokens` that is kept for an hour (Anthropic), which costs more.
    #[getter]
    fn cache_write_1h_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.cache_write_1h_tokens, py)
    }

    /// Output that was thinking.
    #[getter]
    fn reasoning_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.reasoning_tokens, py)
    }

    /// Input that was sound.
    #[getter]
    fn input_audio_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.input_audio_tokens, py)
    }

    /// Output that is sound.
    #[getter]
    fn output_audio_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.output_audio_tokens, py)
    }

    /// What a ranking is billed by where it is not by tokens (Cohere): a query with up to 100 documents is one.
    #[getter]
    fn search_units<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.search_units, py)
    }

    /// The gateway counted because the provider did not say.
    #[getter]
    fn estimated<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.estimated, py)
    }

    /// The provider's numbers were impossible (negative, or a part above its total) and were clamped.
    #[getter]
    fn clamped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.clamped, py)
    }

    /// Input and output together.
    #[getter]
    fn total_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.total_tokens(), py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Usage)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Usage)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["input_tokens", "output_tokens"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// An amount of money: an integer of nano-dollars, so that sums are exact.
#[pyclass(frozen, eq, ord, hash, module = "tidegate")]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Money(pub(crate) tidegate::Money);

impl ToPython for tidegate::Money {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Money(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Money {
    /// Nano-dollars: 1 USD is 1,000,000,000. An integer, so that sums are exact.
    #[getter]
    fn nano_usd<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.nano_usd, py)
    }

    /// The same in dollars, as an exact decimal.
    #[getter]
    fn usd<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&Dollars(*it), py)
    }

    #[new]
    fn new(nano_usd: i64) -> Self {
        Money(tidegate::Money { nano_usd })
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Money)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Money)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["nano_usd", "usd"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// One try at one target, or why there was none.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Attempt(pub(crate) tidegate::AttemptRecord);

impl ToPython for tidegate::AttemptRecord {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Attempt(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Attempt {
    /// `provider/model`.
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.target, py)
    }

    /// Why it was chosen.
    #[getter]
    fn why<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.why, py)
    }

    /// Why it was passed over, so that nothing was sent: `breaker`, `cooldown`, `retry_budget`, `concurrency`,
    /// `unsupported`, `unsent`.
    #[getter]
    fn skipped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.skipped, py)
    }

    /// What went wrong; `None` for the attempt that answered.
    #[getter]
    fn kind<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.kind, py)
    }

    /// The HTTP status, if there was an answer.
    #[getter]
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.status, py)
    }

    /// What went wrong, in words.
    #[getter]
    fn message<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.message, py)
    }

    /// How long the call waited before; in seconds.
    #[getter]
    fn waited<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.waited, py)
    }

    /// What it waited for: `backoff`, `retry_after`.
    #[getter]
    fn waited_for<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.waited_for, py)
    }

    /// The tokens that an attempt may have cost that was cut off, by a count of our own.
    #[getter]
    fn estimated_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.estimated_tokens, py)
    }

    /// How long it took; in seconds.
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.time, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Attempt)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Attempt)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["target", "kind", "status", "time", "skipped"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// How long an answer took.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Latency(pub(crate) tidegate::Latency);

impl ToPython for tidegate::Latency {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Latency(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Latency {
    /// From the call to the first content, retries included; in seconds.
    #[getter]
    fn first_content<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.first_content, py)
    }

    /// From the call to the end; in seconds.
    #[getter]
    fn total<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.total, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Latency)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Latency)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["first_content", "total"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// Where another target went on with the words of an answer that had broken off.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Seam(pub(crate) tidegate::Seam);

impl ToPython for tidegate::Seam {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Seam(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Seam {
    /// How many characters (code points) of `text` came before.
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.at, py)
    }

    /// The target that went on: `provider/model`.
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.target, py)
    }

    /// What became of the one before.
    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.reason, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Seam)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Seam)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["at", "target", "reason"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// What would become of a request, at this moment.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Explanation(pub(crate) tidegate::Explanation);

impl ToPython for tidegate::Explanation {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Explanation(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Explanation {
    /// The route, or the `provider/model` that was asked for.
    #[getter]
    fn route<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.route, py)
    }

    /// Its targets in the order in which they would be tried.
    #[getter]
    fn candidates<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.candidates, py)
    }

    /// The most attempts that there would be.
    #[getter]
    fn max_attempts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.max_attempts, py)
    }

    /// When a second attempt would be sent beside the first: after so many seconds. `None` for not at all.
    #[getter]
    fn hedge_after<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.hedge_after, py)
    }

    /// When the call would be given up: after so many seconds.
    #[getter]
    fn timeout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.timeout, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Explanation)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Explanation)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["route", "candidates"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// What would become of one target of a request.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Candidate(pub(crate) tidegate::Candidate);

impl ToPython for tidegate::Candidate {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Candidate(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Candidate {
    /// `provider/model`.
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.target, py)
    }

    /// Why it would be tried, in its turn.
    #[getter]
    fn why<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.why, py)
    }

    /// Why it would be passed over: `breaker`, `cooldown`, `retry_budget`, `concurrency`, `unsupported`,
    /// `unsent`.
    #[getter]
    fn skipped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.skipped, py)
    }

    /// That in words.
    #[getter]
    fn message<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.message, py)
    }

    /// How long the call would wait before; in seconds.
    #[getter]
    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.wait, py)
    }

    /// For what: `backoff`, `retry_after`.
    #[getter]
    fn wait_for<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.wait_for, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Candidate)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Candidate)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["target", "why", "skipped", "wait"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// How a target is, from the calls that this process made.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct TargetHealth(pub(crate) tidegate::TargetHealth);

impl ToPython for tidegate::TargetHealth {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, TargetHealth(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl TargetHealth {
    /// `provider/model`.
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.target, py)
    }

    /// How it is: `well`, `failing`, `open`, `probing`, `returning`.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.state, py)
    }

    /// For how long its breaker has been in this state; in seconds.
    #[getter]
    fn since<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.since, py)
    }

    /// Why its breaker is not closed.
    #[getter]
    fn why<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.why, py)
    }

    /// When it may be called again: the seconds until then.
    #[getter]
    fn retry_in<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.retry_in, py)
    }

    /// What it said when it failed last.
    #[getter]
    fn last_error<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.last_error, py)
    }

    /// The calls that are under way.
    #[getter]
    fn in_flight<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.in_flight, py)
    }

    /// The calls that it had.
    #[getter]
    fn requests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.requests, py)
    }

    /// How many of them failed by its fault.
    #[getter]
    fn failures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.failures, py)
    }

    /// The share of failures among its last calls, 0 to 1.
    #[getter]
    fn failure_rate<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.failure_rate, py)
    }

    /// The time to the first content.
    #[getter]
    fn first_content<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.first_content, py)
    }

    /// The time to the end.
    #[getter]
    fn total<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.total, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(TargetHealth)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(TargetHealth)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["target", "state", "why", "in_flight", "failure_rate"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// The median and the slow end of what was seen lately, in seconds. `None` where nothing was.
#[pyclass(frozen, eq, module = "tidegate")]
#[derive(PartialEq)]
pub(crate) struct Quantiles(pub(crate) tidegate::Quantiles);

impl ToPython for tidegate::Quantiles {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Quantiles(self.clone()))?.into_any())
    }
}

#[rustfmt::skip]
#[pymethods]
impl Quantiles {
    /// Half of the answers took no longer.
    #[getter]
    fn p50<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.p50, py)
    }

    /// 95 of 100 took no longer.
    #[getter]
    fn p95<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.p95, py)
    }

    /// 99 of 100 took no longer.
    #[getter]
    fn p99<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let it = &self.0;
        ToPython::to_python(&it.p99, py)
    }

    /// As plain values: dicts, lists, strings and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// As JSON text, the same in every language.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// Reads what `to_dict` gave.
    #[classmethod]
    #[pyo3(signature = (plain, /))]
    fn from_dict(_cls: &Bound<'_, PyType>, plain: &Bound<'_, PyAny>) -> PyResult<Self> {
        typed(value(plain)?).map(Quantiles)
    }

    /// Reads what `to_json` wrote.
    #[classmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(_cls: &Bound<'_, PyType>, text: &str) -> PyResult<Self> {
        checked(serde_json::from_str(text)).map(Quantiles)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["p50", "p95", "p99"])
    }

    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("tidegate._plain")?.call_method1("shown", (slf,))
    }

    /// How pickle and copy make it again: from its JSON.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}
