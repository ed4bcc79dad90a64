//! Which answers count as failures.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::pattern::Pattern;

/// Which answers to a chat count as failures: the call goes on to the next target, and so a route may try a cheap model
/// first. All are off unless they are set.
///
/// The error is of kind `invalid_output`; its context says under `reject` which of these keys it was, and `partial` has the
/// answer. A stream shows its content before it is whole: it goes on elsewhere only where it is rejected before its first
/// content, and its later error is final.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RejectConfig {
    /// One that has neither text nor tool calls nor anything else to show.
    empty: Option<bool>,
    /// One in which the model refuses.
    refusal: Option<bool>,
    /// One that the provider's content policy cut off.
    content_filter: Option<bool>,
    /// One that was cut off by the limit of tokens.
    truncated: Option<bool>,
    /// One that is not JSON, where `response_format` asks for JSON.
    invalid_json: Option<bool>,
    /// One whose text has fewer characters than this. Tool calls and refusals have no text to be counted.
    min_chars: Option<u32>,
    /// One whose text this regular expression matches, such as `(?i)as an AI`. The syntax is that of Rust's `regex` crate.
    /// Builds without the feature `structured-output` refuse it.
    pattern: Option<Pattern>,
    /// One that a function rejects which the gateway was given under this name. A function that fails rejects nothing.
    check: Option<String>,
    /// What to do where no target is left. Default: `fail`.
    on_exhausted: Option<OnExhausted>,
}

/// What to do where every target's answer was rejected, or failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnExhausted {
    /// Fail with the last error.
    #[default]
    Fail,
    /// Hand out the last answer that was rejected; the response's `rejected` says why it was.
    Accept,
}

/// Which answers count as failures, every default filled in.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an independent choice")]
pub struct Rejects {
    /// Those without anything to show.
    pub empty: bool,
    /// Refusals.
    pub refusal: bool,
    /// Those that the provider's content policy cut off.
    pub content_filter: bool,
    /// Those that were cut off by the limit of tokens.
    pub truncated: bool,
    /// Those that are not JSON, where JSON was asked for.
    pub invalid_json: bool,
    /// Those with fewer characters.
    pub min_chars: u32,
    /// Those that match.
    pub(crate) pattern: Option<Pattern>,
    /// Those that this function of the caller's rejects.
    pub check: Option<String>,
    /// What to do where no target is left.
    pub on_exhausted: OnExhausted,
}

impl RejectConfig {
    /// `None` where nothing is rejected.
    pub(super) fn over(&self, base: &RejectConfig) -> Option<Arc<Rejects>> {
        let on = |own: Option<bool>, base: Option<bool>| own.or(base).unwrap_or_default();
        let rejects = Rejects {
            empty: on(self.empty, base.empty),
            refusal: on(self.refusal, base.refusal),
            content_filter: on(self.content_filter, base.content_filter),
            truncated: on(self.truncated, base.truncated),
            invalid_json: on(self.invalid_json, base.invalid_json),
            min_chars: self.min_chars.or(base.min_chars).unwrap_or_default(),
            pattern: self.pattern.as_ref().or(base.pattern.as_ref()).cloned(),
            check: self.check.as_ref().or(base.check.as_ref()).cloned(),
            on_exhausted: self.on_exhausted.or(base.on_exhausted).unwrap_or_default(),
        };
        rejects.any().then(|| Arc::new(rejects))
    }
}

impl Rejects {
    fn any(&self) -> bool {
        let cut = self.content_filter || self.truncated;
        let says = self.empty || self.refusal || self.invalid_json || self.min_chars > 0;
        cut || says || self.pattern.is_some() || self.check.is_some()
    }
}
