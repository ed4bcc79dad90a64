//! The one error type: what failed, whose fault it is, and where trying again makes sense.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::model::{AttemptRecord, Response, Skipped};

/// The result of everything that Tidegate does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($(#[doc = $doc:literal] $name:ident = $text:literal,)*) => {
        /// What went wrong, in one word. Every binding derives its exception classes from this list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind { $(#[doc = $doc] $name,)* }

        impl Kind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// The kind as callers read it: `rate_limited`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Kind::$name => $text,)* }
            }

            /// The name of the exception class in the languages that have one a kind: `RateLimited`.
            pub const fn class_name(self) -> &'static str {
                match self { $(Kind::$name => stringify!($name),)* }
            }

            /// The sentence that says what it means, for the documentation of that class.
            pub const fn description(self) -> &'static str {
                match self { $(Kind::$name => $doc.trim_ascii(),)* }
            }
        }
    };
}

kinds! {
    /// The request is wrong in itself; sending it again anywhere is pointless.
    InvalidRequest = "invalid_request",
    /// The provider does not know the key, or there is none.
    Unauthenticated = "unauthenticated",
    /// The key is known and may not do this.
    PermissionDenied = "permission_denied",
    /// The provider does not have this model or path.
    NotFound = "not_found",
    /// Too many requests or tokens in a window; it passes with time.
    RateLimited = "rate_limited",
    /// The account's money or quota is used up; waiting does not help.
    QuotaExhausted = "quota_exhausted",
    /// The provider is too busy (503, 529).
    Overloaded = "overloaded",
    /// The provider failed (5xx).
    Server = "server",
    /// One of the four timeouts passed; `context` names which.
    Timeout = "timeout",
    /// No connection: name resolution, refused, reset, proxy, out of sockets.
    Connection = "connection",
    /// The TLS handshake failed.
    Tls = "tls",
    /// The provider's answer breaks HTTP or its own format; `context` has the `reason`.
    Protocol = "protocol",
    /// A stream ended without its terminal marker; `partial` has what arrived.
    StreamIncomplete = "stream_incomplete",
    /// The prompt does not fit into the model's context window.
    ContextTooLong = "context_too_long",
    /// The provider refused because of its content policy.
    ContentFiltered = "content_filtered",
    /// The caller cancelled.
    Cancelled = "cancelled",
    /// A budget of this gateway is spent.
    BudgetExceeded = "budget_exceeded",
    /// A rate limit of this gateway is reached.
    Throttled = "throttled",
    /// A guard of this gateway refused.
    Blocked = "blocked",
    /// The model names neither a route nor a known provider.
    NoRoute = "no_route",
    /// The configuration is wrong.
    Config = "config",
    /// A target cannot do what the request asks for.
    Unsupported = "unsupported",
    /// The state store failed.
    Store = "store",
    /// The answer is not what the request's schema or the route demands; `partial` has it.
    InvalidOutput = "invalid_output",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The request or the configuration.
    Caller,
    /// This gateway.
    Gateway,
    /// The provider, or the way to it.
    Provider,
}

/// Where trying again makes sense. Decided once, by whoever knows: the codec or the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nowhere: the request itself is at fault, or content was already delivered.
    Never,
    /// At another target at once; the same target would answer the same.
    Elsewhere,
    /// At another target at once, or at the same one after at least this long.
    After(Duration),
}

/// What failed, with which value, and what to do.
///
/// `{}` prints the message; `{:#}` adds kind, context and attempts. Neither ever holds a key, a URL query or a prompt.
///
/// ```
/// use tidegate::{Error, Kind, Retry};
/// let error = Error::new(Kind::Overloaded, "groq answered 503").retry(Retry::After(Default::default()));
/// assert_eq!(error.to_string(), "groq answered 503");
/// assert_eq!(error.kind(), Kind::Overloaded);
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    message: String,
    origin: Origin,
    retry: Retry,
    skipped: Option<Skipped>,
    status: Option<u16>,
    provider: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    context: Vec<(Cow<'static, str>, String)>,
    partial: Option<Response>,
    attempts: Vec<AttemptRecord>,
}

