//! The one place that reads the environment.

/// The value of a variable that is set, is text and is not blank.
#[allow(clippy::disallowed_methods, reason = "the ban sends every reader here")]
pub(super) fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
