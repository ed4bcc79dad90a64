//! The core's values as Python values, and its errors as exceptions.

use std::borrow::Cow;
use std::time::Duration;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tidegate::{
    CacheControl, Error, Fallback, FinishReason, HealthState, Kind, Message, Money, Other, Skipped, State, WaitReason,
    Why,
};

use crate::read;

pub(crate) fn checked<T>(result: serde_json::Result<T>) -> PyResult<T> {
    result.map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The canonical JSON text.
pub(crate) fn json(value: &impl Serialize) -> PyResult<String> {
    checked(serde_json::to_string(value))
}

/// A type of the core from its plain value.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> PyResult<T> {
    checked(serde_json::from_value(value))
}

/// Anything that has JSON, as dicts, lists, strings and numbers.
pub(crate) fn plain<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    checked(serde_json::to_value(value))?.to_python(py)
}

/// How a type of the core looks in Python. The generated classes name attributes; this is all that they need to know.
pub(crate) trait ToPython {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
}

macro_rules! to_python {
    ($($(@[$($bound:tt)*])? $type:ty => |$it:ident, $py:ident| $value:expr;)*) => {
        $(impl $(<$($bound)*>)? ToPython for $type {
            fn to_python<'py>(&self, $py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                let $it = self;
                $value
            }
        })*
    };
    ($($type:ty),*) => {
        to_python! { $($type => |it, py| it.into_bound_py_any(py);)* }
    };
}

to_python!(bool, u16, u32, u64, i64, f32, f64, str, String, Cow<'_, str>);

to_python! {
    @[T: ToPython + ?Sized] &T => |it, py| (**it).to_python(py);
    @[T: ToPython + ?Sized] Box<T> => |it, py| (**it).to_python(py);
    @[T: ToPython] Option<T> => |it, py| it.as_ref().map_or_else(|| Ok(py.None().into_bound(py)), |it| it.to_python(py));
    @[T: ToPython] Vec<T> => |it, py| {
        let items = it.iter().map(|item| item.to_python(py)).collect::<PyResult<Vec<_>>>()?;
        PyList::new(py, items).map(Bound::into_any)
    };
    Map<String, Value> => |it, py| {
        let dict = PyDict::new(py);
        for (key, value) in it {
            dict.set_item(key, value.to_python(py)?)?;
        }
        Ok(dict.into_any())
    };
    Value => |it, py| match it {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(flag) => flag.to_python(py),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => integer.to_python(py),
            (None, Some(integer)) => integer.to_python(py),
            (None, None) => number.as_f64().to_python(py),
        },
        Value::String(text) => text.to_python(py),
        Value::Array(items) => items.to_python(py),
        Value::Object(map) => map.to_python(py),
    };
    Duration => |it, py| it.as_secs_f64().to_python(py);
    Fallback => |it, py| it.as_str().to_python(py);
    FinishReason => |it, py| it.as_str().to_python(py);
    Kind => |it, py| it.as_str().to_python(py);
    Skipped => |it, py| it.as_str().to_python(py);
    WaitReason => |it, py| plain(py, it);
    Why => |it, py| it.as_str().to_python(py);
    HealthState => |it, py| plain(py, it);
    Message => |it, py| plain(py, it);
    State => |it, py| plain(py, it);
    CacheControl => |it, py| plain(py, it);
    Other => |it, py| plain(py, it);
    Dollars => |it, py| {
        static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        DECIMAL.import(py, "decimal", "Decimal")?.call1((it.0.to_string(),))
    };
}

/// An amount of money as a `decimal.Decimal`.
pub(crate) struct Dollars(pub(crate) Money);

/// The exception for an error: its kind's class, made in `tidegate/_errors.py` from the core's own list.
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
