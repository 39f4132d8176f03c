//! `callwright.media._native`: the engine for Python. It only converts; `media/native.py` is the
//! face that people use.

mod event;
mod remote;

use std::io;
use std::net::IpAddr;
use std::os::fd::RawFd;

use media_core::recording::Side;
use media_core::switch::command::RecordOrder;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

use crate::event::{Counters, counters, to_python};
use crate::remote::{AddressFields, FormatFields, IceFields, ProtectionFields, StreamFields};

/// The engine with its threads. None of them ever takes the interpreter's lock.
#[pyclass(frozen)]
struct Engine {
    inner: media_io::engine::Engine,
}

#[pymethods]
impl Engine {
    #[new]
    fn new() -> PyResult<Self> {
        let inner = media_io::engine::Engine::start().map_err(os_error)?;
        Ok(Self { inner })
    }

    fn fingerprint(&self) -> &str {
        self.inner.fingerprint()
    }

    fn open_leg(&self, leg: i64, local_ip: &str, rtp_port: u16) -> PyResult<()> {
        let ip = parse_ip(local_ip)?;
        self.inner.open_leg(leg, ip, rtp_port).map_err(os_error)
    }

    #[allow(clippy::too_many_arguments)] // RemoteMedia, a group of fields each
    fn set_remote(
        &self,
        leg: i64,
        addresses: AddressFields<'_>,
        format: FormatFields,
        accepts: Vec<FormatFields>,
        stream: StreamFields,
        protection: Option<ProtectionFields>,
        ice: Option<IceFields>,
    ) -> PyResult<()> {
        let remote = remote::remote(addresses, format, accepts, stream, protection, ice)?;
        self.inner.set_remote(leg, remote);
        Ok(())
    }

    fn bridge(&self, one: i64, other: i64) {
        self.inner.bridge(one, other);
    }

    fn unbridge(&self, leg: i64) {
        self.inner.unbridge(leg);
    }

    fn join_room(&self, leg: i64, room: i64) {
        self.inner.join_room(leg, room);
    }

    fn leave_room(&self, leg: i64) {
        self.inner.leave_room(leg);
    }

    fn set_gain(&self, speaker: i64, listener: i64, gain: f64) {
        self.inner.set_gain(speaker, listener, in_256ths(gain));
    }

    fn load_prompt(&self, py: Python<'_>, prompt: i64, pcm: &[u8]) {
        py.detach(|| self.inner.load_prompt(prompt, pcm));
    }

    fn unload_prompt(&self, prompt: i64) {
        self.inner.unload_prompt(prompt);
    }

    #[allow(clippy::needless_pass_by_value)] // a Python list can only be copied
    fn play(
        &self,
        leg: i64,
        prompts: Vec<i64>,
        repeat: bool,
        token: i64,
        start_ms: u64,
        under: f64,
    ) {
        self.inner.play(leg, &prompts, repeat, token, start_ms, in_256ths(under));
    }

    fn stop_play(&self, leg: i64) {
        self.inner.stop_play(leg);
    }

    fn tone(&self, leg: i64, frequency_hz: u16, duration_ms: u64, token: i64) {
        self.inner.tone(leg, frequency_hz, duration_ms, token);
    }

    fn send_dtmf(&self, leg: i64, digits: String, duration_ms: u32) {
        self.inner.send_dtmf(leg, digits, duration_ms);
    }

    #[allow(clippy::too_many_arguments)] // what the contract names
    fn record(
        &self,
        leg: i64,
        path: String,
        max_ms: u64,
        silence_ms: u64,
        stop_digits: String,
        token: i64,
        side: &str,
    ) -> PyResult<()> {
        let side = side_of(side)?;
        let order = RecordOrder { path, max_ms, silence_ms, stop_digits, token, side };
        self.inner.record(leg, order);
        Ok(())
    }

    fn pause_record(&self, leg: i64) {
        self.inner.pause_record(leg);
    }

    fn resume_record(&self, leg: i64) {
        self.inner.resume_record(leg);
    }

    fn stop_record(&self, leg: i64) {
        self.inner.stop_record(leg);
    }

    fn set_media_timeout(&self, leg: i64, timeout_ms: Option<u64>) {
        self.inner.set_media_timeout(leg, timeout_ms);
    }

    fn statistics(&self, leg: i64) -> Option<Counters> {
        self.inner.statistics(leg).map(counters)
    }

    fn close_leg(&self, leg: i64) {
        self.inner.close_leg(leg);
    }

    fn event_descriptor(&self) -> RawFd {
        self.inner.events().descriptor()
    }

    fn take_events<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let events = self.inner.events().take(limit);
        events.into_iter().map(|event| to_python(py, event)).collect()
    }

    fn ignored_commands(&self) -> u64 {
        self.inner.ignored()
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.inner.close());
    }
}

/// The values of `RecordSide` in `media/engine.py`.
fn side_of(name: &str) -> PyResult<Side> {
    match name {
        "leg" => Ok(Side::Leg),
        "mixed" => Ok(Side::Mixed),
        "stereo" => Ok(Side::Stereo),
        _ => Err(PyValueError::new_err(format!("{name:?} is no side"))),
    }
}

/// A gain of 0.0 to 4.0; what is not a number is nothing.
fn in_256ths(gain: f64) -> u16 {
    (gain.clamp(0.0, 4.0) * 256.0).round() as u16
}

pub(crate) fn parse_ip(text: &str) -> PyResult<IpAddr> {
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
    module.add_class::<Engine>()
}
