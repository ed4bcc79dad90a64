//! From tokio to asyncio: a queue and an eventfd that the event loop watches. Tokio's threads never take the GIL, and
//! what completes while the loop is busy shares one wake-up.

use std::sync::{Arc, Mutex, OnceLock};

use pyo3::prelude::*;

/// Makes the result, on the event loop's thread.
type Make = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

pub struct Bridge {
    event: i32,
    queue: Mutex<Vec<(Py<PyAny>, Make)>>,
    /// The loop's `create_future`, once it is known which loop that is.
    create_future: OnceLock<Py<PyAny>>,
}

impl Bridge {
    pub fn new() -> Self {
        // SAFETY: makes a file descriptor, touches no memory.
        let event = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        Bridge { event, queue: Mutex::default(), create_future: OnceLock::new() }
    }

    /// A future of the running loop.
    pub fn future(self: &Arc<Self>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if let Some(create) = self.create_future.get() {
            return create.call0(py);
        }
        let running = py.import("asyncio")?.call_method0("get_running_loop")?;
        running.call_method1("add_reader", (self.event, Drain(self.clone())))?;
        self.create_future.get_or_init(|| running.getattr("create_future").expect("a loop has it").unbind()).call0(py)
    }

    pub fn push(&self, future: Py<PyAny>, make: Make) {
        let mut queue = self.queue.lock().expect("the queue");
        queue.push((future, make));
        if queue.len() == 1 {
            let one = 1u64;
            // SAFETY: writes the eight bytes of `one`.
            unsafe { libc::write(self.event, (&raw const one).cast(), 8) };
        }
    }
}

/// Called by the loop when the eventfd is readable.
#[pyclass(frozen)]
struct Drain(Arc<Bridge>);

#[pymethods]
impl Drain {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let mut count = 0u64;
        // SAFETY: reads at most eight bytes into `count`.
        unsafe { libc::read(self.0.event, (&raw mut count).cast(), 8) };
        let done = std::mem::take(&mut *self.0.queue.lock().expect("the queue"));
        for (future, make) in done {
            let future = future.bind(py);
            if future.call_method0("done")?.is_truthy()? {
                continue;
            }
            match make(py) {
                Ok(value) => future.call_method1("set_result", (value,))?,
                Err(error) => future.call_method1("set_exception", (error,))?,
            };
        }
        Ok(())
    }
}
