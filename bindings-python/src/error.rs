//! The core's errors as exceptions: one class a kind, made in `tidegate/_errors.py` from the core's own list.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use tidegate::Error;

use crate::objects::{Attempt, Response};
use crate::write::{list, plain};

/// The exception for an error.
#[cold]
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).map_or_else(|failure| failure, PyErr::from_value)
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    static CLASSES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class = CLASSES.import(py, "tidegate._errors", "CLASSES")?.get_item(error.kind().as_str())?;
    let attempts = error.attempt_records().iter().map(|attempt| Attempt(attempt.clone()));
    let context = PyDict::new(py);
    for (key, value) in error.facts() {
        context.set_item(key, value)?;
    }
    let details = PyDict::new(py);
    details.set_item(intern!(py, "origin"), plain(py, &error.fault())?)?;
    details.set_item(intern!(py, "retryable"), error.is_retryable())?;
    details.set_item(intern!(py, "status"), error.http_status())?;
    details.set_item(intern!(py, "provider"), error.provider_name())?;
    details.set_item(intern!(py, "request_id"), error.provider_request_id())?;
    details.set_item(intern!(py, "retry_after"), error.wait().map(|wait| wait.as_secs_f64()))?;
    details.set_item(intern!(py, "context"), context)?;
    details.set_item(intern!(py, "partial"), error.partial_response().cloned().map(Response))?;
    details.set_item(intern!(py, "attempts"), list(py, attempts)?)?;
    class.call((error.to_string(),), Some(&details))
}
