//! What came of a call, in the form that cases are compared with.

use std::fmt;

use futures_util::StreamExt as _;
use serde_json::Value;
use tidegate::{Collector, Error, Event, Gateway, Request, Response};

use crate::case::Call;

/// What came of a call.
pub enum Outcome {
    Ok(Value),
    Error(Value),
    Cancelled,
}

impl Outcome {
    /// From an answer, or an error.
    pub fn of(result: Result<Response, Error>) -> Self {
        match result {
            Ok(response) => Outcome::Ok(canonical(&response)),
            Err(error) => {
                let mut value = serde_json::to_value(&error).expect("an error has a canonical form");
                if let Some(partial) = error.partial_response() {
                    value["partial"] = canonical(partial);
                }
                Outcome::Error(value)
            }
        }
    }
}

/// The response with what its accessors say.
pub fn canonical(response: &Response) -> Value {
    let mut value = serde_json::to_value(response).expect("a response has a canonical form");
    value["text"] = response.text().into();
    value["reasoning"] = response.reasoning().map(|text| text.into_owned()).into();
    value["tool_calls"] =
        response.tool_calls().map(|call| serde_json::to_value(call).expect("and so has a call")).collect();
    value
}

/// Calls the gateway. With a number of events, stops to read after so many: `None` then.
pub async fn ask(gateway: &Gateway, call: &Call, events: Option<usize>) -> Option<Result<Response, Error>> {
    let request = match Request::from_value(call.request.clone()) {
        Ok(request) => request,
        Err(error) => return Some(Err(error)),
    };
    if !call.stream {
        return Some(gateway.chat(request).await);
    }
    let mut stream = match gateway.stream(request).await {
        Ok(stream) => stream,
        Err(error) => return Some(Err(error)),
    };
    let mut seen = Vec::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => seen.push(event),
            Err(error) => return Some(Err(error)),
        }
        if events.is_some_and(|events| seen.len() >= events) {
            return None;
        }
    }
    let response = stream.response().expect("a stream that ended well has its response").clone();
    in_order(&seen, &response);
    Some(Ok(response))
}

/// Every stream is `start content* end`, and its events are its response.
fn in_order(events: &[Event], response: &Response) {
    let place = |of: fn(&Event) -> bool| {
        events.iter().enumerate().filter(|(_, event)| of(event)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert_eq!(place(|event| matches!(event, Event::Start(_))), [0], "one start, first: {events:?}");
    assert_eq!(place(|event| matches!(event, Event::End(_))), [events.len() - 1], "one end, last: {events:?}");
    let mut collector = Collector::default();
    events.iter().for_each(|event| collector.observe(event));
    assert_eq!(collector.into_response().parts, response.parts, "the events are the response");
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, value) = match self {
            Outcome::Ok(value) => ("ok", value),
            Outcome::Error(value) => ("error", value),
            Outcome::Cancelled => return f.write_str("cancelled"),
        };
        let text: String = format!("{value:#}").chars().take(4000).collect();
        write!(f, "{word} {text}")
    }
}
