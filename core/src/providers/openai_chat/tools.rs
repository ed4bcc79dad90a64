//! Tool calls, put together from the fragments of a stream.

use serde_json::{Map, Value};

use super::content::Text;
use super::types::ToolCall;
use crate::model::{Event, State};

/// The most calls of one answer: beyond it a server is broken or hostile.
const MOST: usize = 4096;

/// The calls so far.
#[derive(Default)]
pub(super) struct Tools {
    calls: Vec<Call>,
}

struct Call {
    /// The index on the wire, where there is one.
    wire_index: Option<u32>,
    id: Option<String>,
    /// The part, once the call has been announced.
    part: Option<u32>,
    /// Arguments that came before the name.
    early: String,
}

impl Tools {
    /// Whether there were any.
    pub(super) fn any(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Adds a fragment: it belongs to the call with its index, else with its id, else to the last one.
    pub(super) fn add(&mut self, fragment: ToolCall, provider: &str, parts: &mut u32, out: &mut Vec<Event>) {
        // Mistral's older models call all of theirs "null".
        let id = fragment.id.filter(|id| !id.is_empty() && id != "null");
        let (name, arguments, custom) = match (fragment.function, fragment.custom) {
            (Some(function), _) => (function.name, function.arguments.map(Text::into_string), false),
            (None, Some(custom)) => (custom.name, custom.input, true),
            (None, None) => (None, None, false),
        };
        let name = name.filter(|name| !name.is_empty());
        let Some(at) = self.find(fragment.index, id.as_deref(), name.is_some()) else { return };
        let Some(call) = self.calls.get_mut(at) else { return };
        if call.id.is_none() {
            call.id = id;
        }
        if call.part.is_none()
            && let Some(name) = name
        {
            announce(call, at, name, parts, out);
        }
        if let (Some(index), true) = (call.part, custom) {
            out.push(state(index, provider, "type", Value::String("custom".to_owned())));
        }
        if let (Some(index), Some(extra)) = (call.part, fragment.extra_content) {
            out.push(state(index, provider, "extra_content", Value::Object(extra)));
        }
        let Some(arguments) = arguments.filter(|arguments| !arguments.is_empty()) else { return };
        match call.part {
            Some(index) => out.push(Event::Arguments { index, fragment: arguments }),
            None => call.early.push_str(&arguments),
        }
    }

    /// Announces what never got a name.
    pub(super) fn finish(&mut self, parts: &mut u32, out: &mut Vec<Event>) {
        for (at, call) in self.calls.iter_mut().enumerate().filter(|(_, call)| call.part.is_none()) {
            announce(call, at, String::new(), parts, out);
        }
    }

    fn find(&mut self, index: Option<u32>, id: Option<&str>, named: bool) -> Option<usize> {
        let found = match (index, id) {
            // Some servers give every call the index 0: a name and another id mean another call.
            (Some(_), Some(id)) => self.calls.iter().rposition(|call| {
                call.wire_index == index && (!named || call.id.is_none() || call.id.as_deref() == Some(id))
            }),
            (Some(_), None) => self.calls.iter().rposition(|call| call.wire_index == index),
            (None, Some(id)) => self.calls.iter().position(|call| call.id.as_deref() == Some(id)),
            (None, None) if named => None,
            (None, None) => self.calls.len().checked_sub(1),
        };
        if found.is_some() {
            return found;
        }
        if self.calls.len() == MOST {
            return None;
        }
        self.calls.push(Call { wire_index: index, id: None, part: None, early: String::new() });
        Some(self.calls.len() - 1)
    }
}

fn announce(call: &mut Call, at: usize, name: String, parts: &mut u32, out: &mut Vec<Event>) {
    let index = *parts;
    *parts += 1;
    call.part = Some(index);
    // A result has to name its call: where the server gave no id, one is made.
    let id = call.id.clone().unwrap_or_else(|| format!("call_{at}"));
    out.push(Event::ToolCall { index, id, name });
    if !call.early.is_empty() {
        out.push(Event::Arguments { index, fragment: std::mem::take(&mut call.early) });
    }
}

fn state(index: u32, provider: &str, key: &str, value: Value) -> Event {
    let mut data = Map::new();
    data.insert(key.to_owned(), value);
    Event::State { index, state: Box::new(State { provider: provider.to_owned(), data }) }
}
