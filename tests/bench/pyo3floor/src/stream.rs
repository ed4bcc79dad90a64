//! An asynchronous iterator over chunks. One that is there already is handed out without a turn of the event loop.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bare::Http;
use http_body_util::BodyExt;
use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use typed::{Ask, Chunk, Lines};

use crate::bridge::Bridge;
use crate::runtime;

#[pyclass(frozen)]
pub struct Piece(Chunk);

#[pymethods]
impl Piece {
    #[getter]
    fn text(&self) -> Option<&str> {
        self.0.text()
    }
}

#[derive(Default)]
struct State {
    ready: VecDeque<Chunk>,
    /// How it ended, once it has.
    end: Option<Result<(), String>>,
    waiting: Option<Py<PyAny>>,
}

#[pyclass(frozen)]
pub struct Stream {
    state: Arc<Mutex<State>>,
    bridge: Arc<Bridge>,
}

impl Stream {
    pub fn start(http: Arc<Http>, bridge: Arc<Bridge>, ask: Ask) -> Self {
        let state = Arc::<Mutex<State>>::default();
        let (shared, waker) = (state.clone(), bridge.clone());
        runtime().spawn(async move {
            let end = read(&http, ask, &shared, &waker).await;
            update(&shared, &waker, |state| state.end = Some(end));
        });
        Stream { state, bridge }
    }
}

async fn read(http: &Http, ask: Ask, state: &Mutex<State>, bridge: &Bridge) -> Result<(), String> {
    let (connection, mut body) = http.send(ask.body()).await?;
    let mut lines = Lines::default();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| error.to_string())?;
        let mut chunks = Vec::new();
        lines
            .feed(frame.data_ref().map_or(&[], |data| data), |chunk| chunks.push(chunk))
            .map_err(|error| error.to_string())?;
        if !chunks.is_empty() {
            update(state, bridge, |state| state.ready.extend(chunks));
        }
    }
    http.free(connection);
    Ok(())
}

/// Changes the state and wakes who waits for it.
fn update(state: &Mutex<State>, bridge: &Bridge, change: impl FnOnce(&mut State)) {
    let waiting = {
        let mut state = state.lock().expect("the state");
        change(&mut state);
        state.waiting.take()
    };
    if let Some(future) = waiting {
        bridge.push(future, Box::new(|py| Ok(py.None())));
    }
}

#[pymethods]
impl Stream {
    fn __aiter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __anext__(&self, py: Python<'_>) -> PyResult<Next> {
        let empty = |state: &State| state.ready.is_empty() && state.end.is_none();
        let mut future = None;
        if empty(&self.state.lock().expect("the state")) {
            let made = self.bridge.future(py)?;
            let mut state = self.state.lock().expect("the state");
            if empty(&state) {
                state.waiting = Some(made.clone_ref(py));
                future = Some(made);
            }
        }
        Ok(Next { state: self.state.clone(), future })
    }
}

/// What `await` waits for: ready at once, or after the future that is yielded to the task.
#[pyclass]
struct Next {
    state: Arc<Mutex<State>>,
    future: Option<Py<PyAny>>,
}

#[pymethods]
impl Next {
    fn __await__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let mut state = self.state.lock().expect("the state");
        if let Some(chunk) = state.ready.pop_front() {
            drop(state);
            return Err(PyStopIteration::new_err((Py::new(py, Piece(chunk))?,)));
        }
        match state.end.take() {
            Some(Ok(())) => Err(PyStopAsyncIteration::new_err(())),
            Some(Err(error)) => Err(PyRuntimeError::new_err(error)),
            None => {
                drop(state);
                let future = self.future.take().ok_or_else(|| PyRuntimeError::new_err("awaited twice"))?;
                // As Future.__await__ does before it yields itself.
                future.setattr(py, "_asyncio_future_blocking", true)?;
                Ok(future)
            }
        }
    }
}
