//! The Python package's native half: it converts, calls the core, converts back, and never decides.
#![forbid(unsafe_code)]

mod asyncio;
mod call;
mod chaos;
mod check;
mod convert;
mod gateway;
mod hooks;
mod objects;
mod process;
mod read;
mod running;
mod stream;

#[pyo3::pymodule(gil_used = true)]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::{
        chaos::Figures, chaos::Percentiles, chaos::Report, chaos::simulate, convert::error_json, gateway::AsyncGateway,
        gateway::Gateway, gateway::Sim, hooks::Subscription, process::after_fork, read::canonical_json,
        stream::AsyncStream, stream::Stream,
    };

    /// The JSON Schema of the configuration, as JSON text.
    #[pyfunction]
    fn _config_schema() -> String {
        format!("{:#}", tidegate::Config::schema())
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::objects::add(module)?;
        let kinds = tidegate::Kind::ALL.iter().map(|kind| (kind.as_str(), kind.class_name(), kind.description()));
        module.add("_KINDS", kinds.collect::<Vec<_>>())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        // Without it, `import *` takes what has no underscore: what is public.
        module.delattr("__all__")
    }
}
