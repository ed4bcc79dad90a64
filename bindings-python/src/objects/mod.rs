//! What callers get: the core's own values behind getters that convert when they are read.

mod event;
mod part;
mod response;
mod usage;

pub(crate) use event::Event;
pub(crate) use part::{Citation, Media, Part, ToolCall};
pub(crate) use response::{Attempt, Latency, Response, TokenLogprob};
pub(crate) use usage::{Cost, Usage};

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How many characters of a value `repr` shows.
const SHOWN: usize = 60;

/// A frozen class over a value of the core: equality, `repr` and patterns over `shows`, and JSON, which pickling uses.
macro_rules! data_class {
    ($(#[doc = $doc:literal])* $name:ident($inner:ty) shows [$($shown:literal),*] { $($members:tt)* }) => {
        $(#[doc = $doc])*
        #[pyclass(frozen, eq, module = "tidegate")]
        #[derive(PartialEq)]
        pub(crate) struct $name(pub(crate) $inner);

        #[pymethods]
        impl $name {
            $($members)*

            /// As plain values: dicts, lists, strings and numbers.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                crate::write::plain(py, &self.0)
            }

            /// As JSON text, the same in every language.
            fn to_json(&self) -> PyResult<String> {
                $crate::objects::json(&self.0)
            }

            /// Reads what `to_json` wrote.
            #[classmethod]
            #[pyo3(signature = (text, /))]
            fn from_json(_cls: &Bound<'_, pyo3::types::PyType>, text: &str) -> PyResult<Self> {
                $crate::objects::parsed(text).map($name)
            }

            #[classattr]
            fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, pyo3::types::PyTuple>> {
                pyo3::types::PyTuple::new(py, [$($shown),*])
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                $crate::objects::repr(slf.as_any(), &[$($shown),*])
            }

            fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
                $crate::objects::reduce(slf.as_any(), &slf.get().0)
            }
        }
    };
}
use data_class;

fn json(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn parsed<T: DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// How pickle and copy make it again: from its JSON.
fn reduce<'py>(object: &Bound<'py, PyAny>, value: &impl Serialize) -> PyResult<Bound<'py, PyTuple>> {
    let py = object.py();
    let from_json = object.get_type().getattr(intern!(py, "from_json"))?;
    let arguments = PyTuple::new(py, [json(value)?])?;
    PyTuple::new(py, [from_json, arguments.into_any()])
}

/// `ToolCall(id='c1', name='now')`: what is there, long texts cut.
fn repr(object: &Bound<'_, PyAny>, shown: &[&str]) -> PyResult<String> {
    let mut fields = Vec::new();
    for name in shown {
        let value = object.getattr(*name)?;
        if !value.is_none() {
            fields.push(format!("{name}={}", short(&value)?));
        }
    }
    Ok(format!("{}({})", object.get_type().name()?, fields.join(", ")))
}

fn short(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let full = value.repr()?;
    let text = full.to_str()?;
    if !value.is_instance_of::<PyString>() || text.chars().count() <= SHOWN {
        return Ok(text.to_owned());
    }
    let start: String = text.chars().take(SHOWN).collect();
    Ok(format!("{start}…' ({} characters)", value.len()?))
}
