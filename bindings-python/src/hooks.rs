//! Functions of Python that are told of what happens to a gateway.

use std::ffi::CString;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pyo3::call::PyCallArgs;
use pyo3::exceptions::{PyRuntimeWarning, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use tidegate::{Config, Gateway, in_order};

use crate::convert::raise;
use crate::objects::TargetHealth;
use crate::process::{Local, call_back, lock, runtime, wait_at_exit};

/// Keeps a function called that a gateway was given, until it is closed or let go of: so keep it, or use `with`.
///
/// It does not keep the gateway. A forked child observes for itself.
#[pyclass(frozen, weakref, module = "tidegate")]
pub(crate) struct Subscription(Mutex<Option<Local<tidegate::Subscription>>>);

impl Subscription {
    fn new(kept: tidegate::Subscription) -> Self {
        Subscription(Mutex::new(Some(Local::new(kept))))
    }
}

#[pymethods]
impl Subscription {
    /// Ends it. A call of the function that is under way on another thread comes to its end.
    fn close(&self) {
        // Dropped when the lock is free again.
        let _ended = lock(&self.0).take();
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {
        self.close();
    }
}

/// Tells `function` of each target whose state changes.
pub(crate) fn observe(py: Python<'_>, gateway: &Gateway, function: Py<PyAny>) -> PyResult<Subscription> {
    callable(py, "observe_health", &function)?;
    wait_at_exit(py)?;
    let _within = runtime(py)?.enter();
    let tell = in_order(move |health| {
        call_back(|py| call(py, "observe_health", &function, (TargetHealth(health),)));
    });
    Ok(Subscription::new(gateway.observe_health(move |health| tell(health.clone()))))
}

/// Watches the gateway's file, and keeps what was loaded last in `reloaded`.
pub(crate) fn watch(
    py: Python<'_>,
    gateway: &Gateway,
    every: f64,
    function: Option<Py<PyAny>>,
    reloaded: &Arc<Mutex<Option<Config>>>,
) -> PyResult<Subscription> {
    function.as_ref().map_or(Ok(()), |function| callable(py, "watch", function))?;
    wait_at_exit(py)?;
    let _within = runtime(py)?.enter();
    let reloaded = Arc::clone(reloaded);
    let tell = in_order(move |outcome: tidegate::Result<Config>| {
        call_back(|py| {
            let problem = outcome.map(|config| drop(lock(&reloaded).replace(config))).err();
            if let Some(function) = &function {
                call(py, "watch", function, (problem.map(|error| raise(py, &error)),));
            }
        });
    });
    // What is no time is refused by the core, as none.
    let every = Duration::try_from_secs_f64(every).unwrap_or_default();
    gateway.watch(every, tell).map(Subscription::new).map_err(|error| raise(py, &error))
}

fn callable(py: Python<'_>, taker: &str, function: &Py<PyAny>) -> PyResult<()> {
    if function.bind(py).is_callable() {
        return Ok(());
    }
    Err(PyTypeError::new_err(format!("{taker}() takes a function")))
}

fn call<'py>(py: Python<'py>, taker: &str, function: &Py<PyAny>, arguments: impl PyCallArgs<'py>) {
    if let Err(error) = function.bind(py).call1(arguments) {
        warn(py, &error, |kind| format!("the function given to {taker}() failed with {kind}"));
    }
}

/// Says that a function failed, and not more of it than the type of its exception: the text may hold an answer's.
pub(crate) fn warn(py: Python<'_>, error: &PyErr, message: impl FnOnce(&str) -> String) {
    let kind = error.get_type(py).name().map(|name| name.to_string()).unwrap_or_default();
    if let Ok(message) = CString::new(message(&kind)) {
        // A warning that is made an error has nobody to be raised to.
        let _ = PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &message, 1);
    }
}
