//! Monotonic time in the units that the engine thinks in, and wall time for reports.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// Pacing happens on multiples of this.
pub const TICK_NS: u64 = 10_000_000;
/// Samples that pass in a tick.
pub const TICK_SAMPLES: u64 = 80;

const SAMPLE_NS: u64 = 125_000;
/// Seconds from 1900, where NTP begins, to 1970.
const NTP_OFFSET_S: u64 = 2_208_988_800;

/// Nanoseconds of the monotonic clock.
pub fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Ticks of the monotonic clock.
pub fn ticks() -> u64 {
    monotonic_ns() / TICK_NS
}

/// Samples of the monotonic clock.
pub fn samples() -> u64 {
    monotonic_ns() / SAMPLE_NS
}

/// NTP time, 32.32 bits (RFC 3550 §4).
pub fn ntp() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    (since.as_secs() + NTP_OFFSET_S) << 32 | fraction
}
