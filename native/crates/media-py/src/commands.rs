//! What both engines are told in the same words.

use std::sync::Arc;

use media_core::recording::Side;
use media_core::switch::command::RecordOrder;
use media_core::switch::console::Console;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::event::{Counters, counters, to_python};
use crate::remote::{
    AddressFields, FormatFields, IceFields, ProtectionFields, StreamFields, remote,
};
use crate::{os_error, parse_ip};

/// Commands and events; `Engine` and `Core` say what carries them out.
#[pyclass(frozen, subclass)]
pub struct Commands {
    console: Arc<dyn Console + Send + Sync>,
}

impl Commands {
    /// Beneath a class of its own.
    pub fn initializer(
        console: Arc<impl Console + Send + Sync + 'static>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Self { console })
    }
}

#[pymethods]
impl Commands {
    fn fingerprint(&self) -> &str {
        self.console.fingerprint()
    }

    fn open_leg(&self, leg: i64, local_ip: &str, rtp_port: u16) -> PyResult<()> {
        let ip = parse_ip(local_ip)?;
        self.console.open_leg(leg, ip, rtp_port).map_err(os_error)
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
        let remote = remote(addresses, format, accepts, stream, protection, ice)?;
        self.console.set_remote(leg, remote);
        Ok(())
    }

    fn bridge(&self, one: i64, other: i64) {
        self.console.bridge(one, other);
    }

    fn unbridge(&self, leg: i64) {
        self.console.unbridge(leg);
    }

    fn join_room(&self, leg: i64, room: i64) {
        self.console.join_room(leg, room);
    }

    fn leave_room(&self, leg: i64) {
        self.console.leave_room(leg);
    }

    fn set_gain(&self, speaker: i64, listener: i64, gain: f64) {
        self.console.set_gain(speaker, listener, in_256ths(gain));
    }

    fn load_prompt(&self, py: Python<'_>, prompt: i64, pcm: &[u8]) {
        py.detach(|| self.console.shelf().load(prompt, pcm));
    }

    fn unload_prompt(&self, prompt: i64) {
        self.console.shelf().unload(prompt);
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
        self.console.play(leg, &prompts, repeat, token, start_ms, in_256ths(under));
    }

    fn stop_play(&self, leg: i64) {
        self.console.stop_play(leg);
    }

    fn tone(&self, leg: i64, frequency_hz: u16, duration_ms: u64, token: i64) {
        self.console.tone(leg, frequency_hz, duration_ms, token);
    }

    fn send_dtmf(&self, leg: i64, digits: String, duration_ms: u32) {
        self.console.send_dtmf(leg, digits, duration_ms);
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
        self.console.record(leg, order);
        Ok(())
    }

    fn pause_record(&self, leg: i64) {
        self.console.pause_record(leg);
    }

    fn resume_record(&self, leg: i64) {
        self.console.resume_record(leg);
    }

    fn stop_record(&self, leg: i64) {
        self.console.stop_record(leg);
    }

    fn listen(&self, leg: i64, token: i64) {
        self.console.listen(leg, token);
    }

    fn stop_listening(&self, leg: i64) {
        self.console.stop_listening(leg);
    }

    fn set_media_timeout(&self, leg: i64, timeout_ms: Option<u64>) {
        self.console.set_media_timeout(leg, timeout_ms);
    }

    fn statistics(&self, leg: i64) -> Option<Counters> {
        self.console.statistics(leg).map(counters)
    }

    fn close_leg(&self, leg: i64) {
        self.console.close_leg(leg);
    }

    fn take_events<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let events = self.console.take_events(limit);
        events.into_iter().map(|event| to_python(py, event)).collect()
    }

    fn ignored_commands(&self) -> u64 {
        self.console.ignored()
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.console.close());
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
