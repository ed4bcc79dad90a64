//! The whole answer.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::PyList;

use super::{Cost, Part, ToolCall, Usage, data_class};
use crate::write::{list, plain};

data_class! {
    /// The whole answer, the same type whichever provider gave it.
    Response(tidegate::Response) shows ["model", "target", "text", "finish_reason", "usage", "cost"] {
        /// The provider's id of the answer.
        #[getter]
        fn id(&self) -> Option<&str> {
            self.0.id.as_deref()
        }
        /// The model that the provider says answered.
        #[getter]
        fn model(&self) -> &str {
            &self.0.model
        }
        /// The route (or `provider/model`) that was asked for.
        #[getter]
        fn route(&self) -> &str {
            &self.0.route
        }
        /// The target that answered: `provider/model`.
        #[getter]
        fn target(&self) -> &str {
            &self.0.target
        }
        /// All visible text, joined.
        #[getter]
        fn text(&self) -> Cow<'_, str> {
            self.0.text()
        }
        /// All thinking that the provider shows, joined.
        #[getter]
        fn reasoning(&self) -> Option<Cow<'_, str>> {
            self.0.reasoning()
        }
        /// The refusal's words, if the model declined.
        #[getter]
        fn refusal(&self) -> Option<Cow<'_, str>> {
            self.0.refusal()
        }
        /// Everything that was said, in order.
        #[getter]
        fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
            list(py, self.0.parts.iter().map(|part| Part(part.clone())))
        }
        /// The tool calls, in order.
        #[getter]
        fn tool_calls<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
            list(py, self.0.tool_calls().map(|call| ToolCall(call.clone())))
        }
        /// Why it ended: `stop`, `length`, `tool_calls`, `content_filter` or `other`.
        #[getter]
        fn finish_reason(&self) -> &'static str {
            self.0.finish_reason.as_str()
        }
        /// The provider's own word for it.
        #[getter]
        fn finish_reason_raw(&self) -> Option<&str> {
            self.0.finish_reason_raw.as_deref()
        }
        /// The stop sequence that was met, where the provider says it.
        #[getter]
        fn stop_sequence(&self) -> Option<&str> {
            self.0.stop_sequence.as_deref()
        }
        /// The tokens; `None` where the provider did not say.
        #[getter]
        fn usage(&self) -> Option<Usage> {
            self.0.usage.clone().map(Usage)
        }
        /// What it cost; `None` where no price is known.
        #[getter]
        fn cost(&self) -> Option<Cost> {
            self.0.cost.map(Cost)
        }
        /// Whether it came from the gateway's cache.
        #[getter]
        fn cached(&self) -> bool {
            self.0.cached
        }
        /// Log probabilities, where they were asked for.
        #[getter]
        fn logprobs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
            list(py, self.0.logprobs.iter().map(|token| TokenLogprob(token.clone())))
        }
        /// The vectors of an embedding, one an input.
        #[getter]
        fn vectors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
            PyList::new(py, &self.0.vectors)
        }
        /// What the request asked for and this target cannot do, where `on_unsupported = "drop"`.
        #[getter]
        fn dropped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
            PyList::new(py, &self.0.dropped)
        }
        /// All attempts, the one that answered last.
        #[getter]
        fn attempts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
            list(py, self.0.attempts.iter().map(|attempt| Attempt(attempt.clone())))
        }
        /// How long it took.
        #[getter]
        fn latency(&self) -> Latency {
            Latency(self.0.latency)
        }
        /// The provider's id of the request, for its support.
        #[getter]
        fn request_id(&self) -> Option<&str> {
            self.0.request_id.as_deref()
        }
        /// The answer as a message, to be appended to `messages` for the next turn. It keeps the provider's state.
        #[getter]
        fn message<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
            plain(py, &self.0.message())
        }
    }
}

data_class! {
    /// One try at one target.
    Attempt(tidegate::AttemptRecord) shows ["target", "kind", "status", "time"] {
        /// `provider/model`.
        #[getter]
        fn target(&self) -> &str {
            &self.0.target
        }
        /// What went wrong, as the `kind` of an error; `None` for the attempt that answered.
        #[getter]
        fn kind(&self) -> Option<&'static str> {
            self.0.kind.map(tidegate::Kind::as_str)
        }
        /// The HTTP status, if there was an answer.
        #[getter]
        fn status(&self) -> Option<u16> {
            self.0.status
        }
        /// What went wrong, in words.
        #[getter]
        fn message(&self) -> Option<&str> {
            self.0.message.as_deref()
        }
        /// How long it took, in seconds.
        #[getter]
        fn time(&self) -> f64 {
            self.0.time.as_secs_f64()
        }
    }
}

data_class! {
    /// How long an answer took, in seconds.
    Latency(tidegate::Latency) shows ["first_content", "total"] {
        /// From the call to the first content, retries included.
        #[getter]
        fn first_content(&self) -> f64 {
            self.0.first_content.as_secs_f64()
        }
        /// From the call to the end.
        #[getter]
        fn total(&self) -> f64 {
            self.0.total.as_secs_f64()
        }
    }
}

data_class! {
    /// One token and how likely it was.
    TokenLogprob(tidegate::TokenLogprob) shows ["token", "logprob"] {
        /// The token.
        #[getter]
        fn token(&self) -> &str {
            &self.0.token
        }
        /// Its natural-log probability.
        #[getter]
        fn logprob(&self) -> f64 {
            self.0.logprob
        }
        /// The likeliest alternatives.
        #[getter]
        fn top<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
            list(py, self.0.top.iter().map(|token| TokenLogprob(token.clone())))
        }
    }
}
