//! How long packets have to be held back so that most of them come in time.
//!
//! Packets that travelled fastest tell what the way costs at least; by how much the others are
//! behind them is the variation that a delay has to absorb. Clocks that drift apart only move the
//! fastest, so they need no care of their own. Times are in units of 1/48,000 s.

/// Units of a millisecond.
pub(crate) const MS: i64 = 48;

const DELAY_MIN: i64 = 20 * MS;
const DELAY_MAX: i64 = 200 * MS;
/// Assumed until the network was watched; with pulls of 10 ms it makes a delay of 40 ms.
const VARIATION_AT_START: i64 = 29 * MS;

const STEP: i64 = 5 * MS;
const STEPS: usize = 40;
/// Packets that may come too late.
const LATE_SHARE: f32 = 0.01;
/// Weight of history: 250 packets, 5 s of the usual ones.
const MEMORY: f32 = 0.996;
/// The fastest packet of the last one or two such spans counts.
const SPAN: i64 = 4_000 * MS;

/// A share below it is lost in the rounding of the others.
const SHARE_MIN: f32 = 1e-12;
/// Of a span in which no packet came.
const NO_TRANSIT: i64 = i64::MAX;

/// Watches arrivals and knows the delay they need. On a steady network a packet touches the first few
/// steps only.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct PlayDelay {
    memory: f32,
    /// Shares from this one on are 0.
    used: u32,
    span_ends: i64,
    /// The smallest transit of this span and of the one before.
    fastest: [i64; 2],
    /// How often a packet was so many steps behind the fastest; the sum is 1.
    shares: [f32; STEPS],
}

impl PlayDelay {
    pub(crate) fn new() -> Self {
        let mut shares = [0.0; STEPS];
        let step = step_of(VARIATION_AT_START);
        shares[step] = 1.0;
        let used = step as u32 + 1;
        Self { memory: 0.0, used, span_ends: 0, fastest: [NO_TRANSIT; 2], shares }
    }

    /// Takes note of a packet; its transit is the arrival less the place in the stream.
    pub(crate) fn arrived(&mut self, transit: i64, now: i64) {
        if now >= self.span_ends {
            self.span_ends = now + SPAN;
            self.fastest[1] = std::mem::replace(&mut self.fastest[0], NO_TRANSIT);
        }
        self.fastest[0] = self.fastest[0].min(transit);
        let step = step_of(transit - self.fastest[0].min(self.fastest[1]));
        // The first packets say much, each later one only a little.
        self.memory = (1.0 / (2.0 - self.memory)).min(MEMORY);
        let used = (self.used as usize).clamp(step + 1, STEPS);
        for share in &mut self.shares[..used] {
            *share *= self.memory;
        }
        self.shares[step] += 1.0 - self.memory;
        let last = self.shares[..used].iter().rposition(|&share| share >= SHARE_MIN).unwrap_or(0);
        self.shares[last + 1..used].fill(0.0);
        self.used = last as u32 + 1;
    }

    /// The transit of the fastest packet; None before there is one.
    pub(crate) fn fastest(&self) -> Option<i64> {
        let fastest = self.fastest[0].min(self.fastest[1]);
        (fastest != NO_TRANSIT).then_some(fastest)
    }

    /// Places in the stream have a new meaning: transits from now on are not like those before.
    pub(crate) fn restart(&mut self) {
        self.fastest = [NO_TRANSIT; 2];
    }

    /// The delay of the fastest packet that lets almost all others come in time, when audio is
    /// fetched in pieces of `piece` units.
    pub(crate) fn wanted(&self, piece: i64) -> i64 {
        let mut late = 0.0;
        let covers = self.shares[..STEPS.min(self.used as usize)].iter().rposition(|share| {
            late += share;
            late > LATE_SHARE
        });
        let variation = (covers.unwrap_or(0) as i64 + 1) * STEP;
        (variation + piece).clamp(DELAY_MIN, DELAY_MAX)
    }
}

fn step_of(behind: i64) -> usize {
    (behind / STEP).clamp(0, STEPS as i64 - 1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(delay: &mut PlayDelay, packets: std::ops::Range<i64>, transit: impl Fn(i64) -> i64) {
        for packet in packets {
            delay.arrived(transit(packet) * MS, packet * 20 * MS);
        }
    }

    fn wanted_ms(delay: &PlayDelay) -> i64 {
        delay.wanted(10 * MS) / MS
    }

    #[test]
    fn starts_at_40_ms_and_sinks_to_20_on_a_steady_network() {
        let mut delay = PlayDelay::new();
        assert_eq!(wanted_ms(&delay), 40);
        watch(&mut delay, 0..50, |_| 7);
        assert_eq!(wanted_ms(&delay), 40, "a second is no proof");
        watch(&mut delay, 50..200, |_| 7);
        assert_eq!(wanted_ms(&delay), 20);
    }

    #[test]
    fn grows_with_the_variation_but_not_for_one_packet_in_a_hundred() {
        let mut delay = PlayDelay::new();
        watch(&mut delay, 0..1_000, |packet| if packet % 250 == 0 { 150 } else { 0 });
        assert_eq!(wanted_ms(&delay), 20);
        watch(&mut delay, 1_000..2_000, |packet| packet % 7 * 10);
        assert_eq!(wanted_ms(&delay), 75);
        watch(&mut delay, 2_000..2_100, |packet| packet % 4 * 200);
        assert_eq!(wanted_ms(&delay), 200, "the most");
    }

    #[test]
    fn a_longer_way_is_only_longer_after_a_while() {
        let mut delay = PlayDelay::new();
        watch(&mut delay, 0..1_000, |_| 30);
        watch(&mut delay, 1_000..3_000, |_| 90);
        assert_eq!((delay.fastest(), wanted_ms(&delay)), (Some(90 * MS), 20));
        watch(&mut delay, 3_000..3_100, |_| 10);
        assert_eq!(delay.fastest(), Some(10 * MS));
    }
}
