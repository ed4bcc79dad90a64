//! A streamed answer: the role, the text in chunks, the end, the usage where asked for, `[DONE]`.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Instant, Sleep};

use crate::answers::Answers;
use crate::knobs::Knobs;

pub struct Stream {
    answers: &'static Answers,
    knobs: Knobs,
    usage: bool,
    /// The next one to send: 0 is the role, then the texts, then what ends it.
    next: u32,
    /// Fires when the next text is due. Each is due at a fixed time from the first, however late the one before was.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    pub fn new(answers: &'static Answers, knobs: Knobs, usage: bool) -> Self {
        Stream { answers, knobs, usage, next: 0, timer: None }
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let pace = self.knobs.pace;
        if pace.is_zero() {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + pace)));
        let due = timer.deadline();
        if timer.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        timer.as_mut().reset(due + pace);
        Poll::Ready(())
    }

    fn chunk(&self, number: u32) -> Option<Bytes> {
        let Stream { answers, knobs, .. } = self;
        let words = &answers.words;
        match number.checked_sub(knobs.chunks + 1) {
            None if number == 0 => Some(answers.first.clone()),
            None => words.get(number as usize % words.len()).cloned(),
            Some(0) => Some(answers.last.clone()),
            Some(1) if self.usage => Some([&answers.usage[..], &answers.done].concat().into()),
            Some(1) => Some(answers.done.clone()),
            Some(_) => None,
        }
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let text = self.next > 0 && self.next <= self.knobs.chunks;
        if text && self.wait(cx).is_pending() {
            return Poll::Pending;
        }
        let chunk = self.chunk(self.next);
        self.next += 1;
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}
