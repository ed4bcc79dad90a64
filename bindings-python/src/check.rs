//! Functions of Python that judge answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use tidegate::{BoxFuture, Gateway};

use crate::hooks::warn;
use crate::objects::Response;
use crate::process::{call_back, wait_at_exit};

/// The functions by name, shared by the gateways that are made of them.
#[derive(Clone, Default)]
pub(crate) struct Checks(Arc<BTreeMap<String, Arc<Py<PyAny>>>>);

impl Checks {
    pub(crate) fn new(py: Python<'_>, functions: Option<BTreeMap<String, Py<PyAny>>>) -> PyResult<Self> {
        let functions = functions.unwrap_or_default();
        if !functions.is_empty() {
            wait_at_exit(py)?;
        }
        if let Some((name, _)) = functions.iter().find(|(_, function)| !function.bind(py).is_callable()) {
            return Err(PyTypeError::new_err(format!("checks['{name}'] is not a function")));
        }
        Ok(Checks(Arc::new(functions.into_iter().map(|(name, function)| (name, Arc::new(function))).collect())))
    }

    /// The gateway with these functions.
    pub(crate) fn give(&self, gateway: Gateway) -> Gateway {
        self.0.iter().fold(gateway, |gateway, (name, function)| {
            let (function, of) = (Arc::clone(function), name.clone());
            gateway.with_async_check(name, move |response| judge(Arc::clone(&function), of.clone(), response))
        })
    }
}

/// Asks a function, on a thread of its own: the runtime goes on meanwhile, whatever the function does.
fn judge(
    function: Arc<Py<PyAny>>,
    name: String,
    response: Arc<tidegate::Response>,
) -> BoxFuture<'static, Option<String>> {
    let ask = move |py: Python<'_>| {
        let answer = function.bind(py).call1((Response(tidegate::Response::clone(&response)),));
        answer.and_then(|reason| reason.extract()).unwrap_or_else(|error| {
            warn(py, &error, |kind| {
                format!(
                    "checks['{name}'] failed with {kind}, and so the answer was accepted: a check returns a str or None"
                )
            });
            None
        })
    };
    let task = tokio::task::spawn_blocking(move || call_back(ask).flatten());
    Box::pin(async move { task.await.ok().flatten() })
}
