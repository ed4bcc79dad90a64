//! Streams that break off go on, where their route asks for it: at another target, anew or with the words so far. Each seam
//! is an event of its own, so that two models are never glued together in silence.
//!
//! It does not try again itself. It asks `Failover` for one more answer, at what is left of the route's attempts, and so all
//! that guards attempts guards these.

use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::balance::Balance;
use super::splice::{Shown, Splice};
use crate::config::{Choice, OnInterrupt, RetryPolicy, Route};
use crate::error::{Error, Kind, Result, Retry};
use crate::model::fingerprint::tokens;
use crate::model::{Chat, Event, Message, Request, ResponseFormat, Task, Usage};
use crate::policy::{Call, Head, Reply, Serve, Successor};
use crate::target::Target;
use crate::world::{BoxFuture, BoxStream};

/// How often a stream goes on.
const MOST: usize = 2;

/// Around `Failover`, since it has to reach it for as long as the events come: a policy is there only until they begin.
pub(crate) struct Resume(Arc<dyn Serve<Call>>);

impl Resume {
    pub(crate) fn new(failover: impl Serve<Call> + 'static) -> Self {
        Resume(Arc::new(failover))
    }
}

impl Serve<Call> for Resume {
    fn serve(&self, call: Call) -> BoxFuture<'_, Result<Reply>> {
        let fails = call.route.on_interrupt == OnInterrupt::Fail;
        if fails || !call.request.stream || call.request.as_chat().is_none() {
            return self.0.serve(call);
        }
        Box::pin(async move {
            let Reply { mut head, events } = self.0.serve(call.clone()).await?;
            let successor = head.successor.get_or_insert_default().clone();
            let running = Running {
                below: Arc::clone(&self.0),
                call,
                head: head.clone(),
                successor,
                events,
                shown: Shown::default(),
                splice: Splice::default(),
                broken: Vec::new(),
                given: 0,
                over: false,
            };
            let events = stream::unfold(running, |mut running| async move { Some((running.next().await?, running)) });
            Ok(Reply { head, events: Box::pin(events) })
        })
    }
}

/// A stream on its way.
struct Running {
    below: Arc<dyn Serve<Call>>,
    call: Call,
    /// Of the target that answers now.
    head: Head,
    successor: Successor,
    events: BoxStream<'static, Result<Event>>,
    /// What the caller has seen, and has not been told to forget.
    shown: Shown,
    splice: Splice,
    broken: Vec<Broken>,
    /// Tokens of an answer's beginning that the target which answers now was given with the prompt.
    given: u64,
    over: bool,
}

/// A target that broke off, and the tokens that it was given beside the prompt and wrote.
struct Broken {
    given: u64,
    written: u64,
}

impl Running {
    async fn next(&mut self) -> Option<Result<Event>> {
        while !self.over {
            match self.events.next().await {
                None => self.over = true,
                Some(Ok(event)) => {
                    let Some(mut event) = self.splice.place(event) else { continue };
                    self.shown.observe(&event);
                    if let Event::End(end) = &mut event
                        && !self.broken.is_empty()
                    {
                        end.usage = end.usage.as_ref().map(|usage| self.together(usage));
                        // What the others cost, nobody said.
                        end.cost = None;
                    }
                    return Some(Ok(event));
                }
                Some(Err(error)) => {
                    let seam = if self.may_go_on(&error) { self.go_on(&error).await } else { None };
                    self.over = seam.is_none();
                    return Some(seam.ok_or(error));
                }
            }
        }
        None
    }

    /// Whether this is an interruption that another target may make good.
    fn may_go_on(&self, error: &Error) -> bool {
        let interrupts = matches!(
            error.kind(),
            Kind::StreamIncomplete
                | Kind::Timeout
                | Kind::Server
                | Kind::Overloaded
                | Kind::RateLimited
                | Kind::Connection
                | Kind::Protocol
        );
        let timely = self.call.world.now() < self.call.deadline;
        interrupts && error.scope() != Retry::Never && timely && self.broken.len() < MOST
    }

