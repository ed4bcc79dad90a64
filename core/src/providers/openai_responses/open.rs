//! An item under way: which of its texts are which parts, and how much of each has come.

use serde_json::{Map, Value};

/// A list of texts inside an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// What a message says.
    Text,
    /// What it declines.
    Refusal,
    /// The summary of thinking.
    Summary,
    /// Thinking itself, where a model shows it.
    Thought,
    /// The input of a call.
    Input,
}

/// A text of an item.
pub(super) struct Slot {
    list: List,
    /// Its place in the list.
    at: u64,
    /// The part that it is, once it has one.
    pub(super) part: Option<u32>,
    /// How many bytes of it were said.
    pub(super) said: usize,
    /// How many sources and log probabilities were.
    pub(super) sources: usize,
    pub(super) tokens: usize,
}

/// An item under way.
pub(super) struct Open {
    /// Its place in the output, and its id: servers send one, the other or both.
    at: Option<u64>,
    id: Option<String>,
    slots: Vec<Slot>,
    /// The list of thinking that is shown; the other one is kept as state.
    thinking: Option<List>,
    /// The place that is kept for an item that comes whole.
    pub(super) place: Option<u32>,
    /// What came of a call's input before its name.
    pub(super) early: String,
}

/// More texts than this no item has.
const MOST: usize = 4096;

impl Open {
    pub(super) fn new(at: Option<u64>, id: Option<String>) -> Self {
        Open { at, id, slots: Vec::new(), thinking: None, place: None, early: String::new() }
    }

    /// Whether this is the item that an event speaks of.
    pub(super) fn is(&self, at: Option<u64>, id: Option<&str>) -> bool {
        match (at, self.at) {
            (Some(at), Some(own)) => at == own,
            _ => id.is_none() || self.id.as_deref() == id,
        }
    }

    /// The place and the id that it had.
    pub(super) fn into_name(self) -> (Option<u64>, Option<String>) {
        (self.at, self.id)
    }

    /// The list of thinking that is shown: the first of which anything comes.
    pub(super) fn shows(&mut self, list: List) -> bool {
        *self.thinking.get_or_insert(list) == list
    }

    pub(super) fn shown(&self) -> Option<List> {
        self.thinking
    }

    /// The text at a place of a list. `None` beyond what any item has.
    pub(super) fn slot(&mut self, list: List, at: u64) -> Option<&mut Slot> {
        // The one under way is nearly always the last.
        let found = self.slots.iter().rposition(|slot| slot.list == list && slot.at == at);
        let index = match found {
            Some(index) => index,
            None if self.slots.len() >= MOST => return None,
            None => {
                self.slots.push(Slot { list, at, part: None, said: 0, sources: 0, tokens: 0 });
                self.slots.len() - 1
            }
        };
        self.slots.get_mut(index)
    }

    /// The parts that its texts are.
    pub(super) fn parts(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().filter_map(|slot| slot.part)
    }
}

impl Slot {
    /// What of the whole text has not been said yet.
    pub(super) fn rest<'a>(&self, whole: &'a str) -> &'a str {
        whole.get(self.said..).unwrap_or_default()
    }
}

/// A text of an item's.
pub(super) fn text<'a>(item: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    item.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The objects in a list of an item's.
pub(super) fn objects<'a>(item: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    item.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}
