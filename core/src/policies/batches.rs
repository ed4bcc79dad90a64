//! An embedding of more texts than a provider takes at once becomes several requests, and one answer.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, stream};

use crate::error::{Error, Result, Retry};
use crate::model::{Embed, End, Event, Request, Start, Task};
use crate::policy::{Attempt, Call, Head, Next, Policy, Reply};
use crate::providers::{Batch, same_length};
use crate::world::BoxFuture;

/// How many requests of one embedding are under way at once.
const AT_ONCE: usize = 4;

/// Splits embeddings to the provider's limits. All batches of an attempt go to its target, since vectors of two models say
/// nothing of each other.
pub(crate) struct Batches;

impl Policy<Attempt> for Batches {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        let Task::Embed(embed) = &attempt.call.request.task else { return next.run(attempt) };
        let most = attempt.target.endpoint.codec.batch(&attempt.target);
        let batches = split(&embed.input, most);
        if batches.len() < 2 {
            return next.run(attempt);
        }
        Box::pin(run(attempt, batches, next))
    }
}

/// The places at which texts are cut into batches.
fn split(texts: &[String], most: Batch) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0_usize);
    for (at, text) in texts.iter().enumerate() {
        let full = at - start >= most.texts || bytes.saturating_add(text.len()) > most.bytes;
        if full && at > start {
            batches.push(start..at);
            (start, bytes) = (at, 0);
        }
        bytes = bytes.saturating_add(text.len());
    }
    batches.push(start..texts.len());
    batches
}

/// What targets have embedded of a call so far: an attempt at the same target does not pay for it again.
#[derive(Default)]
pub struct Embedded(Mutex<BTreeMap<(String, usize), Answer>>);

impl Embedded {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, usize), Answer>> {
        // A panic while the lock is held leaves the answers as they were: they stay good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to one batch.
struct Answer {
    head: Head,
    start: Start,
    vectors: Vec<Vec<f32>>,
    end: End,
}

async fn run(attempt: Attempt, batches: Vec<Range<usize>>, next: Next<'_, Attempt>) -> Result<Reply> {
    let label = attempt.target.label.clone();
    let embedded = Arc::clone(&attempt.call.embedded);
    let missing: Vec<_> = {
        let known = embedded.lock();
        batches.iter().filter(|batch| !known.contains_key(&(label.clone(), batch.start))).cloned().collect()
    };
    let mut waiting = missing.into_iter();
    let start = |batch: Range<usize>| {
        let at = batch.start;
        let answer = answer(next.run(part(&attempt, batch)));
        async move { answer.await.map(|answer| (at, answer)) }
    };
    let mut running: FuturesUnordered<_> = waiting.by_ref().take(AT_ONCE).map(start).collect();
    let mut failed: Option<Error> = None;
    while let Some(outcome) = running.next().await {
        match outcome {
            Ok((at, answer)) => {
                embedded.lock().insert((label.clone(), at), answer);
                if failed.is_none() {
                    running.extend(waiting.next().map(start));
                }
            }
            // The others that are under way are paid for: they are let finish, and kept for the next attempt.
            Err(error) if matches!(error.scope(), Retry::After(_)) => {
                failed = failed.into_iter().chain([error]).max_by_key(Error::wait);
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    let answers = batches.iter().filter_map(|batch| embedded.lock().remove(&(label.clone(), batch.start)));
    joined(answers, &attempt).map_err(|error| error.provider(attempt.target.provider()))
}

/// The attempt with some of the texts only.
fn part(attempt: &Attempt, batch: Range<usize>) -> Attempt {
    let request = &*attempt.call.request;
    let task = match &request.task {
        Task::Embed(embed) => {
            Task::Embed(Embed { input: embed.input.get(batch).unwrap_or_default().to_vec(), ..*embed })
        }
        other => other.clone(),
    };
    // Not as a clone with another task: that would copy all texts for each batch.
    let request = Request {
        model: request.model.clone(),
        task,
        labels: request.labels.clone(),
        timeout: request.timeout,
        priority: request.priority,
        hedge: request.hedge,
        retry_attempt: request.retry_attempt,
        extra: request.extra.clone(),
        stream: request.stream,
    };
    let call = Call { request: Arc::new(request), ..attempt.call.clone() };
    Attempt { call, ..attempt.clone() }
}

/// Reads the answer to one batch to its end.
async fn answer(reply: BoxFuture<'_, Result<Reply>>) -> Result<Answer> {
    let Reply { head, mut events } = reply.await?;
    let mut answer = Answer { head, start: Start::default(), vectors: Vec::new(), end: End::default() };
    while let Some(event) = events.next().await {
        match event? {
            Event::Start(start) => answer.start = start,
            Event::Embedding { vector, .. } => answer.vectors.push(vector),
            Event::End(end) => answer.end = *end,
            _ => {}
        }
    }
    Ok(answer)
}

/// One answer of all: named by the first, in the order of the texts, with what they cost together. A sum of which a part
/// is not known is not known either.
fn joined(answers: impl Iterator<Item = Answer>, attempt: &Attempt) -> Result<Reply> {
    let mut answers = answers;
    let Some(mut all) = answers.next() else {
        return Err(Error::protocol("empty_response", format!("{} answered without any vector", attempt.target.label)));
    };
    for Answer { vectors, end, .. } in answers {
        all.vectors.extend(vectors);
        all.end.usage = all.end.usage.zip(end.usage).map(|(sum, more)| sum.plus(&more));
        all.end.cost = all.end.cost.zip(end.cost).map(|(sum, more)| sum.plus(more));
    }
    same_length(&all.vectors, &attempt.target.label)?;
    all.head.first_content = attempt.call.world.now();
    let vectors = (0_u32..).zip(all.vectors).map(|(index, vector)| Event::Embedding { index, vector });
    let events = std::iter::once(Event::Start(all.start)).chain(vectors).chain([Event::End(Box::new(all.end))]);
    let events: Vec<_> = events.map(Ok).collect();
    Ok(Reply { head: all.head, events: Box::pin(stream::iter(events)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(lengths: &[usize], most: Batch) -> Vec<usize> {
        let texts: Vec<_> = lengths.iter().map(|length| "a".repeat(*length)).collect();
        split(&texts, most).iter().map(Range::len).collect()
    }

    #[test]
    fn texts_are_cut_by_their_number_and_by_their_bytes() {
        assert_eq!(cut(&[1; 5], Batch::texts(2)), [2, 2, 1]);
        assert_eq!(cut(&[1; 4], Batch::texts(2)), [2, 2]);
        assert_eq!(cut(&[1; 4], Batch::ANY), [4]);
        assert_eq!(cut(&[6, 4, 1, 0, 9], Batch { texts: 3, bytes: 10 }), [2, 3]);
        // A text that is too long by itself is the provider's to refuse, or to cut.
        assert_eq!(cut(&[30, 5, 30], Batch { texts: 3, bytes: 10 }), [1, 1, 1]);
        assert_eq!(cut(&[], Batch::texts(2)), [0]);
    }
}
