//! The pieces of an answer.

use pyo3::prelude::*;
use tidegate::{Content, Source};

use super::data_class;
use crate::write::{plain, python};

data_class! {
    /// The model asks for a tool.
    ToolCall(tidegate::ToolCall) shows ["id", "name", "arguments_raw"] {
        /// The id that the result has to carry.
        #[getter]
        fn id(&self) -> &str {
            &self.0.id
        }
        /// The tool.
        #[getter]
        fn name(&self) -> &str {
            &self.0.name
        }
        /// The arguments, parsed; `None` where `arguments_raw` is not JSON.
        #[getter]
        fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
            self.0.parsed().map(|arguments| python(py, &arguments)).transpose()
        }
        /// The arguments exactly as the model wrote them: JSON text, possibly cut off.
        #[getter]
        fn arguments_raw(&self) -> &str {
            &self.0.arguments
        }
        /// Whether `arguments_raw` is JSON.
        #[getter]
        fn args_valid(&self) -> bool {
            self.0.parsed().is_some()
        }
    }
}

data_class! {
    /// A source that the model names for the text before it.
    Citation(tidegate::Citation) shows ["url", "title", "cited_text"] {
        /// The address of the source.
        #[getter]
        fn url(&self) -> Option<&str> {
            self.0.url.as_deref()
        }
        /// Its title.
        #[getter]
        fn title(&self) -> Option<&str> {
            self.0.title.as_deref()
        }
        /// The words that are quoted from it.
        #[getter]
        fn cited_text(&self) -> Option<&str> {
            self.0.cited_text.as_deref()
        }
        /// Where the supported passage begins in the answer's text, in the provider's own unit.
        #[getter]
        fn start(&self) -> Option<u64> {
            self.0.start
        }
        /// Where it ends.
        #[getter]
        fn end(&self) -> Option<u64> {
            self.0.end
        }
    }
}

data_class! {
    /// An image, audio or file: exactly one of `url`, `data`, `file_id` and `text` is there.
    Media(tidegate::Media) shows ["mime", "filename", "url", "file_id"] {
        /// An address.
        #[getter]
        fn url(&self) -> Option<&str> {
            if let Source::Url(url) = &self.0.source { Some(url) } else { None }
        }
        /// The bytes, base64.
        #[getter]
        fn data(&self) -> Option<&str> {
            if let Source::Data(data) = &self.0.source { Some(data) } else { None }
        }
        /// The provider's id of a file.
        #[getter]
        fn file_id(&self) -> Option<&str> {
            if let Source::FileId(id) = &self.0.source { Some(id) } else { None }
        }
        /// Plain text standing for a document.
        #[getter]
        fn text(&self) -> Option<&str> {
            if let Source::Text(text) = &self.0.source { Some(text) } else { None }
        }
        /// The media type, such as `image/png`.
        #[getter]
        fn mime(&self) -> Option<&str> {
            self.0.mime.as_deref()
        }
        /// The name of the file.
        #[getter]
        fn filename(&self) -> Option<&str> {
            self.0.filename.as_deref()
        }
        /// How closely to look: `low`, `high`, `auto`.
        #[getter]
        fn detail(&self) -> Option<&str> {
            self.0.detail.as_deref()
        }
        /// What was said, where the provider transcribes its audio.
        #[getter]
        fn transcript(&self) -> Option<&str> {
            self.0.transcript.as_deref()
        }
    }
}

data_class! {
    /// One piece of an answer; `type` says which of the other attributes is there.
    Part(tidegate::Part) shows ["type", "text", "tool_call", "media", "citation"] {
        /// `text`, `image`, `audio`, `file`, `reasoning`, `tool_call`, `tool_result`, `refusal`, `citation`, `other`.
        #[getter]
        fn r#type(&self) -> &'static str {
            self.0.kind()
        }
        /// The text of a text, a reasoning or a refusal.
        #[getter]
        fn text(&self) -> Option<&str> {
            match &self.0.content {
                Content::Text { text } | Content::Reasoning { text } | Content::Refusal { text } => Some(text),
                _ => None,
            }
        }
        /// The tool call of a `tool_call`.
        #[getter]
        fn tool_call(&self) -> Option<ToolCall> {
            if let Content::ToolCall(call) = &self.0.content { Some(ToolCall(call.clone())) } else { None }
        }
        /// The media of an `image`, `audio` or `file`.
        #[getter]
        fn media(&self) -> Option<Media> {
            match &self.0.content {
                Content::Image(media) | Content::Audio(media) | Content::File(media) => Some(Media(media.clone())),
                _ => None,
            }
        }
        /// The source of a `citation`.
        #[getter]
        fn citation(&self) -> Option<Citation> {
            if let Content::Citation(citation) = &self.0.content { Some(Citation(citation.clone())) } else { None }
        }
        /// What only one provider has, as it came: a dict of `kind` and `data`.
        #[getter]
        fn other<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
            if let Content::Other(other) = &self.0.content { plain(py, other).map(Some) } else { Ok(None) }
        }
        /// What only the provider understands and has to get back: a dict of `provider` and `data`.
        #[getter]
        fn state<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
            self.0.state.as_deref().map(|state| plain(py, state)).transpose()
        }
    }
}
