//! `callwright.media._native`: the engine for Python. It only converts; `media/native.py` is the
//! face that people use.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::RawFd;

use media_core::g711::Codec;
use media_core::outbound::{FRAME_SAMPLES_MAX, Target};
use media_io::Remote;
use media_io::event::{Event, RecordEnd, Statistics};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

/// Packet times that we send, in samples: multiples of 10 ms up to 60 ms.
const FRAME_STEP: usize = 80;

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

    fn open_leg(&self, leg: i64, local_ip: &str, rtp_port: u16) -> PyResult<()> {
        let ip = parse_ip(local_ip)?;
        self.inner.open_leg(leg, ip, rtp_port).map_err(os_error)
    }

    #[allow(clippy::too_many_arguments)] // RemoteMedia, field by field
    fn set_remote(
        &self,
        leg: i64,
        ip: &str,
        rtp_port: u16,
        rtcp_port: u16,
        payload_type: u8,
        dtmf_payload_type: Option<u8>,
        ptime_ms: usize,
        send: bool,
        receive: bool,
        also_accept: Option<&str>,
    ) -> PyResult<()> {
        let ip = parse_ip(ip)?;
        let codec = Codec::from_payload_type(payload_type)
            .ok_or_else(|| PyValueError::new_err(format!("no codec has type {payload_type}")))?;
        let steps = ptime_ms.saturating_mul(8).div_ceil(FRAME_STEP);
        let frame = if steps == 0 { 160 } else { (steps * FRAME_STEP).min(FRAME_SAMPLES_MAX) };
        let remote = Remote {
            rtp: SocketAddr::new(ip, rtp_port),
            rtcp: SocketAddr::new(ip, rtcp_port),
            also: also_accept.map(parse_ip).transpose()?,
            target: Target { codec, frame, events: dtmf_payload_type },
            send,
            receive,
        };
        self.inner.set_remote(leg, remote);
        Ok(())
    }

    fn bridge(&self, one: i64, other: i64) {
        self.inner.bridge(one, other);
    }

    fn unbridge(&self, leg: i64) {
        self.inner.unbridge(leg);
    }

    fn load_prompt(&self, py: Python<'_>, prompt: i64, pcm: &[u8]) {
        py.detach(|| self.inner.load_prompt(prompt, pcm));
    }

    fn unload_prompt(&self, prompt: i64) {
        self.inner.unload_prompt(prompt);
    }

    #[allow(clippy::needless_pass_by_value)] // a Python list can only be copied
    fn play(&self, leg: i64, prompts: Vec<i64>, repeat: bool, token: i64) {
        self.inner.play(leg, &prompts, repeat, token);
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

    fn record(
        &self,
        leg: i64,
        path: String,
        max_ms: u64,
        silence_ms: u64,
        stop_digits: String,
        token: i64,
    ) {
        self.inner.record(leg, path, max_ms, silence_ms, stop_digits, token);
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

/// Packets received and sent, octets received and sent, packets lost and rejected, jitter and
/// round trip in ms.
type Counters = (u64, u64, u64, u64, u64, u64, Option<f64>, Option<f64>);

fn counters(statistics: Statistics) -> Counters {
    let ms = |us: u64| us as f64 / 1_000.0;
    (
        statistics.packets_received,
        statistics.packets_sent,
        statistics.bytes_received,
        statistics.bytes_sent,
        statistics.packets_lost,
        statistics.packets_rejected,
        statistics.jitter_us.map(ms),
        statistics.round_trip_us.map(ms),
    )
}

/// A tuple whose first item names the event.
fn to_python(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    let tuple = match event {
        Event::Dtmf { leg, key } => ("dtmf", leg, key).into_pyobject(py)?,
        Event::PlayFinished { leg, token } => ("play", leg, token).into_pyobject(py)?,
        Event::RecordFinished { leg, token, path, duration_ms, end } => {
            ("record", leg, token, path, duration_ms, name_of(end)).into_pyobject(py)?
        }
        Event::MediaTimeout { leg } => ("timeout", leg).into_pyobject(py)?,
        Event::LegClosed { leg, statistics } => {
            ("closed", leg, counters(statistics)).into_pyobject(py)?
        }
    };
    Ok(tuple.into_any())
}

/// The values of `RecordEnd` in `media/engine.py`.
fn name_of(end: RecordEnd) -> &'static str {
    match end {
        RecordEnd::Stopped => "stopped",
        RecordEnd::MaxLength => "max-length",
        RecordEnd::Silence => "silence",
        RecordEnd::Dtmf => "dtmf",
        RecordEnd::LegClosed => "leg-closed",
        RecordEnd::Failed => "failed",
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
    module.add_class::<Engine>()
}
