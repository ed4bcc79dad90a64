//! Functions of the caller's that judge answers.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::error::{Error, Kind, Result};
use crate::model::Response;
use crate::world::BoxFuture;

/// A function that judges an answer: the reason to reject it, or `None`.
type Check = Arc<dyn Fn(Arc<Response>) -> BoxFuture<'static, Option<String>> + Send + Sync>;

/// The functions that a gateway was given, by name.
#[derive(Clone, Default)]
pub struct Checks(BTreeMap<String, Check>);

impl Checks {
    /// The same, and one more.
    #[must_use]
    pub(crate) fn with(&self, name: String, check: Check) -> Self {
        let mut checks = self.0.clone();
        checks.insert(name, check);
        Checks(checks)
    }

    /// The function of this name.
    pub(crate) fn find(&self, name: &str) -> Result<Check> {
        let missing = || {
            let problem =
                format!("reject.check names the function '{name}', which this gateway was not given: nothing was sent");
            Error::new(Kind::Config, problem).context("field", "reject.check")
        };
        self.0.get(name).cloned().ok_or_else(missing)
    }
}

/// Why an answer is rejected. A function that panics rejects nothing: a mistake in it must not turn good answers away.
pub(crate) async fn ask(check: Check, response: Arc<Response>) -> Option<String> {
    AssertUnwindSafe(async move { check(response).await }).catch_unwind().await.unwrap_or_default()
}
