//! Function calls become tool calls.

use super::answer::FunctionCall;
use super::partial_args::Arguments;
use crate::error::Result;
use crate::model::{Event, State};
use crate::providers::made_ids::{made, of_answer};

/// Where the state of a call has an id that the provider gave.
pub(super) const OWN_ID: &str = "id";

/// The calls of one answer.
#[derive(Default)]
pub(super) struct Calls {
    count: u32,
    /// What tells the ids of this answer from those of the next.
    answer: String,
    /// The call of which the arguments still come.
    open: Option<(u32, Arguments)>,
}

impl Calls {
    /// Names the answer that the calls belong to.
    pub(super) fn belong_to(&mut self, response: Option<&str>) {
        self.answer = of_answer(response);
    }

    /// Whether there were any.
    pub(super) fn any(&self) -> bool {
        self.count > 0
    }

    /// A call, or a piece of the one that is open.
    pub(super) fn add(
        &mut self,
        call: &FunctionCall<'_>,
        state: Option<Box<State>>,
        parts: &mut u32,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        if call.name.is_some() || self.open.is_none() {
            self.finish(out);
            if call.name.is_none() && call.id.is_none() && call.args.is_none() && call.partial_args.is_empty() {
                return Ok(());
            }
            self.begin(call, parts, out);
        }
        let Some((index, arguments)) = &mut self.open else { return Ok(()) };
        if let Some(state) = state {
            out.push(Event::State { index: *index, state });
        }
        if let Some(args) = call.args {
            let index = *index;
            self.open = None;
            out.push(Event::Arguments { index, fragment: compact(args.get()) });
            return Ok(());
        }
        let mut fragment = String::new();
        for piece in &call.partial_args {
            arguments.add(piece, &mut fragment)?;
        }
        if !fragment.is_empty() {
            out.push(Event::Arguments { index: *index, fragment });
        }
        if call.will_continue != Some(true) {
            self.finish(out);
        }
        Ok(())
    }

    fn begin(&mut self, call: &FunctionCall<'_>, parts: &mut u32, out: &mut Vec<Event>) {
        self.count += 1;
        let index = *parts;
        *parts += 1;
        let id = call.id.clone().filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| made(&self.answer, self.count));
        out.push(Event::ToolCall { index, id, name: call.name.clone().unwrap_or_default() });
        self.open = Some((index, Arguments::default()));
    }

    /// Ends the call that is open.
    pub(super) fn finish(&mut self, out: &mut Vec<Event>) {
        if let Some((index, arguments)) = self.open.take() {
            let mut fragment = String::new();
            arguments.finish(&mut fragment);
            out.push(Event::Arguments { index, fragment });
        }
    }
}

/// JSON without the space between its tokens: answers come pretty-printed, and no number may change by being read.
fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string || !c.is_ascii_whitespace() {
            out.push(c);
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_keeps_what_matters() {
        let json = "{\n  \"a b\": [ 1.50, \"x \\\" \\\\\", 12345678901234567890123 ],\r\n \"é\" : null }";
        assert_eq!(compact(json), "{\"a b\":[1.50,\"x \\\" \\\\\",12345678901234567890123],\"é\":null}");
    }
}