    /// The seam, if a target goes on. Otherwise the error stands as it was.
    async fn go_on(&mut self, error: &Error) -> Option<Event> {
        self.call.log.broke(error);
        // Its connection is closed before another one is opened.
        self.events = Box::pin(stream::empty());
        self.broken.push(Broken { given: self.given, written: tokens(self.shown.fresh()) });
        let targets = self.targets();
        if let Some((request, words)) = self.prefilled() {
            let able: Vec<_> = targets.iter().filter(|(target, _)| goes_on(target, &request)).cloned().collect();
            if let Some(target) = self.ask(able, Arc::new(request)).await {
                self.given = tokens(words.len());
                self.splice = self.shown.splice();
                self.shown.resume();
                return Some(Event::Continued { target, reason: error.kind() });
            }
        }
        let target = self.ask(targets, Arc::clone(&self.call.request)).await?;
        self.given = 0;
        self.splice = Splice::default();
        self.shown = Shown::default();
        Some(Event::Restart { target, reason: error.kind() })
    }

    /// The route's targets in order, from the one behind that which broke off: that one is the last.
    fn targets(&self) -> Vec<(Arc<Target>, Choice)> {
        let route = &self.call.route;
        let mut targets: Vec<_> = route.targets.iter().cloned().zip(route.choices.iter().copied()).collect();
        let broke = targets.iter().position(|(target, _)| target.label == self.head.label());
        let behind = broke.map_or(0, |at| at + 1);
        targets.rotate_left(behind);
        targets
    }

    /// The request with the words so far as the assistant's, and those words; `None` where the answer cannot be gone on with.
    fn prefilled(&self) -> Option<(Request, String)> {
        let route = &self.call.route;
        if route.on_interrupt != OnInterrupt::Continue || route.reject.is_some() {
            return None;
        }
        let words = self.shown.words()?;
        let mut request = Request::clone(&self.call.request);
        let Task::Chat(chat) = &mut request.task else { return None };
        if wants_json(chat) || thinks(chat) {
            return None;
        }
        chat.messages.push(Message::assistant(words.clone()));
        Some((request, words))
    }

    /// Asks for an answer at these targets, within the attempts that are left, and lets it take over: the target's label.
    async fn ask(&mut self, targets: Vec<(Arc<Target>, Choice)>, mut request: Arc<Request>) -> Option<String> {
        let route = &self.call.route;
        let records = self.call.log.records(self.call.world.now());
        let made = records.iter().filter(|record| record.was_sent()).count();
        let made = u32::try_from(made).unwrap_or(u32::MAX);
        let max_attempts =
            route.retry.max_attempts.checked_sub(made).filter(|left| *left > 0 && !targets.is_empty())?;
        let retry = RetryPolicy { max_attempts, ..route.retry };
        let (targets, choices) = targets.into_iter().unzip();
        // The order is made, and a race between two answers to one that broke off would be one too many.
        let order = Route { targets, choices, balance: Balance::Ordered, hedge: None, retry, ..Route::clone(route) };
        // It is no new request: the budget of retries has to pay for it.
        let tried = request.retry_attempt.saturating_add(made);
        Arc::make_mut(&mut request).retry_attempt = tried;
        let call = Call { request, route: Arc::new(order), resumes: true, ..self.call.clone() };
        let Reply { head, events } = self.below.serve(call).await.ok()?;
        self.events = events;
        self.head = Head { first_content: self.head.first_content, ..head };
        self.successor.set(self.head.clone());
        Some(self.head.label().to_owned())
    }

    /// What all targets used, as far as it can be told: a stream that breaks off does not say it.
    fn together(&self, last: &Usage) -> Usage {
        let prompt = last.input_tokens.saturating_sub(self.given);
        self.broken.iter().fold(last.clone(), |sum, broken| {
            sum.plus(&Usage {
                input_tokens: prompt.saturating_add(broken.given),
                output_tokens: broken.written,
                estimated: true,
                ..Usage::default()
            })
        })
    }
}

fn wants_json(chat: &Chat) -> bool {
    !matches!(chat.response_format, None | Some(ResponseFormat::Text))
}

/// Whether thinking was asked for: it would have to come before the words.
fn thinks(chat: &Chat) -> bool {
    chat.reasoning.as_ref().is_some_and(|reasoning| reasoning.effort.as_deref() != Some("none"))
}

/// Whether a target goes on with the words that end this request.
fn goes_on(target: &Target, request: &Request) -> bool {
    let Some(last) = request.as_chat().and_then(|chat| chat.messages.len().checked_sub(1)) else { return false };
    let field = format!("messages[{last}]");
    let documented = target.dialect().prefill.is_some_and(|names| target.model.contains(names));
    let lacking = || target.endpoint.codec.unsupported(request, target);
    documented && !lacking().iter().any(|item| item.field.starts_with(&field))
}
