//! The index of each packet, and which ones were there before (RFC 3711 §3.3.1, §3.3.2).

/// Packets behind the newest that may still come: more than a second of 20 ms packets, out of order.
pub(super) const WINDOW: u64 = 128;
/// Half of all sequence numbers: further apart, the rollover counter decides otherwise.
const HALF: u16 = 0x8000;
/// Indexes have 48 bits; the key is used up before (RFC 3711 §3.3.1).
const LAST_INDEX: u64 = (1 << 48) - 1;

/// What came of one source.
#[derive(Clone, Copy, Debug)]
pub(super) struct History {
    highest: u64,
    /// Bit n is set when the packet n before the highest was there.
    seen: u128,
}

impl History {
    /// Begins with the packet `index`.
    pub(super) fn beginning_at(index: u64) -> Self {
        Self { highest: index, seen: 1 }
    }

    /// The index that packet `sequence` most likely has: the one nearest to the highest so far.
    ///
    /// None when that is before the first packet of all, or after the last that the key may protect.
    pub(super) fn index_of(&self, sequence: u16) -> Option<u64> {
        let newest = self.highest as u16;
        let rollovers = self.highest >> 16;
        let rollovers = if newest < HALF {
            if sequence > newest + HALF { rollovers.checked_sub(1)? } else { rollovers }
        } else if sequence < newest - HALF {
            rollovers + 1
        } else {
            rollovers
        };
        let index = rollovers << 16 | u64::from(sequence);
        (index <= LAST_INDEX).then_some(index)
    }

    /// Whether the packet may be taken: it was not there, and is not too old to know.
    pub(super) fn is_new(&self, index: u64) -> bool {
        match self.highest.checked_sub(index) {
            None => true,
            Some(behind) => behind < WINDOW && self.seen >> behind & 1 == 0,
        }
    }

    /// Takes note of a packet that is new.
    pub(super) fn note(&mut self, index: u64) {
        match self.highest.checked_sub(index) {
            Some(behind) if behind < WINDOW => self.seen |= 1 << behind,
            Some(_) => {}
            None => {
                let ahead = index - self.highest;
                self.seen = if ahead < WINDOW { self.seen << ahead | 1 } else { 1 };
                self.highest = index;
            }
        }
    }
}

/// Indexes that the first packet of an unknown source may have, likeliest first.
///
/// Whoever starts just below the turn of the sequence number, and whose first packets we missed,
/// is in his second round already; RFC 3711 has no other way to learn that.
pub(super) fn first_indexes(sequence: u16) -> impl Iterator<Item = u64> {
    let first = u64::from(sequence);
    std::iter::once(first).chain((sequence < HALF).then_some(first + (1 << 16)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_the_round_that_is_nearest() {
        let at = |round: u64, sequence: u64| History::beginning_at(round << 16 | sequence);
        assert_eq!(at(3, 10).index_of(11), Some(3 << 16 | 11));
        assert_eq!(at(3, 10).index_of(0xfff0), Some(2 << 16 | 0xfff0));
        assert_eq!(at(3, 0xfff0).index_of(5), Some(4 << 16 | 5));
        assert_eq!(at(3, 0xfff0).index_of(0xfff1), Some(3 << 16 | 0xfff1));
        assert_eq!(at(3, 0x7fff).index_of(0xffff), Some(3 << 16 | 0xffff));
        assert_eq!(at(3, 0x8000).index_of(0), Some(3 << 16));
    }

    #[test]
    fn there_is_nothing_before_the_first_round_and_after_the_last() {
        assert_eq!(History::beginning_at(10).index_of(0xfff0), None);
        assert_eq!(History::beginning_at(LAST_INDEX).index_of(0), None);
    }

    #[test]
    fn each_packet_is_new_once_and_old_ones_never() {
        let mut history = History::beginning_at(1_000);
        assert!(!history.is_new(1_000));
        for index in [1_001, 1_005, 1_003, 1_130, 1_003 + WINDOW] {
            assert!(history.is_new(index), "{index}");
            history.note(index);
            assert!(!history.is_new(index), "{index} again");
        }
        assert!(!history.is_new(1_003), "a window behind");
        assert!(history.is_new(1_004), "the oldest that we can know of");
        assert!(!history.is_new(0));
    }

    #[test]
    fn a_long_leap_forgets_what_is_out_of_the_window() {
        let mut history = History::beginning_at(5);
        history.note(5 + 10_000);
        assert!(history.is_new(5 + 10_000 - WINDOW + 1));
        assert!(!history.is_new(5 + 10_000 - WINDOW));
    }

    #[test]
    fn an_unknown_source_may_be_in_its_second_round() {
        assert_eq!(first_indexes(3).collect::<Vec<_>>(), [3, 0x1_0003]);
        assert_eq!(first_indexes(0x9000).collect::<Vec<_>>(), [0x9000]);
    }
}
