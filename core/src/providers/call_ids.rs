//! Ids of tool calls, as a vendor accepts them, whoever gave them: a call and its result have the same id, and no two calls
//! of a conversation have.
//!
//! The same conversation gets the same ids each time, also when it has grown: the vendor's prompt cache still fits.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// The calls of a conversation by their ids. An id may come again: some vendors count the calls of each answer from zero,
/// and some give no ids at all.
pub(super) struct Calls<'a, T> {
    by_id: HashMap<&'a str, SameId<T>>,
}

/// The calls of one id, and how many of them have their result.
struct SameId<T> {
    calls: Vec<T>,
    answered: usize,
}

impl<T> Default for Calls<'_, T> {
    fn default() -> Self {
        Calls { by_id: HashMap::new() }
    }
}

impl<'a, T> Calls<'a, T> {
    /// Notes a call.
    pub(super) fn add(&mut self, id: &'a str, call: T) {
        self.by_id.entry(id).or_insert_with(|| SameId { calls: Vec::new(), answered: 0 }).calls.push(call);
    }

    /// The call that the next result with this id answers: the first without a result, else the last.
    pub(super) fn answer(&mut self, id: &str) -> Option<&T> {
        let same = self.by_id.get_mut(id)?;
        let at = same.answered.min(same.calls.len().saturating_sub(1));
        same.answered += 1;
        same.calls.get(at)
    }

    fn count(&self, id: &str) -> usize {
        self.by_id.get(id).map_or(0, |same| same.calls.len())
    }
}

/// How a vendor wants an id: the id itself where it fits, else another one made of it.
pub(super) type Form = for<'i> fn(&'i str) -> Cow<'i, str>;

/// An id of 1 to `most` characters, of which there have to be at least 21.
pub(super) fn at_most(id: &str, most: usize) -> Cow<'_, str> {
    if !id.is_empty() && id.chars().count() <= most {
        return Cow::Borrowed(id);
    }
    Cow::Owned(format!("call_{:016x}", hash(id)))
}

/// A number for an id. Its keys are fixed: every process makes the same of an id.
pub(super) fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// The ids of a conversation's calls.
pub(super) struct CallIds<'a> {
    form: Form,
    calls: Calls<'a, Cow<'a, str>>,
    taken: HashSet<Cow<'a, str>>,
}

impl<'a> CallIds<'a> {
    pub(super) fn new(form: Form) -> Self {
        CallIds { form, calls: Calls::default(), taken: HashSet::new() }
    }

    /// The id of the next call.
    pub(super) fn call(&mut self, id: &'a str) -> Cow<'a, str> {
        let mut wire = (self.form)(id);
        let mut number = self.calls.count(id).max(1);
        while self.taken.contains(&wire) {
            number += 1;
            wire = Cow::Owned((self.form)(&format!("{id}_{number}")).into_owned());
        }
        self.taken.insert(wire.clone());
        self.calls.add(id, wire.clone());
        wire
    }

    /// The id of the next result: that of its call.
    pub(super) fn result(&mut self, id: &'a str) -> Cow<'a, str> {
        self.calls.answer(id).cloned().unwrap_or_else(|| (self.form)(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(id: &str) -> Cow<'_, str> {
        Cow::Owned(id.to_lowercase())
    }

    #[test]
    fn ids_that_come_again_are_told_apart_in_the_order_of_their_calls() {
        let mut ids = CallIds::new(lower);
        assert_eq!([ids.call("a"), ids.call("b")], ["a", "b"]);
        assert_eq!([ids.result("b"), ids.result("a")], ["b", "a"]);
        assert_eq!([ids.call("a"), ids.call("a")], ["a_2", "a_3"]);
        assert_eq!([ids.result("a"), ids.result("a")], ["a_2", "a_3"]);
    }

    #[test]
    fn ids_that_become_the_same_are_told_apart() {
        let mut ids = CallIds::new(lower);
        assert_eq!([ids.call("A"), ids.call("a"), ids.call("a_2")], ["a", "a_2", "a_2_2"]);
        assert_eq!([ids.result("a_2"), ids.result("A"), ids.result("a")], ["a_2_2", "a", "a_2"]);
    }

    #[test]
    fn ids_that_are_too_long_become_others() {
        assert_eq!(at_most("functions.f:0", 64), "functions.f:0");
        let long = "x".repeat(65);
        assert_eq!(at_most(&long, 64), at_most(&long, 64));
        assert_ne!(at_most(&long, 64), at_most(&"x".repeat(66), 64));
        assert!(at_most(&long, 40).len() <= 40 && at_most("", 40).starts_with("call_"));
    }

    #[test]
    fn a_result_without_a_call_keeps_its_id() {
        assert_eq!(CallIds::new(lower).result("X"), "x");
    }
}
