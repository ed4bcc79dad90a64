//! Callers' Python values as the core's plain values: what JSON has, and objects that can become that.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};
use serde_json::{Map, Number, Value};
use tidegate::{Error, Request, ValuePath as Path};

use crate::convert::{json, raise};

/// How deep a value may be nested: deeper ones are most likely cycles.
const DEEPEST: usize = 128;

pub(crate) type Object<'a> = &'a Bound<'a, PyAny>;
pub(crate) type Dict<'a> = &'a Bound<'a, PyDict>;

/// A request from a dict (or an object that becomes one) and keyword arguments, which win.
pub(crate) fn request(py: Python<'_>, dict: Option<Object<'_>>, keywords: Option<Dict<'_>>) -> PyResult<Request> {
    let fields = fields(dict, keywords, "the request must be a dict of fields")?;
    Request::from_value(fields.into()).map_err(|error| raise(py, &error))
}

/// The fields of a dict and of keyword arguments, which win.
pub(crate) fn fields(
    dict: Option<Object<'_>>,
    keywords: Option<Dict<'_>>,
    no_dict: &str,
) -> PyResult<Map<String, Value>> {
    let mut fields = match dict.map(value).transpose()? {
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(PyTypeError::new_err(no_dict.to_owned())),
        None => Map::new(),
    };
    fields.extend(keywords.map(|keywords| object(keywords, &Path::Root)).transpose()?.unwrap_or_default());
    Ok(fields)
}

/// JSON text of a value of this package or of plain values, for logs and tests: the same in every language.
#[pyfunction]
#[pyo3(signature = (value, /))]
pub(crate) fn canonical_json(value: &Bound<'_, PyAny>) -> PyResult<String> {
    match value.getattr_opt(intern!(value.py(), "to_json"))? {
        Some(to_json) => to_json.call0()?.extract(),
        None => json(&self::value(value)?),
    }
}

/// A plain value from any Python value that can become one.
pub(crate) fn value(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    value_at(object, &Path::Root)
}

fn value_at(object_: &Bound<'_, PyAny>, path: &Path<'_>) -> PyResult<Value> {
    if path.depth() > DEEPEST {
        Err(refused(object_, &Path::Root, "is nested too deep"))
    } else if let Ok(text) = object_.cast::<PyString>() {
        Ok(Value::String(text_of(text, path)?.to_owned()))
    } else if let Ok(dict) = object_.cast::<PyDict>() {
        object(dict, path).map(Value::Object)
    } else if let Ok(list) = object_.cast::<PyList>() {
        let items = list.iter().enumerate();
        let values = items.map(|(index, item)| value_at(&item, &Path::Index(path, index)));
        values.collect::<PyResult<_>>().map(Value::Array)
    } else if object_.is_none() {
        Ok(Value::Null)
    } else if let Ok(flag) = object_.cast::<PyBool>() {
        Ok(Value::Bool(flag.is_true()))
    } else if object_.is_instance_of::<PyInt>() {
        let signed = object_.extract::<i64>().map(Number::from);
        let number = signed.or_else(|_| object_.extract::<u64>().map(Number::from));
        number.map(Value::Number).map_err(|_| refused(object_, path, "is too large"))
    } else if let Ok(number) = object_.cast::<PyFloat>() {
        let number = Number::from_f64(number.value()).map(Value::Number);
        number.ok_or_else(|| refused(object_, path, "is not a finite number"))
    } else {
        other(object_, path)
    }
}

fn object(dict: &Bound<'_, PyDict>, path: &Path<'_>) -> PyResult<Map<String, Value>> {
    let mut map = Map::with_capacity(dict.len());
    for (key, item) in dict {
        let key = key.cast::<PyString>().map_err(|_| refused(&key, path, "has a key that is not a string"))?;
        let key = text_of(key, path)?;
        map.insert(key.to_owned(), value_at(&item, &Path::Key(path, key))?);
    }
    Ok(map)
}

/// The text of a string; an error where it holds half a character, which UTF-8 has no bytes for.
fn text_of<'a>(text: &'a Bound<'_, PyString>, path: &Path<'_>) -> PyResult<&'a str> {
    text.to_str().map_err(|_| refused(text.as_any(), path, "holds half of a character (a lone surrogate)"))
}

/// What JSON does not have.
fn other(object: &Bound<'_, PyAny>, path: &Path<'_>) -> PyResult<Value> {
    static PLAIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let plain = PLAIN.import(object.py(), "tidegate._plain", "plain")?.call1((object,))?;
    if plain.is(object) {
        let problem = "cannot be sent: give text, numbers, dicts and lists, or an object with to_dict()";
        return Err(refused(object, path, problem));
    }
    value_at(&plain, path)
}

/// Names the type, never the value: values may be prompts.
fn refused(object: &Bound<'_, PyAny>, path: &Path<'_>, problem: &str) -> PyErr {
    let kind = object.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    raise(object.py(), &Error::invalid(path, format_args!("a value of type '{kind}' {problem}")))
}
