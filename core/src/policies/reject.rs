//! Answers that count as failures, by what their route demands of them: so a cheap model can be tried first, and a better
//! one where its answer will not do.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, stream};
use serde::de::IgnoredAny;

use super::held::{Held, Verdict};
use crate::checks;
use crate::config::{OnExhausted, Rejects};
use crate::error::{Error, Kind, Result, Retry};
use crate::json_schema::mark_calls;
use crate::model::{Chat, Collector, Content, End, Event, FinishReason, Response, ResponseFormat};
use crate::policy::{Attempt, Call, Head, Next, Policy, Reply};
use crate::world::{BoxFuture, BoxStream};

/// The most of a reason that an error repeats, in characters.
const LONGEST_REASON: usize = 200;

/// Ends an attempt whose answer is rejected.
pub(crate) struct Reject;

impl Policy<Attempt> for Reject {
    fn apply<'a>(&'a self, attempt: Attempt, next: Next<'a, Attempt>) -> BoxFuture<'a, Result<Reply>> {
        match &attempt.call.route.reject {
            Some(rejects) if attempt.call.request.as_chat().is_some() => {
                let judge = Judge { rejects: Arc::clone(rejects), attempt: attempt.clone() };
                Box::pin(judged(judge, next, attempt))
            }
            _ => next.run(attempt),
        }
    }
}

/// Hands out the last answer that was rejected where nothing better came, if the route says so.
pub(crate) struct AcceptRejected;

impl Policy<Call> for AcceptRejected {
    fn apply<'a>(&'a self, call: Call, next: Next<'a, Call>) -> BoxFuture<'a, Result<Reply>> {
        if !call.route.reject.as_ref().is_some_and(|rejects| rejects.on_exhausted == OnExhausted::Accept) {
            return next.run(call);
        }
        Box::pin(async move {
            let rejected = Arc::clone(&call.rejected);
            next.run(call).await.or_else(|error| rejected.take().ok_or(error))
        })
    }
}

/// The last answer of a call that was rejected.
#[derive(Default)]
pub struct Rejected(Mutex<Option<(Head, Vec<Event>)>>);

impl Rejected {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Head, Vec<Event>)>> {
        // It is replaced as a whole: a panic while the lock is held leaves it good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Reply> {
        let (head, events) = self.lock().take()?;
        Some(Reply { head, events: replay(events) })
    }
}

fn replay(events: Vec<Event>) -> BoxStream<'static, Result<Event>> {
    Box::pin(stream::iter(events.into_iter().map(Ok)))
}

async fn judged(judge: Judge, next: Next<'_, Attempt>, attempt: Attempt) -> Result<Reply> {
    if let Some(name) = &judge.rejects.check {
        // Found before anything is sent.
        attempt.call.checks.find(name)?;
    }
    let streams = attempt.call.request.stream;
    let Reply { head, mut events } = next.run(attempt).await?;
    // A plain answer is there already, and of a stream all up to its first content.
    let mut early = Vec::new();
    let mut collector = Collector::default();
    while let Some(event) = events.next().await.transpose()? {
        let shows = event.is_content();
        collector.observe(&event);
        early.push(event);
        if streams && shows {
            break;
        }
    }
    let why = if collector.is_complete() {
        judge.why(judge.response(collector.clone())).await
    } else if matches!(early.last(), Some(Event::Refusal { .. })) && judge.rejects.refusal {
        Some(Why::refusal())
    } else {
        let all = Box::pin(stream::iter(early.into_iter().map(Ok)).chain(events));
        return Ok(Reply {
            head,
            events: Box::pin(Held::new(all, move |collector, end| judge.verdict(collector, end))),
        });
    };
    let Some(why) = why else {
        // Behind the end of a stream its connection is given back.
        return Ok(Reply { head, events: Box::pin(replay(early).chain(events)) });
    };
    let error = judge.error(&why, judge.response(collector)).status(head.status).request_id(head.request_id.clone());
    if early.iter().any(|event| matches!(event, Event::End(_))) {
        for event in &mut early {
            why.mark(event);
        }
        *judge.attempt.call.rejected.lock() = Some((head, early));
    }
    Err(error)
}

/// Judges the answer to an attempt.
struct Judge {
    rejects: Arc<Rejects>,
    attempt: Attempt,
}

/// Why an answer is rejected.
struct Why {
    /// The key that says so.
    key: &'static str,
    words: String,
}

