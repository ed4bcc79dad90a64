//! `Sim`: what users' own tests run on.

use pyo3::prelude::*;
use pyo3::types::PyString;
use serde_json::Value;

use crate::convert::plain;
use crate::error::raise;
use crate::process::{PerProcess, per_process};
use crate::read::{self, Dict, Object};

/// A simulated world, for tests without a network: scripted upstreams, virtual time and seeded chance.
///
/// `world` is a dict or JSON text; its keys can be given as keywords too. `upstreams` are scripts by host, `seed` is
/// where chance begins. The `clock` either `"runs"` (the default): nobody waits in real time; or it is `"stopped"`: who
/// waits goes on waiting until the call is cancelled. `Gateway.with_sim` takes it. A forked child has it anew.
#[pyclass(frozen, module = "tidegate")]
pub(crate) struct Sim {
    text: String,
    world: PerProcess<tidegate::Sim>,
}

impl Sim {
    pub(crate) fn world(&self, py: Python<'_>) -> tidegate::Result<tidegate::Sim> {
        per_process(&self.world, py, || tidegate::Sim::from_json(&self.text))
    }
}

#[pymethods]
impl Sim {
    #[new]
    #[pyo3(signature = (world=None, /, **fields))]
    fn new(py: Python<'_>, world: Option<Object<'_>>, fields: Option<Dict<'_>>) -> PyResult<Self> {
        let text = match (world.and_then(|world| world.cast::<PyString>().ok()), fields) {
            (Some(text), None) => text.to_string(),
            _ => Value::from(read::fields(world, fields, "a simulation is a dict, or JSON text alone")?).to_string(),
        };
        let sim = Sim { text, world: PerProcess::default() };
        sim.world(py).map_err(|error| raise(py, &error))?;
        Ok(sim)
    }

    /// What upstreams were sent, in order: dicts of `at` (seconds since the beginning), `method`, `url`, `headers`
    /// (keys are shown as `***`), `body` and `closed_by` (`"upstream"`, `"client"`, or `None` while it is open).
    #[getter]
    fn requests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let world = self.world(py).map_err(|error| raise(py, &error))?;
        plain(py, &world.exchanges())
    }
}
