//! The codec by itself: bytes in, events out, and requests to bodies. All fixtures are made up.

mod decode;
mod encode;
mod error;

use std::sync::Arc;

use serde_json::Value;

use super::CODEC;
use crate::auth::Credentials;
use crate::codec::{Codec, Frame};
use crate::error::Result;
use crate::model::{Collector, Event, Request, Response};
use crate::target::{Endpoint, Target};

fn target(model: &str) -> Arc<Target> {
    let row = &super::PROVIDERS[0];
    let endpoint = Endpoint {
        name: row.name.to_owned(),
        codec: &CODEC,
        base_url: row.base_url.to_owned(),
        addressing: crate::target::Addressing::Path,
        credentials: Credentials::new(row.auth, &[]),
        dialect: row.dialect.clone(),
        headers: http::HeaderMap::new(),
        proxy: None,
        simulation: None,
    };
    Arc::new(Target::new(Arc::new(endpoint), model))
}

fn request(value: Value) -> Request {
    Request::from_value(value).unwrap()
}

fn body(request: &Request, model: &str) -> Value {
    serde_json::from_slice(CODEC.encode(request, &target(model)).unwrap().body()).unwrap()
}

/// The fields that are refused.
fn refused(request: &Request, model: &str) -> Vec<String> {
    CODEC.unsupported(request, &target(model)).into_iter().map(|item| item.field).collect()
}

fn whole(body: &str) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut decoder = CODEC.decoder(&Request::chat("m", Vec::new()), &target("m"));
    decoder.frame(Frame::Whole(body.as_bytes()), &mut events)?;
    decoder.finish(&mut events)?;
    assert!(decoder.is_done());
    Ok(events)
}

/// Decodes a stream of these events; the events that came before an error come with it.
fn stream(frames: &[Value]) -> (Vec<Event>, Result<()>) {
    let mut events = Vec::new();
    let mut decoder = CODEC.decoder(&Request::chat("m", Vec::new()), &target("m"));
    for frame in frames {
        let data = frame.to_string();
        let name = frame["type"].as_str().unwrap_or_default();
        if let Err(error) = decoder.frame(Frame::Event { name, data: data.as_bytes() }, &mut events) {
            return (events, Err(error));
        }
    }
    let outcome = decoder.finish(&mut events);
    (events, outcome)
}

fn collect(events: Vec<Event>) -> Response {
    let mut collector = Collector::default();
    for event in events {
        collector.push(event);
    }
    assert!(collector.is_complete());
    collector.into_response()
}