impl Why {
    fn new(key: &'static str, words: impl Into<String>) -> Self {
        Why { key, words: words.into() }
    }

    fn refusal() -> Self {
        Why::new("refusal", "the model refuses")
    }

    /// As the response has it: the key, or what the caller's own function says.
    fn reason(&self) -> String {
        if self.key == "check" { self.words.clone() } else { self.key.to_owned() }
    }

    fn mark(&self, event: &mut Event) {
        if let Event::End(end) = event {
            end.rejected = Some(self.reason());
        }
    }
}

impl Judge {
    /// The answer as callers see it, as far as it is known here.
    fn response(&self, collector: Collector) -> Response {
        let (target, call) = (&self.attempt.target, &self.attempt.call);
        let mut response = collector.into_response();
        if let Some(chat) = call.request.as_chat() {
            mark_calls(&mut response, &chat.tools);
        }
        if response.model.is_empty() {
            response.model.clone_from(&target.model);
        }
        response.route.clone_from(&call.route.name);
        response.target.clone_from(&target.label);
        response
    }

    /// Why a whole answer is rejected. The caller's own function comes last: what it costs is paid for good answers only.
    async fn why(&self, response: Response) -> Option<Why> {
        let chat = self.attempt.call.request.as_chat()?;
        if let Some(why) = why(&self.rejects, &response, chat) {
            return Some(why);
        }
        let check = self.attempt.call.checks.find(self.rejects.check.as_deref()?).ok()?;
        let reason = checks::ask(check, Arc::new(response)).await?;
        Some(Why::new("check", reason.chars().take(LONGEST_REASON).collect::<String>()))
    }

    /// What a stream ends with.
    fn verdict(self, collector: Collector, mut end: Box<End>) -> Verdict {
        Box::pin(async move {
            let response = self.response(collector);
            match self.why(response.clone()).await {
                None => Ok(end),
                Some(why) if self.rejects.on_exhausted == OnExhausted::Accept => {
                    end.rejected = Some(why.reason());
                    Ok(end)
                }
                Some(why) => Err(self.error(&why, response)),
            }
        })
    }

    fn error(&self, why: &Why, response: Response) -> Error {
        let target = &self.attempt.target;
        Error::new(Kind::InvalidOutput, format!("the answer is rejected: {} ({})", why.words, target.label))
            .context("reject", why.key)
            .provider(target.provider())
            .retry(Retry::Elsewhere)
            .partial(response)
    }
}

/// Why a whole answer is rejected: the first of the reasons in this order.
fn why(rejects: &Rejects, response: &Response, chat: &Chat) -> Option<Why> {
    let text = response.text();
    let refuses = response.refusal().is_some();
    // Calls and refusals are answers of another kind.
    let is_text = !refuses && response.tool_calls().next().is_none();
    let wants_json = matches!(chat.response_format, Some(ResponseFormat::Json | ResponseFormat::Schema { .. }));
    let least = rejects.min_chars as usize;
    if rejects.content_filter && response.finish_reason == FinishReason::ContentFilter {
        return Some(Why::new("content_filter", "the provider's content policy cut it off"));
    }
    if rejects.refusal && refuses {
        return Some(Why::refusal());
    }
    if rejects.empty && is_empty(response) {
        return Some(Why::new("empty", "it is empty"));
    }
    if rejects.truncated && response.finish_reason == FinishReason::Length {
        return Some(Why::new("truncated", "it was cut off at the limit of tokens"));
    }
    if rejects.invalid_json && is_text && wants_json && serde_json::from_str::<IgnoredAny>(text.trim()).is_err() {
        return Some(Why::new("invalid_json", "it is not JSON, as response_format asks"));
    }
    if is_text && text.chars().take(least).count() < least {
        return Some(Why::new("min_chars", format!("it has fewer than {least} characters")));
    }
    if rejects.pattern.as_ref().is_some_and(|pattern| pattern.is_match(&text)) {
        return Some(Why::new("pattern", "it matches reject.pattern"));
    }
    None
}

/// Whether there is nothing to show. Thinking alone is no answer.
fn is_empty(response: &Response) -> bool {
    response.parts.iter().all(|part| match &part.content {
        Content::Text { text } => text.trim().is_empty(),
        Content::Reasoning { .. } => true,
        _ => false,
    })
}
