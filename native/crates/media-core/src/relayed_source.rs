//! The source of a relayed stream: how far it is, and whether it has begun anew.

/// A source whose numbers leap forward or back by more has begun anew (RFC 3550 A.1).
const LEAP_MAX: u16 = 3_000;
const LATE_MAX: u16 = 100;

/// How the relayed source's numbers become ours.
#[derive(Debug)]
pub struct Source {
    /// Its name.
    pub ssrc: u32,
    /// To be added to its timestamps.
    pub timestamp_offset: u32,
    /// To be added to its sequence numbers; None while packets are cut anew and so counted anew.
    pub sequence_offset: Option<u16>,
    /// Its next packet gets a marker.
    pub is_new: bool,
    /// We said something of our own meanwhile.
    pub is_interrupted: bool,
    /// Its newest sequence number.
    pub highest: u16,
    /// Where it would go on if it had begun anew.
    pub after_leap: Option<u16>,
}

impl Source {
    /// Whether a packet goes on with what came before.
    pub fn goes_on(&mut self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead <= LEAP_MAX {
            self.highest = sequence;
        } else if ahead < 0u16.wrapping_sub(LATE_MAX) {
            return false;
        }
        self.after_leap = None;
        true
    }
}
