//! What must hold of every input.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tidegate::{Collector, Event};

use crate::chance::Chance;
use crate::memory::measured;
use crate::target::{Outcome, Target};

/// How many bytes a decoder may hold beside its input: JSON that is only brackets needs a hundred times its own length.
const EACH_BYTE: usize = 256;
const AT_LEAST: usize = 256 << 10;

/// Runs one input. The error says which property it breaks.
pub fn check(target: &Target, input: &[u8], chance: &mut Chance) -> Result<Outcome, String> {
    let run = |pieces: &[&[u8]]| {
        catch_unwind(AssertUnwindSafe(|| measured(|| target.run(pieces)))).map_err(|_| "it panics".to_owned())
    };
    let (outcome, peak) = run(&[input])?;
    if peak > AT_LEAST + EACH_BYTE * input.len() {
        return Err(format!("{} bytes of input take {peak} bytes of memory", input.len()));
    }
    if target.is_stream() {
        // The events of a beginning are the beginning of the events: whatever comes when a piece is read, comes in the
        // same order and form however the stream is cut.
        let (cut, _) = run(&chance.cut(input))?;
        if !same(&cut, &outcome) {
            return Err(format!("in pieces it is another answer: {cut:?}, not {outcome:?}"));
        }
    }
    collected(&outcome.events)?;
    Ok(outcome)
}

fn same(one: &Outcome, other: &Outcome) -> bool {
    let words = |outcome: &Outcome| outcome.error.as_ref().map(|error| format!("{error:#}"));
    one.events == other.events && one.frames == other.frames && words(one) == words(other)
}

/// All text that arrived is in the response that is made of the events, complete or not.
fn collected(events: &[Event]) -> Result<(), String> {
    let arrived: usize = events.iter().filter_map(Event::text).map(str::len).sum();
    if arrived == 0 {
        return Ok(());
    }
    let mut collector = Collector::default();
    events.iter().for_each(|event| collector.push(event.clone()));
    let kept = collector.into_response().text().len();
    if kept == arrived { Ok(()) } else { Err(format!("{arrived} bytes of text arrived, and {kept} are kept")) }
}

/// By what an outcome differs from others: the kinds of its events in the order of their first, and its error without
/// what is of the input.
pub fn signature(outcome: &Outcome) -> String {
    let mut seen = BTreeSet::new();
    let mut words = String::new();
    for event in &outcome.events {
        if seen.insert(event.kind()) {
            words.push_str(event.kind());
            words.push(' ');
        }
        if let Event::End(end) = event {
            words.push_str(end.finish_reason.as_str());
        }
    }
    for (name, data) in outcome.frames.iter().take(4) {
        words.push_str(&format!("{} {} ", name.len().min(9), data.len().min(9)));
    }
    if let Some(error) = &outcome.error {
        let text = error.to_string();
        let plain = text.chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ').take(48);
        words.push_str(&format!("{} {:?} ", error.kind(), error.get("reason")));
        words.extend(plain);
    }
    words
}
