//! Writes a request and its body.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};
use crate::target::Target;

/// A request with a body of JSON, to `path` below the root of the target's API: see [`Target::url_below`]. `accept` is the
/// type of the answer.
pub(crate) fn post(
    target: &Target,
    (ends, path): (&[&str], &str),
    accept: &'static str,
    body: Bytes,
) -> Result<http::Request<Bytes>> {
    http::Request::post(target.url_below(ends, path))
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(ACCEPT, HeaderValue::from_static(accept))
        .body(body)
        .map_err(|_| {
            Error::new(Kind::Config, format!("base_url of provider '{}' is not a valid URL", target.provider()))
        })
}

/// `value` as JSON, with the caller's `extra` merged over it. Objects merge key by key; anything else is replaced.
pub(crate) fn body(value: &impl Serialize, extra: &Map<String, Value>) -> Result<Bytes> {
    let bytes = if extra.is_empty() { written(value) } else { merged(value, extra) };
    bytes.map(Bytes::from).map_err(|e| Error::invalid("", format_args!("the request cannot be written as JSON: {e}")))
}

/// Room for a short conversation: what is longer grows from here.
const ROOM: usize = 1024;

fn written(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut body, value)?;
    Ok(body)
}

fn merged(value: &impl Serialize, extra: &Map<String, Value>) -> serde_json::Result<Vec<u8>> {
    let mut body = serde_json::to_value(value)?;
    if let Value::Object(body) = &mut body {
        merge(body, extra);
    }
    serde_json::to_vec(&body)
}

/// Merges `extra` into `body`: objects key by key, anything else is replaced.
pub(crate) fn merge(body: &mut Map<String, Value>, extra: &Map<String, Value>) {
    for (key, value) in extra {
        match (body.get_mut(key), value) {
            (Some(Value::Object(below)), Value::Object(value)) => merge(below, value),
            (Some(below), value) => *below = value.clone(),
            (None, value) => {
                body.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other} is not an object"),
        }
    }

    #[test]
    fn extra_wins_and_objects_merge() {
        let value = json!({"a": 1, "b": {"c": 2, "d": [1]}});
        let extra = object(json!({"a": null, "b": {"d": [2], "e": 3}, "f": {"g": 4}}));
        let merged: Value = serde_json::from_slice(&body(&value, &extra).unwrap()).unwrap();
        assert_eq!(merged, json!({"a": null, "b": {"c": 2, "d": [2], "e": 3}, "f": {"g": 4}}));
    }

    #[test]
    fn nothing_extra_changes_nothing() {
        assert_eq!(&body(&json!({"a": 1}), &Map::new()).unwrap()[..], br#"{"a":1}"#);
    }
}
