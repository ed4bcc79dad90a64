//! Callers' Python values as the core's plain values: what JSON has, and objects that can become that.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyType};
use serde_json::{Map, Number, Value};
use tidegate::{Error, Request, ValuePath as Path};

use crate::error::raise;

/// How deep a value may be nested: deeper ones are most likely cycles.
const DEEPEST: usize = 128;

/// A request from a dict (or an object that becomes one) and keyword arguments, which win.
pub(crate) fn request(
    py: Python<'_>,
    request: Option<&Bound<'_, PyAny>>,
    fields: Option<&Bound<'_, PyDict>>,
) -> PyResult<Request> {
    let mut map = match request {
        None => Map::new(),
        Some(request) => match value(request, &Path::Root)? {
            Value::Object(map) => map,
            _ => return Err(raise(py, &Error::invalid("", "the request must be a dict of fields"))),
        },
    };
    if let Some(fields) = fields {
        if map.is_empty() {
            map = object(fields, &Path::Root)?;
        } else {
            map.extend(object(fields, &Path::Root)?);
        }
    }
    Request::from_value(Value::Object(map)).map_err(|error| raise(py, &error))
}

/// A configuration from a dict.
pub(crate) fn config(config: Option<&Bound<'_, PyAny>>) -> PyResult<Map<String, Value>> {
    match config.map(|config| value(config, &Path::Root)).transpose()? {
        None => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(pyo3::exceptions::PyTypeError::new_err(
            "the configuration must be a dict (for a file: Gateway.from_file(path))",
        )),
    }
}

fn value(object_: &Bound<'_, PyAny>, path: &Path<'_>) -> PyResult<Value> {
    if let Ok(text) = object_.cast::<PyString>() {
        Ok(Value::String(text_of(text, path)?.to_owned()))
    } else if let Ok(dict) = object_.cast::<PyDict>() {
        nested(path, object_)?;
        object(dict, path).map(Value::Object)
    } else if let Ok(list) = object_.cast::<PyList>() {
        nested(path, object_)?;
        items(list.iter(), path)
    } else if object_.is_none() {
        Ok(Value::Null)
    } else if let Ok(flag) = object_.cast::<PyBool>() {
        Ok(Value::Bool(flag.is_true()))
    } else if object_.is_instance_of::<PyInt>() {
        integer(object_, path)
    } else if let Ok(number) = object_.cast::<PyFloat>() {
        Number::from_f64(number.value())
            .map(Value::Number)
            .ok_or_else(|| refused(object_, path, "is not a finite number"))
    } else if let Ok(tuple) = object_.cast::<PyTuple>() {
        nested(path, object_)?;
        items(tuple.iter(), path)
    } else {
        nested(path, object_)?;
        other(object_, path)
    }
}

fn integer(number: &Bound<'_, PyAny>, path: &Path<'_>) -> PyResult<Value> {
    if let Ok(number) = number.extract::<i64>() {
        return Ok(Value::Number(number.into()));
    }
    let number = number.extract::<u64>().map_err(|_| refused(number, path, "is too large"))?;
    Ok(Value::Number(number.into()))
}

fn items<'py>(items: impl ExactSizeIterator<Item = Bound<'py, PyAny>>, path: &Path<'_>) -> PyResult<Value> {
    let mut list = Vec::with_capacity(items.len());
    for (index, item) in items.enumerate() {
        list.push(value(&item, &Path::Index(path, index))?);
    }
    Ok(Value::Array(list))
}

fn object(dict: &Bound<'_, PyDict>, path: &Path<'_>) -> PyResult<Map<String, Value>> {
    let mut map = Map::with_capacity(dict.len());
    for (key, item) in dict {
        let key = key.cast::<PyString>().map_err(|_| refused(&key, path, "has a key that is not a string"))?;
        let key = text_of(key, path)?;
        map.insert(key.to_owned(), value(&item, &Path::Key(path, key))?);
    }
    Ok(map)
}

/// The text of a string; an error where it holds half a character, which UTF-8 has no bytes for.
fn text_of<'a>(text: &'a Bound<'_, PyString>, path: &Path<'_>) -> PyResult<&'a str> {
    text.to_str().map_err(|_| refused(text.as_any(), path, "holds half of a character (a lone surrogate)"))
}

/// What JSON does not have: objects that can become a dict (those of this package, of SDKs, pydantic models,
/// dataclasses), mappings and iterables.
fn other(object_: &Bound<'_, PyAny>, path: &Path<'_>) -> PyResult<Value> {
    let py = object_.py();
    if !object_.is_instance_of::<PyType>() {
        for method in [intern!(py, "to_dict"), intern!(py, "model_dump")] {
            if let Some(method) = object_.getattr_opt(method)? {
                return value(&method.call0()?, path);
            }
        }
        if let Some(fields) = object_.getattr_opt(intern!(py, "__dataclass_fields__"))? {
            let mut map = Map::new();
            for key in fields.cast::<PyDict>()?.keys() {
                let key = key.cast_into::<PyString>()?;
                let name = key.to_str()?;
                map.insert(name.to_owned(), value(&object_.getattr(&key)?, &Path::Key(path, name))?);
            }
            return Ok(Value::Object(map));
        }
    } else if let Some(schema) = object_.getattr_opt(intern!(py, "model_json_schema"))? {
        // A pydantic class, as OpenAI's SDK takes it for `response_format`.
        let name = object_.getattr(intern!(py, "__name__"))?.extract::<String>()?;
        let schema = value(&schema.call0()?, path)?;
        let format = Map::from_iter([("name".to_owned(), name.into()), ("schema".to_owned(), schema)]);
        return Ok(Map::from_iter([
            ("type".to_owned(), "json_schema".into()),
            ("json_schema".to_owned(), format.into()),
        ])
        .into());
    }
    if let Ok(mapping) = object_.cast::<PyMapping>() {
        let dict = PyDict::new(py);
        dict.update(mapping)?;
        return object(&dict, path).map(Value::Object);
    }
    if let Ok(iterator) = object_.try_iter()
        && !object_.is_instance_of::<PyBytes>()
    {
        return items(iterator.collect::<PyResult<Vec<_>>>()?.into_iter(), path);
    }
    Err(refused(object_, path, "cannot be sent: give text, numbers, dicts and lists, or an object with to_dict()"))
}

fn nested(path: &Path<'_>, object_: &Bound<'_, PyAny>) -> PyResult<()> {
    if path.depth() > DEEPEST { Err(refused(object_, &Path::Root, "is nested too deep")) } else { Ok(()) }
}

/// Names the type, never the value: values may be prompts.
#[cold]
fn refused(object_: &Bound<'_, PyAny>, path: &Path<'_>, problem: &str) -> PyErr {
    let kind = object_.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    raise(object_.py(), &Error::invalid(path, format_args!("a value of type '{kind}' {problem}")))
}
