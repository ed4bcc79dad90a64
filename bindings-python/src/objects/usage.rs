//! Tokens and money.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;
use tidegate::Money;

use super::data_class;

data_class! {
    /// Tokens of one answer. Totals are inclusive: a part never exceeds its total.
    Usage(tidegate::Usage) shows ["input_tokens", "output_tokens"] {
        /// All tokens read, `cached_input_tokens` and `cache_write_tokens` among them.
        #[getter]
        fn input_tokens(&self) -> u64 {
            self.0.input_tokens
        }
        /// All tokens written, `reasoning_tokens` among them.
        #[getter]
        fn output_tokens(&self) -> u64 {
            self.0.output_tokens
        }
        /// Input and output together.
        #[getter]
        fn total_tokens(&self) -> u64 {
            self.0.total_tokens()
        }
        /// Input that was read from the provider's cache.
        #[getter]
        fn cached_input_tokens(&self) -> u64 {
            self.0.cached_input_tokens
        }
        /// Input that was written to the provider's cache, of any lifetime.
        #[getter]
        fn cache_write_tokens(&self) -> u64 {
            self.0.cache_write_tokens
        }
        /// The part of `cache_write_tokens` that is kept for an hour (Anthropic), which costs more.
        #[getter]
        fn cache_write_1h_tokens(&self) -> u64 {
            self.0.cache_write_1h_tokens
        }
        /// Output that was thinking.
        #[getter]
        fn reasoning_tokens(&self) -> u64 {
            self.0.reasoning_tokens
        }
        /// Input that was sound.
        #[getter]
        fn input_audio_tokens(&self) -> u64 {
            self.0.input_audio_tokens
        }
        /// Output that is sound.
        #[getter]
        fn output_audio_tokens(&self) -> u64 {
            self.0.output_audio_tokens
        }
        /// Whether the gateway counted because the provider did not say.
        #[getter]
        fn estimated(&self) -> bool {
            self.0.estimated
        }
        /// Whether the provider's numbers were impossible and were made to fit.
        #[getter]
        fn clamped(&self) -> bool {
            self.0.clamped
        }
    }
}

/// An exact amount of money.
#[pyclass(frozen, eq, ord, hash, module = "tidegate")]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cost(pub(crate) Money);

#[pymethods]
impl Cost {
    #[new]
    fn new(nano_usd: i64) -> Self {
        Cost(Money { nano_usd })
    }

    /// Billionths of a US dollar: an integer, so that sums are exact.
    #[getter]
    fn nano_usd(&self) -> i64 {
        self.0.nano_usd
    }

    /// US dollars as a `decimal.Decimal`.
    #[getter]
    fn usd<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        DECIMAL.import(py, "decimal", "Decimal")?.call1((self.0.to_string(),))
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["nano_usd"])
    }

    fn __repr__(&self) -> String {
        format!("Cost({} USD)", self.0)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (i64,)) {
        (slf.get_type().into_any(), (slf.get().0.nano_usd,))
    }
}
