//! `simulate`, and the figures that it hands out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyString;
use serde_json::Value;
use tidegate::chaos::{self, Point, Profile, Share};
use tidegate::{Config, Result};

use crate::convert::{ToPython, json, plain, raise};
use crate::read::{self, Object};

/// Tries a configuration against a chaos profile, in virtual time: a bad hour takes seconds, and nothing is sent.
///
/// `config` and `profile` are each a dict, the path of a TOML file, or TOML text (which has more than one line). The
/// profile says how many requests come for a route, and what its targets do: how fast they are, how often they fail,
/// when they are down. The requests are made through a gateway of the configuration, and once more without one. No key
/// is needed. The same seed gives the same report.
#[pyfunction]
#[pyo3(signature = (config, profile, seed=1))]
pub(crate) fn simulate(py: Python<'_>, config: Object<'_>, profile: Object<'_>, seed: u64) -> PyResult<Report> {
    let config = given(config, Config::from_file, Config::from_toml, Config::from_value)?;
    let profile = given(profile, Profile::from_file, Profile::from_toml, Profile::from_value)?;
    py.detach(|| chaos::simulate(&config?, &profile?, seed)).map(Report).map_err(|error| raise(py, &error))
}

/// Reads a dict, a file or a text.
fn given<T>(
    object: Object<'_>,
    file: impl FnOnce(PathBuf) -> Result<T>,
    text: impl FnOnce(&str) -> Result<T>,
    value: impl FnOnce(Value) -> Result<T>,
) -> PyResult<Result<T>> {
    if let Ok(written) = object.cast::<PyString>()
        && let toml = written.to_str()?
        && toml.contains('\n')
    {
        return Ok(text(toml));
    }
    match object.extract::<PathBuf>() {
        Ok(path) => Ok(file(path)),
        Err(_) => Ok(value(read::value(object)?)),
    }
}

macro_rules! figures {
    ($($(#[doc = $about:literal])* $name:ident = $core:ty { $($(#[doc = $doc:literal])* $field:ident,)* } $({ $($more:tt)* })?)*) => {$(
        $(#[doc = $about])*
        #[pyclass(frozen, module = "tidegate")]
        pub(crate) struct $name($core);

        #[pymethods]
        impl $name {
            $($(#[doc = $doc])*
            #[getter]
            fn $field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.0.$field.to_python(py)
            })*

            /// As plain values: dicts, lists, strings and numbers.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                plain(py, &self.0)
            }

            /// As JSON text, the same in every language.
            fn to_json(&self) -> PyResult<String> {
                json(&self.0)
            }

            fn __repr__(&self) -> String {
                format!("{:?}", self.0)
            }

            $($($more)*)?
        }

        impl ToPython for $core {
            fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                Ok(Bound::new(py, $name(self.clone()))?.into_any())
            }
        }
    )*};
}

figures! {
    /// What a configuration does with a profile, beside the same requests without a gateway.
    Report = chaos::Report {
        /// The route.
        route,
        /// Where chance began.
        seed,
        /// How many requests came in a second.
        rate,
        /// For how long they came, in seconds.
        duration,
        /// The figures of one try at the first target of the route.
        before,
        /// The figures through the gateway.
        after,
    } {
        /// A page that draws the figures: one file that refers to no other.
        fn html(&self) -> String {
            self.0.html()
        }

        /// Writes that page to a file.
        #[pyo3(signature = (path, /))]
        fn save(&self, path: PathBuf) -> PyResult<()> {
            Ok(std::fs::write(path, self.0.html())?)
        }
    }

    /// The figures of one run.
    Figures = chaos::Figures {
        /// How many requests came.
        requests,
        /// How many of them failed.
        failures,
        /// The share that failed, 0 to 1.
        error_rate,
        /// How many failed with each kind of error.
        kinds,
        /// How long those took that were answered.
        latency,
        /// How long all took, answered or failed.
        latency_all,
        /// How many requests went to targets.
        attempts,
        /// That, for each request that came.
        attempts_per_request,
        /// How many went to a target while another one of the same call was under way.
        hedges,
        /// How often the gateway asked a target of its own accord, as health checks do. These are no attempts.
        checks,
        /// What all answers cost, those that nobody waited for any more included.
        cost,
        /// What each target had to do, by its name: dicts of `target`, `attempts`, `answers`, `share` and `cost`.
        targets,
        /// How it went over time: dicts of `at`, `requests`, `failures`, `p95`, and `attempts` by target.
        series,
    }

    /// Percentiles of times, in seconds.
    Percentiles = chaos::Percentiles {
        /// Half took no longer.
        p50,
        /// 95 of 100 took no longer.
        p95,
        /// 99 of 100 took no longer.
        p99,
        /// 999 of 1,000 took no longer.
        p999,
    }
}

macro_rules! as_plain {
    ($($type:ty),*) => {
        $(impl ToPython for $type {
            fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                plain(py, self)
            }
        })*
    };
}

as_plain!(Share, Point, BTreeMap<String, u64>);
