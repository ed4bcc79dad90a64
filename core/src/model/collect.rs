//! Events become a response.

use super::event::{End, Event, Start};
use super::part::{Content, Part, State, ToolCall};
use super::response::{Ranking, Response, Seam, TokenLogprob};

/// Collects the events of a reply into a [`Response`]; at any moment it has what arrived so far.
#[derive(Clone, Default)]
pub struct Collector {
    start: Start,
    end: Option<End>,
    parts: Vec<Option<Part>>,
    vectors: Vec<Vec<f32>>,
    rankings: Vec<Ranking>,
    logprobs: Vec<TokenLogprob>,
    seams: Vec<Seam>,
}

impl Collector {
    /// Adds an event that the caller also wants to keep.
    pub fn observe(&mut self, event: &Event) {
        match event {
            // The hot path of a stream: no copy but into the text that grows.
            Event::Text { index, text } => match self.slot(*index) {
                Some(Part { content: Content::Text { text: so_far }, .. }) => so_far.push_str(text),
                _ => self.push(event.clone()),
            },
            other => self.push(other.clone()),
        }
    }

    /// Adds an event.
    pub fn push(&mut self, event: Event) {
        match event {
            Event::Start(start) => self.start = start,
            Event::Text { index, text } => self.append(index, text, |text| Content::Text { text }),
            Event::Reasoning { index, text } => self.append(index, text, |text| Content::Reasoning { text }),
            Event::Refusal { index, text } => self.append(index, text, |text| Content::Refusal { text }),
            Event::ToolCall { index, id, name } => {
                self.place(index, Content::ToolCall(ToolCall::new(id, name, "")));
            }
            Event::Arguments { index, fragment } => {
                if let Some(Part { content: Content::ToolCall(call), .. }) = self.slot(index) {
                    append(&mut call.arguments, fragment);
                }
            }
            Event::Citation { index, citation, state } => {
                self.place(index, Content::Citation(citation));
                if let Some(part) = self.slot(index) {
                    part.state = state;
                }
            }
            Event::Part { index, part } => match (self.grow(index), *part) {
                (Some(Part { content: Content::Audio(sound), .. }), Part { content: Content::Audio(more), .. }) => {
                    sound.append(more);
                }
                (slot, part) => *slot = Some(part),
            },
            Event::State { index, state } => self.set_state(index, state),
            Event::Logprobs { tokens } => self.logprobs.extend(tokens),
            Event::Embedding { index, vector } => {
                let at = index as usize;
                if self.vectors.len() <= at {
                    self.vectors.resize(at + 1, Vec::new());
                }
                if let Some(slot) = self.vectors.get_mut(at) {
                    *slot = vector;
                }
            }
            Event::Ranking(ranking) => self.rankings.push(ranking),
            Event::Restart { .. } => *self = Collector::default(),
            Event::Continued { target, reason } => {
                let texts = self.parts.iter().flatten().filter_map(Part::as_text);
                let at = texts.map(|text| text.chars().count() as u64).sum();
                self.seams.push(Seam { at, target, reason });
            }
            Event::End(end) => self.end = Some(*end),
        }
    }

    fn slot(&mut self, index: u32) -> Option<&mut Part> {
        self.parts.get_mut(index as usize)?.as_mut()
    }

    fn grow(&mut self, index: u32) -> &mut Option<Part> {
        let at = index as usize;
        while self.parts.len() <= at {
            self.parts.push(None);
        }
        #[expect(clippy::indexing_slicing, reason = "the loop above made the place")]
        &mut self.parts[at]
    }

    fn place(&mut self, index: u32, content: Content) {
        match self.grow(index) {
            Some(part) => part.content = content,
            empty => *empty = Some(Part::new(content)),
        }
    }

    fn append(&mut self, index: u32, fragment: String, content: fn(String) -> Content) {
        match self.grow(index) {
            Some(Part {
                content: Content::Text { text } | Content::Reasoning { text } | Content::Refusal { text },
                ..
            }) => append(text, fragment),
            Some(_) => {}
            empty => *empty = Some(Part::new(content(fragment))),
        }
    }

    fn set_state(&mut self, index: u32, state: Box<State>) {
        // State may come for a part that never shows any content: a signature alone is thinking without text.
        let part = self.grow(index).get_or_insert_with(|| Part::new(Content::Reasoning { text: String::new() }));
        match &mut part.state {
            Some(known) => known.data.extend(state.data),
            none => *none = Some(state),
        }
    }

    /// Whether the answer is complete.
    pub fn is_complete(&self) -> bool {
        self.end.is_some()
    }

    /// Whether anything arrived.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.vectors.is_empty() && self.rankings.is_empty()
    }

    /// What arrived so far, as a response without what only the gateway knows (route, target, attempts, latency).
    pub fn into_response(self) -> Response {
        let end = self.end.unwrap_or_default();
        Response {
            id: self.start.id,
            model: self.start.model.unwrap_or_default(),
            parts: self.parts.into_iter().flatten().collect(),
            finish_reason: end.finish_reason,
            finish_reason_raw: end.finish_reason_raw,
            stop_sequence: end.stop_sequence,
            usage: end.usage,
            cost: end.cost,
            fallback: self.start.fallback,
            rejected: end.rejected,
            seams: self.seams,
            logprobs: self.logprobs,
            vectors: self.vectors,
            rankings: self.rankings,
            ..Response::default()
        }
    }
}

/// Appends without a copy where there was nothing.
fn append(text: &mut String, fragment: String) {
    if text.is_empty() {
        *text = fragment;
    } else {
        text.push_str(&fragment);
    }
}
