//! What answers where a route fails: another route, or a text. Both are marked, so that nobody takes them for the real thing.

use std::sync::Arc;

use futures_util::{StreamExt, stream};

use crate::error::{Error, Kind, Origin, Result};
use crate::model::Fallback as Mark;
use crate::model::{End, Event, FinishReason, Start};
use crate::policy::{Call, Head, Next, Policy, Reply};
use crate::world::{BoxFuture, Tick};

/// Answers for a route that failed.
pub(crate) struct Fallback;

impl Policy<Call> for Fallback {
    fn apply<'a>(&'a self, call: Call, next: Next<'a, Call>) -> BoxFuture<'a, Result<Reply>> {
        let has = &call.route.fallback;
        if has.route.is_none() && has.reply.is_none() {
            return next.run(call);
        }
        Box::pin(async move {
            match next.run(call.clone()).await {
                Err(error) if is_of_the_route(&error) => instead(call, next).await.ok_or(error),
                outcome => outcome,
            }
        })
    }
}

/// Whether another route, or a text, may answer: not where the request itself is the trouble, or where a policy refused it,
/// which a fallback must not go round.
fn is_of_the_route(error: &Error) -> bool {
    let refused = matches!(error.kind(), Kind::ContentFiltered | Kind::ContextTooLong | Kind::Blocked);
    error.fault() != Origin::Caller && !refused
}

/// The first of the fallbacks that answers. Where none does, the error is that of the route that was asked for.
async fn instead(mut call: Call, next: Next<'_, Call>) -> Option<Reply> {
    let mut reply = None;
    loop {
        let fallback = call.route.fallback.clone();
        reply = fallback.reply.or(reply);
        let Some(route) = fallback.route else { break };
        // It ends at once otherwise, with an error that says less than the first.
        if call.world.now() >= call.deadline {
            break;
        }
        call.route = route;
        if let Ok(Reply { head, events }) = next.run(call.clone()).await {
            return Some(Reply { head, events: Box::pin(events.map(|event| event.map(marked))) });
        }
    }
    // A text is the answer to nothing but a chat.
    let text = reply.filter(|_| call.request.as_chat().is_some())?;
    Some(canned(&text, call.world.now()))
}

fn marked(event: Event) -> Event {
    match event {
        Event::Start(start) => Event::Start(Start { fallback: Some(Mark::Route), ..start }),
        other => other,
    }
}

fn canned(text: &Arc<str>, now: Tick) -> Reply {
    let head = Head {
        target: None,
        status: 200,
        request_id: None,
        first_content: now,
        limits: None,
        dropped: Vec::new(),
        successor: None,
    };
    let events = [
        Event::Start(Start { fallback: Some(Mark::Reply), ..Start::default() }),
        Event::Text { index: 0, text: text.to_string() },
        Event::End(Box::new(End { finish_reason: FinishReason::Stop, ..End::default() })),
    ];
    Reply { head, events: Box::pin(stream::iter(events.map(Ok))) }
}
