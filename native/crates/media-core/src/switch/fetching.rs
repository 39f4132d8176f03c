//! Memory that is going to be needed, asked for all at once.
//!
//! A leg that was not served for 10 ms is in no cache near the core. Whoever works through it waits for
//! one cache line, then for the next one that this one leads to. To read a little of each line of
//! many legs beforehand costs a few instructions, and the processor waits for all of them together.

use std::hint::black_box;

use crate::switch::Switch;
use crate::switch::leg::{Leg, Place};

/// Legs whose memory is asked for at once: a part of what a cache near the core holds.
pub const FETCHED_MAX: usize = 64;

impl Switch {
    /// Asks for what a packet from a leg's peer needs.
    pub(super) fn fetch_for_packet(&self, slot: usize) {
        let Some(leg) = self.legs.peek(slot) else { return };
        let mut read = leg.fetch_line() ^ leg.reception.fetch();
        if let Place::Bridged(other) = leg.place {
            read ^=
                self.legs.peek(other).map_or(0, |other| other.fetch_line() ^ other.mouth.fetch());
        } else if let Some(hearing) = leg.hearing.as_ref() {
            read ^= hearing.fetch();
        }
        black_box(read);
    }

    /// Asks for what frames need of legs, no more than `FETCHED_MAX` of them: first for the legs, then for
    /// what they lead to.
    pub(super) fn fetch_for_frames(&self, slots: &[usize]) {
        let legs = || slots.iter().filter_map(|&slot| self.legs.peek(slot));
        let hearings = || legs().filter_map(|leg| leg.hearing.as_deref());
        black_box(legs().fold(0, |read, leg| read ^ leg.fetch_line() ^ leg.mouth.fetch()));
        black_box(
            legs().filter_map(|leg| leg.play.as_ref()).fold(0, |read, play| read ^ play.token),
        );
        black_box(hearings().fold(0, |read, hearing| read ^ hearing.fetch()));
        black_box(hearings().fold(0, |read, hearing| read ^ hearing.fetch_next()));
    }
}

impl Leg {
    /// Reads of the lines that come first, but for those of one direction.
    fn fetch_line(&self) -> u64 {
        self.heard_at ^ self.line.counted.sent ^ u64::from(self.line.port)
    }
}