impl Error {
    /// A new error. The origin follows from the kind and the retry scope is [`Retry::Never`] until said otherwise.
    #[cold]
    #[inline(never)]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let origin = match kind {
            Kind::InvalidRequest | Kind::Cancelled | Kind::NoRoute | Kind::Config | Kind::Unsupported => Origin::Caller,
            Kind::BudgetExceeded | Kind::Throttled | Kind::Blocked | Kind::Store => Origin::Gateway,
            _ => Origin::Provider,
        };
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            origin,
            retry: Retry::Never,
            skipped: None,
            status: None,
            provider: None,
            request_id: None,
            retry_after: None,
            context: Vec::new(),
            partial: None,
            attempts: Vec::new(),
        }))
    }

    /// An answer that breaks its protocol, with the `reason` as FAULTS names it.
    #[cold]
    pub fn protocol(reason: &'static str, message: impl Into<String>) -> Self {
        Error::new(Kind::Protocol, message).context("reason", reason).retry(Retry::After(Duration::ZERO))
    }

    /// A request that is wrong at `path`, such as `messages[2].content[0].type`.
    #[cold]
    pub fn invalid(path: impl fmt::Display, problem: impl fmt::Display) -> Self {
        let path = path.to_string();
        let message = if path.is_empty() { problem.to_string() } else { format!("{path}: {problem}") };
        Error::new(Kind::InvalidRequest, message).context("field", path)
    }

    /// A request that asks `provider` for what it cannot do; `field` is the request's field.
    #[cold]
    pub fn unsupported(field: impl Into<String>, provider: &str, problem: impl fmt::Display) -> Self {
        let field = field.into();
        Error::new(Kind::Unsupported, format!("{field}: {problem}"))
            .context("field", field)
            .provider(provider)
            .retry(Retry::Elsewhere)
            .skip(Skipped::Unsupported)
    }

    /// Says that nothing was sent, and why: such an attempt costs none.
    #[must_use]
    pub(crate) fn skip(mut self, why: Skipped) -> Self {
        self.0.skipped = Some(why);
        self
    }

    /// Why nothing was sent. `None` where something was, or may have been.
    pub(crate) fn skipped(&self) -> Option<Skipped> {
        self.0.skipped
    }

    /// Says where trying again makes sense. [`Retry::After`] a positive time becomes `retry_after` too.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        if let Retry::After(wait) = retry
            && !wait.is_zero()
        {
            self.0.retry_after = Some(wait);
        }
        self.0.retry = retry;
        self
    }

    /// Says whose fault it is, where the kind alone does not.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Self {
        self.0.origin = origin;
        self
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the provider's name.
    #[must_use]
    pub fn provider(mut self, provider: impl Into<String>) -> Self {
        self.0.provider = Some(provider.into());
        self
    }

    /// Adds the provider's id of the request.
    #[must_use]
    pub fn request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id.or(self.0.request_id);
        self
    }

    /// Adds how long the provider asked to wait, where the retry scope does not say it.
    #[must_use]
    pub fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait.or(self.0.retry_after);
        self
    }

    /// Adds a fact, such as `timeout = first_content`. A later value for a key replaces the earlier one.
    #[must_use]
    pub fn context(mut self, key: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        match self.0.context.iter_mut().find(|(k, _)| *k == key) {
            Some(slot) => slot.1 = value,
            None => self.0.context.push((key.into(), value)),
        }
        self
    }

    /// Adds what had arrived before the failure.
    #[must_use]
    pub fn partial(mut self, partial: Response) -> Self {
        self.0.partial = Some(partial);
        self
    }

    /// Adds the attempts that were made.
    #[must_use]
    pub fn attempts(mut self, attempts: Vec<AttemptRecord>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Replaces the message and keeps everything else.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Changes what may hold a provider's words, the message and the preview, where `change` has another text for one.
    #[must_use]
    pub(crate) fn rewrite(mut self, change: impl Fn(&str) -> Option<String>) -> Self {
        let inner = &mut *self.0;
        // The other facts are the gateway's own words, by which callers decide.
        let preview = inner.context.iter_mut().filter(|(key, _)| key == "preview").map(|(_, text)| text);
        for text in preview.chain([&mut inner.message]) {
            if let Some(changed) = change(text) {
                *text = changed;
            }
        }
        self
    }

    /// What went wrong, in one word.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
    /// Whose fault it is.
    pub fn fault(&self) -> Origin {
        self.0.origin
    }
    /// Where trying again makes sense.
    pub fn scope(&self) -> Retry {
        self.0.retry
    }
    /// The HTTP status, if there was an answer.
    pub fn http_status(&self) -> Option<u16> {
        self.0.status
    }
    /// The provider's name.
    pub fn provider_name(&self) -> Option<&str> {
        self.0.provider.as_deref()
    }
    /// The provider's id of the request, for its support.
    pub fn provider_request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
    /// Whether the same target may answer if it is tried again, after [`Error::wait`] where there is one.
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.retry, Retry::After(_))
    }
    /// How long the provider asked to wait.
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }
    /// The fact under `key`: `field`, `reason`, `timeout`, `file`, `line`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.context.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str())
    }
    /// All facts.
    pub fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.context.iter().map(|(k, v)| (&**k, v.as_str()))
    }
    /// What had arrived before the failure.
    pub fn partial_response(&self) -> Option<&Response> {
        self.0.partial.as_ref()
    }
    /// The attempts that were made, in order.
    pub fn attempt_records(&self) -> &[AttemptRecord] {
        &self.0.attempts
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if f.alternate() {
            write!(f, " (kind: {}", self.0.kind)?;
            if let Some(status) = self.0.status {
                write!(f, ", status: {status}")?;
            }
            if let Some(provider) = &self.0.provider {
                write!(f, ", provider: {provider}")?;
            }
            for (key, value) in &self.0.context {
                write!(f, ", {key}: {value}")?;
            }
            f.write_str(")")?;
            for attempt in &self.0.attempts {
                write!(f, "\n  {attempt}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

impl std::error::Error for Error {}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.0.kind == other.0.kind && self.0.message == other.0.message && self.0.context == other.0.context
    }
}

/// What failed, whose fault it is, and where trying again makes sense: the canonical form, the same in every language.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Error")]
struct Canonical<'a> {
    /// What went wrong, in one word.
    kind: Kind,
    /// What failed, with which value, and what to do. Never holds a key, a URL query or a prompt.
    message: Cow<'a, str>,
    /// Whose fault it is.
    origin: Origin,
    /// Whether the same target may answer if it is tried again, after `retry_after` where there is one.
    retryable: bool,
    /// The HTTP status, if there was an answer.
    status: Option<u16>,
    /// The provider's name.
    provider: Option<Cow<'a, str>>,
    /// The provider's id of the request, for its support.
    request_id: Option<Cow<'a, str>>,
    /// How long the provider asked to wait, in seconds.
    retry_after: Option<f64>,
    /// Facts, such as the `field` that is wrong or the `timeout` that passed.
    context: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    /// What had arrived before the failure.
    partial: Option<Cow<'a, Response>>,
    /// The attempts that were made, in order.
    attempts: Cow<'a, [AttemptRecord]>,
}

impl Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = &*self.0;
        Canonical {
            kind: inner.kind,
            message: inner.message.as_str().into(),
            origin: inner.origin,
            retryable: self.is_retryable(),
            status: inner.status,
            provider: inner.provider.as_deref().map(Cow::from),
            request_id: inner.request_id.as_deref().map(Cow::from),
            retry_after: inner.retry_after.map(|wait| wait.as_secs_f64()),
            context: self.facts().map(|(key, value)| (key.into(), value.into())).collect(),
            partial: inner.partial.as_ref().map(Cow::Borrowed),
            attempts: inner.attempts.as_slice().into(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Error {
    /// Reads the canonical form. Of the retry scope it only says whether the same target may be tried again.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = Canonical::deserialize(deserializer)?;
        let retry_after = form.retry_after.map(Duration::try_from_secs_f64).transpose().map_err(D::Error::custom)?;
        let retry = if form.retryable { Retry::After(retry_after.unwrap_or_default()) } else { Retry::Never };
        Ok(Error(Box::new(Inner {
            kind: form.kind,
            message: form.message.into_owned(),
            origin: form.origin,
            retry,
            skipped: None,
            status: form.status,
            provider: form.provider.map(Cow::into_owned),
            request_id: form.request_id.map(Cow::into_owned),
            retry_after,
            context: form
                .context
                .into_iter()
                .map(|(key, value)| (key.into_owned().into(), value.into_owned()))
                .collect(),
            partial: form.partial.map(Cow::into_owned),
            attempts: form.attempts.into_owned(),
        })))
    }
}

impl JsonSchema for Error {
    fn schema_name() -> Cow<'static, str> {
        Canonical::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Canonical::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn the_numbers_that_c_has_for_kinds_do_not_change() {
        let kinds = "invalid_request unauthenticated permission_denied not_found rate_limited quota_exhausted overloaded \
            server timeout connection tls protocol stream_incomplete context_too_long content_filtered cancelled \
            budget_exceeded throttled blocked no_route config unsupported store";
        let known: Vec<_> = kinds.split_whitespace().collect();
        let first: Vec<_> = Kind::ALL.iter().take(known.len()).map(|kind| kind.as_str()).collect();
        assert_eq!(first, known, "new kinds go to the end");
    }
}
