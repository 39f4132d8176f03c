//! Now, in every unit that somebody counts in.

use std::time::{Duration, Instant};

/// Samples of 125 µs in a tick of 10 ms.
pub const TICK_SAMPLES: u64 = 80;

/// An instant. Who owns the switch reads the clocks and hands it in.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Monotonic, in samples of 125 µs.
    pub samples: u64,
    /// Wall time as NTP has it, 32.32 bits (RFC 3550 §4).
    pub ntp: u64,
    /// The same as `samples`, for those who want it so.
    pub instant: Instant,
}

impl Moment {
    /// An instant so many samples after one of sample 0 whose wall time was `ntp`.
    pub fn after(zero: Instant, ntp: u64, samples: u64) -> Self {
        let fraction = (samples % 8_000) << 32;
        Self {
            samples,
            ntp: ntp.wrapping_add((samples / 8_000) << 32).wrapping_add(fraction / 8_000),
            instant: zero + Duration::from_micros(samples.saturating_mul(125)),
        }
    }

    /// Ticks of 10 ms.
    pub fn tick(&self) -> u64 {
        self.samples / TICK_SAMPLES
    }
}
