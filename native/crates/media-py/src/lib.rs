//! `callwright.media._native`: the engine for Python. It only converts; `media/native.py` is the
//! face that people use, `testing/core_media.py` the one that worlds of simulated time use.

mod commands;
mod core;
mod event;
mod remote;

use std::io;
use std::net::IpAddr;
use std::os::fd::RawFd;
use std::sync::Arc;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

use crate::commands::Commands;
use crate::core::Core;

/// The engine with its threads. None of them ever takes the interpreter's lock.
#[pyclass(frozen, extends = Commands)]
struct Engine {
    inner: Arc<media_io::engine::Engine>,
}

#[pymethods]
impl Engine {
    #[new]
    fn new() -> PyResult<PyClassInitializer<Self>> {
        let inner = Arc::new(media_io::engine::Engine::start().map_err(os_error)?);
        Ok(Commands::initializer(Arc::clone(&inner)).add_subclass(Self { inner }))
    }

    fn dropped_audio(&self) -> u64 {
        self.inner.events().dropped_audio()
    }

    fn event_descriptor(&self) -> RawFd {
        self.inner.events().descriptor()
    }
}

fn parse_ip(text: &str) -> PyResult<IpAddr> {
    text.parse().map_err(|_| PyValueError::new_err(format!("{text:?} is no IP address")))
}

/// An OSError with its number, where the system gave one.
fn os_error(error: io::Error) -> PyErr {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, text)),
        None => PyOSError::new_err(text),
    }
}

/// The module.
#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Commands>()?;
    module.add_class::<Engine>()?;
    module.add_class::<Core>()
}
