//! What a stream has shown, and how another answer is set behind it: pure machines.

use crate::model::Event;

/// What the caller has seen of an answer.
#[derive(Default)]
pub(crate) struct Shown {
    text: String,
    /// The part that the text belongs to.
    last: u32,
    /// Something else than text was shown.
    more: bool,
    /// Bytes of what the target that answers now has shown.
    fresh: usize,
}

impl Shown {
    pub(crate) fn observe(&mut self, event: &Event) {
        match event {
            Event::Text { index, text } => {
                self.text.push_str(text);
                self.last = self.last.max(*index);
                self.fresh += text.len();
            }
            other => {
                self.more |= other.is_content();
                self.fresh += other.written().map_or(0, str::len);
            }
        }
    }

    /// Bytes of what the target that answers now has shown.
    pub(crate) fn fresh(&self) -> usize {
        self.fresh
    }

    /// Another target goes on.
    pub(crate) fn resume(&mut self) {
        self.fresh = 0;
    }

    /// The words to go on with, where there is nothing else: without white space at their end, which APIs refuse there.
    pub(crate) fn words(&self) -> Option<String> {
        let words = self.text.trim_end();
        (!self.more && !words.is_empty()).then(|| words.to_owned())
    }

    /// How the answer that goes on is set behind what was shown.
    pub(crate) fn splice(&self) -> Splice {
        let space = self.text.get(self.text.trim_end().len()..).unwrap_or_default();
        Splice { behind: Some(self.last), offset: None, space: space.to_owned() }
    }
}

/// Sets an answer behind one that broke off: its first text joins the last one, and white space that was shown and not
/// handed over is not shown again. By default it changes nothing.
#[derive(Default)]
pub(crate) struct Splice {
    /// The last part of the answer before; `None` where there is none.
    behind: Option<u32>,
    /// What is added to parts, once the first one has come.
    offset: Option<u32>,
    /// The white space at the end of what was shown, as far as it may still come again.
    space: String,
}

impl Splice {
    /// The event as the caller sees it, if anything is left of it.
    pub(crate) fn place(&mut self, mut event: Event) -> Option<Event> {
        let Some(last) = self.behind else { return Some(event) };
        let joins = matches!(event, Event::Text { index: 0, .. });
        let Some(index) = event.index_mut() else { return Some(event) };
        let offset = *self.offset.get_or_insert(if joins { last } else { last + 1 });
        *index = index.saturating_add(offset);
        if self.space.is_empty() || !event.is_content() {
            return Some(event);
        }
        let Event::Text { text, .. } = &mut event else {
            self.space.clear();
            return Some(event);
        };
        let again = text.chars().zip(self.space.chars()).take_while(|(new, old)| new == old);
        let again: usize = again.map(|(new, _)| new.len_utf8()).sum();
        if again < text.len() {
            self.space.clear();
        } else {
            self.space.drain(..again);
        }
        text.drain(..again);
        (!text.is_empty()).then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(index: u32, text: &str) -> Event {
        Event::Text { index, text: text.to_owned() }
    }

    fn shown(events: &[Event]) -> Shown {
        let mut shown = Shown::default();
        for event in events {
            shown.observe(event);
        }
        shown
    }

    fn spliced(before: &[Event], after: Vec<Event>) -> Vec<Event> {
        let mut splice = shown(before).splice();
        after.into_iter().filter_map(|event| splice.place(event)).collect()
    }

    #[test]
    fn text_alone_can_be_gone_on_with() {
        assert_eq!(shown(&[text(0, "Once "), text(0, "upon \n")]).words().as_deref(), Some("Once upon"));
        assert_eq!(shown(&[text(0, " \n")]).words(), None);
        let thought = Event::Reasoning { index: 0, text: "hm".to_owned() };
        let call = Event::ToolCall { index: 1, id: "c".to_owned(), name: "f".to_owned() };
        for other in [thought, call] {
            assert_eq!(shown(&[text(0, "Once"), other]).words(), None);
        }
    }

    #[test]
    fn white_space_is_not_shown_twice() {
        let cases = [
            (vec![" upon", " a"], "Once upon a"),
            (vec!["upon"], "Once upon"),
            (vec![" ", "upon"], "Once upon"),
            (vec![" ", " upon"], "Once  upon"),
            (vec!["\nupon"], "Once \nupon"),
        ];
        for (after, whole) in cases {
            let after = after.into_iter().map(|piece| text(0, piece)).collect();
            let text: String = spliced(&[text(0, "Once ")], after).iter().filter_map(Event::text).collect();
            assert_eq!(format!("Once {text}"), whole);
        }
    }

    proptest::proptest! {
        #[test]
        fn words_that_are_gone_on_with_come_out_whole(all in "[ab \n]{1,12}", cut in 0..12_usize, size in 1..4_usize) {
            let (before, _) = all.split_at(cut.min(all.len()));
            let given = before.trim_end().len();
            let pieces = all.as_bytes()[given..].chunks(size).map(|piece| text(0, std::str::from_utf8(piece).unwrap()));
            let after: String = spliced(&[text(0, before)], pieces.collect()).iter().filter_map(Event::text).collect();
            proptest::prop_assert_eq!(before.to_owned() + &after, all);
        }
    }

    #[test]
    fn the_first_text_joins_the_last_and_other_parts_come_behind() {
        let call = |index| Event::ToolCall { index, id: "c".to_owned(), name: "f".to_owned() };
        let before = [text(0, "a"), text(1, "b")];
        assert_eq!(spliced(&before, vec![text(0, "c"), call(1)]), [text(1, "c"), call(2)]);
        assert_eq!(spliced(&before, vec![call(0), text(1, "c")]), [call(2), text(3, "c")]);
    }
}
