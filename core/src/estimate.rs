//! Usage where a provider says nothing of it: counted roughly, and marked so.

use crate::codec::{Decoder, Frame};
use crate::error::Result;
use crate::model::fingerprint::tokens;
use crate::model::{Content, Event, Part, Request, Usage};

/// The decoder of an answer to a chat, whose end has a usage in any case. What is embedded or ranked is not written: there is
/// nothing to count that its caller does not have.
pub(crate) fn estimating(inner: Box<dyn Decoder>, request: &Request) -> Box<dyn Decoder> {
    match request.as_chat() {
        Some(_) => Box::new(Estimating { inner, prompt: request.rough_tokens(), written: 0 }),
        None => inner,
    }
}

/// The usage of an answer to a chat that broke off, of which these parts are there: a provider says it at the end.
pub(crate) fn broken_off(request: &Request, parts: &[Part]) -> Option<Usage> {
    let written = |part: &Part| match &part.content {
        Content::Text { text } | Content::Reasoning { text } | Content::Refusal { text } => text.len(),
        Content::ToolCall(call) => call.name.len() + call.arguments.len(),
        _ => 0,
    };
    request.as_chat()?;
    Some(roughly(request.rough_tokens(), parts.iter().map(written).sum()))
}

/// The usage of a prompt of so many tokens and an answer of so many bytes.
fn roughly(prompt: u64, written: usize) -> Usage {
    Usage { input_tokens: prompt, output_tokens: tokens(written), estimated: true, ..Usage::default() }
}

struct Estimating {
    inner: Box<dyn Decoder>,
    /// The tokens of the prompt.
    prompt: u64,
    /// The bytes that were written.
    written: usize,
}

impl Estimating {
    /// Looks at the events from this place on.
    fn observe(&mut self, out: &mut [Event], from: usize) {
        for event in out.iter_mut().skip(from) {
            match event {
                Event::End(end) if end.usage.is_none() => {
                    end.usage = Some(roughly(self.prompt, self.written));
                }
                other => self.written += other.written().map_or(0, str::len),
            }
        }
    }
}

impl Decoder for Estimating {
    fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<Event>) -> Result<()> {
        let from = out.len();
        let outcome = self.inner.frame(frame, out);
        self.observe(out, from);
        outcome
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        let from = out.len();
        let outcome = self.inner.finish(out);
        self.observe(out, from);
        outcome
    }

    fn is_done(&self) -> bool {
        self.inner.is_done()
    }

    fn may_end(&self) -> bool {
        self.inner.may_end()
    }
}
