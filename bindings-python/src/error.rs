//! The core's errors as exceptions: one class a kind, made in `tidegate/_errors.py` from the core's own list.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use serde_json::{Map, Value};
use tidegate::{Error, Kind};

use crate::convert::{ToPython, json, plain, typed};
use crate::read;

/// The exception for an error.
#[cold]
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let exception = || {
        static CLASSES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CLASSES.import(py, "tidegate._errors", "CLASSES")?.get_item(error.kind().as_str())?;
        let attributes = plain(py, error)?.cast_into::<PyDict>()?;
        attributes.del_item(intern!(py, "kind"))?;
        attributes.set_item(intern!(py, "partial"), error.partial_response().to_python(py)?)?;
        attributes.set_item(intern!(py, "attempts"), error.attempt_records().to_vec().to_python(py)?)?;
        class.call((), Some(&attributes))
    };
    exception().map_or_else(|failure| failure, PyErr::from_value)
}

/// The canonical JSON text of an error's attributes. What they leave open is what the core says of that kind.
#[pyfunction(name = "_error_json")]
pub(crate) fn error_json(attributes: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut said: Map<String, Value> = typed(read::value(attributes)?)?;
    said.retain(|_, value| !value.is_null());
    let kind: Kind = typed(said.get("kind").cloned().unwrap_or_default())?;
    let mut all: Map<String, Value> = typed(serde_json::to_value(Error::new(kind, "")).unwrap_or_default())?;
    all.extend(said);
    json(&typed::<Error>(all.into())?)
}
