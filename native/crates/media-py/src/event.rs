//! Events and statistics as tuples.

use media_core::switch::event::{Event, Quality, RecordEnd, Statistics};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Packets, lost, jitter in ms, late, MOS.
pub type QualityFields = (Option<u64>, Option<u64>, Option<f64>, Option<u64>, Option<f32>);

/// Packets received and sent, octets received and sent, packets lost and rejected, jitter and
/// round trip in ms; how the peer sounds here, and we there.
pub type Counters = (
    u64,
    u64,
    u64,
    u64,
    u64,
    u64,
    Option<f64>,
    Option<f64>,
    Option<QualityFields>,
    Option<QualityFields>,
);

/// `LegStatistics`.
pub fn counters(statistics: Statistics) -> Counters {
    (
        statistics.packets_received,
        statistics.packets_sent,
        statistics.bytes_received,
        statistics.bytes_sent,
        statistics.packets_lost,
        statistics.packets_rejected,
        statistics.jitter_us.map(ms),
        statistics.round_trip_us.map(ms),
        statistics.received.map(quality),
        statistics.sent.map(quality),
    )
}

fn quality(of: Quality) -> QualityFields {
    (of.packets, of.lost, of.jitter_us.map(ms), of.late, of.mos)
}

fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

/// A tuple whose first item names the event.
pub fn to_python(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    let tuple = match event {
        Event::Dtmf { leg, key } => ("dtmf", leg, key).into_pyobject(py)?,
        Event::PlayFinished { leg, token } => ("play", leg, token).into_pyobject(py)?,
        Event::RecordFinished { leg, token, path, duration_ms, end } => {
            ("record", leg, token, path, duration_ms, name_of(end)).into_pyobject(py)?
        }
        Event::MediaTimeout { leg } => ("timeout", leg).into_pyobject(py)?,
        Event::Protection { leg, is_established } => {
            ("protection", leg, is_established).into_pyobject(py)?
        }
        Event::Talking { leg, is_talking } => ("talking", leg, is_talking).into_pyobject(py)?,
        Event::Audio { leg, token, rate_hz, samples } => {
            let octets: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            ("audio", leg, token, rate_hz, PyBytes::new(py, &octets)).into_pyobject(py)?
        }
        Event::LegClosed { leg, statistics } => {
            ("closed", leg, counters(statistics)).into_pyobject(py)?
        }
    };
    Ok(tuple.into_any())
}

/// The values of `RecordEnd` in `media/events.py`.
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
