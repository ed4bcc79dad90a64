//! The Python package's native half: it converts, calls the core, converts back, and never decides.
#![forbid(unsafe_code)]

mod asyncio;
mod coroutine;
mod error;
mod gateway;
mod mailbox;
mod objects;
mod process;
mod read;
mod stream;
mod write;

#[pyo3::pymodule(gil_used = true)]
mod _native {
    #[pymodule_export]
    use crate::gateway::{AsyncGateway, Gateway, config_schema};
    #[pymodule_export]
    use crate::objects::{
        Attempt, Citation, Cost, Event, Latency, Media, Part, Response, TokenLogprob, ToolCall, Usage,
    };
    #[pymodule_export]
    use crate::process::after_fork;
    #[pymodule_export]
    use crate::stream::{AsyncStream, Stream};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let kinds = tidegate::Kind::ALL.iter().map(|kind| (kind.as_str(), kind.class_name(), kind.description()));
        module.add("KINDS", kinds.collect::<Vec<_>>())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        // What is public is said in `tidegate/__init__.py`.
        module.delattr("__all__")
    }
}
