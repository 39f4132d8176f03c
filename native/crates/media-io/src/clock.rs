//! The clocks that the engine reads, in the units that the switch thinks in.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use media_core::switch::{Moment, TICK_SAMPLES};
use rustix::time::{ClockId, clock_gettime};

/// Pacing happens on multiples of this.
pub const TICK_NS: u64 = 10_000_000;

const SAMPLE_NS: u64 = 125_000;
/// Seconds from 1900, where NTP begins, to 1970.
const NTP_OFFSET_S: u64 = 2_208_988_800;

/// Nanoseconds of a clock.
fn nanoseconds(clock: ClockId) -> u64 {
    let now = clock_gettime(clock);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Ticks of the monotonic clock.
pub fn ticks() -> u64 {
    nanoseconds(ClockId::Monotonic) / TICK_NS
}

/// Until the next tick.
pub fn until_tick() -> Duration {
    Duration::from_nanos(TICK_NS - nanoseconds(ClockId::Monotonic) % TICK_NS)
}

/// Now.
pub fn now() -> Moment {
    let samples = nanoseconds(ClockId::Monotonic) / SAMPLE_NS;
    Moment { samples, ntp: ntp(), instant: Instant::now() }
}

/// The time of a tick, which may have passed a while ago.
pub fn at_tick(tick: u64) -> Moment {
    Moment { samples: tick * TICK_SAMPLES, ntp: ntp(), instant: Instant::now() }
}

/// What this thread has computed.
pub fn thread_cpu_ns() -> u64 {
    nanoseconds(ClockId::ThreadCPUTime)
}

/// NTP time, 32.32 bits (RFC 3550 §4).
fn ntp() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    (since.as_secs() + NTP_OFFSET_S) << 32 | fraction
}
