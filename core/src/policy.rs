//! The onion: a request goes down through a ring of policies once, and its events come back up through the same.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::SetOnce;

use crate::attempt_log::AttemptLog;
use crate::checks::Checks;
use crate::config::Route;
use crate::error::Result;
use crate::model::{Event, Request};
use crate::policies::batches::Embedded;
use crate::policies::reject::Rejected;
use crate::policies::windows::Windows;
use crate::target::Target;
use crate::world::{BoxFuture, BoxStream, Tick, World};

/// Answers an input.
pub trait Serve<In>: Send + Sync {
    /// Answers.
    fn serve(&self, input: In) -> BoxFuture<'_, Result<Reply>>;
}

/// One concern around a call or an attempt. To add one: a file in `policies/` and a line in `stack.rs`.
pub trait Policy<In>: Send + Sync {
    /// Does its work before, around and after `next`.
    fn apply<'a>(&'a self, input: In, next: Next<'a, In>) -> BoxFuture<'a, Result<Reply>>;
}

/// Policies around a centre.
pub struct Ring<In> {
    policies: Vec<Box<dyn Policy<In>>>,
    centre: Box<dyn Serve<In>>,
}

impl<In> Ring<In> {
    /// The first policy is the outermost.
    pub fn new(policies: Vec<Box<dyn Policy<In>>>, centre: impl Serve<In> + 'static) -> Self {
        Ring { policies, centre: Box::new(centre) }
    }
}

impl<In: Send + 'static> Serve<In> for Ring<In> {
    fn serve(&self, input: In) -> BoxFuture<'_, Result<Reply>> {
        Next { policies: &self.policies, centre: &*self.centre }.run(input)
    }
}

/// What comes after a policy.
pub struct Next<'a, In> {
    policies: &'a [Box<dyn Policy<In>>],
    centre: &'a dyn Serve<In>,
}

// Derived, they would ask the same of `In`.
impl<In> Clone for Next<'_, In> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<In> Copy for Next<'_, In> {}

impl<'a, In: Send + 'static> Next<'a, In> {
    /// Goes on.
    pub fn run(self, input: In) -> BoxFuture<'a, Result<Reply>> {
        match self.policies.split_first() {
            Some((policy, rest)) => policy.apply(input, Next { policies: rest, centre: self.centre }),
            None => self.centre.serve(input),
        }
    }
}

/// One request on its way through the gateway.
#[derive(Clone)]
pub struct Call {
    /// What is asked for.
    pub request: Arc<Request>,
    /// Where it may go.
    pub route: Arc<Route>,
    /// When it began.
    pub started: Tick,
    /// When it has to be over.
    pub deadline: Tick,
    /// Time, chance and network.
    pub world: Arc<dyn World>,
    /// What was tried, shared by all clones of the call: it outlives a future that a timeout drops.
    pub log: Arc<AttemptLog>,
    /// What was embedded so far, shared likewise.
    pub embedded: Arc<Embedded>,
    /// The last answer that was rejected, shared likewise.
    pub rejected: Arc<Rejected>,
    /// The functions of the caller's that judge answers.
    pub checks: Arc<Checks>,
    /// Whether it goes on with a stream that broke off.
    pub resumes: bool,
}

impl Call {
    /// A call of which nothing was tried yet.
    pub(crate) fn new(
        request: Request,
        route: Arc<Route>,
        started: Tick,
        deadline: Tick,
        world: Arc<dyn World>,
    ) -> Self {
        Call {
            request: Arc::new(request),
            route,
            started,
            deadline,
            world,
            log: Arc::default(),
            embedded: Arc::default(),
            rejected: Arc::default(),
            checks: Arc::default(),
            resumes: false,
        }
    }
}

/// One try at one target.
#[derive(Clone)]
pub struct Attempt {
    /// The call it belongs to.
    pub call: Call,
    /// Where it goes.
    pub target: Arc<Target>,
    /// Which of the target's keys it is signed with.
    pub key: usize,
    /// How often the request was tried before, by whoever asks this gateway too.
    pub retries: u32,
    /// Whether this call has failed at this target before: what it fails by again says nothing new of the target.
    pub again: bool,
    /// When its request was sent, shared by all clones: what it waits for before, a queue of ours or a token, is not the
    /// target's time. Of several requests it is the first.
    pub sent: Arc<SetOnce<Tick>>,
}

/// An answer: the head is known, the events come. A plain reply is one whose events are already complete.
pub struct Reply {
    /// What is known before the first event.
    pub head: Head,
    /// `start content* end`.
    pub events: BoxStream<'static, Result<Event>>,
}

/// What is known of an answer before its events.
#[derive(Clone)]
pub struct Head {
    /// The target that answers; `None` where the gateway itself does.
    pub target: Option<Arc<Target>>,
    /// The HTTP status.
    pub status: u16,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// When the first content came.
    pub first_content: Tick,
    /// What its headers say of the provider's rate limits.
    pub limits: Option<Windows>,
    /// Fields that were dropped because this target cannot do them.
    pub dropped: Vec<String>,
    /// Who may take over while the events come.
    pub successor: Option<Successor>,
}

impl Head {
    /// The target as callers read it: `provider/model`.
    pub fn label(&self) -> &str {
        self.target.as_ref().map_or("fallback/reply", |target| &target.label)
    }
}

/// The head of the target that has taken over since, shared by who lets it and who reports it.
#[derive(Clone, Default)]
pub struct Successor(Arc<Mutex<Option<Box<Head>>>>);

impl Successor {
    /// Another target takes over.
    pub fn set(&self, head: Head) {
        // A head is replaced as a whole: a panic while the lock is held leaves it good.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(head));
    }

    /// The head of the target that took over, if one did.
    pub fn get(&self) -> Option<Head> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_deref().cloned()
    }
}
